"""What people say while nobody listens is answered once somebody does again."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.improvement import State
from tests.story.town import IMPROVEMENT, POLICY, REPO, Town, town

_FILE = ".github/ironclaw.yml"


async def an_open_one(place: Town) -> int:
    """The pull request's number; CI is silent."""
    place.outside.append(place.agree)
    place.production.check = bool  # type: ignore[method-assign]

    async def is_open() -> bool:
        return [one.state for one in await place.improvements()] == [State.OPEN]

    await place.run(is_open, at_most=timedelta(hours=1))
    return place.pulls(IMPROVEMENT)[0].number


def switch(place: Town, way: str, *, on: bool) -> None:
    if way == "suspended":
        place.fake.suspend_installation(REPO, on=on)
    else:
        limits = f"limits:\n  stopped: {str(on).lower()}\n"
        place.fake.push(REPO, "main", {_FILE: POLICY + limits})


@pytest.mark.parametrize("way", ["suspended", "stopped"])
async def test_a_command_is_answered_once_it_can_be(
    way: str, tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number = await an_open_one(place)
        switch(place, way, on=True)
        await place.settle()
        place.fake.comment(REPO, number, "ada", "/ironclaw status")
        place.fake.comment(REPO, number, "ada", "/ironclaw hold")
        await place.run_for(timedelta(minutes=3))
        (improvement,) = await place.improvements()
        assert improvement.state is State.OPEN
        switch(place, way, on=False)
        await place.run_for(timedelta(minutes=1))
        (improvement,) = await place.improvements()
        assert (improvement.state, improvement.reason) == (State.HELD, "ada holds it")
        said = [one.body for one in place.fake.pull(REPO, number).comments]
        assert sum("ironclaw:comment:reply" in one for one in said) == 1, said
