import json
import math

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.benchmark import Faster, Same, Slower, Speed, Unmeasured
from bot.domain.candidate import Evidence, ProofResult
from bot.domain.equivalence import Different, Equivalent, Undecided
from bot.domain.outcomes import TestsVerdict, ToolVerdict, Verdict
from bot.domain.patch import Kept, Refused
from bot.domain.reporting import evidence_json

SPEEDS = st.builds(Speed, st.floats(), st.floats(), st.floats())
BENCHMARKS = (
    st.builds(Faster, SPEEDS)
    | st.builds(Same, SPEEDS)
    | st.builds(Slower, SPEEDS)
    | st.builds(Unmeasured, st.text(), st.none() | SPEEDS)
)
TEXTS = st.lists(st.text(), max_size=2).map(tuple)
EVIDENCE = st.builds(
    Evidence,
    limits=st.just(Kept()) | st.builds(Refused, st.text(), st.text()),
    tests=st.builds(
        TestsVerdict,
        st.sampled_from(Verdict),
        st.integers(),
        st.integers(),
        TEXTS,
        TEXTS,
        st.floats(),
        st.text(),
    ),
    tools=st.dictionaries(
        st.sampled_from(["ruff", "mypy", "black"]),
        st.builds(ToolVerdict, st.sampled_from(Verdict), TEXTS, st.text()),
    ),
    equivalence=st.builds(Equivalent, st.integers())
    | st.builds(Different, st.integers(), st.text())
    | st.builds(Undecided, st.integers(), st.text()),
    benchmark=BENCHMARKS,
    inputs=st.text(),
    at_scale=BENCHMARKS,
    scale=st.integers(),
    proof=st.builds(
        ProofResult,
        st.booleans(),
        st.lists(st.tuples(st.integers(), BENCHMARKS), max_size=2).map(tuple),
    ),
    isolation=st.text(),
)
KEYS = {"limits", "tests", "equivalence", "benchmark", "as_recorded", "at_scale", "proof"}
KEYS |= {"isolation", "memory"}


@given(EVIDENCE)
def test_any_evidence_is_plain_json_that_comes_back_the_same(evidence: Evidence) -> None:
    found = evidence_json(evidence)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found.keys() == KEYS | evidence.tools.keys()


@given(EVIDENCE)
def test_every_verdict_is_said_in_a_word(evidence: Evidence) -> None:
    found = evidence_json(evidence)
    words = {
        "limits": {"kept", "refused"},
        "tests": {"passed", "failed", "inconclusive"},
        "equivalence": {"equivalent", "different", "inconclusive"},
        "benchmark": {"faster", "same", "slower", "inconclusive"},
        "at_scale": {"faster", "same", "slower", "inconclusive"},
    }
    assert all(found[name]["verdict"] in allowed for name, allowed in words.items())
    assert found["tests"]["verdict"] == evidence.tests.verdict
    measured = (evidence.benchmark, evidence.at_scale)
    shown = any(isinstance(speed, Faster) for speed in measured)
    assert (found["benchmark"]["verdict"] == "faster") == shown
    assert (found["as_recorded"]["verdict"] == "faster") == isinstance(measured[0], Faster)
    assert (found["equivalence"]["counterexample"] is not None) == isinstance(
        evidence.equivalence, Different
    )


def test_what_no_number_says_is_null_and_the_rest_is_rounded() -> None:
    speed = Speed(1.23456, -math.inf, math.nan)
    tests = TestsVerdict(Verdict.PASSED, 3, 1, (), ("t::flaky",), math.inf, "why")
    found = evidence_json(Evidence(Kept(), tests, {}, Equivalent(2), Faster(speed)))
    assert found["benchmark"] == {
        "verdict": "faster",
        "speedup": 1.235,
        "low": None,
        "high": None,
        "why": "",
        "inputs": "",
        "scale": 1,
    }
    assert found["tests"] == {
        "verdict": "passed",
        "passed": 3,
        "failed": 1,
        "newly_failed": [],
        "flaky": ["t::flaky"],
        "seconds": None,
        "why": "why",
    }
    assert found["at_scale"]["why"] == "not tried"
    assert found["proof"] == {"covers": False, "sizes": []}
