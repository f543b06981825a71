"""What a deployment's measurements say: the phase of its watch.

Successful, failed, error and inconclusive are four different things; no data is never a success.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.metrics import Request, percentile
from bot.domain.policy import WatchPolicy

_Z = 3.29
"""One look in 2,000 exceeds it by chance (one-sided normal); a watch looks about ten times."""
_CLUSTERING = 4.0
"""Variance inflation: errors and slow requests of one service come in clusters."""


class Phase(StrEnum):
    """Where the watch of one deployment stands."""

    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One metric of one endpoint on both sides; times in milliseconds, rates as fractions."""

    metric: str
    endpoint: str
    baseline: float
    candidate: float
    baseline_count: int
    candidate_count: int
    bad: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The phase with its reason and every measurement it rests on."""

    phase: Phase
    why: str
    measurements: tuple[Measurement, ...] = ()


def assess(
    baseline: Sequence[Request],
    candidate: Sequence[Request],
    policy: WatchPolicy,
    *,
    over: bool,
    confirmed: bool = False,
) -> Analysis:
    """Judge the candidate's requests beside the baseline's.

    `over` says that the watch's time is up; `confirmed` that the former look was bad too, without
    which nothing is called failed. Each endpoint with enough traffic is judged by itself, and all
    of them together.
    """
    measurements = _measure(baseline, candidate, policy)
    bad = [found for found in measurements if found.bad]
    if bad:
        why = "; ".join(found.why for found in bad[:3])
        return Analysis(Phase.FAILED if confirmed else Phase.RUNNING, why, measurements)
    if not over:
        return Analysis(Phase.RUNNING, f"{len(candidate)} requests so far", measurements)
    if not measurements:
        why = (
            f"{len(baseline)} requests before and {len(candidate)} after the deployment, "
            f"{policy.minimum_requests} needed on either side"
        )
        return Analysis(Phase.INCONCLUSIVE, why)
    why = f"nothing got worse over {len(candidate)} requests"
    return Analysis(Phase.SUCCESSFUL, why, measurements)


def is_bad(analysis: Analysis) -> bool:
    """Whether this look found anything worse, confirmed or not."""
    return any(found.bad for found in analysis.measurements)


def _measure(
    baseline: Sequence[Request], candidate: Sequence[Request], policy: WatchPolicy
) -> tuple[Measurement, ...]:
    found: list[Measurement] = []
    if min(len(baseline), len(candidate)) < policy.minimum_requests:
        return ()
    found.append(_errors("all endpoints", baseline, candidate, policy))
    for endpoint in sorted({request.endpoint for request in candidate}):
        before = [request for request in baseline if request.endpoint == endpoint]
        after = [request for request in candidate if request.endpoint == endpoint]
        if min(len(before), len(after)) >= max(20, policy.minimum_requests // 5):
            found.append(_errors(endpoint, before, after, policy))
            found.append(_latency(endpoint, before, after, policy))
    return tuple(found)


def _errors(
    endpoint: str, before: Sequence[Request], after: Sequence[Request], policy: WatchPolicy
) -> Measurement:
    old = sum(request.failed for request in before) / len(before)
    new = sum(request.failed for request in after) / len(after)
    pooled = (old * len(before) + new * len(after)) / (len(before) + len(after))
    spread = math.sqrt(
        _CLUSTERING * pooled * (1 - pooled) * (1 / len(before) + 1 / len(after)) or 1e-12
    )
    certain = (new - old - policy.error_tolerance) / spread > _Z
    bad = certain or (new > policy.error_threshold and new > old + spread)
    why = f"error rate of {endpoint} rose from {old:.1%} to {new:.1%}" if bad else ""
    return Measurement("error_rate", endpoint, old, new, len(before), len(after), bad, why)


def _latency(
    endpoint: str, before: Sequence[Request], after: Sequence[Request], policy: WatchPolicy
) -> Measurement:
    """Compare medians: too many of the new requests above the old median, allowed for tolerance."""
    old = percentile(sorted(request.milliseconds for request in before), 0.5)
    new = percentile(sorted(request.milliseconds for request in after), 0.5)
    bound = old * (1 + policy.latency_tolerance)
    above = sum(request.milliseconds > bound for request in after) / len(after)
    before_above = sum(request.milliseconds > bound for request in before) / len(before)
    spread = math.sqrt(_CLUSTERING * 0.25 * (1 / len(before) + 1 / len(after)))
    bad = new > bound and (above - before_above) / spread > _Z
    why = f"median of {endpoint} rose from {old:.1f} ms to {new:.1f} ms" if bad else ""
    return Measurement("p50_ms", endpoint, old, new, len(before), len(after), bad, why)
