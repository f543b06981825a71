"""What a report's body says, and which word is named when it says it wrongly."""

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest

from bot.domain.metrics import Request
from bot.domain.reported import Batch, requests_of
from bot.entrypoints.web.problems import Problem
from bot.entrypoints.web.report import read_report

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "at": "2026-11-22T12:00:00Z",
    "endpoint": "GET /a",
    "ms": 12.5,
    "failed": False,
    "commit": "abc",
}


def read(*items: Any) -> Batch | Problem:
    return read_report(json.dumps({"repository": "team/shop", "requests": items}).encode())


def moment(at: Any) -> datetime:
    found = read(GOOD | {"at": at})
    assert isinstance(found, Batch), found
    return datetime.fromtimestamp(found.requests.at[0], UTC)


def test_a_report_says_whose_it_is_and_what_was_answered() -> None:
    both = [Request(NOON, "GET /a", 12.5, failed, "abc") for failed in (False, True)]
    assert read(GOOD, GOOD | {"failed": True}) == Batch("team/shop", requests_of(both))
    assert read() == Batch("team/shop", requests_of([]))


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-22T12:00:00+00:00",
        "2026-11-22T05:00:00-07:00",
        NOON.timestamp(),
        int(NOON.timestamp()),
    ],
)
def test_a_time_may_be_told_in_several_ways(at: Any) -> None:
    assert moment(at) == NOON


def test_fractions_of_a_second_count() -> None:
    assert moment(NOON.timestamp() + 0.25) == NOON + timedelta(seconds=0.25)


def test_a_commit_may_be_left_out_and_other_words_are_ignored() -> None:
    found = read({name: GOOD[name] for name in GOOD if name != "commit"} | {"status": 200})
    assert isinstance(found, Batch)
    assert found.requests.commit[0] == ""


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("at", None),
        ("at", "noon"),
        ("at", "2026-11-22T12:00:00"),
        ("at", NOON.timestamp() * 1000),
        ("at", 10**400),
        ("at", True),
        ("ms", None),
        ("ms", "12"),
        ("ms", True),
        ("ms", 10**400),
        ("endpoint", None),
        ("endpoint", 7),
        ("failed", None),
        ("failed", 0),
        ("failed", "false"),
        ("commit", None),
        ("commit", 7),
    ],
)
def test_a_word_of_the_wrong_kind_is_named_with_its_request(word: str, value: Any) -> None:
    found = read(GOOD, GOOD | {word: value})
    assert isinstance(found, Problem)
    assert found.status is HTTPStatus.UNPROCESSABLE_ENTITY
    assert found.detail.startswith(f"requests[1]: `{word}` ")


@pytest.mark.parametrize("word", ["at", "endpoint", "ms", "failed"])
def test_a_missing_word_is_named(word: str) -> None:
    found = read({name: GOOD[name] for name in GOOD if name != word})
    assert isinstance(found, Problem)
    assert f"`{word}`" in found.detail


def test_an_item_that_is_no_object_is_named() -> None:
    found = read(GOOD, GOOD, 7)
    assert isinstance(found, Problem)
    assert found.detail.startswith("requests[2]: it is not")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\xfa",
        b'{"repository": "team/shop", "more": ' + b"[" * 200_000,
        b'{"repository": "team/shop", "requests": [{"ms": NaN}]}',
        b'{"repository": "team/shop", "requests": [{"ms": -Infinity}]}',
    ],
)
def test_what_is_not_json_is_a_bad_request(body: bytes) -> None:
    found = read_report(body)
    assert isinstance(found, Problem)
    assert found.status is HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ([], "object"),
        (10**400, "range"),
        ({"requests": []}, "`repository`"),
        ({"repository": 7, "requests": []}, "`repository`"),
        ({"repository": "shop", "requests": []}, "`repository`"),
        ({"repository": "team/", "requests": []}, "`repository`"),
        ({"repository": "team/\0", "requests": []}, "`repository`"),
        ({"repository": "team/" + "x" * 200, "requests": []}, "`repository`"),
        ({"repository": "team/shop"}, "`requests` nor `samples`"),
        ({"repository": "team/shop", "requests": {}}, "`requests`"),
    ],
)
def test_what_is_no_report_is_told_by_word(document: Any, named: str) -> None:
    found = read_report(json.dumps(document).encode())
    assert isinstance(found, Problem)
    assert found.status is HTTPStatus.UNPROCESSABLE_ENTITY
    assert named in found.detail
