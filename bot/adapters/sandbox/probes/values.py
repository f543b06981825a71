"""Values of a kind, made from a seed: ordinary ones, those at the ends, and those of the text."""

from __future__ import annotations

import ast
import collections
import datetime as dt
import decimal
import fractions
import inspect
import math
import operator
import random
import re
import textwrap
from typing import Any

from .kinds import ANY, INT, STR, Kind, fields_of, is_enum, kind_of, parameters

# The parser has moved: it was a module of its own before Python 3.11.
_parser: Any = getattr(re, "_parser", None) or __import__("sre_parse")
_INTS = [0, 1, 2, 3, 5, 7, 10, 12, 31, 64, 100, 255, 1000, -1, -2, -7]
_FLOATS = [0.0, 1.0, -1.0, 0.5, 1.5, -2.25, 0.1, 0.2, 0.3, 2.675, 100.0, 1e-9, 1e10, -0.0]
_TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "aa",
    "aaaa",
    "abab",
    "A",
    "aB",
    "hello world",
    " x ",
    "a,b,c",
    "a b  c",
    "1",
    "12",
    "-3",
    "x=1",
    "The quick the THE",
    "line one\nline two\n",
    "\tTab",
    "é",
    "ß",
    "racecar",
]
_WORDS = ["a", "b", "c", "d", "ab", "ba", "A", "x", "y", "id", "name", "red", "blue", "", "42"]
_FUNCTIONS = [
    len,
    str,
    abs,
    operator.neg,
    bool,
    repr,
    operator.itemgetter(0),
    operator.add,
    max,
    int,
]
_DAY = dt.date(2024, 2, 28)
_MOMENT = dt.datetime.combine(_DAY, dt.time(23, 30))
_DEEPEST = 4
# Amounts that lie in the middle between two that are written with fewer digits.
_HALVES = ("0.5", "1.5", "2.5", "-0.5", "0.125", "1.005", "2.675", "0.015", "-1.005", "10.25")
_PATTERNS = frozenset(
    ("compile", "match", "fullmatch", "search", "findall", "finditer", "sub", "split")
)


