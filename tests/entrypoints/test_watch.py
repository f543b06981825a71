"""`ironclaw watch` on files: what it prints, and which line of a file is at fault."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.entrypoints.watch.command import add_to
from bot.entrypoints.watch.series_file import read_series
from bot.ports import UserError
from tests.domain.test_replay import rates, times

app = typer.Typer(pretty_exceptions_enable=False)
add_to(app)


@app.command("other", hidden=True)
def _other() -> None:
    """So that `watch` is a command among others here too."""


def latency_file(path: Path, seed: int, seconds: int, median: float, *, iso: bool = False) -> Path:
    rows = times(seed, seconds, median)
    start = 1_700_000_000
    stamps = [
        datetime.fromtimestamp(start + row.at, UTC).isoformat() if iso else f"{start + row.at:.3f}"
        for row in rows
    ]
    lines = [f"{stamp},{row.milliseconds:.3f}" for stamp, row in zip(stamps, rows, strict=True)]
    path.write_text("\n".join(["timestamp,value", *lines]) + "\n")
    return path


def error_file(path: Path, seed: int, seconds: int, share: float) -> Path:
    lines = [
        f"{row.at:.0f},{row.errors:.0f},{row.requests:.0f}" for row in rates(seed, seconds, share)
    ]
    path.write_text("\n".join(["timestamp,errors,requests", *lines]) + "\n")
    return path


def judged(before: Path, after: Path, metric: str, *more: str) -> dict[str, object]:
    arguments = ["watch", "--baseline", str(before), "--candidate", str(after)]
    done = CliRunner().invoke(app, [*arguments, "--metric", metric, "--json", *more])
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    keys = ["phase", "reason", "decided_after_seconds", "effect", "low", "high"]
    assert list(found) == keys
    return found


@pytest.mark.parametrize("iso", [True, False])
def test_latency_is_judged(tmp_path: Path, iso: bool) -> None:
    before = latency_file(tmp_path / "a.csv", 1, 1_800, 60, iso=iso)
    worse = judged(before, latency_file(tmp_path / "b.csv", 2, 400, 120), "latency")
    assert worse["phase"] == "failed"
    assert worse["effect"] == pytest.approx(2, rel=0.2)
    same = judged(before, latency_file(tmp_path / "c.csv", 3, 400, 60, iso=iso), "latency")
    assert same["phase"] == "successful"


def test_error_rates_are_judged(tmp_path: Path) -> None:
    before = error_file(tmp_path / "a.csv", 1, 1_800, 0.01)
    assert (
        judged(before, error_file(tmp_path / "b.csv", 2, 400, 0.15), "error_rate")["phase"]
        == "failed"
    )
    short = error_file(tmp_path / "c.csv", 2, 70, 0.01)
    assert judged(before, short, "error_rate")["phase"] == "inconclusive"


def test_a_person_reads_words(tmp_path: Path) -> None:
    before = latency_file(tmp_path / "a.csv", 1, 1_800, 60)
    after = latency_file(tmp_path / "b.csv", 2, 400, 120)
    arguments = ["watch", "--baseline", str(before), "--candidate", str(after)]
    done = CliRunner().invoke(app, [*arguments, "--metric", "latency"])
    first, second, third = done.stdout.splitlines()
    assert first.startswith("failed: it got worse: the median went from ")
    assert second.startswith("decided after ")
    assert third.startswith("response time x")


def test_what_was_not_measured_is_counted_apart(tmp_path: Path) -> None:
    before = latency_file(tmp_path / "a.csv", 1, 1_800, 60)
    after = latency_file(tmp_path / "b.csv", 2, 400, 60)
    after.write_text(after.read_text() + "1700000300,\n1700000301,NaN\n\n")
    found = judged(before, after, "latency")
    assert str(found["reason"]).endswith("(2 rows had no value)")
    assert found["phase"] == "successful"


@pytest.mark.parametrize(
    ("text", "metric", "problem"),
    [
        ("", "latency", ":1: no column `timestamp`, `value`"),
        ("time,value\n", "latency", ":1: no column `timestamp`"),
        ("timestamp,value\n1,2\nx,3\n", "latency", ":3: `timestamp` is 'x', no time"),
        ("timestamp,value\n1,fast\n", "latency", ":2: `value` is 'fast', no number"),
        ("timestamp,value\n1,-2\n", "latency", ":2: `value` is -2, not a number from 0"),
        ("timestamp,value\n\n1\n", "latency", ":3: 1 columns, 2 needed"),
        ("timestamp,errors,requests\n1,3,2\n", "error_rate", ":2: 3 errors in 2 requests"),
        ("timestamp,value\n1,2\n", "error_rate", ":1: no column `errors`, `requests`"),
        ("timestamp,value\n1e300,2\n", "latency", ":2: `timestamp` is '1e300', no time"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, metric: str, problem: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        read_series(path, metric)
    assert f"{path}{problem}" in str(error.value)
    assert error.value.remedy


def test_a_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        read_series(tmp_path / "missing.csv", "latency")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot read"):
        read_series(tmp_path / "binary.csv", "latency")


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02 04:04:05+01:00",
        "2026-01-02T03:04:05",
        "1767323045",
        "1767323045000",
    ],
)
def test_times_may_be_written_in_many_ways(tmp_path: Path, stamp: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"\ufefftimestamp , value\n{stamp},7\n")
    (row,) = read_series(path, "latency").rows
    assert (row.at, row.values) == (1767323045.0, (7.0,))
