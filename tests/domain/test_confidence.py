import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.benchmark import Faster, Speed, Unmeasured
from bot.domain.candidate import Evidence
from bot.domain.confidence import PRIOR, UNTAUGHT, Case, Ending, learn
from bot.domain.equivalence import Equivalent, Undecided
from bot.domain.outcomes import Verdict
from bot.domain.proving import signs_of
from bot.domain.reporting import evidence_json
from tests.domain.test_candidate import EVIDENCE, FASTER, GOOD, UNKNOWN, the_tests


def case(evidence: Evidence = GOOD, **changes: Any) -> Case:
    return replace(Case("team/shop", "a-rule", "rules", evidence_json(evidence)), **changes)


def untaught(evidence: Evidence, **changes: Any) -> float:
    return UNTAUGHT.confidence(case(evidence, **changes))


ENDINGS = st.lists(
    st.builds(
        Ending,
        st.builds(
            Case,
            st.sampled_from(["team/shop", "team/blog"]),
            st.sampled_from(["a-rule", "another"]),
            st.sampled_from(["rules", "model"]),
            EVIDENCE.map(evidence_json),
            st.booleans(),
        ),
        st.booleans(),
    ),
    max_size=8,
)


@given(ENDINGS, EVIDENCE, st.integers(0, 200), st.booleans())
def test_confidence_keeps_its_bounds_and_follows_every_outcome(
    endings: list[Ending], evidence: Evidence, often: int, kept: bool
) -> None:
    before = learn([*endings, *[Ending(case(evidence), kept)] * often])
    found = before.confidence(case(evidence))
    assert 0.01 <= found <= 0.99
    after = before.after(Ending(case(evidence), kept)).confidence(case(evidence))
    # A thousandth is what rounding, and fading towards the prior, may take.
    assert after >= found - 0.002 if kept else after <= found + 0.002


@given(ENDINGS)
def test_learning_one_by_one_is_learning_all(endings: list[Ending]) -> None:
    one_by_one = UNTAUGHT
    for ending in endings:
        one_by_one = one_by_one.after(ending)
    assert one_by_one == learn(endings)


@given(EVIDENCE)
def test_before_any_outcome_a_better_check_never_lowers_confidence(evidence: Evidence) -> None:
    found = untaught(evidence)
    better: list[dict[str, Any]] = [
        {"tests": the_tests(Verdict.PASSED)},
        {"equivalence": Equivalent(12)},
        {"benchmark": FASTER},
    ]
    worse: list[dict[str, Any]] = [
        {"tests": the_tests(Verdict.INCONCLUSIVE)},
        {"equivalence": Undecided(0, "?")},
        {"benchmark": UNKNOWN, "at_scale": UNKNOWN},
        {"tests": replace(evidence.tests, flaky=("t",))},
    ]
    for changes in better:
        assert untaught(replace(evidence, **changes)) >= found
    for changes in worse:
        assert untaught(replace(evidence, **changes)) <= found


def test_with_everything_shown_it_may_act_and_without_equivalence_a_person_decides() -> None:
    assert untaught(GOOD) > 0.7
    assert untaught(replace(GOOD, equivalence=Undecided(0, "?"))) < 0.7
    assert untaught(replace(GOOD, tests=the_tests(Verdict.INCONCLUSIVE))) < 0.7
    large, small = (Faster(Speed(2.0, low, 3.0)) for low in (1.5, 1.1))
    assert untaught(replace(GOOD, benchmark=large)) > untaught(replace(GOOD, benchmark=small))
    assert untaught(GOOD, hot=True) > untaught(GOOD)


@pytest.mark.parametrize("group", ["rule", "engine", "repository"])
def test_what_was_never_kept_loses_its_right_to_act_and_others_less(group: str) -> None:
    changes: dict[str, Any] = {group: "bad"}
    bad = replace(case(), **changes)
    taught = [learn([Ending(bad, kept=False)] * times) for times in (0, 5, 20)]
    scores = [one.confidence(bad) for one in taught]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0.7
    assert taught[-1].confidence(case()) > scores[-1]


def test_what_an_engine_claims_of_itself_changes_nothing() -> None:
    plain = case()
    boast = replace(plain, evidence={**plain.evidence, "claimed": 1.0, "confidence": 1.0})
    assert UNTAUGHT.confidence(boast) == UNTAUGHT.confidence(plain)
    assert learn([Ending(boast, kept=True)]) == learn([Ending(plain, kept=True)])


def test_it_comes_to_agree_with_what_is_kept() -> None:
    """Two rules that differ, and a sign that matters more than the prior says."""
    draw = random.Random(4)
    truth = {("good", True): 0.95, ("good", False): 0.8, ("bad", True): 0.5, ("bad", False): 0.15}

    def drawn() -> tuple[Case, float]:
        rule, equal = draw.choice(["good", "bad"]), draw.random() < 0.6
        seen = replace(GOOD, equivalence=Equivalent(50) if equal else Undecided(0, "?"))
        return case(seen, rule=rule), truth[rule, equal]

    belief = UNTAUGHT
    for _ in range(600):
        some, share = drawn()
        belief = belief.after(Ending(some, draw.random() < share))
    for _ in range(40):
        some, share = drawn()
        assert belief.confidence(some) == pytest.approx(share, abs=0.12)


def test_what_was_long_ago_weighs_less() -> None:
    first = [Ending(case(), kept=False)] * 40
    then = [Ending(case(), kept=True)] * 40
    assert learn([*first, *then]).confidence(case()) > learn([*then, *first]).confidence(case())


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAMES = ("tests", "equivalence", "benchmark", "memory", "ruff", "verdict", "low", "inputs", "scale")


@given(
    st.dictionaries(st.sampled_from(NAMES), JSON | st.dictionaries(st.sampled_from(NAMES), JSON))
)
def test_any_record_gives_signs_that_have_a_prior(evidence: dict[str, Any]) -> None:
    signs = signs_of(evidence)
    assert signs.keys() <= PRIOR.keys()
    assert all(0 < value <= 1 for value in signs.values())
    assert 0.01 <= UNTAUGHT.confidence(Case("a/b", "r", "e", evidence)) <= 0.99


def test_each_sign_is_read_from_the_evidence() -> None:
    assert signs_of(evidence_json(GOOD)) == pytest.approx(
        {
            "tests passed": 1.0,
            "equivalent": 1.0,
            "inputs": 0.371,
            "gain": 0.379,
            "tools silent": 2 / 3,
        },
        abs=0.001,
    )
    worst = replace(
        GOOD,
        tests=the_tests(Verdict.INCONCLUSIVE, "t"),
        equivalence=Undecided(0, "?"),
        benchmark=Unmeasured("?"),
    )
    more = {**evidence_json(worst), "memory": {"peak_before": 100, "peak_after": 121}}
    assert set(signs_of(more)) == {
        *("tests not passed", "flaky tests", "not equivalent", "no gain measured"),
        *("tools silent", "more memory"),
    }
