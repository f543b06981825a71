"""Recorded inputs changed in small ways that subtle mistakes show on.

A change is a place inside the arguments and the name of what is done there, so that it can be made
again, alike, on a fresh copy and on another tree.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
import random
from typing import Any, Callable, Tuple

# Steps of a kind ("args", "kwargs", "item" or "attr") with the index or the name there.
Path = Tuple[Any, ...]
# A path and the name of what is done there.
Change = Tuple[Path, str]
Operation = Callable[[Any], Any]

_MOST_SITES = 60
_DEEPEST = 4
_NAN = math.nan
_INTEGERS: dict[str, Operation] = {
    "zero": lambda _: 0,
    "one": lambda _: 1,
    "two": lambda _: 2,
    "minus-one": lambda _: -1,
    "more": lambda x: x + 1,
    "less": lambda x: x - 1,
    "negative": lambda x: -x,
    "float": lambda x: float(x) if abs(x) < 1 << 53 else x,
    "half": lambda x: x // 2,
    # Beyond what a fraction holds exactly, and still a size that a sequence may have.
    "big": lambda x: x + (1 << 62),
}
_FLOATS: dict[str, Operation] = {
    "zero": lambda _: 0.0,
    "minus-zero": lambda _: -0.0,
    "nan": lambda _: _NAN,
    "infinite": lambda _: math.inf,
    "minus-infinite": lambda _: -math.inf,
    "more": lambda x: x + 0.1,
    "huge": lambda _: 1e16,
    "tiny": lambda _: 1e-16,
    "whole": lambda x: int(x) if math.isfinite(x) else x,
    "negative": lambda x: -x,
}
_TEXTS: dict[str, Operation] = {
    "empty": lambda _: "",
    "twice": lambda x: x + x,
    "reversed": lambda x: x[::-1],
    "shorter": lambda x: x[:-1],
    "upper": lambda x: x.upper(),
    "lower": lambda x: x.lower(),
    "spaced": lambda x: " " + x + "\t",
    "accent": lambda x: x + "\u00e9",
    "dotted": lambda x: "\u0130\u00df" + x,
    "newline": lambda x: x + "\n\r\n" + x,
    "line-end": lambda x: x + "\n",
    "digit": lambda _: "0",
    "arabic-digit": lambda _: "\u0661",
    "other-digit": lambda _: "\u0661\u00b2",
    "nul": lambda x: x + "\0",
    "half-a-letter": lambda x: x + "\ud800",
}
_BYTES: dict[str, Operation] = {
    "empty": lambda _: b"",
    "twice": lambda x: x + x,
    "shorter": lambda x: x[:-1],
    "high": lambda x: x + b"\xff\x00",
}
_LISTS: dict[str, Operation] = {
    "empty": lambda _: [],
    "one": lambda x: x[:1],
    "twice": lambda x: x + x,
    "twice-each": lambda x: [item for item in x for _ in range(2)],
    "thrice-copied": lambda x: x + copy.deepcopy(x) + x,
    "reversed": lambda x: x[::-1],
    "without-first": lambda x: x[1:],
    "without-last": lambda x: x[:-1],
    "first-again": lambda x: x + x[:1],
    "last-first": lambda x: x[-1:] + x[:-1],
    "none": lambda x: [*x, None],
    "none-inside": lambda x: [*x[: len(x) // 2], None, *x[len(x) // 2 :]],
    "unhashable": lambda x: [*x, [1], [1]],
    "unhashable-dict": lambda x: [{"k": 1}, *x, {"k": 1}],
    "same-objects": lambda x: x[:1] * max(2, len(x)),
    "longer": lambda x: x * 8,
    "nan-twice": lambda x: [*x, _NAN, _NAN],
    "two-nans": lambda x: [float("nan"), *x, float("nan")],
    "zeros": lambda x: [*x, 0.0, -0.0],
    "minus-zero-first": lambda x: [-0.0, 0.0, *x],
    "ones": lambda x: [*x, True, 1, 1.0],
    "one-last": lambda x: [1.0, *x, 1, True],
    "text": lambda x: [*x, "x", "x"],
    "nested": lambda x: [*x, x],
}
# Sums of these depend on the order and on how it is rounded.
_NUMBERS: dict[str, Operation] = {
    "cancelling": lambda x: [1e16, *x, 1.0, -1e16],
    "tenths": lambda x: [*x, *([0.1] * 7), 0.3, 1e-9],
}
# Two arguments that are alike in some way and not in another.
_ALIKE: dict[str, Callable[[Any, Any], Any]] = {
    "equal": lambda x, _: (x, copy.deepcopy(x)),
    "swapped": lambda x, y: (y, x),
}
_ALIKE_TEXTS: dict[str, Callable[[Any, Any], Any]] = {
    "folded": lambda x, _: (x + "Stra\u00dfe", x + "STRASSE"),
    "dotted-pair": lambda x, _: (x + "\u0130", x + "i\u0307"),
    "upper-pair": lambda x, _: (x, x.upper()),
    "accents": lambda x, _: (x + "\u00e9", x + "e\u0301"),
}
_ALIKE_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {"types": lambda x, _: (x, float(x))}
_RELATIONS = {**_ALIKE, **_ALIKE_TEXTS, **_ALIKE_NUMBERS}
_DICTS: dict[str, Operation] = {
    "empty": lambda _: {},
    "reversed": lambda x: dict(reversed(list(x.items()))),
    "without-first": lambda x: dict(list(x.items())[1:]),
    "none": dict.fromkeys,
    "more": lambda x: {**x, "extra": None},
    "more-first": lambda x: {"": 0, **x},
    "same-values": lambda x: dict.fromkeys(x, next(iter(x.values()), 0)),
}
_SETS: dict[str, Operation] = {
    "empty": lambda _: set(),
    "none": lambda x: x | {None},
    "text": lambda x: x | {"x"},
    "ones": lambda x: x | {1},
}
_MOMENTS: dict[str, Operation] = {
    "midnight": lambda x: x.replace(hour=0, minute=0, second=0, microsecond=0),
    "microsecond": lambda x: x.replace(microsecond=9),
    "day-later": lambda x: x + dt.timedelta(days=1),
    "hour-earlier": lambda x: x - dt.timedelta(hours=1),
    "zone": lambda x: x.replace(tzinfo=dt.timezone.utc),
    "other-zone": lambda x: x.replace(tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
}
_DAYS: dict[str, Operation] = {
    "day-later": lambda x: x + dt.timedelta(days=1),
    "month-end": lambda x: x.replace(month=1, day=31),
    "year-later": lambda x: x + dt.timedelta(days=365),
}
_ANY: dict[str, Operation] = {"none": lambda _: None}
_NONE: dict[str, Operation] = {
    "zero": lambda _: 0,
    "empty-text": lambda _: "",
    "empty-list": lambda _: [],
    "true": lambda _: True,
}


def changes(values: Any, seed: int, most: int, *, iterables: bool) -> list[Change]:
    """At most so many changes for one recorded call, the telling ones first."""
    choose = random.Random(seed)
    found: list[tuple[float, Path, str]] = []
    for path, value in _sites(values):
        for name in _operations(value):
            rank = len(path) + 2 * choose.random()
            # Nothing at all is what every argument should be tried with.
            is_first = name == "empty" and len(path) == 1
            found.append((0.0 if is_first else rank, path, name))
        if iterables and isinstance(value, list) and len(path) == 1:
            found.append((0.0, path, "iterator"))
    found += [(0.5 + choose.random(), path, "tie") for path in _ties(values)]
    for first, second in _alike(values):
        names = _relations(values[0][first])
        found += [(0.5 + choose.random(), (first, second), name) for name in names]
    found.sort(key=lambda entry: entry[0])
    # Half by rank, half from everywhere, so that what lies deep has its turn too.
    head, rest = found[: most // 2], found[most // 2 :]
    choose.shuffle(rest)
    return [(path, name) for _, path, name in head + rest[: most - len(head)]]


def apply(values: Any, change: Change, seed: int) -> Any:
    """The arguments with this change; `values` must be a fresh copy."""
    path, name = change
    if len(path) == 2 and isinstance(path[0], int):
        return _relate(values, path[0], path[1], name)
    if name == "tie":
        return _replace(values, path, lambda value: _tie(value, random.Random(seed)))
    if name == "iterator":
        return _replace(values, path, iter)
    return _replace(values, path, lambda value: _operate(value, name))


def _relations(value: Any) -> list[str]:
    if type(value) in (list, dict, set):
        return [*_ALIKE, "alias"]
    more = {str: _ALIKE_TEXTS, int: _ALIKE_NUMBERS}.get(type(value), {})
    return [*_ALIKE, *more]


def _relate(values: Any, first: int, second: int, name: str) -> Any:
    args = list(values[0])
    if name == "alias":
        args[second] = args[first]
    else:
        args[first], args[second] = _RELATIONS[name](args[first], args[second])
    return tuple(args), values[1]


def _operations(value: Any) -> dict[str, Operation]:
    if value is None:
        return _NONE
    if isinstance(value, bool):
        return {"not": lambda x: not x, "number": int}
    for kind, table in (
        (int, _INTEGERS),
        (float, _FLOATS),
        (str, _TEXTS),
        (bytes, _BYTES),
        (list, _LISTS),
        (tuple, _LISTS),
        (dict, _DICTS),
        (set, _SETS),
        (frozenset, _SETS),
        (dt.datetime, _MOMENTS),
        (dt.date, _DAYS),
    ):
        if type(value) is kind:
            return {**table, **_ANY, **(_NUMBERS if _is_numbers(value) else {})}
    return _ANY


def _is_numbers(value: Any) -> bool:
    return type(value) in (list, tuple) and all(type(x) in (int, float) for x in value)


def _operate(value: Any, name: str) -> Any:
    operation = _operations(value)[name]
    if name == "none":
        return operation(value)
    if isinstance(value, (tuple, frozenset)):
        inner = list(value) if isinstance(value, tuple) else set(value)
        return type(value)(operation(inner))
    return operation(value)


def _sites(values: Any) -> list[tuple[Path, Any]]:
    """Places inside the arguments, the outer ones first; of long containers a few items."""
    args, kwargs = values
    todo: list[tuple[Path, Any]] = [((("args", i),), value) for i, value in enumerate(args)]
    todo += [((("kwargs", name),), value) for name, value in kwargs.items()]
    found: list[tuple[Path, Any]] = []
    while todo and len(found) < _MOST_SITES:
        path, value = todo.pop(0)
        found.append((path, value))
        if len(path) < _DEEPEST:
            todo += [((*path, step), inner) for step, inner in _inside(value)]
    return found


def _inside(value: Any) -> list[tuple[tuple[str, Any], Any]]:
    if type(value) in (list, tuple):
        places = sorted({0, 1, len(value) // 2, len(value) - 1} & set(range(len(value))))
        return [(("item", i), value[i]) for i in places]
    if type(value) is dict:
        return [(("item", key), value[key]) for key in list(value)[:5]]
    attributes = getattr(value, "__dict__", None)
    if type(attributes) is dict and not isinstance(value, type):
        return [(("attr", name), attributes[name]) for name in list(attributes)[:8]]
    return []


def _replace(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """The value with the thing at `path` changed; what cannot be changed in place is rebuilt."""
    if not path:
        return change(value)
    (kind, place), rest = path[0], path[1:]
    if kind == "args":
        args = list(value[0])
        args[place] = _replace(args[place], rest, change)
        return tuple(args), value[1]
    if kind == "kwargs":
        value[1][place] = _replace(value[1][place], rest, change)
        return value
    if kind == "attr":
        value.__dict__[place] = _replace(value.__dict__[place], rest, change)
        return value
    inner = _replace(value[place], rest, change)
    if isinstance(value, tuple):
        return (*value[:place], inner, *value[place + 1 :])
    value[place] = inner
    return value


def _ties(values: Any) -> list[Path]:
    """Sequences whose items have parts, so that two may agree in one part and differ in another."""
    return [
        path
        for path, value in _sites(values)
        if type(value) in (list, tuple) and len(value) > 1 and _parts(value[0])
    ]


def _parts(item: Any) -> list[Any]:
    if type(item) in (list, tuple):
        return list(range(len(item)))
    if type(item) is dict:
        return list(item)
    attributes = getattr(item, "__dict__", None)
    return list(attributes) if type(attributes) is dict else []


def _tie(value: Any, choose: random.Random) -> Any:
    items = list(value)
    first, second = choose.sample(range(len(items)), 2)
    parts = [part for part in _parts(items[first]) if part in _parts(items[second])]
    if parts:
        part = choose.choice(parts)
        items[second] = _with_part(items[second], part, _part(items[first], part))
    return type(value)(items)


def _part(item: Any, part: Any) -> Any:
    return item[part] if type(item) in (list, tuple, dict) else item.__dict__[part]


def _with_part(item: Any, part: Any, value: Any) -> Any:
    if type(item) is tuple:
        return (*item[:part], value, *item[part + 1 :])
    (item if type(item) in (list, dict) else item.__dict__)[part] = value
    return item


def _alike(values: Any) -> list[tuple[int, int]]:
    """Pairs of arguments of one type: they could be equal, or the same object."""
    args = values[0]
    return [
        (i, j)
        for i in range(min(4, len(args)))
        for j in range(i + 1, min(4, len(args)))
        if type(args[i]) is type(args[j]) and args[i] is not None
    ]
