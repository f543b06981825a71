"""Memory as it is reported: units, several processes, and which comes first."""

import random
from datetime import timedelta

import pytest

from bot.domain.memory import MemoryVerdict, memory
from bot.domain.metrics import MetricType, Window, window_of
from tests.domain.samples import NOW

DAY = 288


def process(
    grows: float,
    name: str = "process.memory",
    unit: str = "mb",
    factor: float = 1.0,
    count: int = DAY,
) -> list[Window]:
    """So many windows of a process that starts at 500 MB and grows by so many within a day."""
    noise = random.Random(name)
    return [
        window_of(
            (NOW + timedelta(minutes=5 * n), name, MetricType.MEMORY_USAGE, "", unit),
            [(500 + grows * n / DAY + noise.uniform(-3, 3)) * factor] * 2,
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("unit", "factor"), [("mb", 1), ("", 1), ("GB", 1 / 1024), ("kb", 1024), ("bytes", 1024**2)]
)
def test_growth_is_in_megabytes_whatever_is_reported(unit: str, factor: float) -> None:
    (found,) = memory(process(500, unit=unit, factor=factor))
    assert found.verdict is MemoryVerdict.LEAK
    assert found.growth_mb == pytest.approx(500, rel=0.1)
    assert found.low <= found.growth_per_hour <= found.high
    assert found.hours_left is None


def test_the_time_to_the_limit_is_told() -> None:
    (found,) = memory(process(480), limit_mb=1_480)
    assert found.hours_left == pytest.approx(500 / 20, rel=0.15)
    assert "to the limit of 1480" in found.reason


def test_what_leaks_comes_first_and_what_is_too_short_says_nothing() -> None:
    windows = [
        *process(0, "steady"),
        *process(300, "slow"),
        *process(900, "fast"),
        *process(900, "young", count=20),
    ]
    random.Random(1).shuffle(windows)
    found = memory(windows)
    assert [one.metric_name for one in found] == ["fast", "slow", "steady", "young"]
    assert [one.verdict for one in found] == [
        MemoryVerdict.LEAK,
        MemoryVerdict.LEAK,
        MemoryVerdict.NO_LEAK,
        MemoryVerdict.INCONCLUSIVE,
    ]
    assert found[-1].growth_mb == 0.0


def test_other_metrics_are_no_memory() -> None:
    assert memory([]) == ()
    series = (NOW, "x", MetricType.COST, "", "USD")
    assert memory([window_of(series, [1.0])]) == ()
