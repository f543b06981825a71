"""Foreign text made harmless, and texts kept inside the host's limits, by characters."""

import re
from collections.abc import Iterable, Iterator

BODY_LIMIT = 60_000
"""Of the host's 65,536 characters; what is cut is cut between parts, never inside one."""
TITLE_LIMIT = 120
CHECK_TITLE_LIMIT = 60
STATUS_LIMIT = 140
_TEXT_LIMIT = 2_000
_CODE_LIMIT = 300
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPAN_OR_TEXT = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|[^`]+|`+")
_REFERENCE = r"@(?=\w)|#(?=\w)|:(?=//)|\bGH(?=-)|\bwww(?=\.)"
_REFERENCES = re.compile(_REFERENCE, re.IGNORECASE)
_LIVE = re.compile(rf"(?P<markup>[\\`\[\]*_~])|(?P<sign>[&<|])|{_REFERENCE}", re.IGNORECASE)
_SIGNS = {"&": "&amp;", "<": "&lt;", "|": "&#124;"}
_SKIPS_CI = re.compile(r"\[(?=\s*(?:skip|ci|no|actions)\b)|\*{3}(?=\s*no_ci)", re.IGNORECASE)
_BREAK = "&#8203;"
"""No width: what GitHub would link or act on is not recognised across it."""


def amount(count: int, one: str) -> str:
    """The number with the noun that it counts: `1 finding`, `2 findings`."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def plain(text: str) -> str:
    """Foreign text without control characters, on one line, for a terminal."""
    return " ".join(_CONTROL.sub("", text).split())


def prose(text: str) -> str:
    """Foreign text as one line of Markdown that means nothing but itself.

    Its inline code stays; it mentions, links, closes and hides nothing.
    """
    flat = shortened(plain(text), _TEXT_LIMIT)
    return _SPAN_OR_TEXT.sub(lambda found: code(found[2]) if found[2] else _inert(found[0]), flat)


def _inert(text: str) -> str:
    def escaped(found: re.Match[str]) -> str:
        if found["markup"]:
            return f"\\{found[0]}"
        return _SIGNS[found[0]] if found["sign"] else f"{found[0]}{_BREAK}"

    return _LIVE.sub(escaped, text)


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def bare(text: str) -> str:
    """Foreign text where there is no Markdown: it refers to nobody and steers no CI."""
    flat = shortened(plain(text), _TEXT_LIMIT)
    return _SKIPS_CI.sub("(", _REFERENCES.sub(r"\g<0> ", flat))


def plain_lines(text: str) -> str:
    """The same for several lines, which stay lines."""
    return "\n".join(_CONTROL.sub("", line).rstrip() for line in text.split("\n"))


def code(text: str) -> str:
    """Foreign text as inline code: no control characters, no markup, no mention, one line."""
    flat = shortened(plain(text).replace("<!--", "<! --"), _CODE_LIMIT)
    ticks = "`" * (_longest_run(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}" if flat else "``(empty)``"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def fenced(text: str, language: str = "") -> str:
    """Foreign text as a code block whose fence the text cannot close."""
    clean = _CONTROL.sub("", text).replace("<!--", "<! --")
    fence = "`" * max(3, _longest_run(clean) + 1)
    return f"{fence}{language}\n{clean.rstrip()}\n{fence}"


def cell(markdown: str) -> str:
    """Markdown inside a table: a pipe in inline code is escaped by exactly one backslash."""
    return re.sub(r"\\*\|", r"\\|", markdown)


def fitting(parts: Iterable[str], footer: str = "") -> str:
    """The parts that there is room for, and the footer, which always stays.

    Half a part could leave a fence or a table open, so a part is there as a whole or not at all.
    """
    return "\n\n".join((*_with_room(parts, BODY_LIMIT - len(footer)), *filter(None, (footer,))))


def _with_room(parts: Iterable[str], room: int) -> Iterator[str]:
    for part in filter(None, parts):
        room -= len(part) + 2
        if room < 0:
            yield "Here ends what there is room for."
            return
        yield part


def marker(id: str) -> str:
    """The hidden line by which a text of ours is known again; it is trusted from us alone."""
    return f"<!-- ironclaw:{id} -->\n"
