"""Shell lines taken apart: each command with its words, and what is set before it."""

import os
import re
import shlex
from typing import NamedTuple

_SETS = re.compile(r"[A-Z][A-Z0-9_]*=")


class Line(NamedTuple):
    """One command; `sets` are the variables that are set for it or, without words, on their own.

    `reads` is the file of its standard input, or empty.
    """

    sets: dict[str, str]
    words: tuple[str, ...]
    reads: str = ""


def lines(text: str) -> list[Line]:
    """Every command in a block; a line goes on after a backslash and within quotes."""
    found, open_text = [], ""
    for line in text.splitlines():
        open_text += f"{line}\n"
        if line.endswith("\\"):
            continue
        try:
            words = shlex.split(open_text.replace("\\\n", " "), comments=True)
        except ValueError:
            continue  # A quotation is not closed yet.
        if words:
            found.append(_line(words))
        open_text = ""
    assert not open_text.strip(), f"it has no end: {open_text}"
    return found


def _line(words: list[str]) -> Line:
    sets = {}
    if words[0] == "export":
        words = words[1:]
    while words and _SETS.match(words[0]):
        name, _, value = words.pop(0).partition("=")
        sets[name] = value
    kept, reads, rest = [], "", iter(words)
    for word in rest:
        if word in {">", ">>"}:
            next(rest)
        elif word == "<":
            reads = next(rest)
        else:
            kept.append(os.path.expanduser(word))  # noqa: PTH111 - most words are no paths
    return Line(sets, tuple(kept), reads)
