"""Which benchmarks became worse, and between which commits."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from bot.domain.measured import BenchmarkResult, Direction
from bot.domain.regressions import Regression, regressions
from tests.domain.samples import NOW


def history(
    levels: Sequence[float], name: str = "time_parse", direction: Direction = Direction.LOWER
) -> list[BenchmarkResult]:
    """One result for each level, a day apart, with a noise of two percent."""
    noise = Random(name)
    return [
        BenchmarkResult(
            name,
            "s",
            direction,
            level * noise.gauss(1, 0.02),
            commit=f"{number:040x}",
            at=NOW + timedelta(days=number),
        )
        for number, level in enumerate(levels)
    ]


STEP = [1.0] * 20 + [1.5] * 15


def test_what_is_slower_names_the_commits_between_which_it_became_so() -> None:
    (found,) = regressions(history(STEP))
    assert found.name == "time_parse"
    assert found.effect == pytest.approx(0.5, abs=0.05)
    assert found.p < 0.001
    assert int(found.good.commit, 16) < 20 <= int(found.bad.commit, 16)
    assert "50%" in found.description or "49%" in found.description or "51%" in found.description


@pytest.mark.parametrize(
    ("levels", "direction"),
    [
        ([1.0] * 35, Direction.LOWER),
        (STEP[::-1], Direction.LOWER),
        (STEP, Direction.HIGHER),
        (STEP, Direction.NEITHER),
        ([*STEP, *[1.0] * 15], Direction.LOWER),
        (STEP[15:25], Direction.LOWER),
    ],
    ids=["same", "better", "more of what is good", "no direction", "mended since", "too short"],
)
def test_nothing_else_is_a_regression(levels: list[float], direction: Direction) -> None:
    assert regressions(history(levels, direction=direction)) == ()


def test_less_of_what_is_good_is_one() -> None:
    (found,) = regressions(history(STEP[::-1], direction=Direction.HIGHER))
    assert found.effect < 0
    assert "less than before" in found.description


def test_each_benchmark_is_by_itself_and_the_worst_comes_first() -> None:
    mild, harsh = history(STEP, "mild"), history([1.0] * 20 + [4.0] * 15, "harsh")
    mixed = [one for pair in zip(mild, harsh, strict=True) for one in pair]
    assert [one.name for one in regressions(mixed[::-1])] == ["harsh", "mild"]


def test_results_without_a_value_or_a_time_are_left_out() -> None:
    strange = [
        BenchmarkResult("time_parse", "s", Direction.LOWER, None, missing="it failed", at=NOW),
        BenchmarkResult("time_parse", "s", Direction.LOWER, 99.0),
    ]
    found: Sequence[Regression] = regressions([*strange, *history(STEP)])
    assert len(found) == 1
