"""The runner of our own keeps to what GitHub documents of its own."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.runner import Done, Runner
from tests.fakes.runner.actions import BrokenWorkflowError
from tests.fakes.runner.expressions import as_text, evaluate

CASES: dict[str, str] = {
    "1 == '1'": "true",
    "'Aa' == 'aA'": "true",
    "null == 0": "true",
    "'' == false": "true",
    "'x' && 'y' || 'z'": "y",
    "'' && 'y' || 'z'": "z",
    "!('a' == 'b') && 2 > 1": "true",
    "github.event.pull.number": "7",
    "github['EVENT'].nothing.at.all": "",
    "contains(github.labels, 'BUG')": "true",
    "format('{0} {{x}} {1}', 'a', 2)": "a {x} 2",
    "join(github.labels, '-')": "bug-hold",
    "fromJSON('[1, 2]')[1]": "2",
    "startsWith('Hello', 'he')": "true",
    "'it''s'": "it's",
    "1.50": "1.5",
    "'a' < 'B'": "true",
}
CONTEXTS: dict[str, Any] = {"github": {"event": {"pull": {"number": 7}}, "labels": ["bug", "hold"]}}


@pytest.mark.parametrize(("expression", "text"), CASES.items(), ids=list(CASES))
def test_an_expression(expression: str, text: str) -> None:
    assert as_text(evaluate(expression, CONTEXTS)) == text


def job(tmp_path: Path, steps: str, **given: Any) -> Done:
    given = {"github": {"token": "ghs_hush"}, **given}
    runner = Runner(tmp_path / "root", tmp_path, path=os.environ["PATH"], **given)
    return runner.run("jobs:\n  one:\n    steps:\n" + steps)


def test_outputs_environment_and_paths_reach_the_steps_after(tmp_path: Path) -> None:
    done = job(
        tmp_path,
        """
      - id: a
        run: |
          printf 'x<<E\\none\\ntwo\\nE\\ny=3\\n' >> "$GITHUB_OUTPUT"
          echo WORD=hello >> "$GITHUB_ENV"
          mkdir -p bin && printf '#!/bin/sh\\necho mine\\n' > bin/tool && chmod +x bin/tool
          echo "$PWD/bin" >> "$GITHUB_PATH"
          echo '# Title' >> "$GITHUB_STEP_SUMMARY"
      - env: {X: "${{ steps.a.outputs.x }}"}
        run: echo "$WORD $X ${{ steps.a.outputs.y }}"; tool
""",
    )
    assert done.conclusion == "success"
    assert done.log.text == "hello one\ntwo 3\nmine"
    assert done.summary == "# Title\n"


def test_after_a_failure_only_what_asks_for_it_runs(tmp_path: Path) -> None:
    done = job(
        tmp_path,
        """
      - {id: a, run: "false"}
      - {id: b, run: "echo no"}
      - {id: c, if: failure(), run: "echo failed"}
      - {id: d, if: "always() && steps.a.outcome == 'failure'", run: "echo always"}
""",
    )
    assert done.conclusion == "failure"
    assert done.log.text == "failed\nalways"
    assert done.steps["b"].conclusion == "skipped"


def test_a_step_that_may_fail_does_not_fail_the_job(tmp_path: Path) -> None:
    done = job(tmp_path, "      - {id: a, continue-on-error: true, run: exit 3}\n")
    assert (done.conclusion, done.steps["a"].outcome) == ("success", "failure")


def test_only_a_shell_that_is_named_fails_by_a_pipe(tmp_path: Path) -> None:
    assert job(tmp_path, "      - {run: 'false | true'}\n").conclusion == "success"
    done = job(tmp_path, "      - {shell: bash, run: 'false | true'}\n")
    assert done.conclusion == "failure"


def test_secrets_are_hidden_and_commands_can_be_stopped(tmp_path: Path) -> None:
    done = job(
        tmp_path,
        """
      - env: {S: "${{ secrets.KEY }}"}
        run: |
          echo "$S ghs_hush"
          echo '::add-mask::later' && echo later
          echo '::stop-commands::w' && echo '::error::no' && echo '::w::'
          echo '::warning file=a.py,line=3,title=T%3A%2C::one%0Atwo'
""",
        secrets={"KEY": "topsecret"},
    )
    assert "topsecret" not in done.log.text
    assert done.log.lines[:3] == ["*** ***", "***", "::error::no"]
    (shown,) = done.log.annotations
    assert (shown.level, shown.text) == ("warning", "one\ntwo")
    assert shown.properties == {"file": "a.py", "line": "3", "title": "T:,"}


def test_what_it_does_not_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BrokenWorkflowError, match="no action"):
        job(tmp_path, "      - {uses: evil/action@v1}\n")
    with pytest.raises(BrokenWorkflowError, match="delimiter"):
        job(tmp_path, "      - run: echo 'x<<E' >> \"$GITHUB_OUTPUT\"\n")
