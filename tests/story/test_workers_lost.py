"""One of three workers dies or stands still somewhere in the whole story: nobody sees it."""

import asyncio
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.database import make_engine, store_factory
from bot.domain.improvement import Improvement, State
from tests.adapters.database import server
from tests.conftest import Connection
from tests.fakes.github import FakeGitHub
from tests.fakes.github.state import Issue
from tests.story.processes import environment, free_port, supervised
from tests.story.striking import PHASES, Moment, Striker
from tests.story.test_whole_loop import REPO, SEVERAL, Story, to_the_merge, to_the_recovery

SEEDS = range(2 * len(PHASES))
_NUMBERS = re.compile(r"\d+(\.\d+)?|\b[0-9a-f]{7,40}\b")
World = dict[str, Any]


@contextmanager
def database(connection: Connection, template: str) -> Iterator[str]:
    with server.database(connection, template) as name:
        yield server.server_url().set(database=name).render_as_string(hide_password=False)


def told(folder: Path, url: str, strike: tuple[Moment, signal.Signals] | None = None) -> World:
    """The whole story with three workers, and the world in the end."""
    port, log = free_port(), folder / "ironclaw.log"
    fake = FakeGitHub(folder / "github", background=True)
    fake.hub.webhooks.url = f"http://127.0.0.1:{port}/webhooks/github"
    settings = environment(fake, url, folder / "data", port)
    striker = Striker(fake, *strike) if strike else None
    with fake, ExitStack() as processes:
        story = Story(fake, port, log)
        started = [processes.enter_context(supervised(one, settings, log)) for one in SEVERAL]
        story.wait("it starts", lambda: log.read_text().count("Ironclaw works as") >= 3)
        with striker.at_work(started[1:], log) if striker else nullcontext():
            to_the_merge(story)
            to_the_recovery(story)
            story.wait("its end is stored", lambda: kept(url)[0].state is State.REVERTED)
        return world_of(fake, url)


def kept(url: str) -> tuple[Improvement, list[str]]:
    """The one improvement, and what was learned of it."""

    async def read() -> tuple[Improvement, list[str]]:
        engine = make_engine(url)
        async with store_factory(engine)() as store:
            (improvement,) = await store.improvements()
            learned = [event.event_type for event in await store.events(improvement.id)]
        await engine.dispose()
        return improvement, learned

    return asyncio.run(read())


def world_of(fake: FakeGitHub, url: str) -> World:
    """Everything of which there may be too much or too little."""
    record = fake.repository(REPO)
    head = fake.head(REPO)
    assert head is not None
    improvement, learned = kept(url)
    shown = [(one.name, one.sha) for one in record.runs.values() if one.name == "ironclaw"]
    return {
        "files": fake.files(REPO),
        "commits": len(record.git.log(head)),
        "branches": sorted(_NUMBERS.sub("N", one) for one in record.git.branches()),
        "issues": [seen(one) for one in record.issues.values()],
        "check runs": len(shown) - len(set(shown)),
        "ours": (improvement.state, improvement.recovered),
        "learned": learned,
    }


def seen(issue: Issue) -> tuple[object, ...]:
    begins = [_NUMBERS.sub("N", one.body.strip().split("\n")[0]) for one in issue.comments]
    merged = bool(issue.pull and issue.pull.merged_at)
    return issue.title, issue.state, sorted(issue.labels), merged, begins


@pytest.fixture(scope="module")
def calm(
    tmp_path_factory: pytest.TempPathFactory, postgresql: Connection, postgresql_template: str
) -> World:
    """The end when nothing happens to anybody."""
    with database(postgresql, postgresql_template) as url:
        world = told(tmp_path_factory.mktemp("calm"), url)
    assert [one[3] for one in world["issues"] if one[3]] == [True] * 3
    return world


@pytest.mark.soak
@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_worker_that_is_lost_changes_nothing_of_the_end(
    seed: int, way: signal.Signals, calm: World, tmp_path: Path, postgresql_url: str
) -> None:
    moment = Moment.of(seed)
    assert told(tmp_path, postgresql_url, (moment, way)) == calm, moment
