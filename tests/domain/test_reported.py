"""The limits of what a service may report of its requests, each at its edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.domain.metrics import LARGEST, MetricType, Request, Sample
from bot.domain.reported import (
    AHEAD,
    MOST,
    MOST_SERIES,
    OLDEST,
    Batch,
    Refused,
    refusal,
    requests_of,
    samples_of,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GOOD = Request(NOON, "GET /items/{id}", 12.5, failed=False, commit="a" * 40)
SAMPLE = Sample("rss", MetricType.MEMORY_USAGE, 100.0, NOON, "MB", "")
TICK = timedelta(milliseconds=1)


def refused(*requests: Request) -> Refused | None:
    return refusal(Batch("team/shop", requests_of(requests)), NOON)


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
    assert refused(replace(GOOD, **changes)) is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"at": NOON - OLDEST - TICK}, "at"),
        ({"at": NOON + AHEAD + TICK}, "at"),
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
    found = refused(GOOD, replace(GOOD, **changes))
    assert found is not None
    assert found.number == 1
    assert found.why.startswith(f"`{named}` ")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"at": NOON - OLDEST - TICK}, "at"),
        ({"value": float("nan")}, "value"),
        ({"value": -2 * LARGEST}, "value"),
        ({"metric_name": ""}, "metric_name"),
        ({"endpoint": "x" * 201}, "endpoint"),
        ({"unit": "\n"}, "unit"),
    ],
)
def test_a_sample_is_refused_by_name_and_number(changes: dict[str, Any], named: str) -> None:
    batch = Batch("team/shop", samples=samples_of([SAMPLE, replace(SAMPLE, **changes)]))
    found = refusal(batch, NOON)
    assert found is not None
    assert (found.what, found.number) == ("samples", 1)
    assert found.why.startswith(f"`{named}` ")
    assert refusal(replace(batch, samples=samples_of([SAMPLE])), NOON) is None


def test_a_batch_has_its_most() -> None:
    assert refused(*[GOOD] * MOST) is None
    found = refused(*[GOOD] * (MOST + 1))
    assert found == Refused("10001 are more than 10,000 in one batch")


def test_a_batch_has_its_most_series() -> None:
    many = [replace(GOOD, endpoint=f"/users/{n}") for n in range(MOST_SERIES + 1)]
    assert refused(*many[:-1]) is None
    found = refused(*many)
    assert found is not None
    assert "such as `/users/{id}`" in found.why


def test_no_request_is_no_fault() -> None:
    assert refused() is None
