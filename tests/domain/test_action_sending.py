"""Whether a workflow sends what it measured, and where a token may go."""

import pytest

from bot.domain.action.event import Event
from bot.domain.action.sending import (
    Proof,
    Send,
    Stay,
    Unable,
    decide_sending,
    is_safe_address,
)

PUSH = Event(name="push", repository="team/shop")


@pytest.mark.parametrize(
    ("event", "has_token", "may_ask", "expected"),
    [
        (PUSH, False, True, Send(Proof.WORKFLOW)),
        (PUSH, True, True, Send(Proof.TOKEN)),
        (PUSH, True, False, Send(Proof.TOKEN)),
    ],
)
def test_a_given_token_goes_before_githubs(
    event: Event, expected: Send, *, has_token: bool, may_ask: bool
) -> None:
    assert decide_sending(event, has_token=has_token, may_ask=may_ask) == expected


@pytest.mark.parametrize(
    "event",
    [
        Event(name="pull_request", repository="team/shop", pull_request=1),
        Event(name="pull_request_target", repository="team/shop"),
        Event(name="push", repository="team/shop", is_fork=True),
    ],
)
def test_whatever_a_pull_request_may_it_sends_nothing(event: Event) -> None:
    assert isinstance(decide_sending(event, has_token=True, may_ask=True), Stay)


@pytest.mark.parametrize(
    ("event", "word"), [(PUSH, "id-token: write"), (Event(name="push"), "step of a workflow")]
)
def test_what_is_missing_is_named(event: Event, word: str) -> None:
    found = decide_sending(event, has_token=False, may_ask=False)
    assert isinstance(found, Unable)
    assert word in found.remedy


@pytest.mark.parametrize(
    "address",
    [
        "https://ironclaw.example.com",
        "https://ironclaw.example.com:8443/below",
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "http://[::1]:8000",
    ],
)
def test_where_a_token_may_go(address: str) -> None:
    assert is_safe_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://ironclaw.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://user@ironclaw.example.com",
        "https://ironclaw.example.com\n.evil",
        "https://ironclaw.example.com?a=b",
        "https://ironclaw.example.com#a",
        "file:///etc/passwd",
        "https://",
        "",
    ],
)
def test_where_it_may_not(address: str) -> None:
    assert not is_safe_address(address)
