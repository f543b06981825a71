"""`action.yml`, its page and the code say the same."""

import re
from typing import Any

import yaml

from bot.domain.action import inputs, outcome
from tests.entrypoints.action.machine import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/reference/action.md").read_text(encoding="utf-8")


def test_the_inputs_are_those_of_the_code_with_the_same_defaults() -> None:
    said = {name: one["default"] for name, one in ACTION["inputs"].items()}
    assert said.pop("github-token") == "${{ github.token }}"
    known = dict(inputs.DEFAULTS)
    del known["github-token"]
    assert said == known


def test_every_input_is_handed_on_by_the_environment_and_nowhere_else() -> None:
    setup, run = ACTION["runs"]["steps"]
    handed = {f"IRONCLAW_INPUT_{n.upper().replace('-', '_')}": n for n in ACTION["inputs"]}
    assert {inputs.variable(name) for name in ACTION["inputs"]} == handed.keys()
    for variable, name in handed.items():
        assert run["env"][variable] == f"${{{{ inputs.{name} }}}}"
    for variable, value in setup["env"].items():
        assert value == f"${{{{ inputs.{handed[variable]} }}}}"
    for step in (setup, run):
        assert "${{" not in step["run"]
        assert " -I " in step["run"]


def test_the_outputs_are_those_of_the_code() -> None:
    done = outcome.Outcome("gate", outcome.Verdict.PASS, "")
    assert ACTION["outputs"].keys() == outcome.outputs(done, "").keys()
    for name, one in ACTION["outputs"].items():
        assert one["value"] == f"${{{{ steps.run.outputs.{name} }}}}"


def test_the_page_lists_every_input_and_output_as_action_yml_has_it() -> None:
    rows = set(re.findall(r"^\| `([\w-]+)` \| (?:`([^`]*)` \| )?(.+) \|$", PAGE, re.MULTILINE))
    for name, one in ACTION["inputs"].items():
        assert (name, one["default"], one["description"]) in rows, name
    for name, one in ACTION["outputs"].items():
        assert (name, "", one["description"]) in rows, name
