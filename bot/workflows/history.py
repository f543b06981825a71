"""Reads what happened before: to a repository, to one improvement, and in production."""

from datetime import datetime

from bot.domain.deployments import Seen
from bot.domain.improvement import Improvement, State
from bot.domain.limits import HAPPENED, History, window
from bot.domain.steering import Steering, steering_of
from bot.ports import Ports

_DEPLOYMENTS = 20
"""How many of the latest deployments are looked at."""


async def history_of(ports: Ports, repository: str) -> History:
    """What limits count in a repository."""
    now = ports.clock.now()
    async with ports.stores() as store:
        # In this order: what is opened between the two reads counts twice, not never.
        improvements = await store.improvements(repository)
        since = now - window(ports.policy.limits)
        events = await store.happened(repository, HAPPENED, since)
    return History(improvements, events, now)


async def recent_events(ports: Ports, repository: str) -> History:
    """The same without the improvements, for what counts events alone."""
    now = ports.clock.now()
    async with ports.stores() as store:
        since = now - window(ports.policy.limits)
        return History((), await store.happened(repository, HAPPENED, since), now)


async def steering_now(ports: Ports, improvement: Improvement) -> Steering:
    """What people have said about an improvement."""
    async with ports.stores() as store:
        return steering_of(await store.events(improvement.id))


async def entered(ports: Ports, improvement: Improvement, state: State) -> datetime:
    """When the improvement came into a state last."""
    async with ports.stores() as store:
        events = await store.events(improvement.id)
    times = [event.at for event in events if event.event_type == f"improvement_{state}"]
    return times[-1] if times else improvement.updated_at


async def deployments_seen(
    ports: Ports, commit: str, after: datetime | None = None
) -> tuple[Seen, ...]:
    """The latest deployments, those after a moment alone if one is given."""
    latest = list(await ports.host.deployments())[-_DEPLOYMENTS:]
    return tuple(
        [
            Seen(one, await ports.host.contains(one.sha, commit))
            for one in latest
            if after is None or one.at > after
        ]
    )
