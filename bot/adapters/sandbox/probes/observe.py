"""One call, and everything about it that a caller could notice, as text."""

from __future__ import annotations

import asyncio
import dis
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from .canon import Canon, shorten, type_name
from .world import TookTooLong, World, watched

_MOST_ITEMS = 100
# What an interpreter raises by itself for arguments that the function is not made for; another
# way to do the same thing raises another one of these, or words it otherwise.
_MISUSE = (TypeError, AttributeError, NameError)
_EXHAUSTED = (RecursionError, MemoryError)


class Seen:
    """The observation; `misuse` says that the arguments were none for this function."""

    def __init__(self, call: str, result: str, effects: str, *, misuse: bool) -> None:
        self.call = call
        self.result = result
        self.effects = effects
        self.misuse = misuse


class Observer:
    """Calls one function with one set of arguments after another."""

    def __init__(self, world: World, root: str, seconds: float) -> None:
        self._world = world
        self._root = root
        self.seconds = seconds

    def observe(self, function: Callable[..., Any], values: Any, *, late: bool) -> Seen | None:
        """What the call did, or None where it did not end or ran out of room."""
        canon = Canon(self._root)
        call = canon.call(values)
        self._world.reset()
        misuse = False
        try:
            with watched(self.seconds) as printed:
                try:
                    outcome = self._called(function, values, canon, late=late)
                except (TookTooLong, *_EXHAUSTED):
                    raise
                except BaseException as error:
                    misuse = isinstance(error, _MISUSE) and not was_raised(error)
                    outcome = raised(error, canon)
        except (TookTooLong, *_EXHAUSTED):
            return None
        canon.forget_contents()
        after = canon.call(values)
        effects = [f"arguments: {canon.finish(after)}"] if after != call else []
        effects += [shorten(line) for line in printed.lines()]
        return Seen(canon.finish(call), canon.finish(outcome), "\n".join(effects), misuse=misuse)

    def repeated(self, function: Callable[..., Any], first: Any, second: Any) -> str:
        """Whether two equal calls with arguments of their own give one and the same object."""
        try:
            with watched(self.seconds):
                results = []
                for args, kwargs in (first, second):
                    self._world.reset()
                    results.append(function(*args, **kwargs))
        except BaseException:
            return ""
        shared = results[0] is results[1] and isinstance(results[0], (list, dict, set, bytearray))
        return "equal calls give the same object" if shared else ""

    def _called(
        self, function: Callable[..., Any], values: Any, canon: Canon, *, late: bool
    ) -> str:
        args, kwargs = values
        value = function(*args, **kwargs)
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
        if inspect.isasyncgen(value):
            return "yields " + asyncio.run(_async_items(value, canon))
        if isinstance(value, Iterator) and hasattr(value, "__next__"):
            return f"{type_name(type(value))} yields " + _items(value, canon, values, late=late)
        return canon.text(value)


def raised(error: BaseException, canon: Canon) -> str:
    """An exception by type and, where somebody chose them, by its words.

    What the interpreter says by itself belongs to the way taken, not to the answer; the missing
    key of a KeyError is an answer.
    """
    name = type_name(type(error))
    if was_raised(error) or isinstance(error, KeyError):
        return f"raises {name}: {canon.text(error.args)}"
    return f"raises {name}"


def was_raised(error: BaseException) -> bool:
    """Whether a `raise` statement did it, and not an operation of the interpreter."""
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    opcode = trace.tb_frame.f_code.co_code[trace.tb_lasti]
    return dis.opname[opcode] in ("RAISE_VARARGS", "RERAISE")


def _items(value: Any, canon: Canon, values: Any, *, late: bool) -> str:
    """Item by item, up to many; with `late` the lists that were passed grow meanwhile."""
    found = []
    try:
        for number in range(_MOST_ITEMS):
            found.append(canon.text(next(value)))
            if late and number == 0:
                for argument in values[0]:
                    if type(argument) is list and argument:
                        argument.append(argument[-1])
    except StopIteration:
        found.append("the end")
    except (TookTooLong, *_EXHAUSTED):
        raise
    except BaseException as error:
        found.append(raised(error, canon))
    return ", ".join(found)


async def _async_items(value: Any, canon: Canon) -> str:
    found = []
    async for item in value:
        found.append(canon.text(item))
        if len(found) == _MOST_ITEMS:
            break
    return ", ".join(found)
