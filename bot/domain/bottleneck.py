"""Which endpoints are slow or failing, with the numbers that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.metrics import MetricType, Window

MINIMUM_COUNT = 20
"""Fewer samples than this say nothing about a 95th percentile."""


class BottleneckKind(StrEnum):
    """What is wrong with an endpoint."""

    SLOW = "slow_endpoint"
    FAILING = "error_rate"


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """One endpoint beyond its target; `value` and `target` in the metric's unit."""

    kind: BottleneckKind
    endpoint: str
    value: float
    target: float
    count: int
    description: str


@dataclass(frozen=True, slots=True)
class Targets:
    """What an endpoint should keep to."""

    response_time_ms: float = 100.0
    error_rate: float = 0.05


def find_bottlenecks(windows: Sequence[Window], targets: Targets) -> tuple[Bottleneck, ...]:
    """The endpoints beyond their targets, the one that costs most time first.

    The 95th percentile over several windows is taken as their count-weighted mean: an
    approximation, replaced where a mergeable sketch is stored.
    """
    found: list[tuple[float, Bottleneck]] = []
    groups: dict[tuple[str, MetricType], list[Window]] = {}
    for window in windows:
        if window.endpoint:
            groups.setdefault((window.endpoint, window.metric_type), []).append(window)
    for (endpoint, kind), group in groups.items():
        count = sum(window.count for window in group)
        if count >= MINIMUM_COUNT:
            weight = sum(window.total for window in group)
            bottleneck = _judge(endpoint, kind, group, count, targets)
            if bottleneck is not None:
                found.append((weight, bottleneck))
    return tuple(b for _, b in sorted(found, key=lambda pair: (-pair[0], pair[1].endpoint)))


def _judge(
    endpoint: str, kind: MetricType, group: list[Window], count: int, targets: Targets
) -> Bottleneck | None:
    if kind is MetricType.RESPONSE_TIME:
        value = sum(window.p95_value * window.count for window in group) / count
        if value > targets.response_time_ms:
            text = (
                f"p95 {value:.0f} ms over {count} requests, target {targets.response_time_ms:g} ms"
            )
            return Bottleneck(
                BottleneckKind.SLOW, endpoint, value, targets.response_time_ms, count, text
            )
    if kind is MetricType.ERROR_RATE:
        value = sum(window.total for window in group) / count
        if value > targets.error_rate:
            text = f"error rate {value:.1%} over {count} requests, target {targets.error_rate:.1%}"
            return Bottleneck(
                BottleneckKind.FAILING, endpoint, value, targets.error_rate, count, text
            )
    return None
