"""Installations and repositories that go away, change or come back while work is under way."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.improvement import State
from tests.security.beginnings import assert_at_rest, pass_checks, to_the_pull_request, wait_for
from tests.story.town import IMPROVEMENT, REPO, Town, town

LONG = timedelta(hours=3)
MOST = 2 * 4
"""Once an hour the installation is asked, with a token, what it gives us; nothing else is tried."""


def asked_of_it(place: Town, since: int) -> list[str]:
    """What was asked as the installation, or to become it; the App's own questions are others."""
    asked = place.fake.requests[since:]
    return [f"{one.method} {one.path}" for one in asked if not is_of_the_app(one.path)]


def is_of_the_app(path: str) -> bool:
    return path in {"/app", "/app/installations", "/app/hook/deliveries"}


async def test_security_10_a_suspended_installation_is_left_alone_until_it_is_back(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        await to_the_pull_request(place)
        place.fake.suspend_installation(REPO)
        pass_checks(place)
        since = len(place.fake.requests)
        await place.run_for(LONG)
        assert place.merged(IMPROVEMENT) == 0
        assert_at_rest(place)
        assert len(asked_of_it(place, since)) <= MOST
        place.fake.suspend_installation(REPO, on=False)
        await wait_for(place, State.KEPT)


async def test_security_13_a_renamed_repository_is_worked_on_under_its_new_name(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        await to_the_pull_request(place)
        place.fake.rename_repository(REPO, "store")
        place.outside.clear()
        place.production.repo = "team/store"
        pass_checks(place)
        await wait_for(place, State.KEPT)
        assert place.merged(IMPROVEMENT) == 1
        assert_at_rest(place)


def nothing_happens_there(place: Town) -> None:
    """No person and no deployment."""
    place.outside.clear()
    place.production.deploy = bool  # type: ignore[method-assign] # for one test
    place.production.next_moment = lambda: None  # type: ignore[method-assign] # for one test


END: dict[str, Callable[[Town], None]] = {
    "archived": lambda place: place.fake.archive_repository(REPO),
    "deleted": lambda place: place.fake.delete_repository(REPO),
    "taken out": lambda place: place.fake.uninstall(REPO),
}


@pytest.mark.parametrize("end", END)
async def test_security_13_a_repository_that_is_gone_is_left_alone(
    tmp_path: Path, sqlite_url: str, end: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        fake = place.fake
        await to_the_pull_request(place)
        pass_checks(place)
        nothing_happens_there(place)
        changed = len([one for one in fake.effect_log if one.api])
        END[end](place)
        await place.settle()
        since = len(fake.requests)
        await place.run_for(LONG)
        assert len([one for one in fake.effect_log if one.api]) == changed
        assert_at_rest(place)
        assert len(asked_of_it(place, since)) <= MOST
