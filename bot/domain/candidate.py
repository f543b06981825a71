"""Whether a verified candidate becomes a pull request: one judgement over all its evidence."""

from dataclasses import dataclass, field

from bot.domain.benchmark import (
    Benchmark,
    Faster,
    Peaks,
    Same,
    Slower,
    Unmeasured,
    held,
    takes_too_much,
)
from bot.domain.equivalence import Different, Equivalence, Equivalent, Undecided
from bot.domain.outcomes import TestsVerdict, ToolVerdict, Verdict
from bot.domain.patch import Kept, Refused


@dataclass(frozen=True, slots=True)
class ProofResult:
    """A rule's own micro-benchmark, run beside the candidate: the verdict at each size."""

    covers: bool
    by_size: tuple[tuple[int, Benchmark], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the sandbox saw of one candidate.

    `at_scale` is the benchmark with the recorded inputs made longer, `scale` by how much.
    """

    limits: Kept | Refused
    tests: TestsVerdict
    tools: dict[str, ToolVerdict]
    equivalence: Equivalence
    benchmark: Benchmark
    inputs: str = ""
    at_scale: Benchmark = field(default_factory=lambda: Unmeasured("not tried"))
    scale: int = 1
    proof: ProofResult = field(default_factory=lambda: ProofResult(covers=False))
    isolation: str = ""
    peaks: Peaks | None = None


@dataclass(frozen=True, slots=True)
class Propose:
    """Open the pull request; `basis` says what shows that it is faster."""

    basis: str
    why: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Not worth a reviewer's time, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Neither good nor bad can be shown; a person may decide."""

    why: str


Judgement = Propose | Reject | Hold


def judge(evidence: Evidence) -> Judgement:
    """Decide on a candidate: limits, tests, tools, equivalence, then speed, the worst first.

    Tests that have not run yet are inconclusive and never turn a rejection into anything else, so
    a rejection stands however early in the verification it is reached.
    """
    refused = _refusal(evidence)
    if refused:
        return Reject(refused)
    speed = _judge_speed(evidence)
    if isinstance(speed, Propose) and evidence.tests.verdict is Verdict.INCONCLUSIVE:
        return Hold(f"tests are inconclusive: {evidence.tests.why}")
    return speed


def is_promising(evidence: Evidence) -> bool:
    """Whether all that was seen speaks for it, so that tests are worth their time."""
    return not _refusal(evidence) and isinstance(_judge_speed(evidence), Propose)


def _refusal(evidence: Evidence) -> str:
    if isinstance(evidence.limits, Refused):
        return f"limit {evidence.limits.rule}: {evidence.limits.why}"
    if evidence.tests.verdict is Verdict.FAILED:
        named = ", ".join(evidence.tests.newly_failed[:3])
        return f"tests: {evidence.tests.why}" + (f" ({named})" if named else "")
    if isinstance(evidence.equivalence, Different):
        return "it does not behave like the code before"
    for name, verdict in sorted(evidence.tools.items()):
        if verdict.verdict is Verdict.FAILED:
            return f"{name}: {verdict.why}"
    if evidence.peaks is not None and takes_too_much(evidence.peaks):
        return f"memory: {held(evidence.peaks)}"
    return ""


def _judge_speed(evidence: Evidence) -> Judgement:
    """The code in place counts first; the rule's own proof only where nothing was measured."""
    match evidence.benchmark:
        case Slower(speed):
            return Reject(f"slower on recorded calls ({speed.speedup:.2f}x)")
        case Faster(speed):
            return Propose("benchmark", f"{speed.speedup:.2f}x on recorded calls")
        case Same() | Unmeasured():
            return _judge_scaled(evidence)


def _judge_scaled(evidence: Evidence) -> Judgement:
    match evidence.at_scale:
        case Slower(speed):
            return Reject(f"slower on longer inputs ({speed.speedup:.2f}x)")
        case Faster(speed):
            why = f"{speed.speedup:.2f}x on recorded calls made {evidence.scale} times longer"
            return Propose("benchmark-at-scale", why)
        case Same(speed):
            return Reject(f"no gain on recorded calls ({speed.speedup:.2f}x)")
        case Unmeasured():
            return _judge_proof(evidence)


def _judge_proof(evidence: Evidence) -> Judgement:
    if isinstance(evidence.benchmark, Same):
        return Reject(f"no gain on recorded calls ({evidence.benchmark.speed.speedup:.2f}x)")
    for found in (evidence.benchmark, evidence.at_scale):
        if isinstance(found, Unmeasured) and found.speed is not None:
            return Reject(f"no gain could be shown: {found.why} ({found.speed.speedup:.2f}x)")
    proof = evidence.proof
    proven = [size for size, found in proof.by_size if isinstance(found, Faster)]
    if not proof.covers or not proven or len(proven) < len(proof.by_size):
        why = evidence.benchmark.why if isinstance(evidence.benchmark, Unmeasured) else "unmeasured"
        return Reject(f"no gain could be shown: {why}")
    if not isinstance(evidence.equivalence, Equivalent):
        return Hold("neither its speed nor its equivalence could be checked in place")
    return Propose("rule-proof", f"the rule's own proof gains at n = {_sizes(proven)}")


def _sizes(sizes: list[int]) -> str:
    return ", ".join(f"{size:,}" for size in sizes)


def unverified(equivalence: Equivalence) -> str:
    """Why equivalence is not shown, empty if it is."""
    match equivalence:
        case Equivalent():
            return ""
        case Undecided(_, why):
            return why
        case Different():
            return "it differs"
