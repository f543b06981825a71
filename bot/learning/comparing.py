"""Compares a function before and after a rewrite, with the tests that there are and without."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.domain.benchmark import Measurement, Same, Unmeasured
from bot.domain.comparison import Comparison
from bot.domain.equivalence import (
    Different,
    Equivalence,
    FunctionRef,
    Recording,
    Undecided,
)
from bot.domain.gate import Refuse, check_rewrite
from bot.domain.outcomes import RunEnd, Verdict
from bot.domain.patch import FileChange
from bot.domain.policy import Policy
from bot.domain.tree import Tree
from bot.learning.judging import SCALE, answers_alike, measured, tests_beside, with_invented
from bot.ports import Sandbox, SandboxSettings, Workspace

_NOT_TRIED = Unmeasured("it does not answer like the code before")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two trees that differ in one file alone, and the function in it; `tests` are in both."""

    before: Tree
    after: Tree
    function: FunctionRef
    has_tests: bool

    @property
    def change(self) -> FileChange:
        """The one file before and after."""
        path = self.function.file
        return FileChange(path, self.before.text(path) or "", self.after.text(path) or "")


async def compare(
    sandbox: Sandbox, settings: SandboxSettings, pair: Pair, policy: Policy
) -> Comparison:
    """The gate first; what it refuses is never run. UserError where no tree can be opened."""
    change = pair.change
    gate = check_rewrite(change.before, change.after, (pair.function.qualname,))
    if isinstance(gate, Refuse):
        return Comparison(gate, Undecided(0, "not run"), Unmeasured("not run"))
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(sandbox.open(pair.before, settings))
        candidate = await stack.enter_async_context(sandbox.open(pair.after, settings))
        recorded = Recording((pair.function,), 0, b"")
        if pair.has_tests:
            recorded = await base.record([pair.function])
        calls = await with_invented(base, candidate, recorded)
        equal = await answers_alike(base, candidate, calls, change)
        if pair.has_tests and not isinstance(equal, Different):
            equal = await _tests(base, candidate, equal, policy.sandbox.repeats)
        if isinstance(equal, Different):
            return Comparison(gate, equal, _NOT_TRIED)
        timed = recorded if recorded.calls else calls
        found = await _speed(sandbox, base, candidate, timed, policy.patch.minimum_gain)
    return Comparison(gate, equal, found.benchmark, found.inputs, found.peaks)


async def _tests(
    base: Workspace, candidate: Workspace, seen: Equivalence, repeats: int
) -> Equivalence:
    """A test that fails now and did not before is an answer, too; no end is none."""
    before = await base.run_tests()
    if before.end is not RunEnd.COMPLETED:
        return seen
    judged = await tests_beside(before, base, candidate, repeats)
    if judged.verdict is Verdict.FAILED:
        named = ", ".join(judged.newly_failed[:3]) or judged.why
        return Different(seen.inputs, f"tests that passed before fail: {named}")
    if judged.verdict is Verdict.INCONCLUSIVE and before.passed():
        return Undecided(seen.inputs, f"the tests say nothing of the new code: {judged.why}")
    return seen


async def _speed(
    sandbox: Sandbox, base: Workspace, candidate: Workspace, calls: Recording, minimum_gain: float
) -> Measurement:
    """On the calls as they are; where these are too short to show anything, on longer ones."""
    found = await measured(sandbox, base, candidate, calls, minimum_gain)
    if isinstance(found.benchmark, Same | Unmeasured):
        longer = await measured(sandbox, base, candidate, calls, minimum_gain, scale=SCALE)
        if not isinstance(longer.benchmark, Unmeasured) or isinstance(found.benchmark, Unmeasured):
            return longer
    return found
