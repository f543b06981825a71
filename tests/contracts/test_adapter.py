"""What our adapter asks of GitHub, against the official descriptions of what can be asked."""

import json
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from bot.adapters.github.app import GitHubApp
from bot.adapters.github.forum import GitHubForum
from bot.adapters.github.webhooks import translate
from bot.domain.host_events import HostEvent, Topic
from bot.domain.pulls import Conclusion, Merged, Queued, RevertOpened
from bot.domain.talk import Reaction, Standing, StatusLine
from tests.adapters.codehost_contract import a_draft
from tests.adapters.github.test_trees import commit_special_files
from tests.adapters.github.world import NAME, GitHubWorld, github_world
from tests.contracts import official
from tests.contracts.validating import rest_complaints
from tests.fakes.github.server import Recorded

pytestmark = pytest.mark.contracts

WAITING = StatusLine(Standing.WAITING, "Waiting for `tests`", "It has not reported.")
DONE = StatusLine(Standing.DONE, "Merged", "It is merged.")


@pytest.fixture
async def asked(tmp_path: Path) -> list[Recorded]:
    """Every request of a story in which the adapter does everything that it can."""
    async with github_world(tmp_path) as world:
        await everything(world)
        return [one for one in world.fake.requests if "_codeload" not in one.path]


async def everything(world: GitHubWorld) -> None:
    commit_special_files(world)
    world.set_check("tests", Conclusion.SUCCESS)
    pull = await world.host.open_pull_request(await a_draft(world, labels=("performance",)))
    await world.host.request_checks(pull.number)
    await world.review(pull.number, "ada", approved=True)
    await talk(world, pull.number, pull.head_sha)
    await world.host.tree(pull.head_sha)
    await let_wait(world)
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), Merged)
    world.fake.deploy(NAME)
    (deployment,) = await world.host.deployments()
    assert await world.host.contains(deployment.sha, pull.head_sha)
    opened = await world.host.open_revert(pull.number, "slower")
    assert isinstance(opened, RevertOpened)
    await world.host.close(opened.pull.number, "by hand")
    await the_app(world)


async def talk(world: GitHubWorld, number: int, sha: str) -> None:
    forum = GitHubForum(world.access, world.identity)
    comment = world.fake.comment(NAME, number, "ada", "/ironclaw help")
    world.clock.advance(seconds=60)
    world.fake.edit_comment(NAME, comment, "bob", "/ironclaw status")
    await forum.comments(number, world.clock.now())
    await forum.read_comment(number, comment)
    await forum.react(comment, Reaction.SEEN)
    await forum.ratings(number)
    await forum.label(number, add=["new", "a b/c"], remove=["performance"])
    await forum.permission("ada")
    for text in ("- [ ] one", "- [x] one"):
        await forum.write_issue("dashboard", "Ironclaw", text, is_open=text == "- [ ] one")
    await forum.issue("dashboard")
    for line in (WAITING, DONE):
        await forum.show_status(number, sha, "status", line)
    for text in ("measuring", "measured"):
        await world.host.comment(number, "status", text)


async def let_wait(world: GitHubWorld) -> None:
    """Queue a second pull request, and let a third merge by itself; then take both back."""
    for number, has_queue in enumerate((True, False)):
        draft = await a_draft(world, branch=f"ironclaw/wait/{number}", after=f"x = {number + 5}\n")
        pull = await world.host.open_pull_request(draft)
        world.record.allow_auto_merge = True
        world.fake.set_required_checks(NAME, "more", merge_queue=has_queue)
        if has_queue:
            world.fake.report_check(NAME, pull.head_sha, "more", "success")
        assert isinstance(await world.host.merge(pull.number, pull.head_sha), Queued)
        await world.host_of(NAME).stop_merging(pull.number)
        world.fake.clear_rules(NAME)
        world.record.allow_auto_merge = False


async def the_app(world: GitHubWorld) -> None:
    app = GitHubApp(world.client, world.clock)
    for one in await app.installations():
        await app.repositories(one.id)
    world.fake.webhooks.flush()
    failed = await app.failed_deliveries(world.clock.now().replace(year=2020))
    assert failed
    assert await app.redeliver(failed[0])
    world.fake.offer_manifest("abc")
    await app.convert_manifest("abc")


async def test_requests_are_as_described(asked: list[Recorded]) -> None:
    # That nothing has changed is described for few, and answered to all.
    records = [one for one in asked if one.template and one.status != 304]
    complaints = [text for one in records for text in rest_complaints(one)]
    assert len({(one.method, one.template) for one in records}) > 35
    assert complaints == []


async def test_documents_are_as_described(asked: list[Recorded]) -> None:
    schema = build_schema(official.graphql(), assume_valid=True)
    documents = {one.json["query"] for one in asked if one.operations}
    assert [error.message for text in documents for error in validate(schema, parse(text))] == []
    fields = {name for one in asked for name in one.operations}
    assert fields == {
        "createCommitOnBranch",
        "dequeuePullRequest",
        "disablePullRequestAutoMerge",
        "enablePullRequestAutoMerge",
        "enqueuePullRequest",
        "nodes",
        "repository",
        "revertPullRequest",
    }


@pytest.mark.parametrize("place", range(329))
def test_every_example_delivery_is_understood(place: int) -> None:
    name, payload = official.examples()[place]
    event = translate(name, json.dumps(payload).encode())
    assert isinstance(event, HostEvent)
    assert event.repository == payload.get("repository", {}).get("full_name", "")
    assert event.sender == payload.get("sender", {}).get("login", "")
    if event.topic in (Topic.PULL_REQUEST, Topic.REVIEW):
        assert event.pulls == (payload["pull_request"]["number"],)
        assert payload["pull_request"]["head"]["sha"] in event.commits
    if event.topic in (Topic.COMMENT, Topic.ISSUE):
        assert event.pulls == (payload["issue"]["number"],)
    if event.topic in (Topic.CHECK, Topic.DEPLOYMENT):
        assert len(event.commits) == 1
