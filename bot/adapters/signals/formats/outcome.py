"""What becomes of a file: recognised with its content, or refused with a reason and a remedy."""

from dataclasses import dataclass, field

from bot.domain.measured import BenchmarkResult
from bot.domain.profile import Profile


@dataclass(frozen=True, slots=True)
class Recognised:
    """The file is of `kind` (`title` for a person) and was read as a whole.

    `notes` are what is odd in it, for a person: what is missing, failed, or was put together.
    """

    kind: str
    title: str
    results: tuple[BenchmarkResult, ...] = ()
    profiles: tuple[Profile, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was read; `why` and what to do about it. `kind` is set if the format was known."""

    why: str
    remedy: str
    kind: str = ""


@dataclass
class Content:
    """What one format's reader found. `empty` says that nothing in it is an answer as well."""

    results: list[BenchmarkResult] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    empty: str = ""


class UnreadableError(Exception):
    """Ends the reading of a file; it becomes `Refused` in `reading.read` and nowhere else."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy
