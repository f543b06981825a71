"""Rate limits, ETags and pages."""

from datetime import timedelta

import pytest
from githubkit.exception import PrimaryRateLimitExceeded, SecondaryRateLimitExceeded

from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import NAME, OWNER, REPO, Client, Raw


def test_every_answer_says_what_is_left(raw: Raw) -> None:
    before = int(raw.at("GET", "").headers["x-ratelimit-remaining"])
    after = raw.at("GET", "")
    assert int(after.headers["x-ratelimit-remaining"]) == before - 1
    assert after.headers["x-ratelimit-resource"] == "core"
    assert raw.call("GET", "/rate_limit").json()["resources"]["core"]["limit"] == 5000


def test_githubkit_sees_the_primary_limit(fake: FakeGitHub, client: Client) -> None:
    client.rest.repos.get(OWNER, NAME)
    fake.limits.exhaust(fake.installation(REPO).id, fake.hub.now())
    with pytest.raises(PrimaryRateLimitExceeded):
        client.rest.repos.get(OWNER, NAME)


def test_the_limit_is_over_after_the_hour(fake: FakeGitHub, raw: Raw, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=30))
    fake.limits.exhaust(fake.installation(REPO).id, fake.hub.now())
    refused = raw.at("GET", "")
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    reset = int(refused.headers["x-ratelimit-reset"])
    clock.advance(seconds=reset - clock.now().timestamp())
    fake.hub.tokens[raw.token].expires_at += timedelta(hours=2)
    assert raw.at("GET", "").status_code == 200


def test_another_installation_goes_on(fake: FakeGitHub, raw: Raw) -> None:
    fake.create_repository("other/shop", {"a": "1\n"})
    fake.limits.exhaust(fake.installation("other/shop").id, fake.hub.now())
    assert raw.at("GET", "").status_code == 200


@pytest.mark.parametrize("status", [403, 429])
def test_githubkit_sees_the_secondary_limit(fake: FakeGitHub, client: Client, status: int) -> None:
    client.rest.repos.get(OWNER, NAME)
    until = fake.hub.now() + timedelta(seconds=90)
    fake.limits.slow_down(fake.installation(REPO).id, until, status)
    with pytest.raises(SecondaryRateLimitExceeded) as raised:
        client.rest.repos.get(OWNER, NAME)
    assert raised.value.response.status_code == status
    assert raised.value.retry_after == timedelta(seconds=90)


def test_graphql_is_refused_with_status_200(fake: FakeGitHub, raw: Raw) -> None:
    fake.limits.exhaust(fake.installation(REPO).id, fake.hub.now(), "graphql")
    answer = raw.call("POST", "/graphql", query="{ viewer { login } }")
    assert answer.status_code == 200
    assert [one["type"] for one in answer.json()["errors"]] == ["RATE_LIMITED"]
    assert raw.at("GET", "").status_code == 200


def test_an_answer_that_is_known_costs_nothing(fake: FakeGitHub, raw: Raw) -> None:
    first = raw.at("GET", "/branches/main")
    known = {"If-None-Match": first.headers["ETag"]}
    second = raw.call("GET", f"/repos/{REPO}/branches/main", headers=known)
    assert (second.status_code, second.content) == (304, b"")
    used = "x-ratelimit-used"
    assert second.headers[used] == first.headers[used]
    fake.push(REPO, "main", {"app.py": "x = 3\n"})
    third = raw.call("GET", f"/repos/{REPO}/branches/main", headers=known)
    assert third.status_code == 200


def test_pages_link_to_each_other(fake: FakeGitHub, raw: Raw) -> None:
    for number in range(5):
        fake.open_issue(REPO, f"Issue {number}")
    path, seen = f"{fake.url}/repos/{REPO}/issues?per_page=2", []
    while path:
        answer = raw.session.get(path, headers={"Authorization": f"Bearer {raw.token}"}, timeout=10)
        seen += [one["number"] for one in answer.json()]
        path = answer.links.get("next", {}).get("url", "")
    assert seen == [5, 4, 3, 2, 1]


def test_an_unknown_version_of_the_api_is_refused(raw: Raw) -> None:
    for version, status in (("2022-11-28", 200), ("2026-03-10", 200), ("2001-01-01", 400)):
        headers = {"X-GitHub-Api-Version": version}
        assert raw.call("GET", f"/repos/{REPO}", headers=headers).status_code == status
