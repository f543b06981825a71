"""Evaluates `${{ }}` as GitHub does; `make contracts` holds it against GitHub's own evaluator."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:0x[0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?))|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[()\[\].,!<>*]))"
)
_WORDS = {"true": True, "false": False, "null": None}


class BadExpressionError(Exception):
    """The expression cannot be read."""


def interpolate(text: str, contexts: Mapping[str, Any]) -> str:
    """A text with each of its expressions replaced by what it comes to."""

    def put(found: re.Match[str]) -> str:
        return as_text(evaluate(found[1], contexts))

    return re.sub(r"\$\{\{(.*?)\}\}", put, text, flags=re.DOTALL)


def evaluate(text: str, contexts: Mapping[str, Any]) -> Any:
    """What one expression comes to; `contexts` may hold functions as well, such as `always`."""
    reader = _Reader(text, contexts)
    value = reader.either()
    if reader.token[1]:
        raise BadExpressionError(f"unexpected {reader.token[1]!r} in {text!r}")
    return value


def truth(value: Any) -> bool:
    """Whether a condition holds."""
    return not (value is None or value is False or value in (0, "") or _is_nan(value))


def as_text(value: Any) -> str:
    """As it is put into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return value if isinstance(value, str) else "Object" if isinstance(value, dict) else "Array"


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _number(value: Any) -> float:
    if value is None or isinstance(value, bool | int | float):
        return float(value or 0)
    if not isinstance(value, str):
        return math.nan
    try:
        return float(int(value, 0)) if value.strip().startswith("0x") else float(value or 0)
    except ValueError:
        return math.nan


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.upper() == other.upper()
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return one is other
    if one is None and other is None:
        return True
    return _number(one) == _number(other)


def _less(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.upper() < other.upper()
    return _number(one) < _number(other)


def _format(pattern: Any, *values: Any) -> str:
    def put(found: re.Match[str]) -> str:
        if found[0] in ("{", "}"):
            raise BadExpressionError(f"a brace stands alone in {as_text(pattern)!r}")
        return found[0][0] if found[1] is None else as_text(values[int(found[1])])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}|[{}]", put, as_text(pattern))


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_same(one, what) for one in where)
    return _plain(where, what) and as_text(what).lower() in as_text(where).lower()


def _join(values: Any, between: Any = ",") -> str:
    if isinstance(values, dict):
        return ""
    every = values if isinstance(values, list) else [values]
    return (as_text(between) if _plain(between) else ",").join(map(as_text, every))


def _begins(text: Any, start: Any) -> bool:
    return _plain(text, start) and as_text(text).upper().startswith(as_text(start).upper())


def _ends(text: Any, end: Any) -> bool:
    return _plain(text, end) and as_text(text).upper().endswith(as_text(end).upper())


def _plain(*values: Any) -> bool:
    """Whether they are texts, or become some."""
    return not any(isinstance(value, dict | list) for value in values)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": _begins,
    "endswith": _ends,
    "format": _format,
    "join": _join,
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": lambda text: json.loads(as_text(text)),
}


class _Reader:
    """Recursive descent over the tokens: or, and, comparison, not, access."""

    def __init__(self, text: str, contexts: Mapping[str, Any]) -> None:
        self._text, self._place, self._contexts = text, 0, contexts
        self.token: tuple[str, str] = ("", "")
        self._next()

    def _next(self) -> tuple[str, str]:
        before = self.token
        if not self._text[self._place :].strip():
            self.token = ("", "")
            return before
        found = _TOKEN.match(self._text, self._place)
        if found is None:
            raise BadExpressionError(f"cannot read {self._text[self._place :]!r}")
        self._place = found.end()
        kind = found.lastgroup or ""
        self.token = (kind, found[kind] or ("''" if kind == "text" else ""))
        return before

    def _take(self, sign: str) -> bool:
        if self.token == ("sign", sign):
            self._next()
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise BadExpressionError(f"{sign} is missing in {self._text!r}")

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if truth(value) else other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = other if truth(value) else value
        return value

    def _compared(self) -> Any:
        value = self._prefixed()
        while self.token[0] == "sign" and self.token[1] in _COMPARE:
            sign = self._next()[1]
            value = _COMPARE[sign](value, self._prefixed())
        return value

    def _prefixed(self) -> Any:
        if self._take("!"):
            return not truth(self._prefixed())
        return self._reached()

    def _reached(self) -> Any:
        value = self._simple()
        while True:
            if self._take("."):
                if self._take("*"):
                    value = _every(value)
                else:
                    kind, name = self._next()
                    if kind != "name":
                        raise BadExpressionError(f"a name is missing in {self._text!r}")
                    value = _at(value, name)
            elif self._take("["):
                value = _at(value, self.either())
                self._need("]")
            else:
                return value

    def _simple(self) -> Any:
        if self._take("("):
            value = self.either()
            self._need(")")
            return value
        kind, text = self._next()
        if kind == "number":
            number = _number(text)
            return int(number) if number.is_integer() else number
        if kind == "text":
            return "" if text == "''" else text.replace("''", "'")
        if kind != "name":
            raise BadExpressionError(f"unexpected {text!r} in {self._text!r}")
        if self._take("("):
            return self._called(text)
        if text in _WORDS:
            return _WORDS[text]
        if text.lower() not in map(str.lower, self._contexts):
            raise BadExpressionError(f"there is no context {text}")
        return _at(self._contexts, text)

    def _called(self, name: str) -> Any:
        given = []
        while not self._take(")"):
            given.append(self.either())
            if not self._take(",") and self.token != ("sign", ")"):
                raise BadExpressionError(f"a comma is missing in {self._text!r}")
        known = _at(self._contexts, name.lower()) or FUNCTIONS.get(name.lower())
        if not callable(known):
            raise BadExpressionError(f"there is no function {name}")
        return known(*given)


def _every(value: Any) -> list[Any]:
    """What `.*` gives: the values of an object, or the elements of a new list."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _at(value: Any, key: Any) -> Any:
    """A property, whichever way its letters are written; null where there is none."""
    if isinstance(value, list):
        if isinstance(key, str):
            return [_at(one, key) for one in value]
        return value[int(key)] if 0 <= key < len(value) else None
    if isinstance(value, Mapping) and isinstance(key, str):
        return next((one for name, one in value.items() if name.lower() == key.lower()), None)
    return None


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _same,
    "!=": lambda one, other: not _same(one, other),
    "<": _less,
    ">": lambda one, other: _less(other, one),
    "<=": lambda one, other: _less(one, other) or _same(one, other),
    ">=": lambda one, other: _less(other, one) or _same(one, other),
}
