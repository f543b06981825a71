from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.benchmark import (
    Benchmark,
    Faster,
    Peaks,
    Same,
    Slower,
    Speed,
    Unmeasured,
    takes_too_much,
)
from bot.domain.candidate import (
    Evidence,
    Hold,
    Judgement,
    ProofResult,
    Propose,
    Reject,
    is_promising,
    judge,
    unverified,
)
from bot.domain.equivalence import Different, Equivalent, Undecided
from bot.domain.outcomes import TestsVerdict, ToolVerdict, Verdict
from bot.domain.patch import Kept, Refused

FASTER, SAME = Faster(Speed(1.5, 1.3, 1.7)), Same(Speed(1.0, 0.98, 1.02))
SLOWER, UNKNOWN = Slower(Speed(0.5, 0.4, 0.6)), Unmeasured("no test calls it")
DOUBTFUL = Unmeasured("too wide", Speed(1.1, 0.9, 1.3))
PROVEN = ProofResult(True, ((10, FASTER), (1_000, FASTER)))


def the_tests(verdict: Verdict, *flaky: str) -> TestsVerdict:
    new = ("t::a", "t::b", "t::c", "t::d") if verdict is Verdict.FAILED else ()
    return TestsVerdict(verdict, 3, len(new), new, flaky, 1.0, f"they {verdict}")


GOOD = Evidence(
    limits=Kept(),
    tests=the_tests(Verdict.PASSED),
    tools={"ruff": ToolVerdict(Verdict.PASSED, (), "nothing new")},
    equivalence=Equivalent(12),
    benchmark=FASTER,
)


def judged(**changes: Any) -> Judgement:
    return judge(replace(GOOD, **changes))


@pytest.mark.parametrize(
    ("before", "after", "too_much"),
    [
        (0, 0, False),
        (500, 64_000, False),
        (2**20, 9 * 2**20, False),
        (2**20, 9 * 2**20 + 1, True),
        (100 * 2**20, 200 * 2**20, False),
        (100 * 2**20, 201 * 2**20, True),
        (201 * 2**20, 100, False),
    ],
)
def test_memory_counts_where_it_is_twice_as_much_and_plainly_more(
    before: int, after: int, *, too_much: bool
) -> None:
    peaks = Peaks(before, after)
    assert takes_too_much(peaks) is too_much
    assert isinstance(judged(peaks=peaks), Reject if too_much else Propose)


def test_what_is_proven_is_proposed() -> None:
    assert judged() == Propose("benchmark", "1.50x on recorded calls")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"limits": Refused("edits-tests", "it is a test")}, "limit edits-tests: it is a test"),
        ({"tests": the_tests(Verdict.FAILED)}, "tests: they failed (t::a, t::b, t::c)"),
        (
            {"peaks": Peaks(1024, 20 * 2**20)},
            "memory: a call holds 20.0 MiB at once, 1.0 KiB before",
        ),
        ({"equivalence": Different(3, "f(1)")}, "it does not behave like the code before"),
        (
            {"tools": {"ruff": ToolVerdict(Verdict.FAILED, ("E1",), "1 new messages")}},
            "ruff: 1 new messages",
        ),
        ({"benchmark": SLOWER}, "slower on recorded calls (0.50x)"),
        ({"benchmark": SAME, "at_scale": SLOWER}, "slower on longer inputs (0.50x)"),
        ({"benchmark": SAME, "at_scale": SAME}, "no gain on recorded calls (1.00x)"),
        ({"benchmark": SAME, "proof": PROVEN}, "no gain on recorded calls (1.00x)"),
        ({"benchmark": UNKNOWN}, "no gain could be shown: no test calls it"),
        ({"benchmark": UNKNOWN, "at_scale": SAME}, "no gain on recorded calls (1.00x)"),
        ({"benchmark": DOUBTFUL, "proof": PROVEN}, "no gain could be shown: too wide (1.10x)"),
        (
            {"benchmark": UNKNOWN, "at_scale": DOUBTFUL, "proof": PROVEN},
            "no gain could be shown: too wide (1.10x)",
        ),
        (
            {"benchmark": UNKNOWN, "proof": replace(PROVEN, covers=False)},
            "no gain could be shown: no test calls it",
        ),
        (
            {"benchmark": UNKNOWN, "proof": ProofResult(covers=True)},
            "no gain could be shown: no test calls it",
        ),
        (
            {"benchmark": UNKNOWN, "proof": ProofResult(True, ((1, FASTER), (9, SAME)))},
            "no gain could be shown: no test calls it",
        ),
    ],
)
def test_rejections_say_why(changes: dict[str, Any], why: str) -> None:
    assert judged(**changes) == Reject(why)


