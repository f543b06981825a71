"""Reads how a project formats its code from its own pyproject.toml."""

import tomllib

from bot.ports import Formatting

_MIN, _MAX = 40, 400


def formatting_of(pyproject: str) -> Formatting:
    """The line length and string style that the project states, our defaults otherwise."""
    try:
        tools = tomllib.loads(pyproject).get("tool", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return Formatting()
    black, ruff = _table(tools, "black"), _table(tools, "ruff")
    ruff_format = _table(ruff, "format")
    stated = black.get("line-length", ruff.get("line-length"))
    length = stated if isinstance(stated, int) and _MIN <= stated <= _MAX else None
    normalizes = bool(black) and not black.get("skip-string-normalization", False)
    if not black and ruff_format:
        normalizes = ruff_format.get("quote-style", "double") == "double"
    return Formatting(
        line_length=length or Formatting().line_length,
        skip_string_normalization=not normalizes,
        skip_magic_trailing_comma=bool(
            black.get("skip-magic-trailing-comma", ruff_format.get("skip-magic-trailing-comma"))
        ),
    )


def _table(tools: object, name: str) -> dict[str, object]:
    found = tools.get(name) if isinstance(tools, dict) else None
    return found if isinstance(found, dict) else {}
