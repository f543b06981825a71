"""The health score from 0 to 100, whose formula is published with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.bottleneck import Targets
from bot.domain.metrics import MetricType, Window

FORMULA = (
    "100 x (0.6 x share of requests in windows whose p95 keeps the response-time target"
    " + 0.4 x max(0, 1 - error rate / (2 x target))) x min(1, requests / 20); no data gives no"
    " score"
)
_ENOUGH = 20
"""Requests below which the score is lowered: that one of them was good says little."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: its weight beside the others, and its value from 0 to 1."""

    name: str
    weight: float
    value: float
    saying: str


@dataclass(frozen=True, slots=True)
class Health:
    """The score, or None without data, and how it came about."""

    score: float | None
    formula: str
    why: str
    parts: tuple[Part, ...] = ()


def health(windows: Sequence[Window], targets: Targets) -> Health:
    """Score a span of windows; where only one of the two parts has data, it counts alone."""
    times = _counted(windows, MetricType.RESPONSE_TIME)
    errors = _counted(windows, MetricType.ERROR_RATE)
    parts: list[Part] = []
    if times:
        good = sum(w.count for w in times if w.p95_value <= targets.response_time_ms)
        share = good / sum(w.count for w in times)
        said = f"{share:.1%} in windows whose p95 is at most {targets.response_time_ms:g} ms"
        parts.append(Part("response time", 0.6, share, said))
    if errors:
        rate = sum(w.total for w in errors) / sum(w.count for w in errors)
        said = f"{rate:.2%} failed, the target is {targets.error_rate:.2%}"
        parts.append(Part("errors", 0.4, _kept(rate, targets.error_rate), said))
    if not parts:
        return Health(None, FORMULA, "no data")
    weight = sum(part.weight for part in parts)
    # A request is in both: its time in one, whether it failed in the other.
    requests = max(sum(w.count for w in times), sum(w.count for w in errors))
    known = min(1.0, requests / _ENOUGH)
    if known < 1:
        said = f"{requests} of the {_ENOUGH} requests that count in full"
        parts.append(Part("evidence", 1.0, known, said))
    score = 100 * known * sum(p.weight * p.value for p in parts if p.name != "evidence") / weight
    return Health(round(score, 1), FORMULA, f"over {requests} requests", tuple(parts))


def _counted(windows: Sequence[Window], kind: MetricType) -> list[Window]:
    return [window for window in windows if window.metric_type is kind and window.count > 0]


def _kept(rate: float, target: float) -> float:
    if target <= 0:
        return float(rate <= 0)
    return min(1.0, max(0.0, 1 - rate / (2 * target)))
