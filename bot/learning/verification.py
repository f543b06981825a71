"""Tries one candidate beside its base in the sandbox, the cheapest refusal first."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from bot.domain.benchmark import Faster, Measurement, Same, Unmeasured
from bot.domain.callgraph import CallGraph
from bot.domain.candidate import Evidence, ProofResult, Reject, is_promising, judge
from bot.domain.equivalence import (
    Equivalence,
    FunctionRef,
    Recording,
    Undecided,
)
from bot.domain.gate import Refuse, check_rewrite
from bot.domain.outcomes import (
    TestRun,
    TestsVerdict,
    ToolRun,
    ToolVerdict,
    Verdict,
    judge_tool,
)
from bot.domain.patch import Kept, Limits, Patch, Refused, check_limits
from bot.domain.policy import Policy
from bot.domain.rules import Proof
from bot.domain.tree import Tree
from bot.learning.judging import (
    BUDGET_SECONDS,
    SCALE,
    answers_alike,
    measured,
    speed_of,
    tests_beside,
    with_invented,
)
from bot.ports import Ports, Sandbox, SandboxSettings, Workspace

TOOLS = ("ruff", "mypy", "black")
_NOT_RUN = TestsVerdict(Verdict.INCONCLUSIVE, 0, 0, (), (), 0.0, "not run")


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be verified: the patch, the functions it touches and the rule's own proof."""

    patch: Patch
    functions: tuple[FunctionRef, ...]
    proof: Proof | None = None


