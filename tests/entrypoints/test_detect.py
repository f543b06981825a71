"""`ironclaw detect`: the file it reads, the document and the text it prints."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.entrypoints.cli import app
from bot.entrypoints.detect.reading import read_series
from bot.ports import UserError

run = CliRunner()


def stepped(path: Path) -> Path:
    rng = random.Random(1)
    rows = [
        f"{1_700_000_000 + 300 * i},{(10 if i < 60 else 15) + rng.random()}" for i in range(120)
    ]
    path.write_text("\n".join(["timestamp,value", *rows]) + "\n")
    return path


def leaking(path: Path) -> Path:
    rng = random.Random(2)
    rows = [f"{300_000 * i + 1_700_000_000_000},{200 + i + rng.random()}" for i in range(288)]
    path.write_text("\n".join(rows))
    return path


def detect(*arguments: str) -> dict[str, Any]:
    done = run.invoke(app, ["detect", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    assert list(document) == ["schema", "kind", "verdict", "points", "leak", "reason"]
    assert document["schema"] == 1
    return document


def test_a_change_is_one_document(tmp_path: Path) -> None:
    found = detect(str(stepped(tmp_path / "x.csv")), "--kind", "change")
    assert (found["kind"], found["verdict"], found["leak"]) == ("change", "found", None)
    (point,) = found["points"]
    assert sorted(point) == ["direction", "effect", "index", "p", "timestamp"]
    assert (point["index"], point["direction"]) == (60, "up")
    assert point["timestamp"] == "2023-11-15T03:13:20+00:00"


def test_a_leak_is_one_document(tmp_path: Path) -> None:
    found = detect(str(leaking(tmp_path / "x.csv")), "--kind", "leak", "--start", "1700000000")
    assert (found["verdict"], found["points"]) == ("found", [])
    leak = found["leak"]
    assert leak["detected"] is True
    assert leak["low"] <= leak["growth_per_hour"] <= leak["high"]
    assert leak["growth_per_hour"] == pytest.approx(12, rel=0.05)


def test_too_little_is_inconclusive(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("1,2\n2,3\n")
    for kind in ("change", "leak", "anomaly"):
        assert detect(str(path), "--kind", kind)["verdict"] == "inconclusive"
    leak = {"detected": False, "growth_per_hour": None, "low": None, "high": None}
    assert detect(str(path), "--kind", "leak")["leak"] == leak


def test_a_person_sees_a_sparkline(tmp_path: Path) -> None:
    shown = run.invoke(app, ["detect", str(stepped(tmp_path / "x.csv"))]).stdout.splitlines()
    assert shown[0] == "found: 1 lasting change in 120 values"
    assert set(shown[1]) & set("▁▂▃▄▅▆▇█")
    assert shown[2].index("^") == 36
    assert "up" in shown[3]
    assert "p " in shown[3]


def test_standard_input_is_read() -> None:
    done = run.invoke(app, ["detect", "-", "--kind", "anomaly", "--json"], input="1,2\n2,3\n")
    assert json.loads(done.stdout)["verdict"] == "inconclusive"


def test_help_has_examples() -> None:
    shown = run.invoke(app, ["detect", "--help"]).stdout
    assert "ironclaw detect latency.csv --kind change" in shown


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("1700000000,1", 1.7e9),
        ("1700000000123,1", 1700000000.123),
        ("1700000000000000,1", 1.7e9),
        ("1700000000000000000,1", 1.7e9),
        ("2023-11-14T22:13:20Z,1", 1.7e9),
        ("2023-11-14 22:13:20,1", 1.7e9),
        ("2023-11-14T23:13:20+01:00,1", 1.7e9),
    ],
)
def test_times_are_read_in_every_common_form(line: str, seconds: float) -> None:
    assert read_series([line]).times == (seconds,)


def test_headers_gaps_and_comments() -> None:
    series = read_series(["time,memory\n", "\n", "# a note\n", "1,\n", "2,NaN\n", "3, 4.5\n"])
    assert series.times == (1.0, 2.0, 3.0)
    assert series.known() == [2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file has no values"),
        ("time,value\n", "the file has no values"),
        ("1,2\nx,3\n", "line 2: 'x' is no time"),
        ("1,2\n2,x\n", "line 2: 'x' is no number"),
        ("1,2\n2,inf\n", "line 2: 'inf' is no number"),
        ("1,2\n2\n", "line 2: 1 columns, not 2"),
        ("1,2\n\n0.5,3\n", "line 3: 0.5 is before the line above it"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(UserError) as refused:
        read_series(text.splitlines(keepends=True))
    assert str(refused.value) == problem
    assert refused.value.remedy


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x01")
    for name in ("none.csv", "binary"):
        done = run.invoke(app, ["detect", str(tmp_path / name)])
        assert isinstance(done.exception, UserError)


def test_a_start_that_is_no_time(tmp_path: Path) -> None:
    path = leaking(tmp_path / "x.csv")
    done = run.invoke(app, ["detect", str(path), "--kind", "leak", "--start", "noon"])
    assert done.exit_code == 2
