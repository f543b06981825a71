"""The action in mode `gate`, run as its steps are on GitHub."""

import json
import random
from pathlib import Path

from tests.entrypoints.action.machine import TOKEN, report_of, run_action


def hyperfine(tmp_path: Path, name: str, seconds: float, seed: int = 1) -> str:
    dice = random.Random(seed)
    times = [seconds * dice.gauss(1, 0.01) for _ in range(30)]
    mean = sum(times) / 30
    one = {"command": "sort big.txt", "mean": mean, "median": mean, "times": times}
    (tmp_path / name).write_text(json.dumps({"results": [one]}), encoding="utf-8")
    return name


def test_a_slower_benchmark_fails_the_step(tmp_path: Path) -> None:
    before = hyperfine(tmp_path, "before.json", 0.1)
    after = hyperfine(tmp_path, "after.json", 0.15, seed=2)
    done = run_action(tmp_path, {"files": after, "baseline": before})
    assert done.conclusion == "failure"
    outputs = done.outputs("ironclaw")
    assert (outputs["verdict"], outputs["regressions"]) == ("fail", "1")
    assert outputs["headline"] == "1 worse"
    (shown,) = done.log.annotations
    assert shown.level == "error"
    assert shown.properties["title"] == "regression: sort big.txt"
    assert "## ❌ Ironclaw gate: 1 worse" in done.summary
    assert report_of(done)["details"]["benchmarks"][0]["verdict"] == "regression"


def test_the_same_passes_and_a_faster_one_too(tmp_path: Path) -> None:
    before = hyperfine(tmp_path, "before.json", 0.1)
    same = hyperfine(tmp_path, "same.json", 0.1, seed=2)
    done = run_action(tmp_path, {"files": same, "baseline": before})
    assert (done.conclusion, done.outputs("ironclaw")["verdict"]) == ("success", "pass")
    faster = hyperfine(tmp_path, "faster.json", 0.05, seed=2)
    done = run_action(tmp_path, {"files": faster, "baseline": before})
    assert (done.outputs("ironclaw")["verdict"], done.outputs("ironclaw")["improvements"]) == (
        "pass",
        "1",
    )


def test_no_baseline_is_inconclusive_and_fails_only_where_that_is_asked(tmp_path: Path) -> None:
    after = hyperfine(tmp_path, "after.json", 0.1)
    given = {"files": after, "baseline": "old/*.json"}
    done = run_action(tmp_path, given)
    assert (done.conclusion, done.outputs("ironclaw")["verdict"]) == ("success", "inconclusive")
    assert "there is no baseline" in done.summary
    assert run_action(tmp_path, {**given, "fail-on": "inconclusive"}).conclusion == "failure"


def test_a_regression_does_not_fail_where_nothing_shall(tmp_path: Path) -> None:
    before = hyperfine(tmp_path, "before.json", 0.1)
    after = hyperfine(tmp_path, "after.json", 0.3)
    done = run_action(tmp_path, {"files": after, "baseline": before, "fail-on": "never"})
    assert (done.conclusion, done.outputs("ironclaw")["verdict"]) == ("success", "fail")


def test_what_cannot_be_read_fails_whatever_may_not(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text("{", encoding="utf-8")
    done = run_action(tmp_path, {"files": "new.json", "baseline": "x", "fail-on": "never"})
    assert done.conclusion == "failure"
    assert "Traceback" not in done.log.text
    assert any("no file of `files` can be compared" in one.text for one in done.log.annotations)


def test_every_wrong_input_is_named(tmp_path: Path) -> None:
    given = {"mode": "gait", "threshold": "lots", "summary": "yes"}
    done = run_action(tmp_path, given)
    assert done.conclusion == "failure"
    said = [one.text for one in done.log.annotations]
    for name in ("mode", "threshold", "summary", "files", "baseline"):
        assert any(f"input {name}:" in text for text in said), name


def test_security_40_an_input_is_never_a_command_of_the_shell_or_the_runner(tmp_path: Path) -> None:
    for nasty in ("$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "a\n::error::forged"):
        done = run_action(tmp_path, {"files": nasty, "baseline": nasty, "format": nasty})
        assert done.conclusion == "failure"
        assert not list(tmp_path.rglob("pwned"))
        assert not [one for one in done.log.annotations if one.text == "forged"]


def test_security_40_a_name_in_a_file_cannot_speak_to_the_runner(tmp_path: Path) -> None:
    nasty = "x\n::error::forged\n::add-mask::a\n<img src=x> @octocat | `"
    one = [{"name": nasty, "unit": "ms", "value": 1.0}]
    for name in ("old.json", "new.json"):
        (tmp_path / name).write_text(json.dumps(one), encoding="utf-8")
    given = {"files": "new.json", "baseline": "old.json", "format": "custom-smaller"}
    done = run_action(tmp_path, given)
    assert done.outputs("ironclaw")["verdict"] == "inconclusive"
    assert [one.level for one in done.log.annotations] == ["warning"]
    row = next(line for line in done.summary.splitlines() if "octocat" in line)
    # One row, whose name is code and nothing else.
    assert row.startswith("| `` x")
    assert row.count(" | ") == 4


def test_the_token_is_in_no_line(tmp_path: Path) -> None:
    before = hyperfine(tmp_path, "before.json", 0.1)
    done = run_action(tmp_path, {"files": before, "baseline": before})
    assert done.outputs("ironclaw")["verdict"] == "pass"
    assert TOKEN not in done.log.text + done.summary + json.dumps(report_of(done))
