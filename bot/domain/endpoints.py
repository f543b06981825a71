r"""Paths as services and their metrics write them, in one form in which they can be compared.

One reader understands the placeholders of Flask and Django (`<int:id>`), of Starlette, FastAPI,
aiohttp and OpenTelemetry (`{id}`, `{id:path}`, `{id:\d+}`), of Rails-like labels (`:id`) and the
groups of Django's regular expressions (`(?P<id>\d+)`). Nothing is run as a regular expression:
patterns come from the repository that is read, and one can take for ever.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

LONGEST_PATH = 2_000
"""Characters of a pattern or path that are looked at; more is no route."""
_METHOD = re.compile(r"(?P<method>[A-Za-z]{3,9})\s+(?P<path>\S.*)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_COLON_NAME = re.compile(r"[A-Za-z_]\w*")
_DIGITS = re.compile(r"(\\d|\[0-9\])([+*]|\{[\d,]*\})?")
_ASCII_DIGITS = frozenset("0123456789")


class Span(StrEnum):
    """What one placeholder stands for."""

    DIGITS = "digits"
    SEGMENT = "segment"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A named part of a path (`name` is empty where the pattern gives none)."""

    name: str
    span: Span = Span.SEGMENT


Piece = str | Placeholder


@dataclass(frozen=True, slots=True)
class PathShape:
    """A path pattern as literal characters and placeholders, without slashes at its ends."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The shape with `{}` for each placeholder: equal for patterns that differ in names."""
        return "".join(piece if isinstance(piece, str) else "{}" for piece in self.pieces)

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders' names in order."""
        return tuple(piece.name for piece in self.pieces if isinstance(piece, Placeholder))

    @property
    def literal_length(self) -> int:
        """How many characters are not left open: the more, the more specific."""
        return sum(len(piece) for piece in self.pieces if isinstance(piece, str))

    def matches(self, path: str) -> bool:
        """Whether a concrete path fits, in time proportional to both lengths."""
        ends = {0}
        for piece in self.pieces:
            ends = _after(piece, path, ends)
            if not ends:
                return False
        return len(path) in ends


def split_endpoint(label: str) -> tuple[str, str]:
    """The method in capitals ("" where the label has none) and the path without its query."""
    label = label.strip()[:LONGEST_PATH]
    found = _METHOD.fullmatch(label)
    method, path = (found["method"].upper(), found["path"]) if found else ("", label)
    return method, _URL.sub("", path, count=1)


def without_query(path: str) -> str:
    """A concrete path up to its query, without the slashes at its ends."""
    return path.split("?", 1)[0].split("#", 1)[0].strip("/")


def path_shape(pattern: str) -> PathShape:
    """Read a pattern of any framework; what cannot be read stands as literal text."""
    reader = _Reader(pattern[:LONGEST_PATH])
    while reader.at < len(reader.text):
        reader.step()
    return PathShape(_trimmed(reader.pieces))


