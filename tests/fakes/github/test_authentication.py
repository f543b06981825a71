"""Who gets in, how far, and for how long."""

import time
from pathlib import Path

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import NAME, OWNER, REPO, Client, Raw, app_token, installation_token
from tests.fakes.github.hub import WallClock


def as_app(raw: Raw, token: str, path: str = "/app", method: str = "GET") -> tuple[int, str]:
    """Status and message for a JWT."""
    answer = raw.call(method, path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json().get("message", "")


def test_an_app_is_its_number_or_its_client_id(fake: FakeGitHub, raw: Raw) -> None:
    for issuer in (str(fake.app_id), fake.client_id):
        assert as_app(raw, app_token(fake, iss=issuer))[0] == 200
    assert as_app(raw, app_token(fake, iss="99"))[0] == 404


def test_a_jwt_holds_for_ten_minutes_at_most(fake: FakeGitHub, raw: Raw) -> None:
    fake.hub.strict_jwt = True
    now = int(fake.hub.now().timestamp())
    assert as_app(raw, app_token(fake, exp=now + 600))[0] == 200
    for claims in ({"exp": now + 700}, {"exp": now - 1}, {"iat": now + 120}):
        status, message = as_app(raw, app_token(fake, **claims))
        assert (status, "claim" in message) == (401, True)


def test_a_jwt_by_the_machines_clock_will_do(fake: FakeGitHub, raw: Raw) -> None:
    assert as_app(raw, app_token(fake, now=time.time()))[0] == 200


def test_a_jwt_of_another_key_is_none(fake: FakeGitHub, raw: Raw) -> None:
    token = app_token(fake)
    forged = token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB")
    assert as_app(raw, forged)[0] == 401
    assert as_app(raw, "nothing.at.all")[0] == 401


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_both_shapes_of_token_work(fake: FakeGitHub, raw: Raw, long: bool) -> None:
    fake.hub.long_tokens = long
    raw.token = installation_token(raw)
    assert raw.token.startswith(f"ghs_{fake.app_id}_" if long else "ghs_")
    assert (len(raw.token) > 500, len(raw.token) == 40) == (long, not long)
    assert raw.at("GET", "").status_code == 200


def test_a_token_ends_after_an_hour_or_when_it_is_revoked(raw: Raw, clock: FixedClock) -> None:
    clock.advance(seconds=3599)
    assert raw.at("GET", "").status_code == 200
    clock.advance(seconds=1)
    assert raw.at("GET", "").status_code == 401
    raw.token = installation_token(raw)
    assert raw.call("DELETE", "/installation/token").status_code == 204
    assert raw.at("GET", "").status_code == 401


def test_githubkit_asks_for_one_token(fake: FakeGitHub, client: Client) -> None:
    fake.hub.clock = WallClock()
    client.rest.repos.get(OWNER, NAME)
    client.rest.repos.get(OWNER, NAME)
    paths = [one.path.rpartition("/")[2] for one in fake.requests]
    assert paths == ["access_tokens", "shop", "shop"]


def test_a_narrow_token_reaches_only_what_was_asked_for(fake: FakeGitHub, raw: Raw) -> None:
    fake.create_repository("octo/other", {"a": "1\n"})
    raw.token = installation_token(raw, repositories=["shop"], permissions={"contents": "read"})
    assert raw.at("GET", "/contents/app.py").status_code == 200
    assert raw.call("GET", "/repos/octo/other").status_code == 404
    refused = raw.at("POST", "/git/refs", ref="refs/heads/x", sha=fake.head(REPO))
    assert refused.status_code == 403
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "contents=write"
    shown = raw.call("GET", "/installation/repositories").json()["repositories"]
    assert [one["full_name"] for one in shown] == [REPO]


def test_nobody_is_given_more_than_the_installation_has(fake: FakeGitHub, raw: Raw) -> None:
    path = f"/app/installations/{fake.installation(REPO).id}/access_tokens"
    headers = {"Authorization": f"Bearer {app_token(fake)}"}
    for wanted in ({"permissions": {"workflows": "write"}}, {"repositories": ["none"]}):
        assert raw.call("POST", path, headers=headers, **wanted).status_code == 422


def test_what_is_taken_from_an_installation_its_tokens_lose(fake: FakeGitHub, raw: Raw) -> None:
    fake.grant(REPO, checks="none")
    assert raw.at("POST", "/check-runs", name="x", head_sha=fake.head(REPO)).status_code == 403


def test_a_suspended_installation_gets_nothing(fake: FakeGitHub, raw: Raw) -> None:
    fake.suspend_installation(REPO)
    path = f"/app/installations/{fake.installation(REPO).id}/access_tokens"
    assert raw.at("GET", "").status_code == 403
    assert as_app(raw, app_token(fake), path, "POST")[0] == 403
    fake.suspend_installation(REPO, on=False)
    assert raw.at("GET", "").status_code == 200


def test_a_deleted_installation_is_unknown(fake: FakeGitHub, raw: Raw) -> None:
    path = f"/app/installations/{fake.installation(REPO).id}"
    fake.delete_installation(REPO)
    assert raw.at("GET", "").status_code == 401
    assert as_app(raw, app_token(fake), path)[0] == 404


def test_two_installations_see_nothing_of_each_other(fake: FakeGitHub, raw: Raw) -> None:
    fake.create_repository("other/shop", {"a": "1\n"})
    assert raw.call("GET", "/repos/other/shop").status_code == 404
    answer = raw.ask('{ repository(owner: "other", name: "shop") { id } }')
    assert answer["errors"][0]["type"] == "NOT_FOUND"


def test_an_archived_repository_is_read_only(fake: FakeGitHub, raw: Raw) -> None:
    fake.archive_repository(REPO)
    assert raw.at("GET", "").json()["archived"] is True
    assert raw.at("POST", "/issues", title="No").status_code == 403


def test_a_manifest_is_converted_once(fake: FakeGitHub, raw: Raw) -> None:
    fake.offer_manifest("code")
    made = raw.call("POST", "/app-manifests/code/conversions")
    assert made.status_code == 201
    assert made.json()["pem"] == fake.private_key
    assert made.json()["webhook_secret"] == fake.webhook_secret
    assert raw.call("POST", "/app-manifests/code/conversions").status_code == 404


def test_the_fake_keeps_apart_from_another(fake: FakeGitHub, raw: Raw, tmp_path: Path) -> None:
    with FakeGitHub(tmp_path / "second") as second:
        second.create_repository(REPO, {"a": "1\n"})
        raw.fake = second
        assert raw.at("GET", "").status_code == 401
