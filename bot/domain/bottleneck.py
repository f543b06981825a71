"""Which endpoints are slow, failing or worse than they were, with the numbers that say so."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.domain.metrics import MetricType, Window, joined
from bot.domain.significance import adjusted, change, share

MINIMUM_COUNT: Final = 20
"""Fewer samples than this say nothing about a 95th percentile."""
CERTAIN: Final = 0.01
"""The false-discovery rate over everything tested together."""
_ALONE: Final = 1e-4
"""What a single window, which no second one confirms, has to reach."""
_SLOW_SHARE: Final = 0.05
"""A 95th percentile is beyond a target when more than this share of the values is."""
_WORSE: Final = 1.2
"""By how much an endpoint has to be slower than it was before anybody is told."""


class BottleneckKind(StrEnum):
    """What is wrong with an endpoint."""

    SLOW = "slow_endpoint"
    FAILING = "error_rate"
    SLOWER = "slower_than_before"


class Verdict(StrEnum):
    """What a test says; what is inconclusive is neither."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """One endpoint beside its target; `value`, `low`, `high` and `target` in the metric's unit.

    `p` is after false-discovery control; `effect` is how many times the target the value is.
    """

    kind: BottleneckKind
    endpoint: str
    verdict: Verdict
    value: float
    low: float
    high: float
    target: float
    p: float
    count: int
    description: str

    @property
    def effect(self) -> float:
        """How many times the target the value is."""
        return self.value / self.target if self.target else math.inf


@dataclass(frozen=True, slots=True)
class Targets:
    """What an endpoint should keep to."""

    response_time_ms: float = 100.0
    error_rate: float = 0.05
    memory_mb: float = 7168.0


@dataclass(frozen=True, slots=True)
class _Test:
    """One question put to the windows: what was seen, and what a second look saw."""

    found: Bottleneck
    beyond: bool
    confirmed: bool
    alone: bool
    weight: float


def examine(
    windows: Sequence[Window], targets: Targets, before: Sequence[Window] = ()
) -> tuple[Bottleneck, ...]:
    """Every endpoint with enough traffic, the one that costs most time first.

    `before` is the endpoints' own history. What is found is beyond its target by more than chance
    does, after false-discovery control over all that is tested here, in both halves of the span.
    """
    history = _grouped(before)
    tests = [
        test
        for key, group in _grouped(windows).items()
        if sum(window.count for window in group) >= MINIMUM_COUNT
        for test in _tests(key, group, history.get(key, []), targets)
    ]
    chances = adjusted([test.found.p for test in tests])
    judged = [(t.weight, _judged(t, p)) for t, p in zip(tests, chances, strict=True)]
    ordered = sorted(judged, key=lambda pair: (-pair[0], pair[1].endpoint, pair[1].kind))
    return tuple(found for _, found in ordered)


_Key = tuple[str, MetricType, str, str]


def _grouped(windows: Sequence[Window]) -> dict[_Key, list[Window]]:
    groups: dict[_Key, list[Window]] = {}
    for window in sorted(windows, key=lambda window: window.start):
        if window.endpoint:
            groups.setdefault(window.series, []).append(window)
    return groups


def _judged(test: _Test, p: float) -> Bottleneck:
    needed = _ALONE if test.alone else CERTAIN
    if not test.beyond:
        verdict = Verdict.NOT_FOUND
    else:
        verdict = Verdict.FOUND if p < needed and test.confirmed else Verdict.INCONCLUSIVE
    return replace(test.found, verdict=verdict, p=p)


def _tests(
    key: _Key, group: list[Window], before: list[Window], targets: Targets
) -> Iterator[_Test]:
    kind = key[1]
    if kind is MetricType.RESPONSE_TIME:
        yield _slow(group, targets.response_time_ms)
        yield from _slower(group, before)
    elif kind is MetricType.ERROR_RATE:
        yield _failing(group, targets.error_rate)


def _slow(group: list[Window], target: float) -> _Test:
    hits = [(_above(window, target), window.count) for window in group]
    whole, seen = joined(group), share(hits)
    value = whole.p95_value
    there = share([(_above(window, value), window.count) for window in group])
    low, high = (_percentile(whole, 0.95 + side * there.margin) for side in (-1, 1))
    text = f"p95 {value:.0f} ms over {whole.count} requests, target {target:g} ms"
    p = seen.p_above(_SLOW_SHARE)
    found = _bottleneck(BottleneckKind.SLOW, group, (value, low, high), target, p, text)
    return _test(found, hits, _SLOW_SHARE, whole.total)


def _failing(group: list[Window], target: float) -> _Test:
    hits = [(window.total, window.count) for window in group]
    count, seen = sum(size for _, size in hits), share(hits)
    text = f"error rate {seen.value:.1%} over {count} requests, target {target:.1%}"
    values = (seen.value, *seen.interval)
    p = seen.p_above(target)
    found = _bottleneck(BottleneckKind.FAILING, group, values, target, p, text)
    return _test(found, hits, target, sum(hit for hit, _ in hits))


def _slower(group: list[Window], before: list[Window]) -> Iterator[_Test]:
    """Against its own history: the medians of the windows now beside those of then."""
    now = [window.p50_value for window in group if window.p50_value > 0]
    then = [window.p50_value for window in before if window.p50_value > 0]
    moved = change(then, now)
    if moved is None:
        return
    old, whole = sorted(then)[len(then) // 2], joined(group)
    text = (
        f"p50 {moved.factor:.2f}x what it was before ({moved.low:.2f} to {moved.high:.2f}), "
        f"{old:.1f} ms then and {whole.p50_value:.1f} ms now"
    )
    values = (moved.factor * old, moved.low * old, moved.high * old)
    found = _bottleneck(BottleneckKind.SLOWER, group, values, old, moved.p, text)
    half = len(now) // 2
    middle = old * math.sqrt(_WORSE)
    confirmed = all(sorted(part)[len(part) // 2] > middle for part in (now[:half], now[half:]))
    yield _Test(found, moved.factor > _WORSE, confirmed, alone=False, weight=whole.total)


def _bottleneck(
    kind: BottleneckKind,
    group: list[Window],
    values: tuple[float, float, float],
    target: float,
    p: float,
    text: str,
) -> Bottleneck:
    value, low, high = values
    count = sum(window.count for window in group)
    endpoint, verdict = group[0].endpoint, Verdict.INCONCLUSIVE
    return Bottleneck(kind, endpoint, verdict, value, low, high, target, p, count, text)


def _test(
    found: Bottleneck, hits: list[tuple[float, int]], tolerated: float, weight: float
) -> _Test:
    half = len(hits) // 2
    parts = [hits[:half], hits[half:]] if half else [hits]
    confirmed = all(_share(part) > tolerated for part in parts)
    return _Test(found, found.value > found.target, confirmed, half == 0, weight)


def _share(hits: list[tuple[float, int]]) -> float:
    return sum(hit for hit, _ in hits) / sum(size for _, size in hits)


def _above(window: Window, target: float) -> float:
    """How many of its values are above."""
    if window.max_value <= target:
        return 0.0
    if window.min_value > target:
        return float(window.count)
    return window.sketch.share_above(target) * window.count


def _percentile(window: Window, part: float) -> float:
    found = window.sketch.percentile(min(1.0, max(0.0, part)))
    return min(window.max_value, max(window.min_value, found))
