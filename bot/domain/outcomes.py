"""What a tool run on one tree says, and the verdict on a candidate beside its base.

What failed before is not blamed on the candidate; what newly fails is. A missing answer on either
side is never a pass.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class TestOutcome(StrEnum):
    """How one test ended."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class RunEnd(StrEnum):
    """How a run in the sandbox ended as a whole."""

    COMPLETED = "completed"
    TIMED_OUT = "timed-out"
    KILLED = "killed"
    NOT_AVAILABLE = "not-available"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of a test suite: the outcome of every test by its node id.

    `why` explains any end but COMPLETED, and a completed run without a usable report.
    `order_seed` is what the run was started with, `output` the last lines it printed.
    """

    __test__ = False

    end: RunEnd
    outcomes: Mapping[str, TestOutcome] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
    exit_code: int | None = None
    why: str = ""
    output: str = field(default="", repr=False)

    def failed(self) -> frozenset[str]:
        """The node ids of the tests that failed."""
        return frozenset(n for n, end in self.outcomes.items() if end is TestOutcome.FAILED)

    def passed(self) -> frozenset[str]:
        """The node ids of the tests that passed."""
        return frozenset(n for n, end in self.outcomes.items() if end is TestOutcome.PASSED)


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One run of a linter, type checker or formatter: messages without line numbers, counted."""

    end: RunEnd
    messages: Mapping[str, int] = field(default_factory=dict, repr=False)
    why: str = ""


class Verdict(StrEnum):
    """Pass, fail, or not enough to say: three different things."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class TestsVerdict:
    """The candidate's tests beside the base's."""

    __test__ = False

    verdict: Verdict
    passed: int
    failed: int
    newly_failed: tuple[str, ...]
    flaky: tuple[str, ...]
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class ToolVerdict:
    """One tool's messages beside the base's: `new` are those that the base does not have."""

    verdict: Verdict
    new: tuple[str, ...]
    why: str


def suspects(base: TestRun, candidate: TestRun) -> frozenset[str]:
    """The tests to repeat before anybody is blamed: passed on the base, not passed now."""
    return base.passed() - candidate.passed()


def judge_tests(
    base: TestRun, candidate: TestRun, repeats: tuple[tuple[TestRun, TestRun], ...] = ()
) -> TestsVerdict:
    """Compare two runs of one test suite.

    `repeats` are (base, candidate) runs of the suspects alone. A suspect that passes on the
    candidate after all is flaky; one that never does is newly failed, unless it fails on the base
    too when it runs alone: then nobody can say. Without any test that passed on the base the
    verdict is inconclusive.
    """

    def verdict(
        kind: Verdict, why: str, new: tuple[str, ...] = (), flaky: tuple[str, ...] = ()
    ) -> TestsVerdict:
        failed = len(candidate.failed())
        return TestsVerdict(
            kind, len(candidate.passed()), failed, new, flaky, candidate.seconds, why
        )

    if base.end is not RunEnd.COMPLETED:
        return verdict(Verdict.INCONCLUSIVE, f"the base's tests did not complete: {base.why}")
    if not base.passed():
        return verdict(Verdict.INCONCLUSIVE, "no test passes on the base")
    if candidate.end is not RunEnd.COMPLETED:
        return verdict(Verdict.FAILED, f"the tests did not complete: {candidate.why}")
    doubtful = suspects(base, candidate)
    flaky = tuple(sorted(doubtful & _union(candidate.passed() for _, candidate in repeats)))
    unclear = (doubtful - frozenset(flaky)) & _union(base.failed() for base, _ in repeats)
    new = tuple(sorted(doubtful - unclear - frozenset(flaky)))
    if new:
        return verdict(Verdict.FAILED, f"{len(new)} tests newly fail", new, flaky)
    if unclear:
        why = f"{len(unclear)} tests fail, and on the base they fail too when they run alone"
        return verdict(Verdict.INCONCLUSIVE, why, new, flaky)
    if flaky and len(flaky) == len(base.passed()):
        return verdict(Verdict.INCONCLUSIVE, "every test is flaky", new, flaky)
    return verdict(Verdict.PASSED, "no test newly fails", new, flaky)


def judge_tool(base: ToolRun, candidate: ToolRun) -> ToolVerdict:
    """Compare two runs of one tool; more of a message than the base has is new.

    A tool that answers on the base and breaks on the candidate fails it.
    """
    if base.end is not RunEnd.COMPLETED:
        return ToolVerdict(Verdict.INCONCLUSIVE, (), base.why or "not run on the base")
    if candidate.end is RunEnd.NOT_AVAILABLE:
        return ToolVerdict(Verdict.INCONCLUSIVE, (), candidate.why or "not run")
    if candidate.end is not RunEnd.COMPLETED:
        return ToolVerdict(Verdict.FAILED, (), candidate.why or f"it ended as {candidate.end}")
    new = tuple(
        sorted(m for m, count in candidate.messages.items() if count > base.messages.get(m, 0))
    )
    if new:
        return ToolVerdict(Verdict.FAILED, new, f"{len(new)} new messages")
    return ToolVerdict(Verdict.PASSED, (), "nothing new")


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
