"""The interface over a real socket, on both databases: what is listed, asked for and kept."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.asked import SqlAsked
from bot.domain.api_tokens import Scope
from bot.domain.asked import Progress
from bot.domain.improvement import State
from tests.entrypoints.web.api_calls import (
    NOW,
    OTHER,
    ROOT,
    Api,
    ask,
    client_of,
    keep,
    stored,
    token,
)
from tests.entrypoints.web.test_metrics import known_url, problem, serving

__all__ = ["known_url"]

RATING = {
    "user_id": "ann",
    "message_id": "m-1",
    "feedback_type": "thumbs_up",
    "model_used": "small",
    "task_type": "conversation",
    "repository": "team/shop",
}


@pytest.fixture
def address(known_url: str) -> Iterator[str]:
    with serving(known_url) as found:
        yield found


@pytest.fixture
def api(address: str, known_url: str) -> Api:
    return Api(address, token(known_url))


def count(url: str, table: str) -> int:
    async def rows(engine: AsyncEngine) -> int:
        async with engine.connect() as connection:
            return int(await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)

    return ask(url, rows)


def test_pages_follow_each_other_and_miss_nothing(api: Api, known_url: str) -> None:
    keep(known_url, *(stored(number) for number in range(7)), stored(7, "team/other"))
    seen, path = [], "/improvements?limit=3"
    while path:
        page = api.get(path).json()
        seen += [one["id"] for one in page["items"]]
        path = page["next"] and f"/improvements?limit=3&cursor={page['next']}"
    assert seen == [stored(number).id for number in range(7)]


def test_opportunities_are_what_is_found_alone(api: Api, known_url: str) -> None:
    keep(known_url, stored(1), stored(2, state=State.OPEN))
    found = api.get("/improvements/opportunities").json()["items"]
    assert [one["id"] for one in found] == [stored(1).id]
    found = api.get("/improvements?state=open").json()["items"]
    assert [one["id"] for one in found] == [stored(2).id]


def test_deployments_are_listed_by_when_they_were(api: Api, known_url: str) -> None:
    deployed = {"state": State.KEPT, "merge_sha": "b" * 40}
    keep(
        known_url,
        stored(1, deployed_at=NOW - timedelta(hours=2), **deployed),
        stored(2, deployed_at=NOW - timedelta(hours=1), **deployed),
        stored(3),
    )
    first = api.get("/deployments/history?limit=1").json()
    assert [one["id"] for one in first["items"]] == [stored(2).id]
    second = api.get(f"/deployments/history?cursor={first['next']}").json()
    assert [one["id"] for one in second["items"]] == [stored(1).id]
    assert second["next"] is None


def test_one_improvement_has_what_the_record_promises(api: Api, known_url: str) -> None:
    keep(known_url, stored(1))
    answer = api.get(f"/improvements/{stored(1).id}")
    assert answer.status_code == 200
    promised = {"file_path", "improvement_type", "issue_description", "original_code", "diff"}
    promised |= {"improved_code", "test_status", "applied", "rolled_back", "commit_hash"}
    assert promised | {"branch_name"} <= answer.json().keys()


def test_what_has_not_changed_is_not_sent_again(api: Api, known_url: str) -> None:
    keep(known_url, stored(1))
    first = api.get("/improvements")
    again = api.get("/improvements", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    keep(known_url, stored(2))
    assert api.get("/improvements", If_None_Match=first.headers["ETag"]).status_code == 200


def test_a_wish_is_a_job_to_look_at(api: Api, known_url: str) -> None:
    keep(known_url, stored(1))
    answer = api.post(f"/improvements/{stored(1).id}/test", {"reason": "before the release"})
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"{ROOT}/jobs/{answer.json()['id']}"
    job = api.get(f"/jobs/{answer.json()['id']}").json()
    assert (job["state"], job["wish"], job["reason"]) == ("waiting", "test", "before the release")

    async def finish(engine: AsyncEngine) -> None:
        asked = SqlAsked(engine)
        (one,) = await asked.waiting()
        await asked.put(one.id, Progress.DONE, NOW, {"recommendation": "propose"}, "")
        await asked.put(one.id, Progress.FAILED, NOW, {}, "too late")

    ask(known_url, finish)
    job = api.get(f"/jobs/{job['id']}").json()
    assert (job["state"], job["result"]) == ("done", {"recommendation": "propose"})


@pytest.mark.parametrize(("wish", "state"), [("rollback", State.FOUND), ("deploy", State.FOUND)])
def test_what_means_nothing_now_is_a_conflict(
    api: Api, known_url: str, wish: str, state: State
) -> None:
    keep(known_url, stored(1, state=state))
    problem(api.post(f"/improvements/{stored(1).id}/{wish}", {}), 409)
    assert count(known_url, "asked") == 0


def test_the_same_request_with_the_same_key_is_done_once(api: Api, known_url: str) -> None:
    keep(known_url, stored(1), stored(2))
    path = f"/improvements/{stored(1).id}/test"
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(api.post, path, {}, Idempotency_Key="k-1") for _ in range(8)]
    answers = [one.result() for one in sent]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert count(known_url, "asked") == 1
    problem(api.post(path, {"reason": "another"}, Idempotency_Key="k-1"), 422)
    problem(api.post(f"/improvements/{stored(2).id}/test", {}, Idempotency_Key="k-1"), 422)
    assert api.post(path, {}, Idempotency_Key="k-2").status_code == 202
    assert count(known_url, "asked") == 2


def test_a_key_is_its_senders_own(api: Api, address: str, known_url: str) -> None:
    keep(known_url, stored(1), stored(2, "team/other"))
    theirs = Api(address, token(known_url, repository=OTHER))
    for one, number in ((api, 1), (theirs, 2)):
        path = f"/improvements/{stored(number).id}/test"
        assert one.post(path, {}, Idempotency_Key="k").status_code == 202
    assert count(known_url, "asked") == 2


def test_a_refused_request_leaves_its_key_free(api: Api, known_url: str) -> None:
    keep(known_url, stored(1, state=State.KEPT))
    path = f"/improvements/{stored(1).id}/generate"
    problem(api.post(path, {}, Idempotency_Key="k"), 409)
    assert count(known_url, "idempotency_key") == 0


def test_ratings_move_preferences_once_each(api: Api, known_url: str) -> None:
    for _ in range(2):
        answer = api.post("/feedback", RATING, Idempotency_Key="r-1")
        assert (answer.status_code, answer.json()) == (201, {"status": "kept"})
    assert count(known_url, "feedback") == 1
    found = api.get("/preferences?user_id=ann&repository=team/shop").json()
    assert found["settings"]["models"] == {"conversation": "small"}


def test_a_user_of_one_repository_is_nobody_in_another(
    api: Api, address: str, known_url: str
) -> None:
    api.post("/feedback", RATING)
    theirs = Api(address, token(known_url, repository=OTHER))
    found = theirs.get("/preferences?user_id=ann&repository=team/other").json()
    assert found["settings"]["models"] == {}
    for path in ("/preferences?user_id=ann", "/preferences?user_id=ann&repository=team/shop"):
        problem(theirs.get(path), 404)
    problem(theirs.post("/feedback", RATING), 404)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/improvements?limit=0", "limit"),
        ("/improvements?limit=x", "limit"),
        ("/improvements?cursor=AAAA", "cursor"),
        ("/improvements?limit=1&limit=2", "more than once"),
        ("/improvements?colour=red", "colour"),
        ("/improvements?state=lost", "state"),
    ],
)
def test_a_wrong_question_is_told(api: Api, path: str, why: str) -> None:
    assert why in problem(api.get(path), 400)


PLACES = [
    "0001-01-01T00:00:00+14:00 x",
    "9999-12-31T23:59:59-14:00 x",
    "2026-01-01T00:00:00 x",
    "2026-01-01T00:00:00+00:00 a\0",
    "2026-01-01T00:00:00+00:00 ",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("path", ["/improvements", "/deployments/history"])
def test_a_place_that_cannot_be_is_told(api: Api, path: str, place: str) -> None:
    cursor = base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
    assert "cursor" in problem(api.get(f"{path}?cursor={cursor}"), 400)


@pytest.mark.parametrize("id", ["%00", "%C3%A9", "'", "%0d%0a"])
def test_an_id_of_strange_characters_is_nobodys(api: Api, id: str) -> None:
    problem(api.get(f"/improvements/{id}"), 404)
    problem(api.get(f"/jobs/{id}"), 404)
    problem(api.post(f"/improvements/{id}/deploy", {}), 404)


def test_a_wrong_body_is_told(api: Api) -> None:
    assert "feedback_type" in problem(api.post("/feedback", RATING | {"feedback_type": "x"}), 422)
    problem(api.post("/feedback"), 415)
    assert "not JSON" in problem(api.post("/feedback", Content_Type="application/json"), 400)


def test_a_token_may_do_what_its_scopes_say(address: str, known_url: str) -> None:
    keep(known_url, stored(1))
    reader = Api(address, token(known_url, Scope.READ))
    problem(reader.post(f"/improvements/{stored(1).id}/test", {}), 403)
    problem(reader.post("/feedback", RATING), 403)
    actor = Api(address, token(known_url, Scope.ACT))
    problem(actor.get("/improvements"), 403)


def test_each_token_has_a_share_of_its_own(known_url: str) -> None:
    with serving(known_url, minute=3) as address:
        one, other = Api(address, token(known_url)), Api(address, token(known_url))
        assert one.get("/improvements").headers["RateLimit"].startswith('"token";r=2;')
        codes = [one.get("/improvements").status_code for _ in range(4)]
        assert codes[:2] == [200, 200]
        assert 429 in codes[2:]
        assert other.get("/improvements").headers["RateLimit-Policy"] == '"token";q=3;w=60'
        refused = next(
            answer for answer in (one.get("/jobs/x") for _ in range(9)) if answer.status_code == 429
        )
        assert int(refused.headers["Retry-After"]) >= 1


def test_the_document_and_its_page_ask_nobody_else(address: str) -> None:
    with client_of(address) as client:
        document = client.get("/openapi/openapi.json").json()
        assert document["openapi"] == "3.1.0"
        assert {"learning"} <= {tag["name"] for tag in document["tags"]}
        page = client.get("/docs")
        assert "'unsafe" not in page.headers["Content-Security-Policy"]
        assert "http://" not in page.text
        assert "https://" not in page.text
        for file in ("css/swagger-ui.css", "js/swagger-ui-bundle.js", "start.js"):
            assert client.get(f"/docs/{file}").status_code == 200
        assert client.get("/docs/../__init__.py").status_code == 404
        assert client.get("/docs/%2e%2e/__init__.py").status_code == 404


def test_its_own_numbers_name_no_path_that_was_asked_for(address: str) -> None:
    with client_of(address) as client:
        client.get("/no/such/path")
        client.request("STRANGE", "/healthz")
        found = client.get("/metrics").text
    assert 'ironclaw_http_requests_total{method="GET",operation="none",status="404"} 1.0' in found
    assert "such" not in found
    assert "STRANGE" not in found


def test_the_log_of_requests_holds_no_query(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "ironclaw.access"):
        api.get("/improvements?cursor=secret-of-mine")
    lines = [record.getMessage() for record in caplog.records if record.name == "ironclaw.access"]
    assert any("GET /api/v1/learning/improvements 400" in line for line in lines)
    assert not any("secret-of-mine" in line or "Bearer" in line for line in lines)
