import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox.isolation import ORDER
from bot.adapters.sandbox.jail.job import Level
from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.outcomes import RunEnd, TestOutcome
from bot.ports import SandboxSettings, UserError
from tests.adapters.sandbox.projects import HERE, PACKAGE, tree

PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED


@pytest.mark.parametrize("level", ORDER)
async def test_says_how_every_test_ended(tmp_path: Path, place: Path, level: Level) -> None:
    sandbox = ProcessSandbox(tmp_path / "data", folder=place, levels=(level,))
    if not sandbox.isolation.startswith(level):
        pytest.skip(sandbox.isolation)
    async with sandbox.open(tree(PACKAGE), HERE) as workspace:
        run = await workspace.run_tests()
    assert run.end is RunEnd.COMPLETED, run
    assert run.outcomes == {
        "tests/test_shop.py::test_right": PASSED,
        "tests/test_shop.py::test_wrong": FAILED,
        "tests/test_shop.py::test_skipped": SKIPPED,
    }
    assert run.exit_code == 1
    assert "assert 4 == 5" in run.output


async def test_runs_the_named_tests_alone(sandbox: ProcessSandbox) -> None:
    async with sandbox.open(tree(PACKAGE), HERE) as workspace:
        run = await workspace.run_tests(only=["tests/test_shop.py::test_wrong"])
    assert run.outcomes == {"tests/test_shop.py::test_wrong": FAILED}


async def test_a_file_that_cannot_be_collected_has_failed(sandbox: ProcessSandbox) -> None:
    files = {**PACKAGE, "tests/test_other.py": "import nothing_of_this_name\n"}
    async with sandbox.open(tree(files), HERE) as workspace:
        run = await workspace.run_tests()
    assert run.end is RunEnd.COMPLETED
    assert run.outcomes["tests/test_other.py"] is FAILED
    assert run.outcomes["tests/test_shop.py::test_right"] is PASSED


async def test_a_project_without_tests_completes_with_none(sandbox: ProcessSandbox) -> None:
    async with sandbox.open(tree({"shop.py": ""}), HERE) as workspace:
        run = await workspace.run_tests()
    assert (run.end, run.outcomes) == (RunEnd.COMPLETED, {})


async def test_another_command_is_one_test_of_its_name(sandbox: ProcessSandbox) -> None:
    command = "python -m unittest tests.test_it"
    files = {
        "tests/__init__.py": "",
        "tests/test_it.py": (
            "import unittest\nclass It(unittest.TestCase):\n"
            "    def test_it(self):\n        self.assertTrue(__file__)\n"
        ),
    }
    settings = SandboxSettings(python=sys.executable, test_command=command)
    async with sandbox.open(tree(files), settings) as workspace:
        run = await workspace.run_tests()
    assert (run.end, run.outcomes) == (RunEnd.COMPLETED, {command: PASSED})


async def test_an_interpreter_that_is_not_there_is_the_users_to_mend(
    sandbox: ProcessSandbox,
) -> None:
    with pytest.raises(UserError, match="no Python") as caught:
        async with sandbox.open(tree(PACKAGE), SandboxSettings(python="/no/such/python")):
            pass
    assert "--python" in caught.value.remedy
