"""Values as text that is equal only for equal values: no addresses, no order where there is none.

Types are told apart (1, 1.0 and True are three things), -0.0 and nan have their own text, and an
object that turns up again is named instead of repeated, so that sharing shows.
"""

from __future__ import annotations

import collections
import enum
import hashlib
import re
import types
from collections.abc import Callable
from typing import Any

_MOST_NODES = 100_000
_HEAP_TYPE = 1 << 9
_DEEPEST = 60
_LONGEST = 3000
# Written by nothing else: in the text of strings control characters are escaped.
_MARK = re.compile("\2([0-9]+)\3")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...), type(NotImplemented))
# Asked of the base, so that what a subclass overrides is not run.
_SEQUENCES: Any = ((list, "[%s]"), (tuple, "(%s)"), (collections.deque, "[%s]"))
_UNORDERED: Any = (set, frozenset)
_SUBCLASSED: Any = (str, int, float, bytes)
_DICT_VIEWS: Any = (type({}.keys()), type({}.values()), type({}.items()))
# Their own text says everything; by name, because importing their modules would cost.
_TEXTUAL = {
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "datetime.timezone",
    "decimal.Decimal",
    "fractions.Fraction",
    "ipaddress.IPv4Address",
    "ipaddress.IPv6Address",
    "pathlib.PosixPath",
    "pathlib.PurePosixPath",
    "re.Pattern",
    "uuid.UUID",
    "zoneinfo.ZoneInfo",
}


