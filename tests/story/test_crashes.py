"""The process ends at every change that it makes in the whole story, and comes back."""

import gc
import re
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.domain.improvement import State
from tests.adapters.database import server
from tests.conftest import Connection
from tests.fakes.github.state import Issue
from tests.story.killing import Boundary
from tests.story.town import IMPROVEMENT, ONBOARDING, REPO, REVERT, Town, town
from tests.workflows.world import FILE, SLOW

# A process that dies closes nothing; the connections that it leaves are found later.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PARTS = 16
_NAMES = re.compile(r"\b[0-9a-f]{7,40}\b")
_TIMES = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?")


async def whole_story(place: Town) -> None:
    """From the installation to what was learned, and a while longer."""
    place.outside.append(place.agree)

    async def over() -> bool:
        return [one.state for one in await place.improvements()] == [State.REVERTED]

    await place.run(over, at_most=timedelta(hours=6))
    await place.run_for(timedelta(minutes=20))


def said(text: str | None) -> str:
    """A text without what is another in every run."""
    return _TIMES.sub("then", _NAMES.sub("that", text or ""))


async def final_world(place: Town) -> dict[str, Any]:
    """Everything that people see in the end, and what we remember."""
    record = place.fake.repository(REPO)
    (improvement,) = await place.improvements()
    async with place.stores() as store:
        learned = [event.event_type for event in await store.events(improvement.id)]
    head = place.fake.head(REPO)
    assert head is not None
    return {
        "files": place.fake.files(REPO),
        "commits": len(record.git.log(head)),
        "issues": [
            (one.title, said(one.body), one.state, sorted(one.labels), said_in(one))
            for one in record.issues.values()
        ],
        "branches": sorted(record.git.branches()),
        "merged": [place.merged(prefix) for prefix in (ONBOARDING, IMPROVEMENT, REVERT)],
        "ours": (improvement.state, said(improvement.reason), improvement.recovered),
        "learned": learned,
    }


def said_in(issue: Issue) -> list[str]:
    return [said(one.body) for one in issue.comments]


Told = tuple[list[str], dict[str, Any], int]
"""What was changed, the final world, and how often the process died."""


async def told_on(url: str, folder: Path, kill: Boundary | None) -> Told:
    async with town(folder, url, kill=kill) as place:
        await whole_story(place)
        assert not place.queue.parked
        return place.killer.kinds, await final_world(place), place.killer.killed


Tell = Callable[[Path, Boundary | None], Awaitable[Told]]


@pytest.fixture
def told(sqlite_template: Path) -> Tell:
    """Tells the story in a place of its own."""

    async def tell(folder: Path, kill: Boundary | None = None) -> Told:
        folder.mkdir()
        url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'ironclaw.db')}"
        return await told_on(url, folder, kill)

    return tell


@pytest.fixture
def told_on_postgresql(postgresql: Connection, postgresql_template: str) -> Tell:
    """The same with the other database."""

    async def tell(folder: Path, kill: Boundary | None = None) -> Told:
        folder.mkdir()
        with server.database(postgresql, postgresql_template) as name:
            url = server.server_url().set(database=name)
            return await told_on(url.render_as_string(hide_password=False), folder, kill)

    return tell


def boundaries(kinds: list[str]) -> list[Boundary]:
    numbers = range(1, len(kinds) + 1)
    return [Boundary(n, stage) for n in numbers for stage in ("before", "after")]


async def wrongs(
    at: Boundary, folder: Path, tell: Tell, kinds: list[str], world: dict[str, Any]
) -> list[str]:
    """How the story ends otherwise when the process dies there."""
    what = f"{at.stage} {at.number}. {kinds[at.number - 1]}"
    try:
        _, ended, killed = await tell(folder, at)
    except AssertionError as error:
        return [f"{what}: {error}"]
    found = [] if killed == 1 else [f"{what}: it died {killed} times"]
    found += [
        f"{what}: {key} is {ended[key]}, not {world[key]}"
        for key in world
        if ended[key] != world[key]
    ]
    return found


async def die_at(
    chosen: list[Boundary], folder: Path, tell: Tell, kinds: list[str], world: dict[str, Any]
) -> None:
    """Each in a story of its own; every one that ends otherwise is told."""
    wrong = []
    for at in chosen:
        where = folder / f"{at.number}-{at.stage}"
        wrong += await wrongs(at, where, tell, kinds, world)
        shutil.rmtree(where)
    gc.collect()
    assert not wrong, "\n".join(wrong)


async def test_the_story_ends_with_one_of_everything(tmp_path: Path, told: Tell) -> None:
    kinds, world, _ = await told(tmp_path / "story", None)
    assert world["merged"] == [1, 1, 1]
    assert [kinds.count(one) for one in ("pull request", "merge", "revert branch")] == [2, 2, 1]
    assert world["files"][FILE] == SLOW
    assert world["ours"][0] is State.REVERTED
    assert world["ours"][2] is True
    assert len(world["issues"]) == 4


def after_the_end(kinds: list[str]) -> Boundary:
    """When the last state is stored, and nobody was asked yet to show it."""
    stored = max(n for n, kind in enumerate(kinds) if kind == "commit")
    return Boundary(kinds.index("enqueue", stored) + 1, "before")


@pytest.mark.parametrize("seed", range(1))
async def test_a_process_that_dies_somewhere_changes_nothing_of_the_end(
    seed: int, tmp_path: Path, told: Tell
) -> None:
    kinds, world, _ = await told(tmp_path / "story", None)
    chosen = [*Random(seed).sample(boundaries(kinds), 2), after_the_end(kinds)]
    await die_at(chosen[seed:], tmp_path, told, kinds, world)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
async def test_a_process_that_dies_anywhere_changes_nothing_of_the_end(
    part: int, tmp_path: Path, told: Tell
) -> None:
    kinds, world, _ = await told(tmp_path / "story", None)
    await die_at(boundaries(kinds)[part::PARTS], tmp_path, told, kinds, world)


@pytest.mark.soak
async def test_it_ends_alike_on_postgresql(
    tmp_path: Path, told: Tell, told_on_postgresql: Tell
) -> None:
    _, expected, _ = await told(tmp_path / "sqlite", None)
    kinds, world, _ = await told_on_postgresql(tmp_path / "story", None)
    assert world == expected
    chosen = Random(7).sample(boundaries(kinds), 10)
    await die_at(chosen, tmp_path, told_on_postgresql, kinds, world)
