"""Answers recorded calls, as they were and changed, and writes down what each was seen to do."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any, Union

from .calls import Call, Calls
from .files import read_json
from .kinds import Kind, annotated, fits, shape_of
from .lines import Lines
from .mutate import Change, apply, changes
from .observe import Observer, Seen, can_be_left
from .targets import Target
from .world import World

_NUMBERS_A_CALL = 1000
_CHANGED_CALLS = 2500
_MOST_CHANGES = 60
_FEWEST_CHANGES = 8
_MOST_KINDS = 12

Input = Union[Change, None]


class Replay:
    """One replay. Without `only` it decides itself which inputs say something."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self._only = set(config["only"]) if config["only"] is not None else None
        self._out = os.open(config["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._calls = Calls(config)
        self._lines = [
            Lines(target.path, target.tree, config["lines"]) for target in self._calls.targets
        ]
        self._endless: set[Change] = set()
        # An attribute that is never zero or negative is most often kept so by its class.
        self._signs: dict[tuple[type, str], set[str]] = {}
        self._held: Union[dict[str, dict[str, list[Kind]]], None] = None
        self._kinds: dict[Target, tuple[Any, dict[str, Kind]]] = {}
        self._observer = Observer(World(), config["root"], config["call_seconds"])

    def run(self) -> None:
        """All inputs in a fixed order, until the time is over."""
        self.say(kind="start")
        gc.collect()
        seconds = self._config["seconds"]
        # Of its own work: a busy machine must not make a replay see less.
        end, latest = time.process_time() + seconds, time.perf_counter() + min(4 * seconds, 100)
        for number, call, change in self._inputs():
            if time.process_time() > end or time.perf_counter() > latest:
                break
            if self._only is None or number in self._only:
                self._answer(number, call, change)
        self.say(kind="end", hit=any(lines.hit for lines in self._lines))

    def say(self, **values: Any) -> None:
        """One line, written at once: the next call may be the end of this process."""
        os.write(self._out, json.dumps(values).encode("ascii") + b"\n")

    def _inputs(self) -> Iterator[tuple[int, Call, Input]]:
        """The recorded calls first; then one change of each call after the other."""
        calls = self._calls.found
        for call in calls:
            yield call.number * _NUMBERS_A_CALL, call, None
        most = max(_FEWEST_CHANGES, min(_MOST_CHANGES, _CHANGED_CALLS // max(1, len(calls))))
        planned = []
        missing = self._missing()
        for call in calls:
            try:
                values = call.values()
                iterables = call.target.takes_iterables
                wanted = changes(values, call.number, most, iterables=iterables)
                known = missing[call.target]
                planned.append([one for one in wanted if _is_likely(one, known)])
            except Exception:
                planned.append([])
        for place in range(most):
            for call, wanted in zip(calls, planned):
                if place < len(wanted):
                    yield call.number * _NUMBERS_A_CALL + place + 1, call, wanted[place]

    def _missing(self) -> dict[Target, set[Any]]:
        """Which arguments of each function are None in some call."""
        found: dict[Target, set[Any]] = {target: set() for target in self._calls.targets}
        for call in self._calls.found:
            with contextlib.suppress(Exception):
                args, kwargs = call.values()
                found[call.target] |= {("args", n) for n, a in enumerate(args) if a is None}
                found[call.target] |= {("kwargs", k) for k in kwargs if kwargs[k] is None}
        return found

    def _answer(self, number: int, call: Call, change: Input) -> None:
        lines = self._lines[self._calls.targets.index(call.target)]
        if self._only is None and change in self._endless:
            return
        try:
            values = call.values()
            values = values if change is None else apply(values, change, number)
            if change is not None and not self._is_meant(call.target, values):
                return
        except Exception:
            return
        lines.start()
        try:
            seen = self._observer.observe(call.target.call, values, late=change is not None)
        finally:
            lines.stop()
        if seen is None and change is not None:
            # The same change of other calls would most likely eat the time of all that follow.
            self._endless.add(change)
        if seen is not None and not (self._only is None and change is not None and seen.misuse):
            if change is None and not seen.result.startswith("raises"):
                again = self._observer.repeated(call.target.call, call.values(), call.values())
                left = ""
                if can_be_left(seen.result):
                    left = self._observer.left(call.target.call, call.values())
                seen.effects = "\n".join(filter(None, [seen.effects, again, left]))
            self._write(number, call, seen)

    def _is_meant(self, target: Target, values: Any) -> bool:
        """Whether changed arguments are still what the annotations promise."""
        kinds = self._kinds.get(target)
        if kinds is None:
            names = target.raw.__code__.co_varnames[: target.raw.__code__.co_argcount]
            kinds = self._kinds[target] = (names, annotated(target.raw))
        names, known = kinds
        args, kwargs = values
        given = {**dict(zip(names, args)), **kwargs}
        if not all(fits(value, known[name]) for name, value in given.items() if name in known):
            return False
        return all(map(self._holds_what_others_do, args))

    def _holds_what_others_do(self, value: Any) -> bool:
        """An object's attributes are of kinds that some recorded object had: its class says so."""
        held = getattr(value, "__dict__", None)
        if not isinstance(held, dict) or isinstance(value, type):
            return True
        known = self._attributes().get(type(value).__qualname__, {})
        if any(
            _sign(one) not in self._signs.get((type(value), n), ("",)) for n, one in held.items()
        ):
            return False
        return all(
            not one or any(fits(one, kind) for kind in known.get(name, ()))
            for name, one in held.items()
        )

    def _attributes(self) -> dict[str, dict[str, list[Kind]]]:
        """Of each class the attributes with the kinds that they had; an empty list says none."""
        if self._held is None:
            self._held = {}
            for call in self._calls.found:
                with contextlib.suppress(Exception):
                    for value in call.values()[0]:
                        self._note(value)
        return self._held

    def _note(self, value: Any) -> None:
        held = getattr(value, "__dict__", None)
        if isinstance(held, dict) and not isinstance(value, type) and self._held is not None:
            known = self._held.setdefault(type(value).__qualname__, {})
            for name, one in held.items():
                kinds = known.setdefault(name, [])
                self._signs.setdefault((type(value), name), {""}).add(_sign(one))
                if (one or not hasattr(one, "__len__")) and len(kinds) < _MOST_KINDS:
                    kind = shape_of(one)
                    kinds += [] if kind in kinds else [kind]

    def _write(self, number: int, call: Call, seen: Seen) -> None:
        name = call.target.raw.__qualname__
        self.say(
            kind="seen", n=number, call=name + seen.call, result=seen.result, effects=seen.effects
        )


def _sign(value: Any) -> str:
    """The sign of a number; that of anything else says nothing."""
    if type(value) not in (int, float):
        return ""
    return "negative" if value < 0 else "positive" if value > 0 else "zero"


def _is_likely(change: Change, missing: set[Any]) -> bool:
    """Whether a caller could mean it: None is an argument only where it ever was one."""
    path, name = change
    return name != "none" or len(path) != 1 or path[0] in missing


def main() -> None:
    """Serve one configuration file."""
    replay = None
    config = read_json(sys.argv[1])
    try:
        replay = Replay(config)
        replay.run()
    except BaseException as error:
        line = json.dumps({"kind": "error", "why": f"{type(error).__name__}: {error}"[:500]})
        with open(config["out"], "a", encoding="ascii") as out:
            out.write(line + "\n")
        raise


if __name__ == "__main__":
    main()
