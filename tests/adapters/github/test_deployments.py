"""Which deployments count: those that have ended, in the environments that were asked for."""

from tests.adapters.github.world import NAME, GitHubWorld


async def test_shows_deployments_that_have_ended_oldest_first(world: GitHubWorld) -> None:
    head = world.fake.head(NAME) or ""
    first = world.fake.deploy(NAME, head)
    world.clock.advance(seconds=60)
    failed = world.fake.deploy(NAME, head, "failure", description="no room left")
    world.clock.advance(seconds=60)
    broken = world.fake.deploy(NAME, head, "error")
    world.fake.deploy(NAME, head, "in_progress")
    world.fake.deploy(NAME, head, "")
    found = await world.host.deployments()
    assert [(one.id, one.successful, one.why) for one in found] == [
        (str(first.id), True, ""),
        (str(failed.id), False, "failure: no room left"),
        (str(broken.id), False, "error"),
    ]
    assert {one.sha for one in found} == {head}
    assert [one.at for one in found] == sorted(one.at for one in found)


async def test_one_that_another_has_taken_the_place_of_was_still_good(world: GitHubWorld) -> None:
    first = world.fake.deploy(NAME)
    at = world.clock.now()
    world.clock.advance(seconds=60)
    second = world.fake.deploy(NAME)
    assert first.statuses[-1].state == "inactive"
    found = await world.host.deployments()
    assert [(one.id, one.successful) for one in found] == [
        (str(first.id), True),
        (str(second.id), True),
    ]
    assert found[0].at == at


async def test_one_that_succeeds_late_is_shown_from_then_on(world: GitHubWorld) -> None:
    slow = world.fake.deploy(NAME, state="in_progress")
    assert list(await world.host.deployments()) == []
    world.clock.advance(seconds=600)
    world.fake.set_deployment_state(NAME, slow, "success")
    (found,) = await world.host.deployments()
    assert found.at == world.clock.now()


async def test_counts_only_the_environments_that_were_named(world: GitHubWorld) -> None:
    world.fake.deploy(NAME, environment="staging")
    live = world.fake.deploy(NAME, environment="production")
    host = world.host_of(NAME, environments=("production",))
    assert [one.id for one in await host.deployments()] == [str(live.id)]
    assert len(await world.host.deployments()) == 2
