"""Test 35, the claims: which of them let a workflow report, and which let nobody."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actions_identity import (
    LEEWAY,
    Doubted,
    Proven,
    actions_issuer,
    decide_identity,
)
from tests.domain.samples import NOW

ISSUER, AUDIENCE = "https://token.actions.githubusercontent.com", "https://ironclaw.example.org"
AT = int(NOW.timestamp())
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "repo:team/shop:ref:refs/heads/main",
    "exp": AT + 300,
    "iat": AT,
    "nbf": AT - 300,
    "jti": "one",
    "event_name": "push",
    "repository": "team/shop",
    "repository_id": "17",
}


def decide(**changes: Any) -> Proven | Doubted:
    claims = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return decide_identity(claims, ISSUER, AUDIENCE, NOW)


def test_a_workflow_is_known_by_the_number_of_its_repository() -> None:
    found = decide()
    assert isinstance(found, Proven)
    assert (found.repository_id, found.id) == (17, "one")


@pytest.mark.parametrize(
    "sub",
    ["repo:team/shop:ref:refs/heads/main", "repo:team@99/shop@17:environment:production", None],
)
def test_security_35_no_form_of_the_subject_matters(sub: str | None) -> None:
    assert isinstance(decide(sub=sub), Proven)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": [AUDIENCE]},
        {"aud": [AUDIENCE, "https://other.example"]},
        {"aud": None},
        {"aud": f"{AUDIENCE}/"},
        {"iss": f"{ISSUER}/tenant"},
        {"iss": "https://ghes.example/_services/token"},
        {"iss": None},
        {"exp": AT - 31},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": AT + 90_000},
        {"exp": 1e300},
        {"iat": AT + 31},
        {"iat": None},
        {"nbf": AT + 31},
        {"nbf": "now"},
        {"event_name": "pull_request_target"},
        {"event_name": "pull_request"},
        {"event_name": "workflow_run"},
        {"event_name": None},
        {"repository_id": None},
        {"repository_id": 17},
        {"repository_id": "17 "},
        {"repository_id": "\u0661\u0667"},
        {"repository_id": "9" * 30},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
    ],
)
def test_security_35_what_is_not_exactly_right_proves_nothing(changes: dict[str, Any]) -> None:
    found = decide(**changes)
    assert isinstance(found, Doubted)
    assert found.why


@pytest.mark.parametrize("changes", [{"exp": AT - 29}, {"iat": AT + 29}, {"nbf": AT + 29}])
def test_security_35_clocks_may_be_wrong_by_half_a_minute(changes: dict[str, Any]) -> None:
    assert timedelta(seconds=30) == LEEWAY
    assert isinstance(decide(**changes), Proven)


@given(
    st.dictionaries(
        st.sampled_from(list(GOOD)),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_security_35_strange_claims_are_answered(changes: dict[str, Any]) -> None:
    assert isinstance(decide_identity(GOOD | changes, ISSUER, AUDIENCE, NOW), Proven | Doubted)


@pytest.mark.parametrize(
    ("api", "issuer"),
    [
        ("https://api.github.com", ISSUER),
        ("https://api.octo.ghe.com", "https://token.actions.octo.ghe.com"),
        ("https://github.example/api/v3", "https://github.example/_services/token"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9/_services/token"),
    ],
)
def test_each_github_has_its_issuer(api: str, issuer: str) -> None:
    assert actions_issuer(api) == issuer
