from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.outcomes import (
    RunEnd,
    TestOutcome,
    TestRun,
    ToolRun,
    Verdict,
    judge_tests,
    judge_tool,
    suspects,
)

BROKEN = [end for end in RunEnd if end is not RunEnd.COMPLETED]
LETTERS = {"p": TestOutcome.PASSED, "f": TestOutcome.FAILED, "s": TestOutcome.SKIPPED}


def run(outcomes: str = "", end: RunEnd = RunEnd.COMPLETED, why: str = "") -> TestRun:
    """One letter for each of the tests t0, t1, ...; a dash for one that did not report."""
    named = {
        f"t{number}": LETTERS[letter] for number, letter in enumerate(outcomes) if letter != "-"
    }
    return TestRun(end, named, seconds=1.5, why=why)


@pytest.mark.parametrize(
    ("base", "candidate", "repeats", "verdict", "new", "flaky"),
    [
        ("pp", "pp", [], Verdict.PASSED, [], []),
        ("pf", "pf", [], Verdict.PASSED, [], []),
        ("pf", "pp", [], Verdict.PASSED, [], []),
        ("ps", "pf", [], Verdict.PASSED, [], []),
        ("pp", "ppf", [], Verdict.PASSED, [], []),
        ("pp", "pf", [], Verdict.FAILED, ["t1"], []),
        ("pp", "ps", [], Verdict.FAILED, ["t1"], []),
        ("pp", "p-", [], Verdict.FAILED, ["t1"], []),
        ("pp", "", [], Verdict.FAILED, ["t0", "t1"], []),
        ("pp", "pf", [("-p", "-f"), ("-p", "-f")], Verdict.FAILED, ["t1"], []),
        ("pp", "pf", [("-p", "-s")], Verdict.FAILED, ["t1"], []),
        ("pp", "pf", [("-p", "--")], Verdict.FAILED, ["t1"], []),
        ("pp", "pf", [("-p", "-f"), ("-p", "-p")], Verdict.PASSED, [], ["t1"]),
        ("pp", "pf", [("-f", "-p")], Verdict.PASSED, [], ["t1"]),
        ("ppp", "pff", [("-pp", "-pf")], Verdict.FAILED, ["t2"], ["t1"]),
        ("p", "f", [("p", "p")], Verdict.INCONCLUSIVE, [], ["t0"]),
        ("pp", "pf", [("-f", "-f")], Verdict.INCONCLUSIVE, [], []),
        ("", "p", [], Verdict.INCONCLUSIVE, [], []),
        ("fs", "pp", [], Verdict.INCONCLUSIVE, [], []),
    ],
)
def test_the_candidate_is_judged_beside_its_base(
    base: str,
    candidate: str,
    repeats: list[tuple[str, str]],
    verdict: Verdict,
    new: list[str],
    flaky: list[str],
) -> None:
    pairs = tuple((run(one), run(other)) for one, other in repeats)
    found = judge_tests(run(base), run(candidate), pairs)
    assert (found.verdict, list(found.newly_failed), list(found.flaky)) == (verdict, new, flaky)
    assert (found.passed, found.failed) == (candidate.count("p"), candidate.count("f"))
    assert found.seconds == 1.5
    assert found.why


def test_a_test_that_only_passes_in_company_does_not_excuse_a_candidate_that_breaks_it() -> None:
    """It fails alone on the base as well, so a repeat alone says nothing about the candidate."""
    alone = (run("-f"), run("-f"))
    assert judge_tests(run("pp"), run("pf"), (alone, alone)).verdict is not Verdict.PASSED


@pytest.mark.parametrize("end", BROKEN)
def test_a_run_that_did_not_complete_is_never_a_pass(end: RunEnd) -> None:
    whole, broken = run("pp"), run("pp", end, "out of memory")
    assert judge_tests(broken, whole).verdict is Verdict.INCONCLUSIVE
    assert judge_tests(whole, broken).verdict is Verdict.FAILED
    assert "out of memory" in judge_tests(whole, broken).why


RUNS = st.builds(
    run,
    st.text(st.sampled_from("pfs-"), max_size=5),
    st.sampled_from([*[RunEnd.COMPLETED] * 6, *BROKEN]),
)


@given(RUNS, RUNS, st.lists(st.tuples(RUNS, RUNS), max_size=3))
def test_a_pass_needs_every_answer(
    base: TestRun, candidate: TestRun, repeats: list[tuple[TestRun, TestRun]]
) -> None:
    found = judge_tests(base, candidate, tuple(repeats))
    if found.verdict is not Verdict.PASSED:
        return
    assert base.end is candidate.end is RunEnd.COMPLETED
    assert base.passed()
    for test in base.passed():
        answers = [candidate.outcomes.get(test)]
        answers += [run.outcomes.get(test) for _, run in repeats]
        assert TestOutcome.PASSED in answers, "it passes at least once on the candidate"
    assert suspects(base, candidate) == set(found.flaky)


def tool(messages: Mapping[str, int] | None = None, end: RunEnd = RunEnd.COMPLETED) -> ToolRun:
    return ToolRun(end, messages or {}, "" if end is RunEnd.COMPLETED else "broken")


@pytest.mark.parametrize(
    ("base", "candidate", "new"),
    [
        ({}, {}, ()),
        ({"a": 2}, {"a": 2}, ()),
        ({"a": 2}, {"a": 1}, ()),
        ({"a": 1}, {"a": 2}, ("a",)),
        ({"a": 1}, {"c": 1, "b": 1}, ("b", "c")),
    ],
)
def test_more_of_a_message_is_new(
    base: dict[str, int], candidate: dict[str, int], new: tuple[str, ...]
) -> None:
    found = judge_tool(tool(base), tool(candidate))
    assert (found.verdict, found.new) == (Verdict.FAILED if new else Verdict.PASSED, new)


@pytest.mark.parametrize("end", BROKEN)
def test_a_tool_without_an_answer_is_never_a_pass(end: RunEnd) -> None:
    assert judge_tool(tool(end=end), tool()).verdict is Verdict.INCONCLUSIVE
    assert judge_tool(tool(end=end), tool(end=end)).verdict is Verdict.INCONCLUSIVE
    found = judge_tool(tool(), tool(end=end))
    expected = Verdict.INCONCLUSIVE if end is RunEnd.NOT_AVAILABLE else Verdict.FAILED
    assert (found.verdict, found.why) == (expected, "broken")
