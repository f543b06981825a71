"""Runs one stored improvement in an isolated copy of the project."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from bot.domain.candidate import Evidence, Hold, Judgement, Propose, Reject, judge
from bot.domain.equivalence import FunctionRef
from bot.domain.improvement import Improvement
from bot.domain.outcomes import Verdict
from bot.domain.reporting import evidence_json
from bot.learning.verification import Trial, Verification
from bot.learning.wiring import ports_for
from bot.ports import Ports, UserError


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """What the sandbox says of an improvement."""

    all_tests_passed: bool
    recommendation: str
    judgement: Judgement
    evidence: Evidence = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "all_tests_passed": self.all_tests_passed,
            "recommendation": self.recommendation,
            **evidence_json(self.evidence),
        }


class TestingSandbox:
    """An isolated temporary copy of the project, gone when the `async with` ends."""

    __test__ = False

    def __init__(self, db_session: Any, *, ports: Ports | None = None) -> None:
        self._ports = ports_for(db_session, ports)
        self._improvement: Improvement | None = None
        self._verification: Verification | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._verification is not None:
            verification, self._verification = self._verification, None
            await verification.__aexit__(kind, error, trace)

    async def apply_improvement(self, improvement_id: str) -> None:
        """Lay out the improvement's base commit; UserError if it is not known or has no patch."""
        async with self._ports.stores() as store:
            improvement = await store.improvement(improvement_id)
        if improvement is None or improvement.patch is None:
            problem = f"improvement {improvement_id!r} is not known, or nothing is generated for it"
            raise UserError(problem, "List the known ones and generate it first.")
        await self.__aexit__(None, None, None)
        tree = await self._ports.host.tree(improvement.base_sha)
        self._verification = await Verification.of(self._ports, tree).__aenter__()
        self._improvement = improvement

    async def run_tests(self) -> SandboxReport:
        """Verify the applied improvement; UserError when none is applied."""
        if self._verification is None or self._improvement is None:
            problem = "no improvement is applied"
            raise UserError(problem, "Call `apply_improvement` inside `async with` first.")
        evidence = await self._verification.verify(trial_of(self._improvement, self._ports))
        return report_of(evidence)


def trial_of(improvement: Improvement, ports: Ports) -> Trial:
    """What there is to verify of an improvement with a patch."""
    finding = improvement.finding
    proofs = {info.id: info.proof for info in ports.rules.infos()}
    functions = () if finding.function == "<module>" else (finding.function,)
    assert improvement.patch is not None  # noqa: S101 - the callers have checked it
    return Trial(
        improvement.patch,
        tuple(FunctionRef(finding.file, name) for name in functions),
        proofs.get(finding.rule),
    )


def report_of(evidence: Evidence) -> SandboxReport:
    """The judgement on the evidence, in words."""
    judgement = judge(evidence)
    passed = evidence.tests.verdict is Verdict.PASSED
    match judgement:
        case Propose(basis, why):
            return SandboxReport(passed, f"propose ({basis}): {why}", judgement, evidence)
        case Reject(why):
            return SandboxReport(passed, f"reject: {why}", judgement, evidence)
        case Hold(why):
            return SandboxReport(passed, f"hold: {why}", judgement, evidence)
