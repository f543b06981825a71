"""The events of one pull request in any order come to what is true on GitHub."""

from datetime import timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.domain.improvement import State
from tests.fakes.github.webhooks import Delivery
from tests.story.town import IMPROVEMENT, REPO, Town, town
from tests.workflows.world import CHECK

if TYPE_CHECKING:
    from collections.abc import Callable

ORDERS = list(permutations(range(4)))


async def opened(place: Town) -> int:
    """The pull request's number; CI is silent so far."""
    place.outside.append(place.agree)
    place.production.check = bool  # type: ignore[method-assign]

    async def is_open() -> bool:
        return [one.state for one in await place.improvements()] == [State.OPEN]

    await place.run(is_open, at_most=timedelta(hours=1))
    (pull,) = place.pulls(IMPROVEMENT)
    return pull.number


def happen(place: Town, number: int, *, closed: bool) -> list[list[Delivery]]:
    """What happens to it, and the deliveries of each."""
    pull = place.fake.pull(REPO, number).pull
    assert pull
    sha, branch = pull.head_sha, pull.head_ref
    acts: list[Callable[[], object]] = [
        lambda: place.fake.label(REPO, number, "nice"),
        lambda: place.fake.report_check(REPO, sha, CHECK, "success"),
        lambda: place.fake.push(REPO, branch, {"foreign.txt": "mine\n"}),
        lambda: place.fake.close(REPO, number) if closed else None,
    ]
    found = []
    for act in acts:
        act()
        found.append(place.fake.webhooks.waiting[:])
        place.fake.webhooks.waiting.clear()
    return found


async def converges(
    order: tuple[int, ...], folder: Path, url: str, *, closed: bool, chance: Random
) -> None:
    async with town(folder, url) as place:
        number = await opened(place)
        events = happen(place, number, closed=closed)
        for which in order:
            for delivery in events[which]:
                place.fake.webhooks.waiting += [delivery] * chance.choice((1, 1, 2))
        await place.run_for(timedelta(minutes=2))
        (improvement,) = await place.improvements()
        assert improvement.state is (State.ABANDONED if closed else State.HELD)
        assert place.merged(IMPROVEMENT) == 0


@pytest.mark.parametrize("closed", [True, False])
async def test_security_6_some_orders_of_events_converge(
    closed: bool, tmp_path: Path, sqlite_url: str
) -> None:
    chance = Random(closed)
    await converges(chance.choice(ORDERS), tmp_path, sqlite_url, closed=closed, chance=chance)


@pytest.mark.soak
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("order", ORDERS)
async def test_security_6_every_order_of_events_converges(
    order: tuple[int, ...], closed: bool, tmp_path: Path, sqlite_url: str
) -> None:
    await converges(order, tmp_path, sqlite_url, closed=closed, chance=Random(str(order)))