def shorten(text: str) -> str:
    """Long text by its beginning and its digest."""
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[: _LONGEST // 2]}... [{len(text)} characters, {digest}]"


def type_name(kind: type) -> str:
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


class Canon:
    """Writes values one after the other; objects keep the numbers they were given first."""

    def __init__(
        self, root: str = "", made: Callable[[types.FunctionType], str] | None = None
    ) -> None:
        self._root = root
        #: Describes a function that was made during the call: its name says how, not what it does.
        self.made = made
        self._numbers: dict[int, int] = {}
        self._keep: list[Any] = []
        self._written: set[int] = set()
        self._named: set[int] = set()
        self._nodes = 0

    def text(self, value: Any) -> str:
        """One value. Objects that are written already are only named."""
        self._nodes = 0
        written = self._write(value, 0)
        return written.replace(self._root, "<root>") if self._root else written

    def call(self, values: Any) -> str:
        """Arguments as they stand in a call."""
        args, kwargs = values
        written = [self.text(value) for value in args]
        written += [f"{name}={self.text(value)}" for name, value in kwargs.items()]
        return "({})".format(", ".join(written))

    def forget_contents(self) -> None:
        """Write contents again, under the numbers that the objects have."""
        self._written = set()

    def finish(self, text: str) -> str:
        """What was written, with numbers on those objects alone that turned up again."""

        def mark(found: re.Match[str]) -> str:
            return f"#{found[1]}=" if int(found[1]) in self._named else ""

        return shorten(_MARK.sub(mark, text))

    def _write(self, value: Any, depth: int) -> str:
        kind = type(value)
        self._nodes += 1
        if kind in _PLAIN:
            return _plain(value)
        if self._nodes > _MOST_NODES or depth > _DEEPEST:
            return "..."
        if kind is tuple:
            return f"({self._items(value, depth)})"
        if isinstance(value, types.FunctionType) and "<locals>" in value.__qualname__:
            return self.made(value) if self.made is not None else "<a function that was made>"
        if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
            return "<{}.{}>".format(getattr(value, "__module__", ""), value.__qualname__)
        if isinstance(value, types.ModuleType):
            return f"<module {value.__name__}>"
        if isinstance(value, enum.Enum):
            return f"{type_name(kind)}.{value.name}"
        if type_name(kind) in _TEXTUAL:
            return repr(value)
        return self._numbered(value, depth)

    def _numbered(self, value: Any, depth: int) -> str:
        unshared = isinstance(value, (tuple, frozenset, str, int, float, bytes, range))
        # One that has attributes may be part of a circle.
        if unshared and not getattr(value, "__dict__", None):
            return self._contents(value, depth)
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._numbers)
            # Held, so that its number is never taken by another object at the same address.
            self._keep.append(value)
        if id(value) in self._written:
            self._named.add(number)
            return f"#{number}"
        self._written.add(id(value))
        return f"\2{number}\3{self._contents(value, depth)}"

    def _contents(self, value: Any, depth: int) -> str:
        kind = type(value)
        name = "" if kind.__module__ == "builtins" else type_name(kind) + " "
        if isinstance(value, dict):
            inner = ", ".join(
                f"{self._write(key, depth + 1)}: {self._write(item, depth + 1)}"
                for key, item in dict.items(value)
            )
            factory = getattr(value, "default_factory", None)
            extra = f" of {self._write(factory, depth + 1)}" if factory else ""
            return f"{name}{{{inner}}}{extra}{self._attributes(value, depth)}"
        for base, form in _SEQUENCES:
            if isinstance(value, base):
                inner = self._items(base.__iter__(value), depth)
                return f"{name}{form % inner}{self._attributes(value, depth)}"
        for unordered in _UNORDERED:
            if isinstance(value, unordered):
                members = [self._write(item, depth + 1) for item in unordered.__iter__(value)]
                return "{}{}{{{}}}".format(name, kind.__name__, ", ".join(sorted(members)))
        for plain in _SUBCLASSED:
            if isinstance(value, plain):
                return name + _plain(plain(value)) + self._attributes(value, depth)
        if kind in _DICT_VIEWS:
            return f"{kind.__name__}({self._items(value, depth)})"
        if isinstance(value, BaseException):
            return f"{type_name(kind)}{self._write(value.args, depth + 1)}"
        return self._instance(value, depth)

    def _instance(self, value: Any, depth: int) -> str:
        kind = type(value)
        if kind.__module__.partition(".")[0] in ("numpy", "pandas"):
            return _scientific(value)
        if isinstance(value, (types.GeneratorType, types.CoroutineType)):
            return f"<{kind.__name__} {value.__qualname__}>"
        attributes = self._attributes(value, depth)
        if attributes or _is_plain_class(kind):
            return f"<{type_name(kind)}{attributes}>"
        try:
            made = value.__reduce_ex__(2)
        except Exception:
            return f"<{type_name(kind)}>"
        if isinstance(made, str):
            return made
        parts = [list(part) if index > 2 and part else part for index, part in enumerate(made)]
        return f"<{type_name(kind)} {self._items(parts, depth)}>"

    def _items(self, values: Any, depth: int) -> str:
        return ", ".join(self._write(item, depth + 1) for item in values)

    def _attributes(self, value: Any, depth: int) -> str:
        found = dict(getattr(value, "__dict__", None) or {})
        for kind in type(value).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if name not in ("__dict__", "__weakref__"):
                    try:
                        found[name] = object.__getattribute__(value, name)
                    except AttributeError:
                        continue
        if not found:
            return ""
        written = (f"{name}={self._write(found[name], depth + 1)}" for name in sorted(found))
        return " " + ", ".join(written)


def _plain(value: Any) -> str:
    # Very long numbers refuse to be written in decimals.
    return hex(value) if type(value) is int and value.bit_length() > 4000 else repr(value)


def _is_plain_class(kind: Any) -> bool:
    """Whether it is made by a class statement that does not say how it is taken apart."""
    names = ("__reduce__", "__reduce_ex__")
    owners = [next(k for k in kind.__mro__ if name in k.__dict__) for name in names]
    return bool(kind.__flags__ & _HEAP_TYPE) and all(owner is object for owner in owners)


def _scientific(value: Any) -> str:
    """Arrays and tables by shape, types and exact contents."""
    name = type_name(type(value))
    try:
        if hasattr(value, "to_numpy"):
            parts = [value.to_numpy().tolist(), list(value.index), str(value.dtypes)]
            parts.append(list(getattr(value, "columns", ())))
            return f"{name} {parts!r}"
        return f"{name} {value.dtype} {value.shape} {value.tolist()!r}"
    except Exception:
        return "{} {}".format(name, _ADDRESS.sub("0x", repr(value)))
