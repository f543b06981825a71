"""The action in jobs on the fake GitHub: tokens, comments, forks, schedules, pull requests."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.domain.test_replay import times
from tests.entrypoints.action.online import NAME, PAGE, kept, last, of_page, on_github, workflow
from tests.entrypoints.projects import SLOW, TESTS

FILES = {"shop/__init__.py": "", "shop/names.py": SLOW, "tests/test_names.py": TESTS}
READ = {"contents": "read"}
COMMENT = {**READ, "pull-requests": "write"}
# What our page says that it takes, and nothing more.
(_LINE,) = re.findall(r"^\| `improve` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
WRITE = dict(re.findall(r"`([a-z-]+): (read|write)`", _LINE))
MADE = "python3 tools/bench.py > new.json"


def bench(seconds: float) -> dict[str, str]:
    """Files of a hyperfine-like benchmark whose new result takes so long."""
    text = f"""import json, random
dice = random.Random(1)
times = [{seconds} * dice.gauss(1, 0.01) for _ in range(30)]
one = {{"command": "sort", "mean": sum(times) / 30, "median": times[0], "times": times}}
print(json.dumps({{"results": [one]}}))
"""
    return {"tools/bench.py": text}


def baseline() -> dict[str, str]:
    times = [0.1 + 0.0001 * number for number in range(-15, 15)]
    one = {"command": "sort", "mean": 0.1, "median": 0.1, "times": times}
    return {"base.json": json.dumps({"results": [one]})}


GATE = {"files": "new.json", "baseline": "base.json", "comment": "true"}


def test_one_comment_is_written_anew_by_each_run(tmp_path: Path) -> None:
    files = {**baseline(), **bench(0.1), **workflow("pull_request", GATE, COMMENT, MADE)}
    with on_github(tmp_path, files) as fake:
        fake.push(NAME, "topic", bench(0.2))
        number = fake.open_pull(NAME, "topic")
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("failure", "fail"), done.log.text
        (comment,) = fake.pull(NAME, number).comments
        assert comment.author.login == "github-actions[bot]"
        assert "❌ Ironclaw gate: 1 worse" in comment.body
        run = fake.repository(NAME).workflow_runs[-1]
        assert f"{fake.url}/{NAME}/actions/runs/{run.id}" in comment.body
        assert kept(fake)["verdict"] == "fail"
        fake.push(NAME, "topic", bench(0.1))
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("success", "pass"), done.log.text
        (comment,) = fake.pull(NAME, number).comments
        assert "✅ Ironclaw gate: 1 as before" in comment.body


def test_a_fork_gets_the_summary_and_the_report_and_is_told_why(tmp_path: Path) -> None:
    files = {**baseline(), **bench(0.1), **workflow("pull_request", GATE, COMMENT, MADE)}
    with on_github(tmp_path, files) as fake:
        number = fake.open_pull_from_fork(NAME, "topic", bench(0.2))
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("failure", "fail"), done.log.text
        assert fake.pull(NAME, number).comments == []
        assert "This pull request comes from a fork" in done.summary
        assert "Note: This pull request comes from a fork" in done.log.text
        assert kept(fake)["verdict"] == "fail"


def test_a_token_that_may_not_comment_changes_no_verdict(tmp_path: Path) -> None:
    files = {**baseline(), **bench(0.1), **workflow("pull_request", GATE, READ, MADE)}
    with on_github(tmp_path, files) as fake:
        fake.push(NAME, "topic", {"a.txt": "a"})
        number = fake.open_pull(NAME, "topic")
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("success", "pass"), done.log.text
        assert fake.pull(NAME, number).comments == []
        assert "GitHub did not let us write it" in done.summary


def test_no_comment_where_there_is_no_pull_request(tmp_path: Path) -> None:
    files = {**baseline(), **bench(0.1), **workflow("push", GATE, COMMENT, MADE)}
    with on_github(tmp_path, files) as fake:
        fake.push(NAME, "main", {"a.txt": "a"})
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("success", "pass"), done.log.text
        assert not [one for one in fake.requests if one.method != "GET"]


def test_report_keeps_what_it_read_and_says_what_it_did_not(tmp_path: Path) -> None:
    given = {"mode": "report", "files": "*.json"}
    files = {**baseline(), "odd.json": "{", **workflow("schedule", given, READ)}
    with on_github(tmp_path, files) as fake:
        fake.start_workflows(NAME, "schedule", schedule="0 3 * * *")
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("success", "inconclusive"), done.log.text
        assert outputs["headline"] == "1 files read, 1 refused"
        assert [(one.level, one.properties["title"]) for one in done.log.annotations] == [
            ("error", "not read: odd.json")
        ]
        names = [one["file"] for one in kept(fake)["details"]["files"]]
        assert names == ["base.json", "odd.json"]


SANDBOX = {"mode": "sandbox", "python": sys.executable, "comment": "true"}


@pytest.mark.soak
def test_sandbox_compares_what_is_merged_with_the_base(tmp_path: Path) -> None:
    files = {**FILES, **workflow("pull_request", SANDBOX, COMMENT)}
    with on_github(tmp_path, files) as fake:
        broken = TESTS + "\n\ndef test_new():\n    assert 0\n"
        number = fake.open_pull_from_fork(NAME, "topic", {"tests/test_names.py": broken})
        # The base goes on meanwhile: what is there already is not blamed on the change.
        fake.push(NAME, "main", {"other.py": "x = 1\n"})
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("failure", "fail"), done.log.text
        report = kept(fake)["details"]
        assert report["tests"]["newly_failed"] == ["tests/test_names.py::test_new"]
        assert report["base"] == fake.head(NAME)
        assert report["head"] == fake.repository(NAME).git.refs.read(f"refs/pull/{number}/merge")
        assert "comes from a fork" in done.summary


@pytest.mark.soak
def test_improve_on_a_schedule_opens_once_what_it_may(tmp_path: Path) -> None:
    given = {
        "mode": "improve",
        "python": sys.executable,
        "rules": "seen-as-list",
        "max": "1",
    }
    files = {**FILES, **workflow("schedule", given, WRITE)}
    with on_github(tmp_path, files) as fake:
        fake.start_workflows(NAME, "schedule", schedule="0 3 * * *")
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("success", "inconclusive"), done.log.text
        (shown,) = done.log.annotations
        assert shown.properties["title"] == "not opened: seen-as-list"
        assert "Workflow permissions" in shown.text
        fake.repository(NAME).actions_may_open = True
        fake.start_workflows(NAME, "schedule", schedule="0 3 * * *")
        done, outputs = last(fake)
        assert (outputs["verdict"], outputs["improvements"]) == ("pass", "1"), done.log.text
        (pull,) = fake.repository(NAME).pulls()
        assert pull.author.login == "github-actions[bot]"
        assert pull.pull
        assert pull.pull.head_ref.startswith("ironclaw/seen-as-list/")
        assert f"open {pull.number}" in done.summary
        fake.start_workflows(NAME, "schedule", schedule="0 3 * * *")
        done, outputs = last(fake)
        assert outputs["headline"] == "1 pull requests are open, as many as `max` allows"


def series(path: str, seed: int, median: float) -> dict[str, str]:

    rows = [
        f"{1_700_000_000 + row.at:.3f},{row.milliseconds:.3f}" for row in times(seed, 1_800, median)
    ]
    return {path: "\n".join(["timestamp,value", *rows]) + "\n"}


def test_watch_opens_the_revert_of_what_got_worse_once(tmp_path: Path) -> None:
    given = {
        "mode": "watch",
        "baseline": "before.csv",
        "files": "after.csv",
        "pull-request": "1",
    }
    with on_github(tmp_path, {**FILES, **series("before.csv", 1, 60)}) as fake:
        fake.repository(NAME).actions_may_open = True
        fake.push(NAME, "topic", {"shop/names.py": SLOW + "\nx = 1\n"})
        fake.merge_as_person(NAME, fake.open_pull(NAME, "topic"))
        fake.hub.jobs.clear()
        files = {**workflow("workflow_dispatch", given, WRITE), **series("after.csv", 2, 120)}
        fake.push(NAME, "main", files)
        fake.run_workflows()
        for _ in range(2):
            fake.start_workflows(NAME, "workflow_dispatch")
            done, outputs = last(fake)
            assert (done.conclusion, outputs["verdict"]) == ("failure", "fail"), done.log.text
            pulls = fake.repository(NAME).pulls()
            assert [one.title for one in pulls] == ["A change", 'Revert "A change"']
            assert "The revert is pull request 2" in done.summary
            assert kept(fake)["details"]["revert"] == 2


def test_watch_keeps_its_verdict_where_nothing_may_be_opened(tmp_path: Path) -> None:
    given = {"mode": "watch", "baseline": "a.csv", "files": "b.csv", "pull-request": "1"}
    files = {**series("a.csv", 1, 60), **series("b.csv", 2, 120)}
    with on_github(tmp_path, {**files, **workflow("workflow_dispatch", given, READ)}) as fake:
        fake.start_workflows(NAME, "workflow_dispatch")
        done, outputs = last(fake)
        assert (done.conclusion, outputs["verdict"]) == ("failure", "fail"), done.log.text
        assert [one.properties["title"] for one in done.log.annotations] == [
            "the deployment got worse",
            "it is not reverted",
        ]
        assert kept(fake)["details"]["revert"] is None


def test_the_workflows_of_the_page_ask_for_what_its_table_says() -> None:
    for name, mode in (("ironclaw", "sandbox"), ("improve", "improve"), ("report", "report")):
        (text,) = of_page(name).values()
        (job,) = yaml.safe_load(text)["jobs"].values()
        (line,) = re.findall(rf"^\| `{mode}` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
        assert job["permissions"] == dict(re.findall(r"`([a-z-]+): (read|write)`", line))
        (ours,) = [one for one in job["steps"] if one.get("uses") == "ironclaw/ironclaw@v1"]
        assert ours["with"]["mode"] == mode
