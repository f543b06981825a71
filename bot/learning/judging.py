"""Puts one question to two trees: the same answers, the same tests, and how fast."""

from bot.domain.benchmark import (
    Benchmark,
    Faster,
    Measurement,
    Timings,
    Unmeasured,
    confirm,
    judge_speed,
)
from bot.domain.equivalence import Equivalence, Recording, Undecided, judge_equivalence
from bot.domain.outcomes import RunEnd, TestRun, TestsVerdict, judge_tests, suspects
from bot.domain.patch import FileChange, changed_ranges
from bot.ports import Sandbox, Workspace

SCALE = 16
"""How many times longer recorded inputs are made where they are too short to show a gain."""
BUDGET_SECONDS = 4.0
"""What one measurement may take; a claimed gain is measured twice."""


async def with_invented(old: Workspace, new: Workspace, calls: Recording) -> Recording:
    """The calls, and some that nobody has made: those that tell ways through either text apart."""
    return await new.invent(await old.invent(calls), 1)


async def answers_alike(
    old: Workspace, new: Workspace, calls: Recording, change: FileChange
) -> Equivalence:
    """Whether both trees answer the calls, as they are and changed, in the same way."""
    if not calls.calls:
        return Undecided(0, calls.why or "no arguments were found that the function works with")
    before, after = changed_ranges(change)
    first = await old.replay(calls, before)
    again = await old.replay(calls, before)
    return judge_equivalence(first, again, await new.replay(calls, after))


async def tests_beside(base: TestRun, old: Workspace, new: Workspace, repeats: int) -> TestsVerdict:
    """Run the tests of the new tree beside those of the old; what differs is tried again."""
    run = await new.run_tests()
    doubtful = sorted(suspects(base, run)) if run.end is RunEnd.COMPLETED else []
    again = [
        (await old.run_tests(only=doubtful), await new.run_tests(only=doubtful))
        for _ in range(repeats if doubtful else 0)
    ]
    return judge_tests(base, run, tuple(again))


async def measured(
    sandbox: Sandbox,
    old: Workspace,
    new: Workspace,
    calls: Recording,
    minimum_gain: float,
    *,
    scale: int = 1,
) -> Measurement:
    """The verdict, what was timed, and the memory beside it."""
    if not calls.calls:
        return Measurement(Unmeasured(calls.why or "no test calls the changed function"))

    async def once() -> Timings:
        return await sandbox.measure(old, new, calls, scale, BUDGET_SECONDS)

    timings = await once()
    found = speed_of(timings, minimum_gain)
    if isinstance(found, Faster):
        found = confirm(found, speed_of(await once(), minimum_gain))
    return Measurement(found, timings.inputs, timings.peaks)


def speed_of(timings: Timings, minimum_gain: float) -> Benchmark:
    """The verdict on one measurement."""
    if not timings.rounds:
        return Unmeasured(timings.why or "nothing was timed")
    return judge_speed(timings.rounds, minimum_gain)
