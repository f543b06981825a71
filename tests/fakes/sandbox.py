"""A sandbox that runs nothing: what a tree does is said beforehand, by what is written in it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.domain.benchmark import Round, Timings
from bot.domain.equivalence import FunctionRef, Observation, Recording, Replayed
from bot.domain.outcomes import RunEnd, TestOutcome, TestRun, ToolRun
from bot.domain.rules import Proof
from bot.domain.tree import Tree
from bot.ports import SandboxSettings, UserError, Workspace

_ROUNDS = 9
#: The machine's noise from round to round, the same in every run.
_NOISE = (0.0, 0.01, -0.008, 0.004, -0.002, 0.007, -0.005, 0.003, -0.006)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a tree does: its tests, its tools, what its function answers and how long it takes.

    `answers` are the results by input; no answers means that no test calls the function.
    `refuses` is why the tree's environment cannot be had.
    """

    outcomes: Mapping[str, TestOutcome] = field(
        default_factory=lambda: {"tests/test_it.py::test_it": TestOutcome.PASSED}
    )
    end: RunEnd = RunEnd.COMPLETED
    why: str = ""
    messages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    answers: tuple[str, ...] = ("1", "2", "3")
    reaches: bool = True
    seconds: float = 0.001
    proof_speedup: float = 1.0
    refuses: str = ""


class FakeSandbox:
    """Trees behave as the first rule says whose text is in the file, else as usual."""

    isolation = "fake: nothing is run"

    def __init__(self, usual: Behaviour | None = None) -> None:
        self.usual = usual or Behaviour()
        self.opened: list[Tree] = []
        self.open_now = 0
        self._rules: list[tuple[str, str, Behaviour]] = []

    def when(self, path: str, contains: str, behaviour: Behaviour) -> None:
        """Trees whose file at `path` contains this text behave like that."""
        self._rules.append((path, contains, behaviour))

    def open(self, tree: Tree, settings: SandboxSettings) -> AbstractAsyncContextManager[Workspace]:
        del settings
        return self._open(tree)

    async def measure(
        self, old: Workspace, new: Workspace, recording: Recording, scale: int, seconds: float
    ) -> Timings:
        del seconds
        if not recording.calls:
            return Timings((), why=recording.why)
        before, after = _ours(old).behaviour.seconds, _ours(new).behaviour.seconds
        inputs = f"{recording.calls} recorded calls" + (f", scaled x{scale}" if scale > 1 else "")
        return Timings(_rounds(before, after), inputs)

    async def measure_proof(
        self, workspace: Workspace, proof: Proof, size: int, seconds: float
    ) -> Timings:
        del proof, seconds
        speedup = _ours(workspace).behaviour.proof_speedup
        return Timings(_rounds(0.001, 0.001 / speedup), f"the rule's own proof, n={size}")

    @asynccontextmanager
    async def _open(self, tree: Tree) -> AsyncIterator[Workspace]:
        behaviour = self._behaviour(tree)
        if behaviour.refuses:
            raise UserError(behaviour.refuses, "Name another with --python.")
        self.opened.append(tree)
        self.open_now += 1
        try:
            yield FakeWorkspace(behaviour)
        finally:
            self.open_now -= 1

    def _behaviour(self, tree: Tree) -> Behaviour:
        for path, contains, behaviour in self._rules:
            if contains in (tree.text(path) or ""):
                return behaviour
        return self.usual


@dataclass
class FakeWorkspace:
    """One open tree."""

    behaviour: Behaviour

    async def run_tests(self, *, only: Sequence[str] = ()) -> TestRun:
        known = self.behaviour.outcomes
        outcomes = {test: known[test] for test in known if not only or test in only}
        failed = TestOutcome.FAILED in outcomes.values()
        code = int(failed) if self.behaviour.end is RunEnd.COMPLETED else None
        return TestRun(self.behaviour.end, outcomes, 0.5, code, self.behaviour.why)

    async def record(self, functions: Sequence[FunctionRef]) -> Recording:
        calls = len(self.behaviour.answers)
        counts = tuple((function, calls) for function in functions)
        if not calls:
            return Recording(tuple(functions), 0, b"{}", "no test calls the function", counts)
        return Recording(tuple(functions), calls * len(functions), b"{}", "", counts)

    async def invent(self, recording: Recording, seed: int = 0) -> Recording:
        del seed
        calls = len(self.behaviour.answers)
        counts = tuple((function, calls) for function in recording.functions)
        return replace(recording, calls=calls * len(counts), by_function=counts, why="")

    async def run_tool(self, tool: str, paths: Sequence[str]) -> ToolRun:
        del paths
        if tool not in self.behaviour.messages:
            return ToolRun(RunEnd.NOT_AVAILABLE, why="not configured")
        return ToolRun(RunEnd.COMPLETED, self.behaviour.messages[tool])

    async def replay(self, recording: Recording, lines: Sequence[tuple[int, int]]) -> Replayed:
        del lines
        if not recording.calls:
            return Replayed({}, changed_lines_hit=False, why=recording.why)
        seen = {
            number: Observation(f"f({number})", answer, "")
            for number, answer in enumerate(self.behaviour.answers)
        }
        return Replayed(seen, self.behaviour.reaches)


def _ours(workspace: Workspace) -> FakeWorkspace:
    if not isinstance(workspace, FakeWorkspace):
        raise TypeError("a sandbox measures the workspaces that it has opened")
    return workspace


def _rounds(old: float, new: float) -> tuple[Round, ...]:
    base = [Round(old * (1 + n), new, old * (1 - n)) for n in _NOISE[:_ROUNDS]]
    return tuple(replace(each, new=new * (1 + n / 2)) for each, n in zip(base, _NOISE, strict=True))
