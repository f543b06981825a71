"""Tries a commit beside another: tests, tools, and the functions that it changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.action.change import (
    MOST_FUNCTIONS,
    ChangeSeen,
    FunctionSeen,
    changed_files,
    changed_functions,
)
from bot.domain.benchmark import Unmeasured
from bot.domain.equivalence import FunctionRef, Recording, Undecided
from bot.domain.gate import check_rewrite
from bot.domain.outcomes import (
    RunEnd,
    TestOutcome,
    TestRun,
    TestsVerdict,
    ToolVerdict,
    judge_tests,
    judge_tool,
    suspects,
)
from bot.domain.patch import FileChange
from bot.domain.policy import Policy
from bot.domain.tree import Tree
from bot.learning.judging import answers_alike, measured, with_invented
from bot.learning.verification import TOOLS
from bot.ports import Sandbox, SandboxSettings, Workspace


@dataclass(frozen=True, slots=True)
class _Sides:
    sandbox: Sandbox
    policy: Policy
    old: Workspace
    new: Workspace


async def verify_change(
    sandbox: Sandbox, settings: SandboxSettings, policy: Policy, base: Tree, head: Tree
) -> ChangeSeen:
    """Everything that the sandbox shows of `head` beside `base`."""
    changes = changed_files(base, head)
    every = [(change, name) for change in changes for name in changed_functions(change)]
    async with sandbox.open(base, settings) as old, sandbox.open(head, settings) as new:
        sides = _Sides(sandbox, policy, old, new)
        tests = await _tests(sides)
        tools = await _tools(sides, changes, base)
        functions = await _functions(sides, every[:MOST_FUNCTIONS])
    left_out = max(0, len(every) - MOST_FUNCTIONS)
    return ChangeSeen(tests, tools, functions, left_out, sandbox.isolation)


async def _tests(sides: _Sides) -> TestsVerdict:
    """A test that is gone is no failure, and a new one that fails is."""
    base, run = await sides.old.run_tests(), await sides.new.run_tests()
    if run.end is not RunEnd.COMPLETED:
        return judge_tests(base, run)
    beside = _beside(base, run)
    doubtful = sorted(suspects(beside, run))
    known = [name for name in doubtful if name in base.outcomes]
    again = [
        (
            await sides.old.run_tests(only=known) if known else TestRun(RunEnd.COMPLETED),
            await sides.new.run_tests(only=doubtful),
        )
        for _ in range(sides.policy.sandbox.repeats if doubtful else 0)
    ]
    return judge_tests(beside, run, tuple(again))


def _beside(base: TestRun, run: TestRun) -> TestRun:
    """The base's run with the tests of the other, those that it did not have as passed."""
    if base.end is not RunEnd.COMPLETED:
        return base
    outcomes = {
        name: base.outcomes.get(name, TestOutcome.PASSED)
        for name in run.outcomes
        if name in base.outcomes or name in run.failed() or name in run.passed()
    }
    return replace(base, outcomes=outcomes)


async def _tools(
    sides: _Sides, changes: Sequence[FileChange], base: Tree
) -> tuple[tuple[str, ToolVerdict], ...]:
    after = tuple(change.path for change in changes)
    before = tuple(path for path in after if path in base.files)
    if not before:
        return ()
    return tuple(
        [
            (
                tool,
                judge_tool(
                    await sides.old.run_tool(tool, before), await sides.new.run_tool(tool, after)
                ),
            )
            for tool in TOOLS
        ]
    )


async def _functions(
    sides: _Sides, every: Sequence[tuple[FileChange, str]]
) -> tuple[FunctionSeen, ...]:
    if not every:
        return ()
    refs = tuple(FunctionRef(change.path, name) for change, name in every)
    recording = await sides.old.record(refs)
    return tuple([await _function(sides, recording, change, name) for change, name in every])


async def _function(
    sides: _Sides, recording: Recording, change: FileChange, name: str
) -> FunctionSeen:
    ref = FunctionRef(change.path, name)
    gate = check_rewrite(change.before, change.after, (name,))
    calls = replace(recording, functions=(ref,))
    if not dict(recording.by_function).get(ref):
        why = recording.why or "no test calls it"
        return FunctionSeen(ref, gate, Undecided(0, why), Unmeasured(why))
    gain = sides.policy.patch.minimum_gain
    timed = await measured(sides.sandbox, sides.old, sides.new, calls, gain)
    invented = await with_invented(sides.old, sides.new, calls)
    return FunctionSeen(
        ref, gate, await answers_alike(sides.old, sides.new, invented, change), timed.benchmark
    )
