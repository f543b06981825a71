"""A comparison as a whole, on a sandbox that runs nothing."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.benchmark import Faster, Unmeasured
from bot.domain.comparison import Comparison, comparison_document
from bot.domain.equivalence import Different, Equivalent, FunctionRef, Undecided
from bot.domain.gate import Pass, Refuse
from bot.domain.outcomes import RunEnd, TestOutcome
from bot.domain.policy import Policy
from bot.learning.comparing import Pair, compare
from tests.adapters.sandbox.projects import HERE, tree
from tests.fakes.sandbox import Behaviour, FakeSandbox

OLD, NEW = "def f(x):\n    return x + 0\n", "def f(x):\n    return x\n"
TEST = "tests/test_it.py::test_it"


def found(new: Behaviour, text: str = NEW, *, old: Behaviour | None = None) -> Comparison:
    sandbox = FakeSandbox(old)
    sandbox.when("it.py", text, new)
    pair = Pair(tree({"it.py": OLD}), tree({"it.py": text}), FunctionRef("it.py", "f"), True)
    result = asyncio.run(compare(sandbox, HERE, pair, Policy()))
    assert sandbox.open_now == 0
    if isinstance(result.gate, Refuse):
        assert sandbox.opened == []
    return result


def test_what_answers_alike_and_faster() -> None:
    seen = found(Behaviour(seconds=0.0005))
    assert seen.exit_code == 0
    assert isinstance(seen.equivalence, Equivalent)
    assert isinstance(seen.benchmark, Faster)
    document = comparison_document(seen)
    assert document["benchmark"]["verdict"] == "faster"
    assert document["benchmark"]["speedup"] == pytest.approx(2, rel=0.05)


def test_what_answers_otherwise_is_not_timed() -> None:
    seen = found(Behaviour(answers=("1", "2", "4")))
    assert seen.exit_code == 4
    assert isinstance(seen.equivalence, Different)
    assert isinstance(seen.benchmark, Unmeasured)
    assert comparison_document(seen)["equivalence"]["counterexample"]


def test_a_test_that_fails_now_is_a_difference() -> None:
    seen = found(Behaviour(outcomes={TEST: TestOutcome.FAILED}))
    assert seen.exit_code == 4
    assert TEST in comparison_document(seen)["equivalence"]["counterexample"]


def test_tests_that_fail_on_both_say_nothing() -> None:
    failing = Behaviour(outcomes={TEST: TestOutcome.FAILED})
    assert found(failing, old=failing).exit_code == 0


def test_tests_that_come_to_no_end_are_no_pass() -> None:
    seen = found(Behaviour(end=RunEnd.TIMED_OUT, why="too slow"))
    assert seen.exit_code == 4
    assert "too slow" in comparison_document(seen)["equivalence"]["counterexample"]


def test_no_answer_is_never_a_pass() -> None:
    seen = found(Behaviour(answers=("1", "2")))
    assert seen.exit_code == 5
    assert isinstance(seen.equivalence, Undecided)
    silent = Behaviour(answers=())
    assert found(silent, old=silent).exit_code == 5
    assert found(Behaviour(reaches=False)).exit_code == 5


def test_what_the_gate_refuses_is_never_opened() -> None:
    seen = found(Behaviour(), "import os\n\n\ndef f(x):\n    return x\n")
    assert seen.exit_code == 6
    document = comparison_document(seen)
    assert document["gate"]["rules"] == ["new-import"]
    assert document["equivalence"]["verdict"] == "inconclusive"


def test_figures_that_are_none_are_null() -> None:
    one = Comparison(Pass(), Undecided(0, "why"), Unmeasured("why"))
    assert comparison_document(one)["benchmark"]["speedup"] is None
    assert replace(one, equivalence=Equivalent(3)).exit_code == 0