def join_paths(prefix: str, path: str) -> str:
    """Two parts with one slash between them, as Flask and aiohttp join them."""
    if prefix and path:
        return f"{prefix.rstrip('/')}/{path.lstrip('/')}"
    return prefix or path


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.pieces: list[Piece] = []

    def step(self) -> None:
        rest = self.text[self.at]
        if rest == "<":
            self._closed(">", _angle)
        elif rest == "{":
            self._braces()
        elif rest == "(":
            self._group()
        elif rest == ":" and self.text[self.at - 1 : self.at] == "/":
            self._colon()
        elif rest == "\\":
            self._escape()
        elif rest in "^$?":
            # An anchor, or the mark of what may be absent (`/?`): neither is part of the path.
            self.at += 1
        else:
            self._literal(rest)

    def _literal(self, character: str) -> None:
        self.pieces.append(character)
        self.at += 1

    def _closed(self, end: str, read: Callable[[str], Placeholder]) -> None:
        close = self.text.find(end, self.at)
        if close < 0:
            self._literal(self.text[self.at])
            return
        self.pieces.append(read(self.text[self.at + 1 : close]))
        self.at = close + 1

    def _braces(self) -> None:
        close = _closing(self.text, self.at, "{", "}")
        if close < 0:
            self._literal("{")
            return
        self.pieces.append(_brace(self.text[self.at + 1 : close]))
        self.at = close + 1

    def _group(self) -> None:
        close = _closing(self.text, self.at, "(", ")")
        if close < 0:
            self._literal("(")
            return
        placeholder = _group(self.text[self.at + 1 : close])
        self.at = close + 1
        while self.at < len(self.text) and self.text[self.at] in "?*+":
            self.at += 1
        if placeholder is not None:
            self.pieces.append(placeholder)

    def _colon(self) -> None:
        found = _COLON_NAME.match(self.text, self.at + 1)
        if found is None:
            self._literal(":")
            return
        self.pieces.append(Placeholder(found[0]))
        self.at = found.end()

    def _escape(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 1
        if following in ("Z", "A", "b"):
            self.at += 1
        elif following in ("d", "w", "S"):
            self.at += 1
            self._skip_repeat()
            self.pieces.append(Placeholder("", Span.DIGITS if following == "d" else Span.SEGMENT))
        elif following:
            self._literal(following)

    def _skip_repeat(self) -> None:
        if self.text[self.at : self.at + 1] == "{":
            self.at = max(self.text.find("}", self.at) + 1, self.at + 1)
        while self.text[self.at : self.at + 1] in ("+", "*"):
            self.at += 1


def _angle(inside: str) -> Placeholder:
    converter, _, name = inside.rpartition(":")
    return Placeholder(name.strip(), _span_of_converter(converter.split("(")[0].strip()))


def _brace(inside: str) -> Placeholder:
    name, _, converter = inside.partition(":")
    return Placeholder(
        name.lstrip("*"), _span_of_converter(converter, starred=name.startswith("*"))
    )


def _span_of_converter(converter: str, *, starred: bool = False) -> Span:
    if converter == "int" or _DIGITS.fullmatch(converter):
        return Span.DIGITS
    if starred or converter == "path" or _crosses_slashes(converter):
        return Span.ANYTHING
    return Span.SEGMENT


def _group(inside: str) -> Placeholder | None:
    """A regular expression's group as a placeholder; None for one that takes nothing in."""
    name = ""
    if inside.startswith("?P<") and ">" in inside:
        name, _, inside = inside[3:].partition(">")
    elif inside.startswith("?:"):
        inside = inside[2:]
    elif inside.startswith("?"):
        return None
    if _DIGITS.fullmatch(inside):
        return Placeholder(name, Span.DIGITS)
    return Placeholder(name, Span.ANYTHING if _crosses_slashes(inside) else Span.SEGMENT)


def _crosses_slashes(expression: str) -> bool:
    return any(part in expression for part in (".*", ".+", ".{")) or (
        "[^" in expression and ("/" not in expression)
    )


def _closing(text: str, start: int, opening: str, end: str) -> int:
    """Where the bracket at `start` closes, -1 if never; escaped and bracketed ones do not count."""
    depth, at, inside_set = 0, start, False
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 1
        elif opening == "(" and character in "[]":
            inside_set = character == "["
        elif not inside_set:
            depth += (character == opening) - (character == end)
            if depth == 0:
                return at
        at += 1
    return -1


def _trimmed(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Literals joined, repeated slashes as one, and none at the ends."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, str) and isinstance(last, str):
            if not (piece == "/" and last.endswith("/")):
                found[-1] = last + piece
        else:
            found.append(piece)
    if found and isinstance(found[0], str):
        found[0] = found[0].lstrip("/")
    if found and isinstance(found[-1], str):
        found[-1] = found[-1].rstrip("/")
    return tuple(piece for piece in found if piece != "")


def _after(piece: Piece, path: str, starts: set[int]) -> set[int]:
    """Where a piece can end if it starts at one of `starts`."""
    if isinstance(piece, str):
        return {start + len(piece) for start in starts if path.startswith(piece, start)}
    ends: set[int] = set()
    inside = False
    for at, character in enumerate(path):
        inside = (inside or at in starts) and _fits(piece.span, character)
        if inside:
            ends.add(at + 1)
    return ends


def _fits(span: Span, character: str) -> bool:
    if span is Span.DIGITS:
        return character in _ASCII_DIGITS
    return span is Span.ANYTHING or character != "/"
