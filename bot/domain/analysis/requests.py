"""What a deployment's measurements say: the phase of its watch.

Successful, failed, error and inconclusive are four different things; no data is never a success.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.analysis.verdict import Analysis, Measurement, Phase
from bot.domain.metrics import Request, percentile
from bot.domain.policy import WatchPolicy

_CERTAIN = 3.29
"""Standard errors beyond which a rise is certain; one in 2,000 by chance (one-sided normal)."""
_DOUBTFUL = 2.0
"""Standard errors beyond which a rise is not certain, but nothing to call a success either."""
_BLOCKS = 12
"""Blocks of time that a side is cut into, to see how much its errors and slow moments cluster."""
_LATENCIES = {"p50_ms": 0.50, "p95_ms": 0.95}


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
    which nothing is called failed. Each endpoint with enough traffic is judged by itself, and the
    errors of all of them together. The earlier the look, the more it takes to be certain
    (O'Brien-Fleming: by the root of the share of the time), so that many looks err no more often
    than one. What is no finite time is no request.
    """
    old, new = _usable(baseline), _usable(candidate)
    needed = _CERTAIN if over else _CERTAIN / math.sqrt(_share_of_watch(new, policy))
    measurements = _measure(old, new, policy, needed)
    bad = [found for found in measurements if found.bad]
    if bad:
        phase = Phase.FAILED if confirmed else Phase.RUNNING
        return Analysis(phase, _reasons(bad), measurements)
    if not over:
        return Analysis(Phase.RUNNING, f"{len(new)} requests so far", measurements)
    if not any(found.metric in _LATENCIES for found in measurements):
        why = (
            f"{len(old)} requests before and {len(new)} after the deployment, "
            f"{policy.minimum_requests} needed on either side, and "
            f"{_least(policy)} of them on one endpoint"
        )
        return Analysis(Phase.INCONCLUSIVE, why, measurements)
    doubtful = [found for found in measurements if found.doubtful]
    if doubtful:
        why = f"more requests are needed to tell whether it is chance: {_reasons(doubtful)}"
        return Analysis(Phase.INCONCLUSIVE, why, measurements)
    return Analysis(Phase.SUCCESSFUL, f"nothing got worse over {len(new)} requests", measurements)


def is_bad(analysis: Analysis) -> bool:
    """Whether this look found anything worse, confirmed or not."""
    return any(found.bad for found in analysis.measurements)


def _usable(requests: Sequence[Request]) -> list[Request]:
    return [r for r in requests if math.isfinite(r.milliseconds) and r.milliseconds >= 0]


def _reasons(measurements: Sequence[Measurement]) -> str:
    return "; ".join(found.why for found in measurements[:3])


def _share_of_watch(candidate: Sequence[Request], policy: WatchPolicy) -> float:
    times = [request.at for request in candidate]
    seconds = (max(times) - min(times)).total_seconds() if times else 0.0
    return min(1.0, max(0.01, seconds / max(1, policy.duration_seconds)))


def _least(policy: WatchPolicy) -> int:
    return max(20, policy.minimum_requests // 5)


def _measure(
    baseline: Sequence[Request], candidate: Sequence[Request], policy: WatchPolicy, needed: float
) -> tuple[Measurement, ...]:
    if min(len(baseline), len(candidate)) < max(1, policy.minimum_requests):
        return ()
    found = [_errors("all endpoints", _Sides(baseline, candidate), policy, needed)]
    for endpoint in sorted({request.endpoint for request in candidate}):
        sides = _Sides(
            [request for request in baseline if request.endpoint == endpoint],
            [request for request in candidate if request.endpoint == endpoint],
        )
        if min(len(sides.before), len(sides.after)) >= _least(policy):
            found.append(_errors(endpoint, sides, policy, needed))
            found += [_latency(endpoint, m, sides, policy, needed) for m in _LATENCIES]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Sides:
    before: Sequence[Request]
    after: Sequence[Request]

    def judged(
        self, metric: str, endpoint: str, values: tuple[float, float], excess: float, needed: float
    ) -> Measurement:
        """The measurement of a rise by so many standard errors beyond what is tolerated."""
        bad, doubtful = excess > needed, excess > _DOUBTFUL
        shape = "{:.1%}" if metric == "error_rate" else "{:.1f} ms"
        old, new = (shape.format(value) for value in values)
        name = metric.removesuffix("_ms").replace("_", " ")
        why = f"{name} of {endpoint} rose from {old} to {new}" if bad or doubtful else ""
        counts = len(self.before), len(self.after)
        return Measurement(metric, endpoint, *values, *counts, bad, why, doubtful)


def _errors(endpoint: str, sides: _Sides, policy: WatchPolicy, needed: float) -> Measurement:
    old, new, spread = _compare(sides, lambda request: request.failed)
    tolerated = 0.0 if new > policy.error_threshold else policy.error_tolerance
    excess = (new - old - tolerated) / spread
    return sides.judged("error_rate", endpoint, (old, new), excess, needed)


def _latency(
    endpoint: str, metric: str, sides: _Sides, policy: WatchPolicy, needed: float
) -> Measurement:
    """Too many of the new requests above the old percentile, allowed for tolerance."""
    old, new = (
        percentile(sorted(request.milliseconds for request in side), _LATENCIES[metric])
        for side in (sides.before, sides.after)
    )
    bound = old * (1 + policy.latency_tolerance)
    above_before, above, spread = _compare(sides, lambda request: request.milliseconds > bound)
    excess = (above - above_before) / spread if new > bound else 0.0
    return sides.judged(metric, endpoint, (old, new), excess, needed)


def _compare(sides: _Sides, hit: Callable[[Request], bool]) -> tuple[float, float, float]:
    """The share of requests that are hit on both sides, and the standard error of the difference.

    What independent requests would give is widened by how much more the shares of successive
    blocks of time differ than those of independent requests do, on the worse of the two sides.
    """
    before, after = _share(sides.before, hit), _share(sides.after, hit)
    clustering = max(1.0, before.between / before.independent, after.between / after.independent)
    spread = math.sqrt(clustering * (before.independent + after.independent))
    return before.share, after.share, spread


@dataclass(frozen=True, slots=True)
class _Share:
    """A share and its variance, if requests were independent and as its blocks of time show it."""

    share: float
    independent: float
    between: float


def _share(side: Sequence[Request], hit: Callable[[Request], bool]) -> _Share:
    count, hits = len(side), sum(map(hit, side))
    # One hit and one miss more than were seen keep the variance from being nothing.
    smooth = (hits + 1) / (count + 2)
    first = min(request.at for request in side)
    span = (max(request.at for request in side) - first).total_seconds() or 1.0
    off = [0.0] * _BLOCKS
    for request in side:
        block = int((request.at - first).total_seconds() / span * _BLOCKS)
        off[min(block, _BLOCKS - 1)] += hit(request) - hits / count
    between = math.fsum(block**2 for block in off) * _BLOCKS / (_BLOCKS - 1) / count**2
    return _Share(hits / count, smooth * (1 - smooth) / count, between)
