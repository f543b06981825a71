import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.choosing import (
    CLOSE,
    WARM_UP,
    Candidate,
    Exploit,
    Explore,
    NoModel,
    Rules,
    choose,
    untried,
)
from bot.domain.preferences import Preference

SHARES = st.floats(0.01, 0.99)


def candidate(
    model: str, posterior: float, cost: float = 0.0, draw: float = 0.0, count: int = 100
) -> Candidate:
    return Candidate(Preference(model, posterior, posterior, count), cost, draw)


CANDIDATES = st.lists(
    st.builds(candidate, st.sampled_from("abcdef"), SHARES, st.floats(0, 1), SHARES),
    max_size=6,
    unique_by=lambda one: one.model,
)
RULES = st.builds(
    Rules, SHARES, st.booleans(), st.none() | st.floats(0, 1), st.sets(st.sampled_from("abcdef"))
)


@given(CANDIDATES, RULES, st.floats(0, 0.999))
def test_a_choice_keeps_to_the_rules(
    candidates: list[Candidate], rules: Rules, chance: float
) -> None:
    found = choose(candidates, rules, chance)
    allowed = {
        one.model
        for one in candidates
        if one.model not in rules.failed and (rules.budget is None or one.cost <= rules.budget)
    }
    assert found.why
    if isinstance(found, NoModel):
        assert not allowed
        return
    assert {found.model, *found.others} == allowed
    assert len(found.others) == len(allowed) - 1
    if isinstance(found, Explore):
        assert not rules.merges
        assert chance < rules.rate
    else:
        top = max(one.preference.posterior for one in candidates if one.model in allowed)
        (taken,) = (one for one in candidates if one.model == found.model)
        assert taken.preference.posterior > top - CLOSE - 1e-9


def test_the_cheaper_of_two_as_good_ones_is_taken() -> None:
    dear, cheap, bad = candidate("dear", 0.82, 0.5), candidate("cheap", 0.8, 0.1), candidate("b", 0)
    assert choose([dear, cheap, bad], Rules(), 0.9) == Exploit(
        "cheap", "0.80 expected from 100 trials, $0.1000 a task", ("dear", "b")
    )
    found = choose([candidate("dear", 0.9, 0.5), cheap], Rules(), 0.9)
    assert isinstance(found, Exploit)
    assert found.model == "dear"


def test_what_is_new_is_tried_and_afterwards_only_now_and_then() -> None:
    best = candidate("best", 0.8, draw=0.5)
    new = candidate("new", 0.5, draw=0.9, count=WARM_UP - 1)
    known = candidate("new", 0.5, draw=0.9, count=WARM_UP)
    assert isinstance(choose([best, new], Rules(0.1), 0.9), Explore)
    assert isinstance(choose([best, known], Rules(0.1), 0.9), Exploit)
    assert isinstance(choose([best, known], Rules(0.1), 0.05), Explore)
    assert isinstance(choose([best, new], Rules(0.1, merges=True), 0.0), Exploit)
    assert isinstance(choose([best, new], Rules(0.0), 0.0), Exploit)


@pytest.mark.parametrize(
    ("rules", "words"),
    [(Rules(failed=["a"]), "failed"), (Rules(budget=0.1), "are left")],
)
def test_it_says_why_there_is_none(rules: Rules, words: str) -> None:
    found = choose([candidate("a", 0.5, 0.2)], rules, 0.5)
    assert isinstance(found, NoModel)
    assert words in found.why
    assert choose([], Rules(), 0.5) == NoModel("no model is configured")


def test_of_what_is_not_known_nothing_is_assumed() -> None:
    known = Preference("a", 0.9, 0.8, 3, 4, 1)
    assert untried(["a", "b"], [known]) == [known, Preference("b", 0.5, 0.5, 0)]
