"""Times recorded calls on two trees; what is claimed to be faster is measured twice."""

from bot.domain.benchmark import Benchmark, Faster, Timings, Unmeasured, confirm, judge_speed
from bot.domain.equivalence import Recording
from bot.ports import Sandbox, Workspace

SCALE = 16
"""How many times longer recorded inputs are made where they are too short to show a gain."""
BUDGET_SECONDS = 4.0
"""What one measurement may take; a claimed gain is measured twice."""


async def measured(
    sandbox: Sandbox,
    old: Workspace,
    new: Workspace,
    calls: Recording,
    minimum_gain: float,
    *,
    scale: int = 1,
) -> tuple[Benchmark, str]:
    """The verdict, and what was timed for a person to read."""
    if not calls.calls:
        return Unmeasured(calls.why or "no test calls the changed function"), ""

    async def once() -> Timings:
        return await sandbox.measure(old, new, calls, scale, BUDGET_SECONDS)

    timings = await once()
    found = speed_of(timings, minimum_gain)
    if isinstance(found, Faster):
        found = confirm(found, speed_of(await once(), minimum_gain))
    return found, timings.inputs


def speed_of(timings: Timings, minimum_gain: float) -> Benchmark:
    """The verdict on one measurement."""
    if not timings.rounds:
        return Unmeasured(timings.why or "nothing was timed")
    return judge_speed(timings.rounds, minimum_gain)
