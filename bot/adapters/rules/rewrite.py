"""Applies edits to a text and lays out the edited statements, leaving every other byte alone."""

import functools
import itertools
import re
import textwrap

import black

from bot.adapters.rules.source import Edit, Source
from bot.ports import Formatting

_MULTILINE = re.compile(r"'''|\"\"\"|\\\r?\n")
_TAB = 8


def rewrite(source: Source, edits: tuple[Edit, ...], formatting: Formatting) -> str | None:
    """The text after the edits, or None if they overlap or would lose a comment."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    if any(left.end > right.start for left, right in itertools.pairwise(ordered)):
        return None
    for edit in ordered:
        lost = source.comments_between(edit.start, edit.end)
        if any(comment not in edit.text for comment in lost):
            return None
    text = source.text
    for edit in reversed(_grouped(source, ordered, formatting)):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _grouped(source: Source, edits: list[Edit], formatting: Formatting) -> list[Edit]:
    """The same edits, those inside one statement merged into its new, laid out text."""
    regions: dict[tuple[int, int], list[Edit]] = {}
    whole: list[Edit] = []
    for edit in edits:
        region = _region(source, edit)
        if region is None:
            whole.append(_native(source, _laid_out_insertion(edit, formatting)))
        else:
            regions.setdefault(region, []).append(edit)
    for (start, end), inside in regions.items():
        new = source.text[start:end]
        for edit in reversed(inside):
            new = new[: edit.start - start] + edit.text + new[edit.end - start :]
        old = source.text[start:end]
        torn = any("\n" in edit.text for edit in inside)
        text = _laid_out(old, new, formatting, torn=torn)
        whole.append(_native(source, Edit(start, end, text)))
    return sorted(whole, key=lambda edit: (edit.start, edit.end))


def _laid_out_insertion(edit: Edit, formatting: Formatting) -> Edit:
    """New lines as black writes them; the blank lines around them are the caller's."""
    lines = edit.text.strip("\n")
    if edit.start != edit.end or _MULTILINE.search(lines):
        return edit
    return Edit(edit.start, edit.end, edit.text.replace(lines, _format(lines, formatting) or lines))


def _native(source: Source, edit: Edit) -> Edit:
    text = edit.text.replace("\r\n", "\n").replace("\n", source.newline)
    return Edit(edit.start, edit.end, text)


def _region(source: Source, edit: Edit) -> tuple[int, int] | None:
    """The lines of the innermost statement (or of its header) that an edit lies inside."""
    if edit.start == edit.end and "\n" in edit.text:
        return None
    best: tuple[int, int] | None = None
    for line, start, end in source.headers:
        inside = start <= edit.start and edit.end <= end and not (edit.start == edit.end == start)
        if inside and (best is None or line >= best[0]):
            best = (line, end)
    return best


def _laid_out(old: str, new: str, formatting: Formatting, *, torn: bool) -> str:
    """Black's layout where the statement had it, and where the edit spoils the old one.

    That is when the edit itself spans lines (`torn`), or when a line grew too long.
    """
    if _MULTILINE.search(new):
        return new
    if torn or _format(old, formatting) == old:
        return _format(new, formatting) or new
    longest = max(map(len, new.split("\n")))
    if longest > formatting.line_length and longest > max(map(len, old.split("\n"))):
        return _format(new, formatting) or new
    return new


@functools.lru_cache(maxsize=256)
def _format(text: str, formatting: Formatting) -> str | None:
    """One statement or header as black writes it at its indentation, or None if it cannot."""
    lines = text.replace("\r\n", "\n")
    indent = lines[: len(lines) - len(lines.lstrip())]
    bare = textwrap.dedent(lines)
    head, tail = ("el", "") if bare.startswith("elif") else ("", "")
    if bare.rstrip().endswith(":"):
        tail = " pass" if "\n" not in bare else "\n    pass"
    mode = black.Mode(
        line_length=max(formatting.line_length - len(indent.expandtabs(_TAB)) - len(head), 20),
        string_normalization=not formatting.skip_string_normalization,
        magic_trailing_comma=not formatting.skip_magic_trailing_comma,
    )
    try:
        done = black.format_str(bare.removeprefix(head) + tail, mode=mode)
    except (ValueError, AssertionError, RecursionError):
        return None
    if tail:
        done = done.rstrip().removesuffix("pass").rstrip()
    return textwrap.indent(head + done.rstrip("\n"), indent)
