"""`ironclaw suspects` on a real repository: which commit made something worse."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.entrypoints.cli import app
from bot.ports import UserError
from tests.adapters.local.repos import commit_files, git, make_repository

run = CliRunner()
ROUTES = """\
from flask import Flask

from reports import build

app = Flask(__name__)


@app.get("/reports/<int:number>")
def report(number):
    return build(number)
"""
REPORTS = "def build(number):\n    return str(number)\n\n\ndef unused():\n    return 1\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))
    made = make_repository(tmp_path / "shop", {"routes.py": ROUTES, "reports.py": REPORTS})
    slow = REPORTS.replace("str(number)", "str(sum(range(number)))")
    for files in (
        {"README.md": "hello"},
        {"reports.py": slow},
        {"reports.py": slow.replace("return 1", "return 2")},
        {"other.py": "def x():\n    return 1\n"},
    ):
        commit_files(made, "main", files)
    git(made, "tag", "good", "HEAD~4")
    return made


def ask(place: Path, *arguments: str) -> str:
    answer = run.invoke(app, ["suspects", str(place), *arguments], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


@pytest.mark.parametrize(
    "worse", [("--endpoint", "GET /reports/{number}"), ("--function", "reports.py:build")]
)
def test_what_changed_the_code_behind_it_comes_first_with_why(
    place: Path, worse: tuple[str, str]
) -> None:
    found = json.loads(ask(place, *worse, "--good", "good", "--bad", "HEAD", "--json"))
    assert (found["schema"], found["worse"]) == (1, worse[1])
    first, second, *others = found["suspects"]
    assert first["commit"] == git(place, "rev-parse", "HEAD~2")
    assert first["evidence"][0].startswith("it changes `build`, ")
    assert second["commit"] == git(place, "rev-parse", "HEAD~1")
    assert second["evidence"] == ["it changes reports.py, which has code behind it"]
    assert len(others) == 2
    assert abs(sum(one["share"] for one in found["suspects"]) - 1) < 0.001
    shown = ask(place, *worse, "--good", "good")
    assert first["commit"][:12] in shown.splitlines()[1]


def test_a_merge_is_one_change_of_its_pull_request(place: Path) -> None:
    commit_files(place, "topic", {"reports.py": "def build(number):\n    return 0\n"})
    git(place, "reset", "-q", "--hard")
    message = "Merge pull request #12 from team/topic"
    git(place, "merge", "-q", "--no-ff", "-m", message, "topic")
    worse = ("--function", "reports.py:build", "--good", "HEAD~1")
    (found,) = json.loads(ask(place, *worse, "--json"))["suspects"]
    assert (found["pull_request"], found["share"]) == (12, 1.0)
    assert "(#12)" in ask(place, *worse)
    none = ("--function", "reports.py:build", "--good", "HEAD")
    assert "no commit between" in ask(place, *none)


def test_whatever_else_is_in_the_repository_is_no_obstacle(place: Path) -> None:
    strange: dict[str, str | bytes] = {
        "big.py": "x" * 2_000_000,
        "broken.py": "def g(:\n",
        "binary.py": b"\xff\xfe\x00",
        "-x.py": "x = 1\n",
        '"\\377\\n.py"': "x = 1\n",
        "deep.py": f"x = {'(' * 3000}1{')' * 3000}\n",
    }
    commit_files(place, "main", strange)
    subject = "one\x0btwo\u2028three (#7)"
    git(place, "reset", "-q", "--hard")
    git(place, "commit", "-q", "--allow-empty", "-m", subject)
    found = json.loads(ask(place, "--function", "reports.py:build", "--good", "good", "--json"))
    assert len(found["suspects"]) == 6
    assert found["suspects"][0]["commit"] == git(place, "rev-parse", "HEAD~4")
    assert {one["pull_request"] for one in found["suspects"]} == {None, 7}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--good", "good", "--endpoint", "GET /nothing"), "no handler of 'GET /nothing'"),
        (
            ("--good", "good", "--benchmark", "test_nothing_such"),
            "'test_nothing_such' measures was not found",
        ),
        (("--good", "good", "--function", "routes.py:nothing"), "no function"),
        (("--good", "--output=/tmp/x", "--function", "routes.py:report"), "no commit '--output"),
        (("--good", "nowhere", "--function", "routes.py:report"), "no commit 'nowhere'"),
        (("--good", "good:reports.py", "--function", "routes.py:report"), "no commit"),
    ],
)
def test_what_cannot_be_answered_says_what_to_do(
    place: Path, arguments: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(UserError) as raised:
        run.invoke(app, ["suspects", str(place), *arguments], catch_exceptions=False)
    assert problem in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize("worse", [(), ("--endpoint", "GET /x", "--function", "a.py:b")])
def test_what_became_worse_is_said_by_one_option(place: Path, worse: tuple[str, ...]) -> None:
    answer = run.invoke(app, ["suspects", str(place), "--good", "good", *worse])
    assert answer.exit_code == 2
    assert "--benchmark" in answer.stderr


def test_the_checkout_stays_as_it_was(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IRONCLAW_DATA_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(place.parent / "state"))
    monkeypatch.chdir(place)
    before = sorted(place.iterdir())
    ask(Path(), "--function", "reports.py:build", "--good", "good")
    assert sorted(place.iterdir()) == before
