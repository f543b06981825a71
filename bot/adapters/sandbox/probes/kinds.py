"""What kinds of values an argument may be: by its annotation, its name, and how it is used."""

from __future__ import annotations

import ast
import collections.abc
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import inspect
import types
import typing
from typing import Any, Union

# A kind is a name, perhaps with kinds inside: ("list", ("int",)), ("made", <class>).
Kind = typing.Tuple[Any, ...]
INT, FLOAT, STR, BYTES, BOOL, NONE = (
    ("int",),
    ("float",),
    ("str",),
    ("bytes",),
    ("bool",),
    ("none",),
)
INTS, STRS, FLOATS = ("list", INT), ("list", STR), ("list", FLOAT)
PAIRS = ("list", ("tuple", STR, INT))
GRID = ("list", INTS)
COUNTS, GRAPH, INDEX = ("dict", STR, INT), ("dict", STR, STRS), ("dict", INT, INT)
RECORDS = ("list", ("record",))
ANY: Kind = ("any",)
GUESSES = [
    INT,
    STR,
    INTS,
    STRS,
    COUNTS,
    FLOAT,
    PAIRS,
    GRID,
    RECORDS,
    GRAPH,
    BOOL,
    BYTES,
    INDEX,
    FLOATS,
    ("function",),
]
# Where the first works, the second says no more of what the function is for.
ALIKE = {FLOAT: INT, BOOL: INT, FLOATS: INTS, INDEX: COUNTS}
_PLAIN = {
    int: INT,
    float: FLOAT,
    str: STR,
    bytes: BYTES,
    bool: BOOL,
    type(None): NONE,
    complex: ("complex",),
    object: ANY,
    bytearray: ("bytearray",),
    range: ("range",),
    dt.date: ("date",),
    dt.datetime: ("datetime",),
    dt.timedelta: ("timedelta",),
    dt.time: ("time",),
    decimal.Decimal: ("decimal",),
    fractions.Fraction: ("fraction",),
    list: ("list", ANY),
    dict: ("dict", STR, ANY),
    set: ("set", STR),
    tuple: ("tuple...", INT),
    frozenset: ("frozenset", STR),
}
_LISTS = {
    list,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Iterable,
    collections.abc.Iterator,
    collections.abc.Collection,
    collections.abc.Reversible,
    collections.abc.Generator,
    collections.abc.Container,
}
_DICTS = {dict, collections.abc.Mapping, collections.abc.MutableMapping}
_SETS = {set, collections.abc.Set, collections.abc.MutableSet}
_METHODS: dict[str, list[Kind]] = {
    "split strip lower upper startswith endswith replace encode isdigit isalpha splitlines "
    "casefold "
    "partition rsplit lstrip rstrip title format isspace isalnum isupper islower zfill": [STR],
    "decode": [BYTES],
    "append sort extend insert reverse": [INTS, STRS, PAIRS],
    "pop index": [INTS, STRS, COUNTS],
    "items keys values setdefault": [COUNTS, GRAPH, INDEX],
    "get update": [COUNTS, GRAPH, INDEX],
    "add union intersection difference discard issubset": [("set", INT), ("set", STR)],
    "year month day weekday isoformat": [("date",), ("datetime",)],
    "hour minute": [("datetime",), ("time",)],
    "days total_seconds": [("timedelta",)],
}
_DEEPEST, _LOOKED_AT = 4, 8
_TAKES: dict[str, list[Kind]] = {
    "range chr bin hex isqrt": [INT],
    "ord int match fullmatch findall": [STR],
    "sum max min sorted enumerate": [INTS, STRS],
}
_NAMES: dict[str, list[Kind]] = {
    "text s string word line name sentence phrase source path url title label prefix suffix sep "
    "delimiter pattern needle haystack template code token char c ch": [STR],
    "n k i j count size num number limit width length depth level index start end low high lo hi "
    "stop step total maximum minimum year month day amount cents price base exp exponent m target "
    "window capacity chunk chunk_size batch page seed bits value": [INT],
    "x y a b z": [INT, FLOAT, STR, INTS],
    "xs ys items values nums numbers lst seq sequence data arr array elements entries series": [
        INTS,
        STRS,
        PAIRS,
        FLOATS,
        RECORDS,
    ],
    "words lines names texts strings tokens tags labels paths": [STRS],
    "d mapping table counts scores prices stock weights": [COUNTS, INDEX],
    "graph edges tree children adjacency deps dependencies": [GRAPH, PAIRS],
    "matrix grid rows board table2d cells": [GRID, RECORDS, PAIRS],
    "records orders users events people products transactions rows": [RECORDS, PAIRS, GRID],
    "pairs intervals ranges spans points edges": [("list", ("tuple", INT, INT)), PAIRS],
    "key func fn predicate function callback f transform": [("function",)],
    "flag reverse strict verbose inclusive ignore_case": [BOOL],
    "rate ratio share factor weight tolerance": [FLOAT, INT],
    "date day start_date end_date": [("date",)],
    "raw payload blob buffer": [BYTES, STR],
    "seen visited allowed banned stop_words stopwords": [("set", STR), ("set", INT), STRS],
}


