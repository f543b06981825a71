"""How GitHub is asked: limits, tokens, secrets, installations apart, pages, moved repositories."""

import asyncio
import traceback
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.github.client import GitHubClient
from bot.adapters.github.exchange import UnansweredError
from bot.adapters.github.forum import GitHubForum
from bot.adapters.github.tokens import AppKey, ClockError
from bot.domain.pulls import PullState
from bot.domain.talk import Reaction
from bot.ports import HostBusyError, InstallationGoneError, UserError
from tests.adapters.codehost_contract import FILES, a_draft
from tests.adapters.github.world import NAME, GitHubForumWorld, GitHubWorld

OTHER = "hexa/sample"


@pytest.fixture
def other(world: GitHubWorld) -> str:
    """A repository of the same name that another installation sees."""
    world.fake.create_repository(OTHER, {"app.py": "other = 1\n"})
    return OTHER


# Limits.


@pytest.mark.parametrize("status", [403, 429])
async def test_security_8_stays_away_for_as_long_as_it_is_told(
    world: GitHubWorld, status: int
) -> None:
    await world.host.repository()
    until = world.clock.now() + timedelta(seconds=90)
    world.fake.limits.slow_down(world.installation, until, status)
    with pytest.raises(HostBusyError) as told:
        await world.host.repository()
    assert told.value.until == until
    sent = len(world.fake.requests)
    world.clock.advance(seconds=89)
    with pytest.raises(HostBusyError):
        await world.host.pull_requests()
    assert len(world.fake.requests) == sent
    world.clock.advance(seconds=1)
    assert (await world.host.repository()).name == NAME
    assert world.slept == []


async def test_security_8_stays_away_a_minute_when_it_is_not_told_for_how_long(
    world: GitHubWorld,
) -> None:
    until = world.clock.now() + timedelta(hours=1)
    world.fake.limits.slow_down(world.installation, until, retry_after=False)
    for seconds in (60, 120, 240):
        with pytest.raises(HostBusyError) as told:
            await world.host.repository()
        assert told.value.until == world.clock.now() + timedelta(seconds=seconds)
        world.clock.set(told.value.until)


async def test_security_8_waits_for_the_reset_of_a_used_up_limit(world: GitHubWorld) -> None:
    await world.host.repository()
    world.fake.limits.exhaust(world.installation, world.clock.now())
    with pytest.raises(HostBusyError) as told:
        await world.host.repository()
    assert told.value.until == world.clock.now() + timedelta(hours=1)
    sent = len(world.fake.requests)
    with pytest.raises(HostBusyError):
        await world.host.contains("a" * 40, "b" * 40)
    assert len(world.fake.requests) == sent
    world.clock.set(told.value.until)
    assert (await world.host.repository()).name == NAME


async def test_security_8_hears_of_a_limit_that_graphql_tells_with_200(world: GitHubWorld) -> None:
    draft = await world.draft()
    world.fake.limits.exhaust(world.installation, world.clock.now(), "graphql")
    with pytest.raises(HostBusyError) as told:
        await world.host.open_pull_request(draft)
    assert told.value.until == world.clock.now() + timedelta(hours=1)
    posted = world.sent("POST", "/graphql")
    with pytest.raises(HostBusyError):
        await world.host.open_pull_request(draft)
    assert world.sent("POST", "/graphql") == posted
    assert "pull request" not in world.effects()
    world.clock.set(told.value.until)
    assert (await world.host.open_pull_request(draft)).state is PullState.OPEN


async def test_security_8_the_limit_of_one_installation_holds_no_other(
    world: GitHubWorld, other: str
) -> None:
    world.fake.limits.slow_down(world.installation, world.clock.now() + timedelta(hours=1))
    with pytest.raises(HostBusyError):
        await world.host.repository()
    assert (await world.host_of(other).repository()).name == OTHER


# Tokens.


async def test_security_10_a_token_that_has_ended_is_renewed_once(world: GitHubWorld) -> None:
    await world.host.repository()
    world.fake.expire_tokens()
    pull = await world.opened()
    assert pull.state is PullState.OPEN
    # One for reading and one for changing, and each of the two that ended once again.
    assert world.sent("POST", "/access_tokens") == 3


async def test_a_token_is_used_until_shortly_before_its_end(world: GitHubWorld) -> None:
    await world.host.repository()
    world.clock.advance(timedelta(minutes=54))
    await world.host.repository()
    assert world.sent("POST", "/access_tokens") == 1
    world.clock.advance(timedelta(minutes=2))
    await world.host.repository()
    assert world.sent("POST", "/access_tokens") == 2


async def test_many_jobs_at_once_share_one_token(world: GitHubWorld) -> None:
    await asyncio.gather(*(world.host.repository() for _ in range(10)))
    assert world.sent("POST", "/access_tokens") == 1


async def test_a_token_may_do_one_task_in_one_repository(world: GitHubWorld) -> None:
    await world.opened()
    wanted = [one.json for one in world.fake.requests if one.path.endswith("/access_tokens")]
    assert [one["repositories"] for one in wanted] == [["sample"], ["sample"]]
    reading, changing = (one["permissions"] for one in wanted)
    assert set(reading.values()) == {"read"}
    assert {name for name, level in changing.items() if level == "write"} == {
        "contents",
        "pull_requests",
    }


