"""The App itself: its installations, deliveries that never arrived, and its making."""

from datetime import datetime, timedelta

import pytest

from bot.adapters.github.app import GitHubApp
from bot.domain.hosting import FailedDelivery
from bot.ports import UserError
from tests.adapters.github.world import NAME, GitHubWorld


@pytest.fixture
def app(world: GitHubWorld) -> GitHubApp:
    return GitHubApp(world.client, world.clock)


async def test_lists_installations_and_their_repositories(
    world: GitHubWorld, app: GitHubApp
) -> None:
    for number in range(120):
        world.fake.create_repository(f"octo/r{number}", {"a.py": "1\n"})
    world.fake.create_repository("hexa/sample", {"a.py": "1\n"})
    world.fake.suspend_installation("hexa/sample")
    found = {one.account: one for one in await app.installations()}
    assert {name: one.suspended for name, one in found.items()} == {"octo": False, "hexa": True}
    ours = await app.repositories(found["octo"].id)
    assert {one.name for one in ours} == {NAME, *(f"octo/r{number}" for number in range(120))}
    assert (NAME, world.record.id) in {(one.name, one.id) for one in ours}


class Receiver:
    """Our webhook address, which is down now and then."""

    def __init__(self, world: GitHubWorld) -> None:
        self.up = True
        self.got: list[str] = []
        world.fake.webhooks.sink = self

    def __call__(self, headers: dict[str, str], body: bytes) -> int:
        if self.up:
            self.got.append(headers["X-GitHub-Delivery"])
        return 202 if self.up else 503


def happen(world: GitHubWorld, times: int) -> list[str]:
    """Something happens in the repository that often; gives the deliveries' GUIDs."""
    start = len(world.fake.deliveries)
    issue = world.fake.open_issue(NAME, "Something")
    for number in range(times - 1):
        world.fake.comment(NAME, issue, "ada", f"comment {number}")
    world.fake.webhooks.flush()
    return [one.guid for one in world.fake.deliveries[start:]]


async def sweep(app: GitHubApp, since: datetime) -> list[FailedDelivery]:
    """Ask for everything that never arrived again."""
    failed = list(await app.failed_deliveries(since))
    for one in failed:
        assert await app.redeliver(one)
    return failed


async def test_security_5_asks_again_for_exactly_what_never_arrived(
    world: GitHubWorld, app: GitHubApp
) -> None:
    receiver = Receiver(world)
    world.fake.webhooks.flush()
    begin = world.clock.now()
    receiver.up = False
    forgotten = happen(world, 5)
    world.clock.advance(timedelta(days=3, hours=1))
    lost = happen(world, 130)
    mended = happen(world, 20)
    receiver.up = True
    for one in [one for one in world.fake.deliveries if one.guid in mended]:
        with world.fake.hub.lock:
            world.fake.webhooks.again(one.id)
    world.fake.webhooks.flush()
    happen(world, 150)
    receiver.got.clear()

    failed = await sweep(app, begin)
    assert [one.guid for one in failed] == lost
    assert world.sent("GET", "/app/hook/deliveries") >= 3
    world.fake.webhooks.flush()
    assert receiver.got == lost
    assert not set(forgotten) & set(receiver.got)
    assert await sweep(app, begin) == []


async def test_security_5_a_delivery_that_fails_again_is_asked_for_again(
    world: GitHubWorld, app: GitHubApp
) -> None:
    receiver = Receiver(world)
    world.fake.webhooks.flush()
    receiver.up = False
    lost = happen(world, 1)
    since = world.clock.now()
    first = await sweep(app, since)
    world.fake.webhooks.flush()
    second = await sweep(app, since)
    assert [one.guid for one in second] == lost
    assert second[0].id > first[0].id


async def test_security_5_looks_no_further_back_than_it_is_told(
    world: GitHubWorld, app: GitHubApp
) -> None:
    Receiver(world).up = False
    happen(world, 3)
    world.clock.advance(seconds=60)
    watermark = world.clock.now()
    late = happen(world, 2)
    assert [one.guid for one in await app.failed_deliveries(watermark)] == late


async def test_a_delivery_that_github_has_no_more_is_given_up(
    world: GitHubWorld, app: GitHubApp
) -> None:
    gone = FailedDelivery(1, "guid", "push", world.clock.now())
    assert not await app.redeliver(gone)


async def test_a_manifest_becomes_an_app_once(world: GitHubWorld, app: GitHubApp) -> None:
    offered = world.fake.offer_manifest("abc123")
    made = await app.convert_manifest("abc123")
    assert (made.id, made.slug, made.client_id) == (
        world.fake.app_id,
        "ironclaw",
        world.fake.client_id,
    )
    secrets = (made.private_key, made.webhook_secret, made.client_secret)
    assert secrets == (offered["pem"], offered["webhook_secret"], offered["client_secret"])
    assert not any(secret in repr(made) for secret in secrets)
    with pytest.raises(UserError):
        await app.convert_manifest("abc123")
    with pytest.raises(UserError):
        await app.convert_manifest("../../app")


async def test_knows_who_it_is(world: GitHubWorld, app: GitHubApp) -> None:
    assert await app.identity() == world.identity
    assert (await app.identity()).login == world.fake.bot