class Values:
    """Makes values; what stands in the text of the functions is used with its neighbours."""

    def __init__(self, seed: int, trees: list[Any]) -> None:
        self.random = random.Random(seed)
        self._ints, self._floats, self._texts = list(_INTS), list(_FLOATS), list(_TEXTS)
        self._words = list(_WORDS)
        self._keys: list[str] = []
        for tree in trees:
            self._read(tree)
        self._keys = list(dict.fromkeys(self._keys)) or ["id", "name", "value"]
        self.long = False
        #: Whether moments have zones; those without cannot be compared with those that have one.
        self.zoned = False

    def make(self, kind: Kind, depth: int = 0) -> Any:
        """One value of a kind."""
        name = kind[0]
        maker = getattr(self, "_" + name.replace("...", "s").replace(" ", "_"), None)
        if maker is None or depth > _DEEPEST:
            return self.random.choice([0, 1, "a", None])
        return maker(kind, depth)

    def _read(self, tree: Any) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                value = node.value
                if type(value) is int and abs(value) < 1 << 70:
                    self._ints += [value, value + 1, value - 1, -value]
                elif type(value) is float and math.isfinite(value):
                    self._floats += [value, value + 0.5, -value]
                elif type(value) is str and 0 < len(value) <= 40:
                    self._texts += [value, value + value, f"a{value}b", f"{value}a", f"a{value}"]
                    self._words.append(value)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _PATTERNS:
                first = getattr(node.args[0], "value", None) if node.args else None
                if isinstance(first, str):
                    self._texts += [t for _ in range(6) for t in matching(first, self.random)]
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                self._keys += [node.slice.value] if isinstance(node.slice.value, str) else []
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get" and node.args:
                first = getattr(node.args[0], "value", None)
                self._keys += [first] if isinstance(first, str) else []

    def related(self, value: Any, other: Any, *, free: bool) -> Any:
        """Perhaps another value of the same kind, that lies in the other argument or near its end.

        What is looked for is most often there, and a place is most often inside. `free` says that
        nothing promises the kind: what the other holds may be what is meant.
        """
        if isinstance(value, str) and isinstance(other, str) and other:
            start = self.random.randrange(len(other))
            return other[start : start + self.random.randint(1, 3)]
        if not isinstance(other, (list, tuple, set, frozenset, dict)) or not other:
            return value
        if type(value) is int and self.random.random() < 0.5:
            return self.random.randint(-1, len(other) + 1)
        alike = [one for one in other if type(one) is type(value)]
        if not alike and free and self.random.random() < 0.5:
            alike = list(other)
        return self.random.choice(alike) if alike else value

    # Plain kinds

    def _int(self, _: Kind, __: int) -> int:
        if self.random.random() < 0.6:
            return self.random.choice(self._ints)
        return self.random.randint(-5, 40)

    def _float(self, _: Kind, __: int) -> float:
        if self.random.random() < 0.7:
            return self.random.choice(self._floats)
        return round(self.random.uniform(-100, 100), self.random.choice((0, 1, 2, 6)))

    def _str(self, _: Kind, depth: int) -> str:
        chance = self.random.random()
        if depth and chance < 0.7:
            return self.random.choice(self._words)
        if chance < 0.6:
            return self.random.choice(self._texts)
        if chance < 0.85:
            parts = self.random.choices(self._words, k=self.random.randint(1, 6))
            return self.random.choice((" ", ",", "", "\n", "  ")).join(parts)
        return "".join(self.random.choices("aabbcAB 019_-.\t", k=self.random.randint(1, 12)))

    def _bytes(self, _: Kind, depth: int) -> bytes:
        return self._str(STR, depth).encode()

    def _bytearray(self, kind: Kind, depth: int) -> bytearray:
        return bytearray(self._bytes(kind, depth))

    def _bool(self, _: Kind, __: int) -> bool:
        return self.random.random() < 0.5

    def _none(self, _: Kind, __: int) -> None:
        return None

    def _complex(self, kind: Kind, depth: int) -> complex:
        return complex(self._float(kind, depth), self._float(kind, depth))

    def _range(self, _: Kind, __: int) -> range:
        return range(self.random.randint(-3, 3), self.random.randint(0, 12))

    def _any(self, _: Kind, depth: int) -> Any:
        kinds: list[Kind] = [INT, STR, ("float",), ("none",), ("bool",), ("list", INT)]
        kinds += [("tuple...", INT), ("list", ANY)]
        return self.make(self.random.choice(kinds), depth + 1)

    def _date(self, _: Kind, __: int) -> dt.date:
        if self.random.random() < 0.4:
            # About the same day of another year: where years begin and end to count.
            year = _DAY.year + self.random.randint(-30, 3)
            return _DAY.replace(year=year) + dt.timedelta(days=self.random.randint(-1, 2))
        return _DAY + dt.timedelta(days=self._int(INT, 0) % 800 - 400)

    def _datetime(self, _: Kind, __: int) -> dt.datetime:
        spread = self.random.choice((20, 3000))
        moment = _MOMENT + dt.timedelta(minutes=17 * self.random.randint(-spread, spread))
        if self.random.random() < 0.4:
            moment += dt.timedelta(microseconds=self.random.randrange(60_000_000))
        if self.zoned:
            offset = dt.timedelta(minutes=30 * self.random.randint(-20, 20))
            moment = moment.replace(tzinfo=dt.timezone(offset))
        return moment

    def _time(self, _: Kind, __: int) -> dt.time:
        return self._datetime(ANY, 0).time()

    def _timedelta(self, _: Kind, __: int) -> dt.timedelta:
        return dt.timedelta(seconds=self._int(INT, 0) * 37)

    def _decimal(self, kind: Kind, depth: int) -> decimal.Decimal:
        if self.random.random() < 0.4:
            return decimal.Decimal(self.random.choice(_HALVES))
        return decimal.Decimal(str(round(self._float(kind, depth), 3)))

    def _fraction(self, _: Kind, __: int) -> fractions.Fraction:
        return fractions.Fraction(self._int(INT, 0), self.random.choice((1, 2, 3, 7)))

    def _function(self, _: Kind, __: int) -> Any:
        return self.random.choice(_FUNCTIONS)

    def _one_of(self, kind: Kind, _: int) -> Any:
        return self.random.choice(kind[1:])

    def _union(self, kind: Kind, depth: int) -> Any:
        return self.make(self.random.choice(kind[1:]), depth)

    # Kinds that hold others

    def _size(self) -> int:
        if self.long:
            return self.random.randint(30, 60)
        return self.random.choice((0, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12))

    def _list(self, kind: Kind, depth: int) -> list[Any]:
        size = self._size() if not depth else self.random.randint(0, 4)
        found = [self.make(kind[1], depth + 1) for _ in range(size)]
        return self._shaped(found)

    def _shaped(self, found: list[Any]) -> list[Any]:
        """Sometimes with repetitions, sometimes in order: both are what programs meet."""
        chance = self.random.random()
        if found and chance < 0.35:
            few = found[: max(1, len(found) // 2)]
            return [self.random.choice(few) for _ in found]
        if chance < 0.55:
            try:
                return sorted(found, reverse=chance > 0.5)
            except TypeError:
                return found
        return found

    def _deque(self, kind: Kind, depth: int) -> Any:
        return collections.deque(self._list(kind, depth))

    def _set(self, kind: Kind, depth: int) -> set[Any]:
        return {one for one in self._list(kind, depth) if _hashable(one)}

    def _frozenset(self, kind: Kind, depth: int) -> frozenset[Any]:
        return frozenset(self._set(kind, depth))

    def _tuple(self, kind: Kind, depth: int) -> tuple[Any, ...]:
        made = [self.make(one, depth + 1) for one in kind[1:]]
        if kind[1:] == (INT, INT) and self.random.random() < 0.7:
            made.sort()
        return tuple(made)

    def _tuples(self, kind: Kind, depth: int) -> tuple[Any, ...]:
        return tuple(self._list(kind, depth))

    def _dict(self, kind: Kind, depth: int) -> dict[Any, Any]:
        keys = [self.make(kind[1], depth + 1) for _ in range(self._size() if not depth else 3)]
        if kind[1] == STR and self.random.random() < 0.4:
            keys += self.random.sample(self._keys, min(len(self._keys), 3))
        return {key: self.make(kind[2], depth + 1) for key in keys if _hashable(key)}

    def _record(self, _: Kind, depth: int) -> dict[str, Any]:
        """A dictionary with the keys that the functions ask for."""
        kinds: list[Kind] = [INT, STR, INT, ("float",), ("bool",)]
        chosen = random.Random(len(self._keys))
        fixed = {key: chosen.choice(kinds) for key in self._keys}
        kept = [key for key in self._keys if self.random.random() < 0.93]
        return {key: self.make(fixed[key], depth + 1) for key in kept}

    def _made(self, kind: Kind, depth: int) -> Any:
        """An object of a class, by its constructor."""
        cls = kind[1]
        if is_enum(cls):
            return self.random.choice(list(cls))
        if getattr(cls, "__total__", None) is not None and issubclass(cls, dict):
            return {name: self.make(one, depth + 1) for name, one in fields_of_typed(cls)}
        known = fields_of(cls)
        if known is not None:
            return cls(**{name: self.make(one, depth + 1) for name, one in known})
        return self.instance(cls, depth)

    def instance(self, cls: Any, depth: int = 0) -> Any:
        """An object of a class as its `__init__` asks; TypeError where that cannot be said."""
        init = cls.__init__
        if init is object.__init__:
            return cls()
        args, kwargs = self.arguments(init, definition_of(init), skip_first=True, depth=depth + 1)
        return cls(*args, **kwargs)

    def arguments(
        self, function: Any, definition: Any, *, skip_first: bool, depth: int = 0
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments of the first kind that each parameter may be."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        left_out = False
        for parameter in parameters(function, definition, skip_first=skip_first):
            if parameter.many:
                continue
            if parameter.optional and (left_out or self.random.random() < 0.4):
                left_out = True
                continue
            value = self.make(parameter.kinds[0], depth)
            if parameter.keyword:
                kwargs[parameter.name] = value
            else:
                args.append(value)
        return tuple(args), kwargs


def matching(pattern: str, choose: random.Random) -> list[str]:
    """A text that a regular expression matches, if it is a simple one, and some beside it."""
    try:
        text = _matching(_parser.parse(pattern), choose)
    except Exception:
        return []
    return [text, text + "x", " " + text, text[:-1], text * 2]


def _matching(parsed: Any, choose: random.Random) -> str:
    return "".join(_piece(str(kind), value, choose) for kind, value in parsed)


def _piece(kind: str, value: Any, choose: random.Random) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "IN":
        return _piece(*_member(choose.choice(value)), choose)
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = value
        count = choose.randint(least, min(int(most), least + 3))
        return "".join(_matching(inner, choose) for _ in range(count))
    if kind == "SUBPATTERN":
        return _matching(value[-1], choose)
    if kind == "BRANCH":
        return _matching(choose.choice(value[1]), choose)
    if kind == "RANGE":
        return chr(choose.randint(*value))
    if kind == "CATEGORY":
        return choose.choice(_CATEGORIES.get(str(value), "a"))
    return choose.choice("aZ1_ ") if kind in ("ANY", "NOT_LITERAL") else ""


def _member(member: Any) -> tuple[str, Any]:
    kind, value = str(member[0]), member[1]
    # What is excluded says nothing of what is meant: anything ordinary may stand there.
    return ("ANY", None) if kind == "NEGATE" else (kind, value)


_CATEGORIES = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_SPACE": " \t",
    "CATEGORY_WORD": "abzAZ09_",
    "CATEGORY_NOT_SPACE": "a1-",
    "CATEGORY_NOT_DIGIT": "a -",
    "CATEGORY_NOT_WORD": " -.",
}


def fields_of_typed(cls: Any) -> list[tuple[str, Kind]]:
    """What a TypedDict holds."""
    return [(name, kind_of(hint)) for name, hint in cls.__annotations__.items()]


def definition_of(function: Any) -> Any:
    """The text of a function as a tree; an empty one where there is none."""
    try:
        lines, _ = inspect.getsourcelines(function)
        return ast.parse(textwrap.dedent("".join(lines)))
    except Exception:
        return ast.parse("")


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