@pytest.mark.parametrize("gone", ["delete", "suspend", "uninstall"])
@pytest.mark.parametrize("had_token", [True, False])
async def test_security_10_an_installation_that_is_gone_is_not_asked_again_and_again(
    world: GitHubWorld, gone: str, had_token: bool
) -> None:
    if had_token:
        await world.host.repository()
    if gone == "delete":
        world.fake.delete_installation(NAME)
    elif gone == "suspend":
        world.fake.suspend_installation(NAME)
    else:
        world.fake.uninstall(NAME)
    before = len(world.fake.requests)
    with pytest.raises(InstallationGoneError):
        await world.host.repository()
    assert len(world.fake.requests) - before <= 2
    assert world.slept == []


async def test_security_10_a_suspended_installation_works_again_afterwards(
    world: GitHubWorld,
) -> None:
    world.fake.suspend_installation(NAME)
    with pytest.raises(InstallationGoneError):
        await world.host.repository()
    world.fake.suspend_installation(NAME, on=False)
    assert (await world.host.repository()).name == NAME


@pytest.mark.parametrize("skew", [-120, 120])
async def test_security_10_a_clock_that_is_two_minutes_off_does_no_harm(
    world: GitHubWorld, skew: int
) -> None:
    world.fake.hub.strict_jwt = True
    client = client_with_skew(world, skew)
    assert (await world.host_of(NAME, client).repository()).name == NAME


@pytest.mark.parametrize("skew", [-3600, 3600])
async def test_security_10_a_clock_that_is_far_off_is_named(world: GitHubWorld, skew: int) -> None:
    world.fake.hub.strict_jwt = True
    client = client_with_skew(world, skew)
    with pytest.raises(ClockError) as told:
        await world.host_of(NAME, client).repository()
    assert "clock" in str(told.value)
    assert "NTP" in told.value.remedy


async def test_an_app_that_github_does_not_know_is_told_so(world: GitHubWorld) -> None:
    key = AppKey("Iv1.nobody", world.fake.private_key)
    client = GitHubClient(key, world.clock, base_url=world.fake.url, pause=0)
    world.clients.append(client)
    with pytest.raises(UserError, match=r"Iv1\.nobody"):
        await world.host_of(NAME, client).repository()


async def test_a_missing_permission_is_named(world: GitHubWorld) -> None:
    draft = await world.draft()
    world.fake.grant(NAME, contents="read")
    with pytest.raises(UserError) as told:
        await world.host.open_pull_request(draft)
    assert "permission" in f"{told.value} {told.value.remedy}"


def client_with_skew(world: GitHubWorld, seconds: float) -> GitHubClient:
    """A client on a machine whose clock is off."""
    clock = type(world.clock)(world.clock.now() + timedelta(seconds=seconds))
    key = AppKey(world.fake.client_id, world.fake.private_key)
    client = GitHubClient(key, clock, base_url=world.fake.url, pause=0)
    world.clients.append(client)
    return client


# Secrets.


@pytest.mark.parametrize("long_tokens", [False, True])
async def test_security_11_no_token_shows_in_errors_or_in_what_is_kept(
    world: GitHubWorld, long_tokens: bool
) -> None:
    world.fake.hub.long_tokens = long_tokens
    await world.opened()
    tokens = set(world.fake.hub.tokens)
    assert tokens
    assert all((len(token) > 300) is long_tokens for token in tokens)
    world.fake.faults.add("cut-before", times=9)
    with pytest.raises(UnansweredError) as told:
        await world.host.repository()
    shown = "".join(traceback.format_exception(told.value))
    shown += repr(vars(world.client.tokens)) + repr(vars(world.access)) + repr(world.client)
    for secret in (*tokens, world.fake.private_key):
        assert secret not in shown


# Installations apart.


async def test_security_12_installations_see_nothing_of_each_other(
    world: GitHubWorld, other: str
) -> None:
    ours, theirs = world.host, world.host_of(other)
    first = await world.opened()
    assert await theirs.pull_request(first.number) is None
    assert list(await theirs.pull_requests()) == []
    # The same question, asked with the other's answer known.
    assert (await ours.repository()).name == NAME
    assert (await theirs.repository()).name == OTHER
    assert (await theirs.tree((await theirs.repository()).head_sha)).text("README.md") is None
    with pytest.raises(UserError):
        await theirs.tree(first.head_sha)


async def test_security_12_a_kept_answer_is_never_given_to_another_installation(
    world: GitHubWorld, other: str
) -> None:
    stranger = world.client.repository(world.fake.installation(other).id, NAME)
    await world.host.repository()
    before = len(world.fake.requests)
    assert (await stranger.get("")).status == 404
    asked = [one.headers for one in world.fake.requests[before:]]
    assert not any("if-none-match" in headers for headers in asked)


STEPS = st.lists(
    st.tuples(st.sampled_from([NAME, OTHER]), st.sampled_from(["read", "list", "push", "rights"])),
    max_size=12,
)