class Parameter:
    """One argument: what it may be, the likeliest first, and whether it may be left out."""

    def __init__(self, name: str, kinds: list[Kind], *, optional: bool, keyword: bool) -> None:
        self.name = name
        self.kinds = kinds
        self.optional = optional
        self.keyword = keyword
        self.many = False
        self.annotated = False


def parameters(function: Any, definition: Any, *, skip_first: bool) -> list[Parameter]:
    """Every argument of a function, without `self` or `cls` if so said."""
    hints = _hints(function) or dict(getattr(function, "__annotations__", {}))
    found = []
    every = list(inspect.signature(function).parameters.values())
    for parameter in every[1:] if skip_first else every:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        hint = hints.get(parameter.name)
        if isinstance(hint, str):
            hint = None
        kinds = [kind_of(hint)] if hint is not None else guesses(parameter.name, definition)
        default = parameter.default
        if hint is None and default is not inspect.Parameter.empty and default is not None:
            kinds = [of_value(default), *kinds]
        made = Parameter(
            parameter.name,
            kinds,
            optional=default is not inspect.Parameter.empty,
            keyword=parameter.kind is inspect.Parameter.KEYWORD_ONLY,
        )
        made.annotated = hint is not None
        made.many = parameter.kind is inspect.Parameter.VAR_POSITIONAL
        found.append(made)
    return found


def kind_of(hint: Any) -> Kind:
    """The kind that an annotation asks for."""
    try:
        if hint in _PLAIN:
            return _PLAIN[hint]
    except TypeError:
        return ANY
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    return _special(hint, origin, inner) or _container(origin or hint, inner)


def _special(hint: Any, origin: Any, inner: tuple[Any, ...]) -> Kind | None:
    """What is no class: unions, literals, variables, callables."""
    if isinstance(hint, typing.TypeVar):
        bound = hint.__constraints__[:1] or ((hint.__bound__,) if hint.__bound__ else ())
        return kind_of(bound[0]) if bound else ("union", INT, STR)
    if origin is Union or type(hint) is getattr(types, "UnionType", None):
        return ("union", *(kind_of(one) for one in inner))
    if origin is typing.Literal:
        return ("one of", *inner)
    if origin is getattr(typing, "Annotated", None):
        return kind_of(inner[0])
    if collections.abc.Callable in (origin, hint) or hint is typing.Callable:
        return ("function",)
    return None


def _container(base: Any, inner: tuple[Any, ...]) -> Kind:
    first = kind_of(inner[0]) if inner else None
    if base in _LISTS or base is collections.deque:
        return ("deque" if base is collections.deque else "list", first or ANY)
    if base is collections.Counter:
        return ("dict", first or STR, INT)
    if base in _DICTS or base is collections.defaultdict:
        return ("dict", first or STR, kind_of(inner[1]) if len(inner) > 1 else ANY)
    if base in _SETS or base is frozenset:
        return ("frozenset" if base is frozenset else "set", first or STR)
    if base is tuple and inner:
        is_many = len(inner) == 2 and inner[1] is ...
        return ("tuple...", first) if is_many else ("tuple", *(kind_of(one) for one in inner))
    return ("made", base) if inspect.isclass(base) else ANY


def of_value(value: Any) -> Kind:
    """The kind that a default is of."""
    kind = _PLAIN.get(type(value))
    if callable(value):
        return ("function",)
    return kind if kind is not None else ANY


def shape_of(value: Any, depth: int = 0) -> Kind:
    """The kind that a recorded value is of; of what it holds a few are looked at."""
    plain = _PLAIN.get(type(value))
    if plain is not None and plain[0] not in _HOLDERS:
        return plain
    if depth > _DEEPEST:
        return ANY
    if type(value) in (list, set, frozenset, collections.deque):
        return (type(value).__name__, _inside(list(value)[:_LOOKED_AT], depth))
    if type(value) is tuple:
        return ("tuple", *(shape_of(one, depth + 1) for one in value[:_LOOKED_AT]))
    if type(value) is dict:
        keys, items = list(value)[:_LOOKED_AT], list(value.values())[:_LOOKED_AT]
        return ("dict", _inside(keys, depth), _inside(items, depth))
    if callable(value):
        return ("function",)
    return ("made", type(value))


def _inside(values: list[Any], depth: int) -> Kind:
    kinds = list(dict.fromkeys(shape_of(one, depth + 1) for one in values))
    if not kinds:
        return ANY
    return kinds[0] if len(kinds) == 1 else ("union", *kinds[:4])


