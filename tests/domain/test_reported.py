"""The limits of what a service may report of its requests, each at its edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.domain.metrics import LARGEST, Request
from bot.domain.reported import AHEAD, MOST_REQUESTS, OLDEST, Refused, refusal

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GOOD = Request(NOON, "GET /items/{id}", 12.5, failed=False, commit="a" * 40)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": NOON - OLDEST},
        {"at": NOON + AHEAD},
        {"at": NOON.astimezone(timezone(timedelta(hours=14)))},
        {"milliseconds": 0.0},
        {"milliseconds": LARGEST},
        {"endpoint": "x" * 200},
        {"endpoint": "/日本語"},
        {"commit": ""},
        {"commit": "f" * 64},
    ],
)
def test_what_is_just_allowed_is_taken(changes: dict[str, Any]) -> None:
    assert refusal([replace(GOOD, **changes)], NOON) is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"at": NOON - OLDEST - TICK}, "at"),
        ({"at": NOON + AHEAD + TICK}, "at"),
        ({"at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))}, "at"),
        ({"at": datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))}, "at"),
        ({"milliseconds": -0.1}, "ms"),
        ({"milliseconds": float("nan")}, "ms"),
        ({"milliseconds": float("inf")}, "ms"),
        ({"milliseconds": 2 * LARGEST}, "ms"),
        ({"endpoint": ""}, "endpoint"),
        ({"endpoint": "x" * 201}, "endpoint"),
        ({"endpoint": "GET /\0"}, "endpoint"),
        ({"endpoint": "GET /\ud800"}, "endpoint"),
        ({"commit": "f" * 65}, "commit"),
        ({"commit": "\0"}, "commit"),
    ],
)
def test_what_is_beyond_is_refused_by_name_and_number(changes: dict[str, Any], named: str) -> None:
    found = refusal([GOOD, replace(GOOD, **changes)], NOON)
    assert found is not None
    assert found.number == 1
    assert found.why.startswith(f"`{named}` ")


def test_a_batch_has_its_most() -> None:
    assert refusal([GOOD] * MOST_REQUESTS, NOON) is None
    found = refusal([GOOD] * (MOST_REQUESTS + 1), NOON)
    assert found == Refused("10001 requests are more than 10,000 in one batch")


def test_no_request_is_no_fault() -> None:
    assert refusal([], NOON) is None
