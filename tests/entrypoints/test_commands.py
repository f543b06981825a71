"""The small commands, in this process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.domain.policy import POLICY_PATH
from bot.entrypoints.cli import _COMMANDS, app
from bot.ports import UserError

run = CliRunner()


@pytest.mark.parametrize("name", _COMMANDS)
def test_the_list_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    _, summary = _COMMANDS[name]
    shown = run.invoke(app, [name, "--help"]).stdout
    assert "".join(summary.split()) in "".join(shown.split())


def test_the_list_imports_no_command() -> None:
    program = (
        "import sys\nfrom bot.entrypoints.cli import app\n"
        "app(['--help'], standalone_mode=False)\n"
        "print(sorted({'sqlalchemy', 'flask', 'bot.entrypoints.services'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_rules_are_listed_with_their_conditions() -> None:
    listed = json.loads(run.invoke(app, ["rules", "--json"]).stdout)
    assert len(listed) >= 15
    assert all(rule["side_conditions"] for rule in listed)
    text = run.invoke(app, ["rules"]).stdout
    assert all(rule["id"] in text for rule in listed)


def test_a_policy_file_is_checked_under_its_own_name(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text("version: 1\n")
    bad.write_text("version: 1\nscan:\n  max_opne: 3\n")
    assert run.invoke(app, ["policy", "check", str(good)]).exit_code == 0
    refused = run.invoke(app, ["policy", "check", str(bad)])
    assert refused.exit_code == 1
    assert f"{bad}:3" in refused.stderr
    assert POLICY_PATH not in refused.stderr


def test_the_schema_is_json() -> None:
    schema = json.loads(run.invoke(app, ["policy", "schema"]).stdout)
    assert "landing" in schema["properties"]


def test_our_own_policy_is_right() -> None:
    assert run.invoke(app, ["policy", "check", ".github/ironclaw.yml"]).exit_code == 0


def test_the_database_is_upgraded_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))
    upgraded = run.invoke(app, ["db", "upgrade"])
    assert upgraded.exit_code == 0, upgraded.output
    assert upgraded.stdout.startswith("empty -> ")
    assert "database 0" in run.invoke(app, ["db", "current"]).stdout


def test_the_database_goes_back_for_an_older_version_and_forward_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))
    assert run.invoke(app, ["db", "upgrade"]).exit_code == 0
    back = run.invoke(app, ["db", "downgrade", "0001"])
    assert back.exit_code == 0, back.output
    assert back.stdout.rstrip().endswith(" -> 0001")
    assert "database 0001" in run.invoke(app, ["db", "current"]).stdout
    assert run.invoke(app, ["db", "upgrade"]).stdout.startswith("0001 -> ")


def test_the_database_does_not_go_where_it_never_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))
    for before in ("empty", "full"):
        for wrong in ("9999", "head", "base", "0001:base"):
            done = run.invoke(app, ["db", "downgrade", wrong])
            assert isinstance(done.exception, UserError), (before, wrong)
        run.invoke(app, ["db", "upgrade"])


def test_the_version_is_printed() -> None:
    assert run.invoke(app, ["--version"]).stdout.startswith("ironclaw ")


def test_no_rule_at_all_is_wrong_usage(tmp_path: Path) -> None:
    assert run.invoke(app, ["improve", str(tmp_path), "--rules", ""]).exit_code == 2


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("improve", "Each improvement becomes one branch"),
        ("watch", "timestamp,value for latency (milliseconds"),
        ("suspects", "between which commits: `--good` is"),
    ],
)
def test_the_help_breaks_lines_where_the_terminal_ends(command: str, sentence: str) -> None:
    shown = run.invoke(app, [command, "--help"], terminal_width=400, env={"COLUMNS": "400"})
    assert shown.exit_code == 0
    assert sentence in shown.stdout
