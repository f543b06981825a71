"""Every block of code and every span of it in a page, with the line where it stands."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

SHELL = "shell"


class Block(NamedTuple):
    """`kind` is the language of a fence; what is set in by four columns is shell lines."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def first(self) -> str:
        """Its first line, by which the list of exceptions names it."""
        return self.text.lstrip().partition("\n")[0]


def blocks(page: str, text: str) -> list[Block]:
    return [
        Block(page, (token.map or [0])[0] + 1, _kind(token), token.content)
        for token in MarkdownIt().parse(text)
        if token.type in {"fence", "code_block"}
    ]


def spans(text: str) -> list[str]:
    """What stands between backticks, in tables too."""
    parsed = MarkdownIt().enable("table").parse(text)
    return [token.content for token in _inside(parsed) if token.type == "code_inline"]


def _inside(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inside(token.children or ())


def _kind(token: Token) -> str:
    return SHELL if token.type == "code_block" else token.info
