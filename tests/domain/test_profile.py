"""Own and total cost of functions: added up, merged, ranked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.profile import (
    CodeSpot,
    CostOrder,
    CostUnit,
    FunctionCost,
    Profile,
    Tally,
    merged,
    ranked,
    trimmed,
)

NAMES = "abcde"
stacks = st.lists(
    st.tuples(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6), st.integers(0, 9)),
    max_size=8,
)


def profile_of(samples: list[tuple[list[str], int]], unit: CostUnit = CostUnit.SAMPLES) -> Profile:
    tally = Tally()
    for stack, cost in samples:
        tally.add_stack([tally.function(CodeSpot("a.py", 1, name)) for name in stack], cost)
    return tally.profile(unit)


def costs(profile: Profile) -> dict[str, tuple[float, float]]:
    return {cost.spot.name: (cost.own, cost.total) for cost in profile.functions}


class TestTally:
    @given(stacks)
    def test_is_what_the_slow_and_obvious_way_says(
        self, samples: list[tuple[list[str], int]]
    ) -> None:
        own = {name: sum(c for stack, c in samples if stack[-1] == name) for name in NAMES}
        total = {name: sum(c for stack, c in samples if name in stack) for name in NAMES}
        expected = {name: (own[name], total[name]) for name in NAMES if total[name]}
        profile = profile_of(samples)
        assert costs(profile) == expected
        assert profile.total == sum(cost for _, cost in samples)

    def test_a_recursion_counts_once(self) -> None:
        assert costs(profile_of([(["a", "b", "a", "b"], 5)])) == {"a": (0, 5), "b": (5, 5)}

    def test_lines_that_ran_join_at_the_first(self) -> None:
        tally = Tally(lines_define=False)
        places = [tally.function(CodeSpot("a.py", line, "f")) for line in (9, 3, 0, 7)]
        tally.add_stack(places, 1)
        (cost,) = tally.profile(CostUnit.SAMPLES).functions
        assert cost.spot == CodeSpot("a.py", 3, "f")

    def test_lines_that_define_keep_functions_apart(self) -> None:
        tally = Tally()
        assert tally.function(CodeSpot("a.py", 1, "f")) != tally.function(CodeSpot("a.py", 2, "f"))

    def test_what_cost_nothing_and_was_not_called_is_left_out(self) -> None:
        tally = Tally()
        tally.function(CodeSpot("a.py", 1, "unused"))
        tally.add(tally.function(CodeSpot("a.py", 2, "called")), calls=3)
        assert [cost.calls for cost in tally.profile(CostUnit.SECONDS).functions] == [3]


class TestMerged:
    @given(stacks, stacks)
    def test_two_halves_are_the_whole(
        self, one: list[tuple[list[str], int]], other: list[tuple[list[str], int]]
    ) -> None:
        (together,) = merged([profile_of(one), profile_of(other)])
        whole = profile_of(one + other)
        assert costs(together) == costs(whole)
        assert together.total == whole.total

    def test_units_stay_apart(self) -> None:
        one, other = profile_of([(["a"], 1)]), profile_of([(["a"], 1)], CostUnit.BYTES)
        assert merged([one, other, one])[1] == other
        assert [profile.unit for profile in merged([one, other, one])] == ["samples", "bytes"]
        assert merged([]) == ()

    def test_calls_are_known_only_if_all_know_them(self) -> None:
        spot, moments = CodeSpot("a.py", 1, "f"), [
            datetime(2026, 1, day, tzinfo=UTC) for day in (2, 1)
        ]
        three, four, unknown = (
            Profile(CostUnit.SECONDS, (FunctionCost(spot, 1, 1, calls),), 1, at=at, commit=commit)
            for calls, at, commit in ((3, moments[0], "x"), (4, moments[1], "x"), (None, None, "y"))
        )
        assert merged([three, four])[0].functions[0].calls == 7
        assert merged([three, four])[0].at == moments[0]
        assert merged([three, four])[0].commit == "x"
        assert merged([three, unknown])[0].functions[0].calls is None
        assert merged([three, unknown])[0].commit == ""


class TestRanked:
    def test_by_own_and_by_total(self) -> None:
        profile = profile_of([(["a", "b"], 5), (["a", "c"], 2)])
        assert [cost.spot.name for cost in ranked(profile)] == ["b", "c", "a"]
        assert [cost.spot.name for cost in ranked(profile, CostOrder.TOTAL)] == ["a", "b", "c"]
        assert len(ranked(profile, most=1)) == 1

    def test_trimming_keeps_the_most_expensive_by_either_and_the_total(self) -> None:
        profile = profile_of([(["a", "b"], 5), (["a", "c"], 2), (["a", "d"], 1)])
        small = trimmed(profile, 2)
        assert {cost.spot.name for cost in small.functions} == {"a", "b"}
        assert small.total == 8
        assert trimmed(profile, 4) is profile

    @pytest.mark.parametrize(("total", "cost", "share"), [(4, 1, 0.25), (0, 0, 0), (1, 2, 1)])
    def test_a_share_is_one_at_most(self, total: float, cost: float, share: float) -> None:
        assert Profile(CostUnit.BYTES, (), total).share(cost) == share
