import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.host_events import HostEvent, Topic
from bot.domain.onboarding import ONBOARDING_BRANCH
from bot.domain.routing import (
    TABLE,
    ByBranch,
    ByCommit,
    ByPull,
    Merged,
    Spoken,
    TheInstallation,
    TheRepository,
    Wake,
    wakes,
)

SHA = "a" * 40
SEEN = {
    "installation": 5,
    "repository": "octo/sample",
    "pulls": (7,),
    "commits": (SHA,),
    "branch": "main",
    "comment": 9,
    "action": "created",
}


def event(topic: Topic, **changes: object) -> HostEvent:
    return HostEvent(topic, **(SEEN | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("topic", "changes", "expected"),
    [
        (Topic.INSTALLATION, {}, [TheInstallation(5)]),
        (Topic.INSTALLATION, {"repository": ""}, [TheInstallation(5)]),
        (Topic.REPOSITORY, {}, [TheRepository(), TheInstallation(5)]),
        (Topic.PULL_REQUEST, {}, [ByPull(7)]),
        (Topic.PULL_REQUEST, {"branch": ONBOARDING_BRANCH}, [ByPull(7), TheRepository()]),
        (Topic.REVIEW, {"pulls": (7, 8)}, [ByPull(7), ByPull(8)]),
        (Topic.COMMENT, {}, [Spoken(7, 9)]),
        (Topic.COMMENT, {"action": "edited"}, [Spoken(7, 9)]),
        (Topic.COMMENT, {"action": "deleted"}, []),
        (Topic.COMMENT, {"sender_is_bot": True}, []),
        (Topic.COMMENT, {"comment": None}, []),
        (Topic.ISSUE, {"action": "edited"}, [TheRepository()]),
        (Topic.ISSUE, {"sender_is_bot": True}, []),
        (Topic.CHECK, {}, [ByPull(7), ByCommit(SHA)]),
        (Topic.CHECK, {"pulls": (), "sender_is_bot": True}, [ByCommit(SHA)]),
        (Topic.DEPLOYMENT, {}, [Merged(), ByCommit(SHA)]),
        (Topic.PUSH, {}, [TheRepository()]),
        (Topic.PUSH, {"branch": "ironclaw/x/1"}, [ByBranch("ironclaw/x/1")]),
        (Topic.PUSH, {"branch": "revert-7-ironclaw/x/1"}, [ByBranch("revert-7-ironclaw/x/1")]),
        (Topic.MERGE_QUEUE, {}, [ByPull(7), ByCommit(SHA)]),
        (Topic.OTHER, {}, []),
        (Topic.CHECK, {"repository": ""}, []),
    ],
)
def test_an_event_wakes(topic: Topic, changes: dict[str, object], expected: list[Wake]) -> None:
    assert list(wakes(event(topic, **changes))) == expected


def test_every_topic_has_its_line() -> None:
    assert set(TABLE) == set(Topic)


EVENTS = st.builds(
    HostEvent,
    topic=st.sampled_from(Topic),
    action=st.sampled_from(["", "created", "edited", "opened"]),
    installation=st.none() | st.integers(1, 3),
    repository=st.sampled_from(["", "octo/sample"]),
    pulls=st.lists(st.integers(1, 3)).map(tuple),
    commits=st.lists(st.sampled_from(["a", "b"])).map(tuple),
    branch=st.text(max_size=5) | st.just(ONBOARDING_BRANCH),
    comment=st.none() | st.integers(1, 3),
    sender_is_bot=st.booleans(),
)


@given(EVENTS)
def test_nobody_is_woken_twice_and_no_bot_commands(seen: HostEvent) -> None:
    woken = wakes(seen)
    assert len(set(woken)) == len(woken)
    if seen.sender_is_bot:
        assert not any(isinstance(wake, Spoken) for wake in woken)
    if not seen.repository:
        assert all(isinstance(wake, TheInstallation) for wake in woken)
