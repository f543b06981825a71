from dataclasses import replace

from bot.domain.host_events import HostEvent, Topic
from bot.domain.improvement import Improvement, State
from bot.domain.jobs import Advance, Job, LookAtInstallation, LookAtRepository, Obey
from bot.workflows.routing import jobs_for
from tests.domain.samples import an_improvement
from tests.fakes.store import Records, fake_stores

HEAD, MERGE = "a" * 40, "c" * 40
OPEN = an_improvement(State.OPEN, id="open", pull_request=7, head_sha=HEAD, branch="ironclaw/x/1")
WATCHED = an_improvement(State.WATCHING, id="watched", pull_request=8, merge_sha=MERGE)
ELSEWHERE = replace(OPEN, id="elsewhere", repository="octo/other")


async def jobs(event: HostEvent, *known: Improvement) -> list[Job]:
    records = Records({one.id: one for one in known or (OPEN, WATCHED, ELSEWHERE)})
    async with fake_stores(records)() as store:
        return list(await jobs_for(store, event))


def event(topic: Topic, **changes: object) -> HostEvent:
    return HostEvent(topic, repository="octo/sample", **changes)  # type: ignore[arg-type]


async def test_a_check_wakes_who_has_its_pull_request_or_commit_once() -> None:
    assert await jobs(event(Topic.CHECK, pulls=(7,), commits=(HEAD,))) == [Advance("open")]
    assert await jobs(event(Topic.CHECK, commits=(MERGE,))) == [Advance("watched")]
    assert await jobs(event(Topic.CHECK, pulls=(1,), commits=("f" * 40,))) == []


async def test_a_push_to_a_branch_of_ours_wakes_who_lives_there() -> None:
    assert await jobs(event(Topic.PUSH, branch="ironclaw/x/1")) == [Advance("open")]
    assert await jobs(event(Topic.PUSH, branch="main")) == [LookAtRepository("octo/sample")]


async def test_a_deployment_of_any_commit_wakes_who_waits_for_one() -> None:
    assert await jobs(event(Topic.DEPLOYMENT, commits=("f" * 40,))) == [Advance("watched")]


async def test_a_comment_is_to_be_read_by_whoever_owns_the_pull_request() -> None:
    said = event(Topic.COMMENT, action="created", pulls=(7,), comment=3)
    assert await jobs(said) == [Obey("octo/sample", 7, 3)]


async def test_an_installation_is_looked_at_as_a_whole() -> None:
    assert await jobs(HostEvent(Topic.INSTALLATION, installation=5)) == [LookAtInstallation(5)]
