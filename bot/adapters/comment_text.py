"""What a comment says in plain text, read as Markdown is: no code, no quote, no hidden text."""

from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_CHARACTERS = 65_536
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 20}).enable(["table", "strikethrough"])


def spoken_lines(text: str) -> Sequence[str]:
    """The lines that the author says, in order; what comes from code, quotes or HTML is left out.

    If anything but a plain paragraph comes first, nothing is said: a command stands at the start.
    A line that holds code, a link, an image or HTML is not the author's plain word either.
    """
    return tuple(_lines(_MARKDOWN.parse(text[:MAX_CHARACTERS])))


def _lines(tokens: Iterable[Token]) -> Iterator[str]:
    first = True
    opened = ""
    for token in tokens:
        if first and token.type != "paragraph_open":
            return
        first = False
        if token.level == 0:
            opened = token.type
        if token.type == "inline" and opened == "paragraph_open":
            yield from _spoken(token.children or ())


def _spoken(pieces: Iterable[Token]) -> Iterator[str]:
    line: list[str] = []
    plain = True
    for piece in pieces:
        if piece.type in ("softbreak", "hardbreak"):
            yield "".join(line) if plain else ""
            line, plain = [], True
        elif piece.type == "text":
            line.append(piece.content)
        else:
            plain = False
    yield "".join(line) if plain else ""
