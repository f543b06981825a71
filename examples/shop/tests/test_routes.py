import json

import pytest

from shop import __main__ as program
from shop.access_log import AccessLog
from shop.database import Database
from shop.routes import Response, Route, answer


@pytest.mark.parametrize(
    ("method", "target", "endpoint", "status"),
    [
        ("GET", "/products/7", "GET /products/{id}", 200),
        ("GET", "/products/700", "GET /products/{id}", 404),
        ("GET", "/search?q=lamp", "GET /search", 200),
        ("GET", "/reports/customers?month=2025-11", "GET /reports/customers", 200),
        ("GET", "/reports/customers", "GET /reports/customers", 400),
        ("POST", "/orders", "POST /orders", 400),
        ("GET", "/healthz", "GET /healthz", 200),
        ("GET", "/products", "GET (unknown)", 404),
        ("DELETE", "/products/7", "DELETE (unknown)", 404),
    ],
)
def test_a_request_is_answered_by_its_endpoint(
    database: Database, method: str, target: str, endpoint: str, status: int
) -> None:
    asked, response = answer(database, method, target)
    assert (asked, response.status) == (endpoint, status)
    assert program.main
    json.dumps(response.content)


def test_a_parameter_is_decoded() -> None:
    known = Route("GET", "/a/{b}/c", lambda database, request: Response(200, None))
    assert known.match("GET", "/a/x%20y/c") == {"b": "x y"}
    assert known.match("GET", "/a/x/d") is None
    assert known.match("GET", "/a/x") is None


def test_a_handler_that_fails_is_a_500(tmp_path) -> None:
    missing = Database(str(tmp_path / "missing.sqlite"))
    endpoint, response = answer(missing, "GET", "/products/1")
    assert (endpoint, response.status) == ("GET /products/{id}", 500)


def test_health_says_what_runs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_COMMIT", "abc123")
    _, response = answer(database, "GET", "/healthz")
    assert response.content == {"commit": "abc123", "products": 12, "customers": 60}


def test_a_request_is_one_line_of_the_access_log(tmp_path) -> None:
    file = tmp_path / "access log.jsonl"
    log = AccessLog(str(file), "abc123")
    log.write("GET /search", 1.23456, 200)
    log.write("POST /orders", 2.0, 409)
    first, second = map(json.loads, file.read_text().splitlines())
    assert (first["endpoint"], first["ms"], first["commit"]) == ("GET /search", 1.235, "abc123")
    assert second["status"] == 409
    assert second["at"] >= first["at"]


def test_without_a_file_nothing_is_logged() -> None:
    AccessLog("", "abc123").write("GET /search", 1.0, 200)