@given(STEPS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_security_12_answers_are_always_those_of_ones_own(
    world: GitHubWorld, steps: list[tuple[str, str]]
) -> None:
    if world.fake.hub.find(OTHER) is None:
        world.fake.create_repository(OTHER, FILES)
    for name, step in steps:
        host = world.host_of(name)
        if step == "read":
            found = await host.repository()
            assert (found.name, found.head_sha) == (name, world.fake.head(name))
        elif step == "list":
            ours = [
                number for number, one in world.fake.repository(name).issues.items() if one.pull
            ]
            assert [pull.number for pull in await host.pull_requests()] == ours
        elif step == "push":
            world.fake.push(name, "main", {"app.py": f"{len(world.fake.requests)}\n"})
        else:
            rights = world.fake.repository(name).permissions
            level = "read" if rights.get("eve") == "write" else "write"
            world.fake.set_permission(name, "eve", level)
            forum = GitHubForum(world.access_to(name), world.identity)
            assert (await forum.permission("eve")).value == level


# Pages, answers kept, and repositories that move.


async def test_security_13_reads_every_page(world: GitHubWorld) -> None:
    pull = await world.opened()
    forum = GitHubForumWorld(world, pull.number, pull.head_sha)
    for number in range(205):
        await forum.say("ada", f"comment {number}")
    said = await forum.forum.comments(pull.number)
    assert [one.text for one in said] == [f"comment {number}" for number in range(205)]
    assert world.sent("GET", f"/issues/{pull.number}/comments") == 3


async def test_security_13_what_has_not_changed_costs_nothing(world: GitHubWorld) -> None:
    pull = await world.opened()
    await world.host.pull_request(pull.number)
    before = len(world.fake.requests)
    assert await world.host.pull_request(pull.number) == pull
    assert {one.status for one in world.fake.requests[before:]} == {304}
    await world.label(pull.number, "hold")
    changed = await world.host.pull_request(pull.number)
    assert changed is not None
    assert changed.labels == {"hold"}


async def test_security_13_waits_a_little_while_github_works_out_mergeability(
    world: GitHubWorld,
) -> None:
    world.fake.hub.lazy_reads = 3
    pull = await world.opened()
    assert pull.mergeable is True
    assert world.slept == [0.5, 1, 2][: len(world.slept)]
    assert world.slept


async def test_security_13_gives_up_waiting_for_mergeability_and_does_not_guess(
    world: GitHubWorld,
) -> None:
    world.fake.hub.lazy_reads = 1000
    pull = await world.opened()
    assert pull.mergeable is None
    assert len(world.slept) == 3


async def test_reads_are_tried_again_and_not_for_ever(world: GitHubWorld) -> None:
    world.fake.faults.add("error-before", "GET", times=2)
    assert (await world.host.repository()).name == NAME
    assert world.slept == [0.5, 1]
    world.fake.faults.add("cut-before", "GET", times=100)
    before = world.sent("GET")
    with pytest.raises(UnansweredError):
        await world.host.repository()
    assert world.sent("GET") - before == 3


async def test_an_answer_that_does_not_come_is_not_waited_for(world: GitHubWorld) -> None:
    host = world.host_of(NAME, world.new_client(timeout=0.2))
    world.fake.faults.add("timeout-before", "GET")
    world.fake.faults.add("half-body", "GET", nth=2)
    assert (await host.repository()).name == NAME


async def test_security_13_a_repository_that_was_renamed_is_found_by_its_new_name(
    world: GitHubWorld,
) -> None:
    world.fake.rename_repository(NAME, "renamed")
    with pytest.raises(InstallationGoneError):
        await world.host.repository()
    found = await world.host_of("octo/renamed").repository()
    assert found.name == "octo/renamed"


async def test_security_13_an_archived_repository_says_what_to_do(world: GitHubWorld) -> None:
    draft = await world.draft()
    world.record.archived = True
    assert (await world.host.repository()).notes["archived"] == "yes"
    with pytest.raises(UserError) as told:
        await world.host.open_pull_request(draft)
    assert "unarchive" in told.value.remedy


async def test_a_comment_that_was_deleted_meanwhile_gets_no_sign(world: GitHubWorld) -> None:
    pull = await world.opened()
    forum = GitHubForumWorld(world, pull.number, pull.head_sha)
    comment = await forum.say("ada", "/ironclaw help")
    await forum.delete(comment)
    await forum.forum.react(comment, Reaction.SEEN)


# A lease that is lost.


class _LostError(Exception):
    pass


async def test_whoever_may_not_act_any_more_reads_but_changes_nothing(world: GitHubWorld) -> None:
    def lost() -> None:
        raise _LostError

    client = world.new_client(may_act=lost)
    host, access = world.host_of(NAME, client), world.access_to(NAME, client)
    draft = await a_draft(world)
    assert (await host.repository()).head_sha == draft.base_sha
    done = len(world.fake.effect_log)
    with pytest.raises(_LostError):
        await host.open_pull_request(draft)
    with pytest.raises(_LostError):
        await access.mutate("mutation($input: MarkInput!) { mark(input: $input) }", {})
    assert len(world.fake.effect_log) == done