def guesses(name: str, definition: Any) -> list[Kind]:
    """What an argument without an annotation may be, the likeliest first."""
    found: list[Kind] = []
    for node in ast.walk(definition):
        found += _used(node, name)
    for names, kinds in _NAMES.items():
        words = names.split()
        if name in words or name.rpartition("_")[2] in words:
            found += kinds
    return list(dict.fromkeys([*found, *GUESSES]))


def _used(node: Any, name: str) -> list[Kind]:
    """What one use of a name says of its kind."""
    if isinstance(node, ast.Attribute) and _is(node.value, name):
        return [k for names, kinds in _METHODS.items() if node.attr in names.split() for k in kinds]
    if isinstance(node, ast.BinOp) and (_is(node.left, name) or _is(node.right, name)):
        other = node.right if _is(node.left, name) else node.left
        is_text = isinstance(other, ast.Constant) and isinstance(other.value, str)
        return [STR] if is_text else [INT, FLOAT]
    if isinstance(node, ast.Call):
        return _called(node, name)
    if isinstance(node, ast.Compare) and _is(node.left, name):
        return [of_value(o.value) for o in node.comparators if isinstance(o, ast.Constant)]
    if isinstance(node, (ast.For, ast.comprehension)) and _is(node.iter, name):
        return _iterated(node.target)
    return []


def _called(node: Any, name: str) -> list[Kind]:
    if _is(node.func, name):
        return [("function",)]
    if not any(_is(argument, name) for argument in node.args):
        return []
    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
    return next((kinds for names, kinds in _TAKES.items() if called in names.split()), [])


def _iterated(target: Any) -> list[Kind]:
    if isinstance(target, (ast.Tuple, ast.List)):
        many = len(target.elts)
        if many == 2:
            return [PAIRS, ("list", ("tuple", INT, INT)), ("list", ("tuple", STR, STR))]
        return [
            ("list", ("tuple", *([STR] + [INT] * (many - 1)))),
            ("list", ("tuple", *[INT] * many)),
        ]
    names = getattr(target, "id", "")
    if names in ("word", "line", "name", "text", "s", "token", "tag"):
        return [STRS]
    if names in ("c", "ch", "char", "letter"):
        return [STR]
    if names in ("row", "record", "order", "user", "event", "item", "r"):
        return [RECORDS, GRID, INTS, STRS]
    return [INTS, STRS, FLOATS, PAIRS]


def _is(node: Any, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def fields_of(kind: type) -> list[tuple[str, Kind]] | None:
    """What a class is made of, where its text says it; None where it does not."""
    if dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return [
            (f.name, kind_of(hints.get(f.name, object))) for f in dataclasses.fields(kind) if f.init
        ]
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        hints = _hints(kind)
        return [(name, kind_of(hints.get(name, object))) for name in kind._fields]
    return None


def _hints(thing: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(thing)
    except Exception:
        return {}


def is_enum(kind: type) -> bool:
    return issubclass(kind, enum.Enum)


def fits(value: Any, kind: Kind) -> bool:
    """Whether a value is of a kind as an annotation means it; what is not known fits."""
    name = kind[0]
    if name == "union":
        return any(fits(value, one) for one in kind[1:])
    if name == "one of":
        return value in kind[1:]
    if name == "function":
        return callable(value)
    if name == "made":
        return isinstance(value, kind[1])
    if name in _TYPES:
        return isinstance(value, _TYPES[name])
    return _holds(value, kind) if name in _HOLDERS else True


def _holds(value: Any, kind: Kind) -> bool:
    name = kind[0]
    if not isinstance(value, _HOLDERS[name]):
        # What is annotated as an iterable may be any; its items would be gone once looked at.
        return name == "list" and hasattr(value, "__next__")
    if name == "dict":
        return all(fits(key, kind[1]) and fits(item, kind[2]) for key, item in value.items())
    if name == "tuple":
        inner = kind[1:]
        return len(value) == len(inner) and all(map(fits, value, inner))
    return all(fits(item, kind[1]) for item in value)


_TYPES: dict[str, Any] = {
    "int": int,
    "float": (int, float),
    "str": str,
    "bytes": (bytes, bytearray),
    "bytearray": bytearray,
    "bool": bool,
    "none": type(None),
    "complex": (int, float, complex),
    "range": range,
    "date": dt.date,
    "datetime": dt.datetime,
    "time": dt.time,
    "timedelta": dt.timedelta,
    "decimal": decimal.Decimal,
    "fraction": fractions.Fraction,
}
_HOLDERS: dict[str, Any] = {
    "list": (list, tuple, collections.deque),
    "deque": collections.deque,
    "set": (set, frozenset),
    "frozenset": (set, frozenset),
    "dict": dict,
    "tuple": tuple,
    "tuple...": tuple,
}


def annotated(function: Any) -> dict[str, Kind]:
    """The kinds that a function's annotations name, by argument."""
    hints = _hints(function)
    return {name: kind_of(hint) for name, hint in hints.items() if name != "return"}
