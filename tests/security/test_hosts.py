"""Installations and repositories that go away, change or come back while work is under way."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.database import make_engine
from bot.domain.improvement import State
from bot.domain.viewing import Viewer
from bot.entrypoints.web.dashboard.acts import Whole, set_whole
from tests.fakes.github.webhooks import DeliveryFault
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


async def test_security_21_a_pause_outlasts_the_name_of_the_repository(
    tmp_path: Path, sqlite_url: str
) -> None:
    engine, ada = make_engine(sqlite_url), Viewer("ada", "ada")
    async with town(tmp_path, sqlite_url) as place:
        await to_the_pull_request(place)
        await set_whole(engine, ada, Whole.PAUSE, REPO, place.clock.now())
        place.fake.rename_repository(REPO, "store")
        place.outside.clear()
        place.production.repo = "team/store"
        pass_checks(place)
        await place.run_for(LONG)
        assert place.merged(IMPROVEMENT) == 0
        await set_whole(engine, ada, Whole.RESUME, "team/store", place.clock.now())
        await wait_for(place, State.KEPT)
        assert_at_rest(place)
    await engine.dispose()


async def test_security_21_a_pause_counts_before_we_have_heard_of_a_new_name(
    tmp_path: Path, sqlite_url: str
) -> None:
    engine, ada = make_engine(sqlite_url), Viewer("ada", "ada")
    async with town(tmp_path, sqlite_url) as place:
        await to_the_pull_request(place)
        await set_whole(engine, ada, Whole.PAUSE, REPO, place.clock.now())
        place.fake.webhooks.faults.append(DeliveryFault("held", "repository"))
        place.fake.rename_repository(REPO, "store")
        place.outside.clear()
        place.production.repo = "team/store"
        pass_checks(place)
        await place.run_for(timedelta(minutes=5))
        assert place.merged(IMPROVEMENT) == 0
    await engine.dispose()


async def test_security_35_who_gets_a_name_gets_nothing_of_who_had_it_before(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        await to_the_pull_request(place)
        nothing_happens_there(place)
        first = place.fake.repository(REPO).id
        place.fake.delete_repository(REPO)
        await place.settle()
        place.fake.create_repository(REPO, {"README.md": "Another one.\n"})
        await place.run_for(LONG)
        (one,) = await place.improvements()
        assert (one.repository, one.state) == (f"{REPO}~{first}", State.OPEN)
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
