"""One call, and everything about it that a caller could notice, as text."""

from __future__ import annotations

import asyncio
import contextlib
import dis
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

from .canon import Canon, shorten, type_name
from .world import TookTooLong, World, watched

_MOST_ITEMS = 100
# What an interpreter raises by itself for arguments that the function is not made for; another
# way to do the same thing raises another one of these, or words it otherwise. Half a letter is text
# that nobody can write down: what does not take it was not made for it.
_MISUSE = (TypeError, AttributeError, NameError, UnicodeEncodeError)
_EXHAUSTED = (RecursionError, MemoryError)
# What functions that were made are asked.
_SAMPLES: Any = (0, 1, 5, -3, 2.5, "", "a", "ab c", [3, 1], ("a", 2), None)


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
        canon = Canon(self._root, lambda function: _behaviour(function, values))
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
        canon.made = None
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

    def left(self, function: Callable[..., Any], values: Any) -> str:
        """What is left behind where the caller stops early, or fails inside a context."""
        canon = Canon(self._root)
        self._world.reset()
        try:
            with watched(self.seconds) as printed:
                args, kwargs = values
                how = _left(function(*args, **kwargs), canon)
        except BaseException as error:
            if isinstance(error, (TookTooLong, *_EXHAUSTED)):
                return ""
            how = raised(error, canon)
        after = canon.finish(canon.call(values))
        return "; ".join(["left early: " + canon.finish(how), after, *printed.lines()])

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
        if isinstance(value, contextlib.AbstractContextManager) and _is_made_by_generator(value):
            with value as entered:
                held = canon.text(entered)
            return f"a context of {held}"
        return canon.text(value)


def can_be_left(result: str) -> bool:
    """Whether an observed result is one that a caller may leave before its end."""
    return result.startswith(("generator yields", "a context of"))


def _left(value: Any, canon: Canon) -> str:
    """The first item and then no more; of a context, an error inside it."""
    if not _is_made_by_generator(value):
        first = canon.text(next(value, None))
        value.close()
        return first
    value.__enter__()
    error = KeyboardInterrupt("inside")
    swallowed = bool(value.__exit__(type(error), error, None))
    return f"an error inside is swallowed: {swallowed}"


def _is_made_by_generator(value: Any) -> bool:
    return isinstance(getattr(value, "gen", None), types.GeneratorType)


def _behaviour(function: types.FunctionType, values: Any) -> str:
    """A function that was made, by what it answers: to plain values, and to parts of the call's."""
    code = function.__code__
    count = code.co_argcount - len(function.__defaults__ or ())
    parts = [one for given in values[0] if type(given) is list for one in given[:2]]
    samples = [*_SAMPLES, *(one for one in parts if type(one) in (int, float, str))]
    canon = Canon()
    answers = []
    for place in range(len(samples)) if count else (0,):
        chosen = [samples[(place + step) % len(samples)] for step in range(count)]
        try:
            answers.append(canon.text(function(*chosen)))
        except (TookTooLong, *_EXHAUSTED):
            raise
        except BaseException as error:
            misuse = isinstance(error, _MISUSE) and not was_raised(error)
            answers.append("-" if misuse else raised(error, canon))
    return canon.finish(f"<a function of {count}: {', '.join(answers)}>")


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
