"""The access log as services leave it: growing, torn, rotated, cut off, full of the unexpected."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.adapters.signals.access_log import AccessLog, Reading, parse_line
from bot.adapters.signals.backwards import LONGEST
from bot.domain.metrics import Request
from bot.ports import UserError

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SPAN = NOON, NOON + timedelta(hours=1)
GOOD = {"at": "2026-11-22T12:00:01+00:00", "endpoint": "GET /a", "ms": 1.5, "status": 200}


def line(seconds: float = 1, **other: Any) -> str:
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return json.dumps(GOOD | {"at": at} | other) + "\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "access log.jsonl"


# One line


def test_a_line_is_a_request() -> None:
    text = json.dumps(GOOD | {"commit": "abc", "user": "ignored"}).encode()
    expected = Request(NOON + timedelta(seconds=1), "GET /a", 1.5, failed=False, commit="abc")
    assert parse_line(text) == expected


def test_the_commit_may_be_missing() -> None:
    request = parse_line(json.dumps(GOOD).encode())
    assert request is not None
    assert request.commit == ""


@pytest.mark.parametrize(
    ("status", "failed"), [(200, False), (404, False), (499, False), (500, True), (599, True)]
)
def test_from_500_on_a_request_failed(status: int, failed: bool) -> None:
    request = parse_line(json.dumps(GOOD | {"status": status}).encode())
    assert request is not None
    assert request.failed is failed


def test_a_time_may_end_in_z() -> None:
    request = parse_line(json.dumps(GOOD | {"at": "2026-11-22T12:00:01Z"}).encode())
    assert request is not None
    assert request.at == NOON + timedelta(seconds=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "2026-11-22T12:00:01"},
        {"at": "yesterday"},
        {"at": 1795348801},
        {"at": None},
        {"endpoint": ""},
        {"endpoint": 7},
        {"endpoint": "GET /" + "a" * 200},
        {"endpoint": "GET /\x1b[2J"},
        {"ms": "1.5"},
        {"ms": True},
        {"ms": None},
        {"ms": -0.1},
        {"ms": float("nan")},
        {"ms": float("inf")},
        {"ms": 10**400},
        {"status": "200"},
        {"status": 200.0},
        {"status": True},
        {"status": 0},
        {"status": 99},
        {"status": 600},
        {"commit": 5},
        {"commit": None},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_a_value_that_makes_no_sense_is_no_request(wrong: dict[str, Any]) -> None:
    assert parse_line(json.dumps(GOOD | wrong).encode()) is None


@pytest.mark.parametrize("name", ["at", "endpoint", "ms", "status"])
def test_a_field_must_be_there(name: str) -> None:
    content = {key: value for key, value in GOOD.items() if key != name}
    assert parse_line(json.dumps(content).encode()) is None


@pytest.mark.parametrize(
    "garbage",
    [
        *(b"", b"null", b"7", b'"text"', b"[]", b'["at"]', b"{", b"{}", b"\xff\xfe", b"\0" * 50),
        *(b"[" * 10_000, b"127.0.0.1 - - GET / 200"),
    ],
    ids=lambda garbage: repr(garbage[:10]),
)
def test_garbage_is_no_request(garbage: bytes) -> None:
    assert parse_line(garbage) is None


# The whole file


def test_a_missing_log_is_empty(path: Path) -> None:
    assert AccessLog(path).read(*SPAN).requests == ()


async def test_garbage_is_passed_over_counted_and_said(path: Path) -> None:
    nan = line(ms=float("nan"))
    path.write_text(f"{line(1)}garbage\n\n{nan}{line(2)}{'x' * (LONGEST + 1)}\n{line(3)}")
    reading = AccessLog(path).read(*SPAN)
    assert [one.at.second for one in reading.requests] == [1, 2, 3]
    assert (reading.skipped, reading.cut) == (3, False)
    with capture_logs() as logs:
        await AccessLog(path).requests(*SPAN)
    assert [(log["event"], log["skipped"]) for log in logs] == [("access_log_incomplete", 3)]


async def test_a_good_log_is_read_without_a_word(path: Path) -> None:
    path.write_text(line(1) + line(2))
    with capture_logs() as logs:
        assert len(await AccessLog(path).requests(*SPAN)) == 2
    assert logs == []


def test_a_line_still_being_written_is_not_garbage_and_comes_later(path: Path) -> None:
    torn = line(2)
    path.write_text(line(1) + torn[:20])
    log = AccessLog(path)
    assert [one.at.second for one in log.read(*SPAN).requests] == [1]
    assert log.read(*SPAN).skipped == 0
    with path.open("a") as file:
        file.write(torn[20:])
    assert [one.at.second for one in log.read(*SPAN).requests] == [1, 2]


def test_what_is_long_past_is_not_read(path: Path) -> None:
    past = "".join(line(-3600 + n) for n in range(1_000))
    path.write_text("garbage\n" * 10 + past + line(1) + line(2))
    reading = AccessLog(path).read(*SPAN)
    assert len(reading.requests) == 2
    assert reading.skipped == 0


def test_a_few_lines_with_a_wrong_clock_hide_nothing(path: Path) -> None:
    path.write_text(line(1) + "".join(line(-9_000) for _ in range(150)) + line(2))
    assert [one.at.second for one in AccessLog(path).read(*SPAN).requests] == [1, 2]


def test_a_slow_request_noted_late_is_found(path: Path) -> None:
    others = "".join(line(-30 - n / 100) for n in range(1_000))
    path.write_text(line(1) + others)
    assert len(AccessLog(path).read(*SPAN).requests) == 1


# Rotation


def test_a_rotated_log_is_read_on(path: Path) -> None:
    path.write_text(line(1) + line(2))
    path.rename(f"{path}.1")
    assert [one.at.second for one in AccessLog(path).read(*SPAN).requests] == [1, 2]
    path.write_text(line(3))
    assert [one.at.second for one in AccessLog(path).read(*SPAN).requests] == [1, 2, 3]


def test_a_log_under_both_names_counts_once(path: Path) -> None:
    path.write_text(line(1))
    os.link(path, f"{path}.1")
    assert len(AccessLog(path).read(*SPAN).requests) == 1


def test_a_log_that_is_emptied_begins_anew(path: Path) -> None:
    path.write_text(line(1) + line(2))
    log = AccessLog(path)
    assert len(log.read(*SPAN).requests) == 2
    os.truncate(path, 0)
    assert log.read(*SPAN).requests == ()
    path.write_text(line(3))
    assert [one.at.second for one in log.read(*SPAN).requests] == [3]


class Cutting(AccessLog):
    """A log that something else empties as often as it is told, just when it is read."""

    def __init__(self, path: Path, times: int) -> None:
        super().__init__(path)
        self.emptied, self.left = path, times

    def _collect(self, *arguments: Any, **options: Any) -> Reading:
        if self.left:
            self.left -= 1
            os.truncate(self.emptied, 0)
            reading = super()._collect(*arguments, **options)
            raise AssertionError(reading)
        return super()._collect(*arguments, **options)


def test_a_log_emptied_while_it_is_read_is_read_again(path: Path) -> None:
    path.write_text(line(1))
    assert Cutting(path, times=1).read(*SPAN) == Reading(())


def test_a_log_emptied_again_and_again_is_not_called_complete(path: Path) -> None:
    path.write_text(line(1) + line(2))

    class Refilled(Cutting):
        def _read(self, since: datetime, until: datetime) -> Reading:
            path.write_text(line(1) + line(2))
            return super()._read(since, until)

    assert Refilled(path, times=9).read(*SPAN) == Reading((), cut=True)


# Limits


def test_of_too_many_requests_the_newest_count(path: Path) -> None:
    path.write_text("".join(line(n) for n in range(10)))
    reading = AccessLog(path, most_requests=4).read(*SPAN)
    assert [one.at.second for one in reading.requests] == [6, 7, 8, 9]
    assert reading.cut
    assert not AccessLog(path, most_requests=10).read(*SPAN).cut


def test_of_too_many_bytes_the_newest_count(path: Path) -> None:
    path.write_text("".join(line(n) for n in range(10)))
    size = len(line(1))
    reading = AccessLog(path, most_bytes=3 * size + 5).read(*SPAN)
    assert [one.at.second for one in reading.requests] == [7, 8, 9]
    assert (reading.cut, reading.skipped) == (True, 0)


def test_the_bytes_of_the_rotated_log_count_too(path: Path) -> None:
    Path(f"{path}.1").write_text("".join(line(n) for n in range(5)))
    path.write_text("".join(line(n) for n in range(5, 10)))
    size = len(line(1))
    reading = AccessLog(path, most_bytes=7 * size + 5).read(*SPAN)
    assert [one.at.second for one in reading.requests] == [3, 4, 5, 6, 7, 8, 9]
    assert reading.cut


# What cannot be read


def test_a_pipe_is_no_log_and_nobody_waits_for_it(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(UserError, match="not a regular file"):
        AccessLog(path).read(*SPAN)


def test_a_folder_is_no_log(path: Path) -> None:
    path.mkdir()
    with pytest.raises(UserError, match="not a regular file") as raised:
        AccessLog(path).read(*SPAN)
    assert raised.value.remedy


def test_a_path_through_a_file_is_an_error_of_the_user(path: Path) -> None:
    path.write_text("")
    with pytest.raises(UserError, match="cannot be read"):
        AccessLog(path / "access.jsonl").read(*SPAN)
