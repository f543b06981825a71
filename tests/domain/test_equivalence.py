from hypothesis import given
from hypothesis import strategies as st

from bot.domain.equivalence import (
    Different,
    Equivalence,
    Equivalent,
    Observation,
    Replayed,
    Undecided,
    judge_equivalence,
)


def replayed(answers: str, *, hit: bool = True, why: str = "") -> Replayed:
    """One letter for the answer to each input; a dash for none."""
    seen = {
        number: Observation(f"f({number})", letter, "")
        for number, letter in enumerate(answers)
        if letter != "-"
    }
    return Replayed(seen, hit, why)


def judged(base: str, again: str, candidate: str) -> Equivalence:
    return judge_equivalence(replayed(base), replayed(again), replayed(candidate))


def test_all_answers_alike_are_equivalent() -> None:
    assert judged("abc", "abc", "abc") == Equivalent(3)


def test_the_first_difference_is_shown() -> None:
    found = judged("abc", "abc", "axy")
    assert found == Different(3, "call: f(1)\nold: b\nnew: x")


def test_effects_count_as_much_as_results() -> None:
    base = replayed("a")
    other = Replayed({0: Observation("f(0)", "a", "printed")}, changed_lines_hit=True)
    found = judge_equivalence(base, base, other)
    assert isinstance(found, Different)
    assert "new effects: printed" in found.counterexample


def test_what_the_base_answers_differently_twice_takes_no_part() -> None:
    assert judged("abc", "axc", "a?c") == Equivalent(2)
    assert judged("ab", "xy", "ab") == Undecided(
        0, "no recorded call answers alike twice on the base"
    )


def test_a_missing_answer_is_never_a_pass() -> None:
    assert judged("", "", "") == Undecided(0, "no call of the changed function was recorded")
    assert judged("ab", "ab", "a-") == Undecided(2, "1 inputs have no answer")
    assert judged("ab", "--", "ab") == Undecided(
        0, "no recorded call answers alike twice on the base"
    )
    timed_out = judge_equivalence(replayed("ab"), replayed("ab"), replayed("", why="timed out"))
    assert timed_out == Undecided(2, "timed out")


def test_lines_that_did_not_run_are_never_a_pass() -> None:
    ran, not_run = replayed("a"), replayed("a", hit=False)
    why = "no recorded call reaches the changed lines"
    assert judge_equivalence(not_run, ran, ran) == Undecided(1, why)
    assert judge_equivalence(ran, ran, not_run) == Undecided(1, why)


ANSWERS = st.text(st.sampled_from("ab-"), max_size=6)


@given(ANSWERS, ANSWERS, ANSWERS, st.booleans(), st.booleans())
def test_the_judgement_is_what_a_look_at_each_input_says(
    base: str, again: str, candidate: str, base_hit: bool, candidate_hit: bool
) -> None:
    found = judge_equivalence(
        replayed(base, hit=base_hit), replayed(again), replayed(candidate, hit=candidate_hit)
    )

    def at(answers: str, number: int) -> str:
        return answers[number] if number < len(answers) else "-"

    stable = [n for n, letter in enumerate(base) if letter != "-" and at(again, n) == letter]
    news = [(base[n], at(candidate, n)) for n in stable]
    if any(new not in ("-", old) for old, new in news):
        assert isinstance(found, Different)
    elif stable and all(old == new for old, new in news) and base_hit and candidate_hit:
        assert found == Equivalent(len(stable))
    else:
        assert isinstance(found, Undecided)
        assert found.why
