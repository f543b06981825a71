"""One step of one improvement: the table from its state to the workflow that may move it."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.domain.improvement import Improvement, State
from bot.ports import Ports, StaleError
from bot.workflows.hold import reconsider
from bot.workflows.land import land
from bot.workflows.learn import remember
from bot.workflows.propose import open_pull_request, verify
from bot.workflows.revert import revert
from bot.workflows.tell import tell
from bot.workflows.watch import deploy, watch

Step = Callable[[Ports, Improvement], Awaitable[Improvement]]

STEPS: Mapping[State, Step] = MappingProxyType(
    {
        State.FOUND: verify,
        State.PROPOSED: open_pull_request,
        State.OPEN: land,
        State.MERGED: deploy,
        State.WATCHING: watch,
        State.REVERTING: revert,
    }
)
"""States without a step wait for a person, or are final.

What is held is looked at again when somebody wakes it, but never goes on by itself.
"""


async def advance(ports: Ports, id: str) -> Improvement | None:
    """Read the current truth, decide once, act once, store the new state; None if unknown.

    Safe to repeat at any moment: every action is idempotent, and when another worker has moved
    the improvement meanwhile its state stands.
    """
    async with ports.stores() as store:
        before = await store.improvement(id)
    if before is None or ports.stopped:
        return before
    step = reconsider if before.state is State.HELD else STEPS.get(before.state)
    after = await step(ports, before) if step else before
    if after is before:
        return before
    await tell(ports, before, after)
    try:
        await remember(ports, before, after)
    except StaleError:
        async with ports.stores() as store:
            return await store.improvement(id)
    return after