@pytest.mark.parametrize(
    ("changes", "judgement"),
    [
        (
            {"benchmark": SAME, "at_scale": FASTER, "scale": 16},
            Propose("benchmark-at-scale", "1.50x on recorded calls made 16 times longer"),
        ),
        (
            {"benchmark": UNKNOWN, "proof": PROVEN},
            Propose("rule-proof", "the rule's own proof gains at n = 10, 1,000"),
        ),
        (
            {"benchmark": UNKNOWN, "proof": PROVEN, "equivalence": Undecided(0, "no call")},
            Hold("neither its speed nor its equivalence could be checked in place"),
        ),
        (
            {"tests": the_tests(Verdict.INCONCLUSIVE)},
            Hold("tests are inconclusive: they inconclusive"),
        ),
    ],
)
def test_the_other_ways(changes: dict[str, Any], judgement: Judgement) -> None:
    assert judged(**changes) == judgement


WORST_FIRST: list[dict[str, Any]] = [
    {"limits": Refused("too-large", "large")},
    {"tests": the_tests(Verdict.FAILED)},
    {"equivalence": Different(1, "x")},
    {"tools": {"mypy": ToolVerdict(Verdict.FAILED, (), "new")}},
    {"benchmark": SLOWER},
]


def test_the_worst_is_named_first() -> None:
    for first, second in product(range(len(WORST_FIRST)), repeat=2):
        both = judged(**{**WORST_FIRST[max(first, second)], **WORST_FIRST[min(first, second)]})
        assert both == judged(**WORST_FIRST[min(first, second)])


BENCHMARKS: st.SearchStrategy[Benchmark] = st.sampled_from([FASTER, SAME, SLOWER, UNKNOWN])
PROOFS = st.builds(
    ProofResult,
    st.booleans(),
    st.lists(st.tuples(st.integers(1, 9_999), BENCHMARKS), max_size=2).map(tuple),
)
EVIDENCE = st.builds(
    Evidence,
    limits=st.sampled_from([Kept(), Kept(), Refused("x", "y")]),
    tests=st.sampled_from(list(Verdict)).map(the_tests),
    tools=st.dictionaries(
        st.sampled_from(["ruff", "mypy"]),
        st.sampled_from(list(Verdict)).map(lambda verdict: ToolVerdict(verdict, (), "why")),
    ),
    equivalence=st.sampled_from(
        [Equivalent(1), Equivalent(9), Different(1, "x"), Undecided(0, "?")]
    ),
    benchmark=BENCHMARKS,
    at_scale=BENCHMARKS,
    proof=PROOFS,
)


@given(EVIDENCE)
def test_nothing_is_proposed_without_everything_it_takes(evidence: Evidence) -> None:
    found = judge(evidence)
    assert found.why
    if not isinstance(found, Propose):
        return
    assert evidence.limits == Kept()
    assert evidence.tests.verdict is Verdict.PASSED
    assert not isinstance(evidence.equivalence, Different)
    assert Verdict.FAILED not in {tool.verdict for tool in evidence.tools.values()}
    proven = {type(speed) for _, speed in evidence.proof.by_size} == {Faster}
    by_rule = evidence.proof.covers and proven and isinstance(evidence.equivalence, Equivalent)
    assert FASTER in (evidence.benchmark, evidence.at_scale) or by_rule
    assert evidence.benchmark != SLOWER


@given(EVIDENCE)
def test_a_rejection_before_the_tests_have_run_stands_afterwards(evidence: Evidence) -> None:
    early = judge(replace(evidence, tests=the_tests(Verdict.INCONCLUSIVE)))
    for verdict in Verdict:
        late = judge(replace(evidence, tests=the_tests(verdict)))
        assert isinstance(late, Reject) or not isinstance(early, Reject)


@given(EVIDENCE)
def test_what_is_promising_is_what_passing_tests_would_have_proposed(evidence: Evidence) -> None:
    early = replace(evidence, tests=the_tests(Verdict.INCONCLUSIVE))
    passed = judge(replace(evidence, tests=the_tests(Verdict.PASSED)))
    assert is_promising(early) is isinstance(passed, Propose)


def test_why_equivalence_is_not_shown() -> None:
    assert unverified(Equivalent(1)) == ""
    assert unverified(Undecided(1, "no call")) == "no call"
    assert unverified(Different(1, "x")) == "it differs"
