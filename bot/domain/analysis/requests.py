"""Judges the requests after a deployment beside those before it, endpoint by endpoint."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.analysis.counts import Counts, counted
from bot.domain.analysis.judges import (
    DOUBT,
    SLICES,
    ErrorJudge,
    LatencyJudge,
    Standing,
    least,
)
from bot.domain.analysis.level import level_of
from bot.domain.analysis.slowness import KINDS, slowness
from bot.domain.analysis.verdict import Analysis, Measurement, Phase
from bot.domain.metrics import Request, percentile
from bot.domain.policy import WatchPolicy

ALL: Final = "all endpoints"
_LATENCIES: Final = {"p50_ms": 0.50, "p95_ms": 0.95}
"""The percentiles that are shown; what is judged is all of `slowness` together."""


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
    errors of all of them together; the more there are, the more each of them takes. The evidence
    may be looked at whenever, so many looks err no more often than one. What is no finite time is
    no request: it is counted apart, as an error of measuring.
    """
    new = usable(candidate)
    old = of_former_version(usable(baseline), new, policy.minimum_requests)
    unmeasured = len(candidate) - len(new)
    measurements = _measure(old, new, policy)
    bad = [found for found in measurements if found.bad]
    if bad:
        phase = Phase.FAILED if confirmed else Phase.RUNNING
        return Analysis(phase, _reasons(bad), measurements, unmeasured)
    if not over:
        return Analysis(Phase.RUNNING, f"{len(new)} requests so far", measurements, unmeasured)
    why = _why_not_good(old, new, unmeasured, measurements, policy)
    if why:
        return Analysis(Phase.INCONCLUSIVE, why, measurements, unmeasured)
    good = f"nothing got worse over {len(new)} requests"
    return Analysis(Phase.SUCCESSFUL, good, measurements, unmeasured)


def is_bad(analysis: Analysis) -> bool:
    """Whether this look found anything worse, confirmed or not."""
    return any(found.bad for found in analysis.measurements)


def usable(requests: Sequence[Request]) -> list[Request]:
    """Those whose time was measured."""
    return [r for r in requests if math.isfinite(r.milliseconds) and r.milliseconds >= 0]


def of_former_version(
    baseline: list[Request], candidate: Sequence[Request], enough: int
) -> list[Request]:
    """The baseline's requests that one version answered: the last that is not the candidate's.

    What was deployed before that is another service. All of them, where nothing says what ran.
    """
    new = {request.commit for request in candidate}
    counts: dict[str, int] = {}
    for request in reversed(baseline):
        if request.commit and request.commit not in new:
            counts[request.commit] = counts.get(request.commit, 0) + 1
            if counts[request.commit] >= max(1, enough):
                return [one for one in baseline if one.commit == request.commit]
    return baseline


def _reasons(measurements: Sequence[Measurement]) -> str:
    return "; ".join(found.why for found in measurements[:3])


def _why_not_good(
    old: Sequence[Request],
    new: Sequence[Request],
    unmeasured: int,
    measurements: Sequence[Measurement],
    policy: WatchPolicy,
) -> str:
    """Why nobody can say that all is well, empty if one can."""
    few = min(len(old), len(new)) < max(1, policy.minimum_requests)
    if few or not any(found.metric in _LATENCIES for found in measurements):
        return (
            f"{len(old)} requests before and {len(new)} after the deployment, "
            f"{policy.minimum_requests} needed on either side, and "
            f"{least(policy)} of them on one endpoint"
        )
    if unmeasured > len(new):
        return f"{unmeasured} requests could not be measured, only {len(new)} could"
    doubtful = [found for found in measurements if found.doubtful]
    if doubtful:
        return f"more requests are needed to tell whether it is chance: {_reasons(doubtful)}"
    return ""


def _measure(
    baseline: Sequence[Request], candidate: Sequence[Request], policy: WatchPolicy
) -> tuple[Measurement, ...]:
    if len(baseline) < max(1, policy.minimum_requests) or len(candidate) < least(policy):
        return ()
    everything = _Sides(ALL, baseline, candidate, policy.duration_seconds / SLICES)
    some = [
        sides
        for sides in everything.by_endpoint()
        if min(len(sides.before), len(sides.after)) >= least(policy)
    ]
    tests = len(some) + 1
    found = [_errors(everything, policy, tests)]
    for sides in some:
        found += [_errors(sides, policy, tests), *_latency(sides, policy, tests)]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The requests of one endpoint on both sides, and the seconds of a slice."""

    endpoint: str
    before: Sequence[Request]
    after: Sequence[Request]
    seconds: float

    def by_endpoint(self) -> "list[_Sides]":
        names = sorted({request.endpoint for request in self.after})
        return [
            _Sides(
                name,
                [request for request in self.before if request.endpoint == name],
                [request for request in self.after if request.endpoint == name],
                self.seconds,
            )
            for name in names
        ]

    def counts(self, side: Sequence[Request], hits: Sequence[float]) -> Counts:
        first = min(request.at for request in side)
        slices = [int((request.at - first).total_seconds() / self.seconds) for request in side]
        return counted(slices, hits)

    def measurement(
        self, metric: str, values: tuple[float, float], *, bad: bool, doubtful: bool
    ) -> Measurement:
        shape = "{:.1%}" if metric == "error_rate" else "{:.1f} ms"
        old, new = (shape.format(value) for value in values)
        name = metric.removesuffix("_ms").replace("_", " ")
        why = f"{name} of {self.endpoint} rose from {old} to {new}" if bad or doubtful else ""
        counts = len(self.before), len(self.after)
        return Measurement(metric, self.endpoint, *values, *counts, bad, why, doubtful)


def _last(standings: Sequence[Standing]) -> tuple[bool, bool]:
    """Whether the last slice finds it worse, and whether there is doubt."""
    return standings[-1].bad, standings[-1].evidence > DOUBT


def _errors(sides: _Sides, policy: WatchPolicy, tests: int) -> Measurement:
    before, after = (
        sides.counts(side, [request.failed for request in side])
        for side in (sides.before, sides.after)
    )
    judge = ErrorJudge(level_of(before), policy, tests)
    bad, doubtful = _last(list(judge.walk(after)))
    return sides.measurement("error_rate", (before.share, after.share), bad=bad, doubtful=doubtful)


def _latency(sides: _Sides, policy: WatchPolicy, tests: int) -> list[Measurement]:
    """The percentiles that are shown; the higher ones are to blame where they rose."""
    before, after = (
        sorted(request.milliseconds for request in side) for side in (sides.before, sides.after)
    )
    slow = slowness(before, policy.latency_tolerance)
    old, new = (
        [
            sides.counts(side, way)
            for way in zip(*(slow.of(r.milliseconds) for r in side), strict=True)
        ]
        for side in (sides.before, sides.after)
    )
    judge = LatencyJudge(list(map(level_of, old, KINDS)), policy, tests)
    bad, doubtful = _last(list(judge.walk(new)))
    shown = {m: (percentile(before, q), percentile(after, q)) for m, q in _LATENCIES.items()}
    tolerated = 1 + policy.latency_tolerance
    rose = {m for m, (low, high) in shown.items() if high > low * tolerated}
    blamed = rose or {"p95_ms"}
    return [
        sides.measurement(m, values, bad=bad and m in blamed, doubtful=doubtful and m in blamed)
        for m, values in shown.items()
    ]
