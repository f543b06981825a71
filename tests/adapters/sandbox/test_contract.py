"""What every sandbox does, the real one and the one that workflows are tested with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.equivalence import Different, Equivalent, FunctionRef, Recording, judge_equivalence
from bot.domain.outcomes import RunEnd, TestOutcome
from bot.domain.rules import Proof
from bot.ports import Sandbox, UserError
from tests.adapters.sandbox.projects import HERE, tree
from tests.fakes.sandbox import Behaviour, FakeSandbox

TEST, OTHER = "tests/test_it.py::test_it", "tests/test_it.py::test_other"
GOOD, BAD = "def f(x):\n    return x\n", "def f(x):\n    return -x\n"
FUNCTION = FunctionRef("it.py", "f")


def _project(source: str) -> dict[str, str]:
    return {
        "it.py": source,
        "tests/test_it.py": (
            "from it import f\n\n\ndef test_it():\n    assert f(1) == 1\n\n\n"
            "def test_other():\n    assert f(0) == 0\n"
        ),
    }


@pytest.fixture(params=["real", "fake"])
def any_sandbox(request: pytest.FixtureRequest, tmp_path: Path, place: Path) -> Iterator[Sandbox]:
    if request.param == "real":
        yield ProcessSandbox(tmp_path / "data", folder=place)
        return
    passed, failed = TestOutcome.PASSED, TestOutcome.FAILED
    fake = FakeSandbox(Behaviour(outcomes={TEST: passed, OTHER: passed}, answers=("1", "0")))
    wrong = Behaviour(outcomes={TEST: failed, OTHER: passed}, answers=("-1", "0"))
    fake.when("it.py", "-x", wrong)
    yield fake
    assert fake.open_now == 0


async def test_runs_the_tests_of_each_tree(any_sandbox: Sandbox) -> None:
    assert any_sandbox.isolation
    async with (
        any_sandbox.open(tree(_project(GOOD)), HERE) as good,
        any_sandbox.open(tree(_project(BAD)), HERE) as bad,
    ):
        runs = [await good.run_tests(), await bad.run_tests(), await bad.run_tests(only=[TEST])]
    assert [run.end for run in runs] == [RunEnd.COMPLETED] * 3
    assert [run.exit_code for run in runs] == [0, 1, 1]
    assert runs[0].passed() == {TEST, OTHER}
    assert runs[1].failed() == {TEST}
    assert runs[2].outcomes.keys() == {TEST}


async def test_replays_tell_the_trees_apart(any_sandbox: Sandbox) -> None:
    async with (
        any_sandbox.open(tree(_project(GOOD)), HERE) as good,
        any_sandbox.open(tree(_project(BAD)), HERE) as bad,
    ):
        recording = await good.record([FUNCTION])
        assert recording.calls == 2
        assert recording.by_function == ((FUNCTION, 2),)
        first, again = await good.replay(recording, [(2, 2)]), await good.replay(
            recording, [(2, 2)]
        )
        assert isinstance(judge_equivalence(first, again, again), Equivalent)
        other = await bad.replay(recording, [(2, 2)])
        assert isinstance(judge_equivalence(first, again, other), Different)


async def test_without_calls_there_is_a_reason_and_nothing_else(any_sandbox: Sandbox) -> None:
    nothing = Recording((FUNCTION,), 0, b"", "no test calls the function")
    async with any_sandbox.open(tree(_project(GOOD)), HERE) as workspace:
        replayed = await workspace.replay(nothing, [(1, 1)])
        timings = await any_sandbox.measure(workspace, workspace, nothing, 1, 1.0)
    assert (replayed.observations, replayed.why) == ({}, nothing.why)
    assert (timings.rounds, timings.why) == ((), nothing.why)


async def test_calls_are_made_up_where_no_test_makes_any(any_sandbox: Sandbox) -> None:
    async with any_sandbox.open(tree(_project(GOOD)), HERE) as one:
        found = await one.invent(Recording((FUNCTION,), 0, b""))
        assert found.functions == (FUNCTION,)
        assert found.calls > 0
        assert found.by_function == ((FUNCTION, found.calls),)
        assert (await one.replay(found, [(1, 2)])).observations


async def test_a_tool_that_is_not_configured_is_not_available(any_sandbox: Sandbox) -> None:
    async with any_sandbox.open(tree(_project(GOOD)), HERE) as workspace:
        run = await workspace.run_tool("black", ["it.py"])
    assert (run.end, run.why) == (RunEnd.NOT_AVAILABLE, "not configured")


async def test_a_proof_is_timed_in_rounds(any_sandbox: Sandbox) -> None:
    proof = Proof("xs = list(range(n))", "sorted(xs)", "sorted(xs)", (100,), covers=True)
    async with any_sandbox.open(tree(_project(GOOD)), HERE) as workspace:
        timings = await any_sandbox.measure_proof(workspace, proof, 100, 1.0)
    assert len(timings.rounds) >= 5
    assert timings.inputs == "the rule's own proof, n=100"
    assert all(min(each.old, each.new, each.again) > 0 for each in timings.rounds)


async def test_a_project_that_cannot_be_run_is_the_users_to_mend() -> None:
    fake = FakeSandbox(Behaviour(refuses="its environment could not be built"))
    with pytest.raises(UserError, match="could not be built"):
        async with fake.open(tree({}), HERE):
            pass
