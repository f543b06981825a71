"""What a deterministic improvement rule states about itself, and one opportunity it saw."""

from dataclasses import dataclass

from bot.domain.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Proof:
    """A rule's own micro-benchmark: the same work before and after, as statements for `timeit`.

    `sizes` are the values of `n` given to `setup`; `covers` says that the gain holds at every
    size above the smallest, so that the proof may stand in where nothing can be measured in place.
    """

    setup: str
    before: str
    after: str
    sizes: tuple[int, ...]
    covers: bool


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule's name, what it does and under which side conditions it is right."""

    id: str
    title: str
    severity: Severity
    why: str
    side_conditions: tuple[str, ...]
    risk: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A finding together with the whole text of its file after the improvement."""

    finding: Finding
    before: str
    after: str
