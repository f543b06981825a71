"""What was read from one file of a profiler, a benchmark or a load test."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from bot.domain.measured import BenchmarkResult
from bot.domain.profile import Profile


@dataclass(frozen=True, slots=True)
class IngestedFile:
    """A file's content for one repository; the same bytes are known by their `digest` (SHA-256).

    `kind` is the word of its format and `received_at` when it came, which also stands for the
    moment of what in it names none.
    """

    repository: str
    digest: str
    name: str
    kind: str
    received_at: datetime
    results: tuple[BenchmarkResult, ...] = ()
    profiles: tuple[Profile, ...] = ()


def digest_of(data: bytes, kind: str) -> str:
    """Of the bytes, and of a kind that somebody chose: that may change what they say."""
    return hashlib.sha256(data + b"\0" + kind.encode() if kind else data).hexdigest()