@dataclass
class Verification:
    """One base tree in the sandbox, and candidates tried beside it one after the other."""

    sandbox: Sandbox
    tree: Tree
    settings: SandboxSettings
    policy: Policy
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _base: Workspace | None = None
    _tests: TestRun | None = None
    _recording: Recording | None = None
    _tools: dict[tuple[str, str], ToolRun] = field(default_factory=dict)
    _sources: tuple[Mapping[str, str], CallGraph] | None = None

    @classmethod
    def of(cls, ports: Ports, tree: Tree) -> Self:
        """A verification with the adapters and the policy of one repository."""
        return cls(ports.sandbox, tree, ports.settings, ports.policy)

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        self._base = await self._stack.enter_async_context(
            self.sandbox.open(self.tree, self.settings)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def base_tests(self) -> TestRun:
        """The base's own test run, once."""
        if self._tests is None:
            self._tests = await self._workspace.run_tests()
        return self._tests

    async def record(self, functions: Sequence[FunctionRef]) -> Recording:
        """Record the calls of all these functions in one run of the tests."""
        self._recording = await self._workspace.record(functions)
        return self._recording

    def sources(self) -> tuple[Mapping[str, str], CallGraph]:
        """The base's Python files by path, and who calls whom in them; read once."""
        if self._sources is None:
            every = {
                file.path: text
                for file in self.tree
                if file.path.endswith(".py") and (text := self.tree.text(file.path)) is not None
            }
            self._sources = every, CallGraph(every)
        return self._sources

    async def verify(self, trial: Trial) -> Evidence:
        """Everything that can be said of one candidate; it ends at the first refusal."""
        evidence = Evidence(
            limits=self._limits(trial),
            tests=_NOT_RUN,
            tools={},
            equivalence=Undecided(0, "not tried"),
            benchmark=Unmeasured("not tried"),
            isolation=self.sandbox.isolation,
        )
        if isinstance(evidence.limits, Refused):
            return evidence
        async with self.sandbox.open(self.tree.with_patch(trial.patch), self.settings) as candidate:
            evidence = await self._try_calls(candidate, trial, evidence)
            if not is_promising(evidence):
                return evidence
            tools = await self._run_tools(candidate, trial.patch)
            evidence = replace(evidence, tools=tools)
            if not is_promising(evidence):
                return evidence
            return replace(evidence, tests=await self._run_tests(candidate))

    @property
    def _workspace(self) -> Workspace:
        if self._base is None:
            message = "a verification is used inside `async with`"
            raise RuntimeError(message)
        return self._base

    def _limits(self, trial: Trial) -> Kept | Refused:
        """Whether it may be run at all: where it changes, how much, and what the new code does."""
        allowed = self.policy.patch
        limits = Limits(lines=allowed.max_lines, bytes=allowed.max_bytes)
        scan = self.policy.scan
        found = check_limits(trial.patch, limits, scan.paths, scan.deny)
        if isinstance(found, Refused):
            return found
        for change in trial.patch.changes:
            named = tuple(one.qualname for one in trial.functions if one.file == change.path)
            gate = check_rewrite(change.before, change.after, named)
            if isinstance(gate, Refuse):
                return Refused(gate.rules[0], gate.why)
        return found

    async def _try_calls(self, candidate: Workspace, trial: Trial, seen: Evidence) -> Evidence:
        recording = await self._recorded(trial.functions)
        seen = await self._try_speed(candidate, recording, trial, seen)
        # Most candidates are right and gain nothing: which answers they give is asked last.
        if isinstance(judge(seen), Reject):
            return seen
        equal = await self._equivalence(candidate, recording, trial.patch)
        return replace(seen, equivalence=equal)

    async def _try_speed(
        self, candidate: Workspace, recording: Recording, trial: Trial, seen: Evidence
    ) -> Evidence:
        timed = await self._measure(candidate, recording, 1)
        found = timed.benchmark
        seen = replace(seen, benchmark=found, inputs=timed.inputs, peaks=timed.peaks)
        if isinstance(found, Same | Unmeasured):
            longer = await self._measure(candidate, recording, SCALE)
            peaks = longer.peaks or timed.peaks
            seen = replace(seen, at_scale=longer.benchmark, scale=SCALE, peaks=peaks)
        # The rule's own proof speaks only where nothing could be timed in place.
        in_place = isinstance(found, Faster | Same) or found.speed is not None
        if trial.proof is not None and not in_place and not isinstance(seen.at_scale, Faster):
            seen = replace(seen, proof=await self._proof(candidate, trial.proof))
        return seen

    async def _recorded(self, functions: tuple[FunctionRef, ...]) -> Recording:
        known = self._recording
        if known is None or not set(functions) <= set(known.functions):
            known = await self._workspace.record(functions)
        return replace(known, functions=functions)

    async def _equivalence(
        self, candidate: Workspace, recording: Recording, patch: Patch
    ) -> Equivalence:
        if not recording.calls:
            return Undecided(0, recording.why or "no test calls the changed function")
        calls = await with_invented(self._workspace, candidate, recording)
        return await answers_alike(self._workspace, candidate, calls, patch.changes[0])

    async def _measure(self, candidate: Workspace, recording: Recording, scale: int) -> Measurement:
        gain = self.policy.patch.minimum_gain
        return await measured(
            self.sandbox, self._workspace, candidate, recording, gain, scale=scale
        )

    async def _proof(self, candidate: Workspace, proof: Proof) -> ProofResult:
        sizes = [
            (
                size,
                speed_of(
                    await self.sandbox.measure_proof(candidate, proof, size, BUDGET_SECONDS / 2),
                    self.policy.patch.minimum_gain,
                ),
            )
            for size in proof.sizes
        ]
        return ProofResult(proof.covers, tuple(sizes))

    async def _run_tools(self, candidate: Workspace, patch: Patch) -> dict[str, ToolVerdict]:
        path = patch.changes[0].path
        verdicts = {}
        for tool in TOOLS:
            if (tool, path) not in self._tools:
                self._tools[tool, path] = await self._workspace.run_tool(tool, (path,))
            verdicts[tool] = judge_tool(
                self._tools[tool, path], await candidate.run_tool(tool, (path,))
            )
        return verdicts

    async def _run_tests(self, candidate: Workspace) -> TestsVerdict:
        base, repeats = await self.base_tests(), self.policy.sandbox.repeats
        return await tests_beside(base, self._workspace, candidate, repeats)
