"""What was found in the code, and the fingerprint by which it is known again."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

_FINGERPRINT_LENGTH = 12
_SPACE = re.compile(r"\s+")
_AROUND_SIGNS = re.compile(r"\s?([^\w\s])\s?")


class Severity(StrEnum):
    """How much the finding is likely to matter where the code is hot."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in the code that could be better, found by one rule.

    `file` is relative to the repository's root with forward slashes; `line` and `end_line`
    are 1-based; `function` is the qualified name inside the module, `<module>` outside any.
    `evidence` says why it matters here (a slow endpoint, say), empty if only the code says so.
    """

    id: str
    rule: str
    file: str
    line: int
    end_line: int
    function: str
    severity: Severity
    description: str
    evidence: str = ""


def fingerprint(rule: str, file: str, function: str, anchor: str, occurrence: int = 0) -> str:
    """Name a finding so that it stays the same when its lines move.

    `anchor` is the source text of the construct found; how it is laid out does not count.
    `occurrence` numbers anchors of one function with the same `layout_free` text, from 0. Returns
    12 hexadecimal digits.
    """
    parts = "\0".join((rule, file, function, layout_free(anchor), str(occurrence)))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:_FINGERPRINT_LENGTH]


def layout_free(source: str) -> str:
    """Source text without the white space that a formatter may add, remove or turn into lines."""
    return _AROUND_SIGNS.sub(r"\1", _SPACE.sub(" ", source)).strip()
