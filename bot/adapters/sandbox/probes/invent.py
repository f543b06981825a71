"""Calls that nobody has made: arguments of likely kinds, kept where they show something new.

A call is kept if its arguments suit the function (nothing that the interpreter says of wrong types)
and it takes a way through the file that no call before has taken; then some more of each kind.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import os
import pickle
import random
import sys
import time
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from .files import read_json, write_json
from .kinds import ALIKE, Kind, parameters, shape_of
from .observe import Observer, Seen
from .targets import Target, outermost
from .values import Values, definition_of
from .world import World

_SECONDS = 5.0
_CALL_SECONDS = 0.5
_MOST, _FEWEST_OF_A_KIND = 160, 40
_TRIALS, _PATIENCE = 1500, 250
_MOST_BYTES = 100_000
_STEPS = 6
_COMBINATIONS, _STALE = 6, 40
_FEWEST_TASTES, _TASTES = 6, 20
# The part of the time for finding kinds, and how many calls of one kind may not end.
_LOOKING, _ENDLESS = 0.5, 2


class Invention:
    """Calls for one function."""

    def __init__(self, target: Target, qualname: str, root: str, seed: int) -> None:
        self._target = target
        self._random = random.Random(seed)
        self._values = Values(seed, [target.tree])
        self._observer = Observer(World(), root, _CALL_SECONDS)
        self._path = os.path.realpath(target.path)
        self._owner = _owner(target.module, qualname)
        self._takes_object = self._owner is not None and not _is_static(self._owner, qualname)
        self._parameters = parameters(target.raw, target.definition, skip_first=self._takes_object)
        self._ways: set[tuple[int, int]] = set()
        self._seen: set[bytes] = set()
        self._learned: dict[str, list[Kind]] = {}
        self.calls: list[bytes] = []

    def run(self, known: list[bytes], end: float) -> None:
        """Invent until the time is over; `known` are calls that were recorded."""
        for data in known:
            self._seen.add(data)
            self._follow(pickle.loads(data))
            self._learn(*pickle.loads(data))
        now = time.perf_counter()
        chosen = self._suitable(now + (end - now) * _LOOKING)
        spare: list[bytes] = []
        last, wanted = 0, _FEWEST_OF_A_KIND * max(1, len(chosen))
        for number in range(_TRIALS):
            if number - last > _PATIENCE and len(self.calls) + len(spare) >= wanted:
                break
            if time.perf_counter() > end or len(self.calls) >= _MOST or not chosen:
                break
            self._values.long = number % 12 == 11
            self._values.zoned = number % 3 == 2
            kinds = self._random.choice(chosen)
            before = len(self.calls)
            self._try(kinds, spare)
            last = number if len(self.calls) > before else last
        room = max(0, min(_MOST, wanted) - len(self.calls))
        self.calls += spare[:room]

    def _learn(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """What tests pass says more of an argument than its name does."""
        given = args[1:] if self._takes_object else args
        values = {**dict(zip((p.name for p in self._parameters), given)), **kwargs}
        for parameter in self._parameters:
            if parameter.name in values and not parameter.annotated:
                shape = shape_of(values[parameter.name])
                known = self._learned.setdefault(parameter.name, [])
                if shape not in known and len(known) < _COMBINATIONS:
                    known.append(shape)
                parameter.kinds = known or parameter.kinds

    def _suitable(self, end: float) -> list[list[Kind]]:
        """Combinations of kinds that the function works with, each with ways of its own."""
        found: list[list[Kind]] = []
        # It always raises something of its own: better than nothing, if nothing else is there.
        raising: list[list[Kind]] = []
        is_certain = all(len(p.kinds) == 1 for p in self._parameters)
        stale = 0
        for kinds in self._combinations():
            if time.perf_counter() > end or len(found) >= _COMBINATIONS or stale > _STALE:
                break
            if _says_no_more(kinds, found):
                continue
            before = len(self._ways)
            suits, answers = self._share(kinds)
            stale = 0 if len(self._ways) > before else stale + 1
            if suits and (answers or is_certain):
                if not stale or not found:
                    found.append(kinds)
            elif suits:
                raising.append(kinds)
            if is_certain:
                break
        return found or raising[:1]

    def _combinations(self) -> Iterator[list[Kind]]:
        """The likeliest first, then one other kind of each argument in turn, then any."""
        first = [parameter.kinds[0] for parameter in self._parameters]
        wanted = [first]
        for number in range(1, max((len(p.kinds) for p in self._parameters), default=1)):
            wanted += [
                [*first[:place], parameter.kinds[number], *first[place + 1 :]]
                for place, parameter in enumerate(self._parameters)
                if number < len(parameter.kinds)
            ]
        if len(self._parameters) > 1:
            any_kinds = [
                [self._random.choice(p.kinds[:8]) for p in self._parameters] for _ in range(200)
            ]
            # Alternately: what suits may need two kinds that are both not the likeliest.
            wanted = [
                kinds
                for pair in zip_longest(wanted, any_kinds)
                for kinds in pair
                if kinds is not None
            ]
        known: list[list[Kind]] = []
        for kinds in wanted:
            if kinds not in known:
                known.append(kinds)
                yield kinds

    def _share(self, kinds: list[Kind]) -> tuple[bool, bool]:
        """Whether most arguments of these kinds suit the function, and any is answered."""
        suited = answered = endless = 0
        for number in range(_TASTES):
            made = self._made(kinds)
            seen = self._follow(pickle.loads(made)) if made else None
            endless += made is not None and seen is None
            if endless >= _ENDLESS:
                return False, False
            suited += bool(seen and not seen.misuse)
            answered += bool(seen and not seen.result.startswith("raises"))
            if answered and number + 1 >= _FEWEST_TASTES:
                break
        return suited >= 0.7 * (number + 1), bool(answered)

    def _try(self, kinds: list[Kind], spare: list[bytes]) -> None:
        data = self._made(kinds)
        if data is None or data in self._seen:
            return
        self._seen.add(data)
        before = len(self._ways)
        seen = self._follow(pickle.loads(data))
        if seen is None or seen.misuse:
            return
        (self.calls if len(self._ways) > before else spare).append(data)

    def _made(self, kinds: list[Kind]) -> bytes | None:
        """Arguments as they travel, None where none could be made."""
        try:
            args, kwargs = self._arguments(kinds)
            if self._takes_object:
                args = (self._object(), *args)
            data = pickle.dumps((args, kwargs), pickle.HIGHEST_PROTOCOL)
            return data if len(data) <= _MOST_BYTES else None
        except Exception:
            return None

    def _arguments(self, kinds: list[Kind]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        by_name = False
        for parameter, kind in zip(self._parameters, kinds):
            if parameter.many:
                args += [self._values.make(kind) for _ in range(self._random.randint(0, 3))]
                continue
            if parameter.optional and self._random.random() < 0.3:
                by_name = True
                continue
            value = self._values.make(kind)
            if (args or kwargs) and self._random.random() < 0.5:
                other = self._random.choice([*args, *kwargs.values()])
                value = self._values.related(value, other, free=not parameter.annotated)
            if parameter.keyword or by_name:
                kwargs[parameter.name] = value
            else:
                args.append(value)
        return tuple(args), kwargs

    def _object(self) -> Any:
        """An object with some history; for a class method the class itself."""
        owner = self._owner
        if _is_class_method(owner, self._target.definition.name):
            return owner
        made = self._values.instance(owner)
        methods = [
            getattr(made, name)
            for name, member in vars(owner).items()
            if callable(member) and not name.startswith("__") and hasattr(made, name)
        ]
        for _ in range(self._random.randrange(_STEPS) if methods else 0):
            self._touch(self._random.choice(methods))
        return made

    def _touch(self, method: Any) -> None:
        """Call a method of an object: some change it, which is what this is for."""
        with contextlib.suppress(Exception):
            plain = _unbound(method)
            definition = definition_of(plain)
            args, kwargs = self._values.arguments(plain, definition, skip_first=True)
            method(*args, **kwargs)

    def _follow(self, values: Any) -> Seen | None:
        """Call with these arguments, and note the ways taken if they suit."""
        ways: set[tuple[int, int]] = set()
        before: dict[Any, int] = {}

        def line(frame: Any, event: str, _: Any) -> Any:
            if event == "line":
                ways.add((before.get(frame, 0), frame.f_lineno))
                before[frame] = frame.f_lineno
            return line

        def call(frame: Any, _: str, __: Any) -> Any:
            return line if os.path.realpath(frame.f_code.co_filename) == self._path else None

        former = sys.gettrace()
        sys.settrace(call)
        try:
            seen = self._observer.observe(self._target.call, values, late=False)
        finally:
            sys.settrace(former)
        if seen is not None and not seen.misuse:
            if seen.result.startswith("raises"):
                ways = {(-first, last) for first, last in ways}
            self._ways |= ways
        return seen


def _says_no_more(kinds: list[Kind], found: list[list[Kind]]) -> bool:
    plainer = [ALIKE.get(kind, kind) for kind in kinds]
    return plainer != kinds and plainer in found


def _owner(module: Any, qualname: str) -> Any:
    """The class that holds a method, None for a function."""
    value = module
    for part in qualname.split(".")[:-1]:
        value = getattr(value, part, None)
    return value if value is not module else None


def _unbound(function: Any) -> Any:
    return getattr(function, "__func__", function)


def _is_static(owner: Any, qualname: str) -> bool:
    return isinstance(vars(owner).get(qualname.rpartition(".")[2]), staticmethod)


def _is_class_method(owner: Any, name: str) -> bool:
    return isinstance(vars(owner).get(name), classmethod)


def main() -> None:
    """Serve one configuration file: a recording with the invented calls after those recorded."""
    config = read_json(sys.argv[1])
    root = config["root"]
    record = config["record"] or {"path": [], "functions": []}
    sys.path[1:1] = [os.path.normpath(os.path.join(root, p)) for p in record["path"]]
    known = {(one["file"], one["qualname"]): one for one in record["functions"]}
    functions = []
    wanted = [(one["file"], outermost(one["qualname"])) for one in config["functions"]]
    end = time.perf_counter() + _SECONDS
    for number, (file, qualname) in enumerate(wanted):
        entry = known.get((file, qualname)) or _empty(file, qualname, config["modules"][number])
        if not entry["module"]:
            entry["module"] = config["modules"][number]
        functions.append(entry)
        try:
            importlib.import_module(entry["module"])
            target = Target(root, file, qualname, entry["module"])
            recorded = [base64.b64decode(one) for one in entry["calls"]]
            invention = Invention(target, qualname, root, config["seed"])
            invention.run(recorded, end)
            entry["calls"] += [base64.b64encode(one).decode() for one in invention.calls]
            entry["count"] += len(invention.calls)
        except BaseException as error:
            entry["refused"][f"{type(error).__name__}: {str(error)[:120]}"] = 1
    write_json(config["out"], {"path": record["path"], "functions": functions})


def _empty(file: str, qualname: str, module: str) -> dict[str, Any]:
    return {
        "file": file,
        "qualname": qualname,
        "module": module,
        "count": 0,
        "refused": {},
        "calls": [],
    }


if __name__ == "__main__":
    main()
