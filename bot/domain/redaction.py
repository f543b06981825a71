"""Takes secrets out of text before a person, a log or a model sees it.

A secret is known by its shape, so that one nobody told us of is hidden too. Lengths have no upper
bound: an installation token may be 40 characters or several hundred, with dots and dashes.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = "[hidden]"

# A letter or digit before it makes it the middle of a word, unless that belongs to an escape, as
# in a URL or in the repr of a text.
_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf])|(?<=\\x[0-9a-f]{2}))"

_PRIVATE_KEY = (
    r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY-----"
    r"(?:(?!-----BEGIN).)*?(?:-----END[ A-Z0-9]{0,40}PRIVATE KEY-----|(?=-----BEGIN)|\Z)"
)
_SHAPES = re.compile(
    "|".join(
        (
            _PRIVATE_KEY,
            _START + r"gh[a-z]_[A-Za-z0-9_.\-]{16,}",
            _START + r"github_pat_[A-Za-z0-9_]{16,}",
            _START + r"v[0-9]\.[0-9a-f]{40}(?![0-9a-f])",  # GitHub's former installation tokens
            _START + r"ironclaw_[0-9a-f]{12}_[A-Za-z0-9_\-]{16,}",
            _START + r"sk-[A-Za-z0-9_\-]{16,}",
            _START + r"eyJ[A-Za-z0-9_\-]{6,}\.[A-Za-z0-9_\-]{4,}(?:\.[A-Za-z0-9_\-]*)?",
        )
    ),
    re.DOTALL,
)
_URL_PASSWORD = re.compile(
    r"(?P<kept>(?<![A-Za-z0-9+.\-])[A-Za-z][A-Za-z0-9+.\-]{0,30}://)(?!git@)[^\s/?#]*@"
)
_HEADER = re.compile(
    r"(?P<kept>authorization[\"']?\s{0,5}[:=,]\s{0,5}b?[\"']?)"
    r"(?P<scheme>(?:bearer|basic|token)\s{1,5}(?=[^\s\"',;])|(?=[^\s\"',;]{20}))[^\s\"',;]+",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    r"(?P<kept>\b(?i:bearer|basic|token)\s{1,5})"
    r"(?=[A-Za-z._~+/\-]*[0-9A-Z=])[A-Za-z0-9._~+/\-]{16,}=*"
)
_PARAMETER = re.compile(
    r"(?P<kept>[?&](?:(?:access_|refresh_)?token|client_secret|code|sig|signature|"
    r"x-amz-signature)=)[^&\s\"'<>)\]]+",
    re.IGNORECASE,
)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text without anything of a secret's shape, and without the `known` secrets."""
    for secret in sorted(filter(None, known), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _SHAPES.sub(HIDDEN, text)
    text = _URL_PASSWORD.sub(rf"\g<kept>{HIDDEN}@", text)
    text = _PARAMETER.sub(rf"\g<kept>{HIDDEN}", text)
    text = _HEADER.sub(rf"\g<kept>\g<scheme>{HIDDEN}", text)
    return _SCHEME.sub(rf"\g<kept>{HIDDEN}", text)


def redacted(value: Any) -> Any:
    """A value of JSON's kinds with each of its texts, keys too, as `redact` leaves it."""
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {redacted(name): redacted(one) for name, one in value.items()}
        case list() | tuple():
            return [redacted(one) for one in value]
        case _:
            return value
