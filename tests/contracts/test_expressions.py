"""The runner of the tests beside GitHub's own evaluator of expressions and parser of workflows."""

import json
import random
import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contracts import official
from tests.entrypoints.action.machine import ROOT
from tests.entrypoints.action.online import of_page
from tests.fakes.runner.expressions import BadExpressionError, as_text, evaluate
from tests.fakes.runner.planning import planned
from tests.fakes.runner.test_runner import CASES

pytestmark = pytest.mark.contracts

SCRIPT = Path(__file__).parent / "evaluating.mjs"
CONTEXTS: dict[str, Any] = {
    "github": {
        "event": {"pull": {"number": 7, "title": "It's"}, "empty": {}, "none": None},
        "labels": ["bug", "Hold", 3],
        "Token": "",
        "steps": [{"id": "a", "n": 1}, {"id": "b"}],
    },
    "env": {"A": "1", "yes": True, "no": False, "x": 0.1, "big": 1e21, "zero": 0},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return official.evaluator(tmp_path_factory.mktemp("node"))


def asked(
    folder: Path, expressions: Sequence[str] = (), files: Mapping[str, str] | None = None
) -> dict[str, Any]:
    given = {"contexts": CONTEXTS, "expressions": expressions, "files": list((files or {}).items())}
    done = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT.read_text(encoding="utf-8")],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ours(text: str) -> str | None:
    """What it comes to as a text, None where it is refused."""
    try:
        return as_text(evaluate(text, CONTEXTS))
    except (BadExpressionError, ValueError, IndexError, TypeError):
        return None


ATOMS = (
    "null true false 0 1 -1 1.5 0xff 1e3 -0 '' '0' '1' 'a' 'A' 'bug' 'true' ' 1 ' '0x10' 'it''s' "
    "'{0}' '[1,2]' github github.labels github.event.pull.number github.event.pull.title "
    "github['EVENT'].pull github.nothing.at.all github.labels[1] github.labels[9] github.token "
    "github.steps.*.id github.event.* env.yes env.no env.x env.big env.zero env['a'] env.none "
    "github.labels.* github.event.empty github.event.none"
)
CALLS = (
    "contains({0}, {1})|startsWith({0}, {1})|endsWith({0}, {1})|join({0}, {1})|join({0})"
    "|format('<{{0}}-{{1}}>', {0}, {1})|format({0}, {1})|fromJSON(toJSON({0}))|toJSON({0})"
)


def made_up(dice: random.Random, depth: int) -> str:
    """A likely expression."""
    inner = partial(made_up, dice, depth - 1)
    if depth <= 0 or dice.random() < 0.2:
        return dice.choice(_atoms())
    kind = dice.random()
    if kind < 0.5:
        sign = dice.choice(["==", "!=", "<", ">", "<=", ">=", "&&", "||"])
        return f"({inner()} {sign} {inner()})"
    if kind < 0.65:
        return f"!{inner()}"
    return dice.choice(CALLS.split("|")).format(inner(), inner())


def _atoms() -> list[str]:
    return [*ATOMS.replace("' 1 '", "").split(), "' 1 '"]


def test_expressions_come_to_the_same(folder: Path) -> None:
    dice = random.Random(7)
    expressions = [*CASES, *_atoms(), *(made_up(dice, 3) for _ in range(4_000))]
    expressions += ["1 ==", "(1", "'a", "1 2", "nothing(1)", "format('{1}', 1)", "a.", "&& 1", "@"]
    theirs = [one.get("text") for one in asked(folder, expressions)["values"]]
    different = [
        (text, mine, them)
        for text, them in zip(expressions, theirs, strict=True)
        if (mine := ours(text)) != them
    ]
    assert different == []
    # Neither side refuses everything.
    assert sum(one is not None for one in theirs) > 3_000


def files() -> dict[str, str]:
    found = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in [ROOT / "action.yml", *sorted((ROOT / ".github/workflows").glob("*.yml"))]
    }
    for name in ("ironclaw", "improve"):
        found[f"docs/{name}"] = "".join(of_page(name).values())
    return found


def test_githubs_parser_finds_nothing_wrong_and_reads_the_same_jobs(folder: Path) -> None:
    given = files()
    assert len(given) > 3
    for (name, text), theirs in zip(given.items(), asked(folder, (), given)["files"], strict=True):
        assert theirs["errors"] == [], name
        if not name.endswith("action.yml"):
            mine = {one.key: one for one in planned(yaml.safe_load(text))}
            assert {job["id"] for job in theirs["jobs"]} == mine.keys(), name
            for job in theirs["jobs"]:
                steps = [one.get("uses") or one["run"] for one in mine[job["id"]].given["steps"]]
                assert (tuple(job["needs"]), job["steps"]) == (mine[job["id"]].needs, steps)


def test_githubs_parser_sees_what_is_wrong(folder: Path) -> None:
    broken = {
        "a.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: '${{ nothing.a }}'}]}}\n",
        "action.yml": "name: A\ndescription: B\nruns: {using: composite, stepz: []}\n",
    }
    assert all(one["errors"] for one in asked(folder, (), broken)["files"])
