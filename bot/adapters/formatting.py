"""Lays out the new lines of a Python text with black, as the project formats its code."""

import black

from bot.domain.patch import FileChange, changed_ranges
from bot.ports import Formatting


def lay_out(before: str, after: str, formatting: Formatting) -> str:
    """The text after with its changed lines as black writes them; what cannot be stays as it is."""
    if "\r" in after or before == after:
        return after
    mode = black.Mode(
        line_length=formatting.line_length,
        string_normalization=not formatting.skip_string_normalization,
        magic_trailing_comma=not formatting.skip_magic_trailing_comma,
    )
    _, lines = changed_ranges(FileChange("", before, after))
    try:
        return black.format_str(after, mode=mode, lines=lines)
    except (ValueError, IndexError, AssertionError, RecursionError):
        # What is no Python is refused by name afterwards.
        return after
