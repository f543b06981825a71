"""The rules that benchmarks/watch.py compares: ours as the watch runs it, and what others do.

Each takes the requests before and after and gives the seconds after which it reverts, or None.
Of the others, the settings are those of their documentation, or where it has none the usual ones;
each says which.
"""

import math
from collections.abc import Callable

import numpy as np
from watch_traffic import Deployment

from bot.domain.analysis.counts import Counts
from bot.domain.analysis.judges import SLICES, ErrorJudge, LatencyJudge
from bot.domain.analysis.level import level_of
from bot.domain.analysis.replay import first_confirmed
from bot.domain.analysis.slowness import KINDS, slowness
from bot.domain.policy import WatchPolicy

POLICY = WatchPolicy()
SLICE = POLICY.duration_seconds / SLICES
Rule = Callable[[Deployment, float, float], float | None]


def ours_errors(seen: Deployment, before: float, after: float) -> float | None:
    """ErrorJudge, the one that the watch and `ironclaw watch` ask."""
    old, new = _split(seen, seen.failed, before, after)
    if old.total < POLICY.minimum_requests:
        return None
    return _seconds(first_confirmed(ErrorJudge(level_of(old), POLICY).walk(new)))


def ours_latency(seen: Deployment, before: float, after: float) -> float | None:
    """LatencyJudge, the one that the watch and `ironclaw watch` ask."""
    ordered = np.sort(seen.milliseconds[seen.at < 0])
    if len(ordered) < POLICY.minimum_requests:
        return None
    slow = slowness(ordered.tolist(), POLICY.latency_tolerance)
    rank = np.searchsorted(ordered, seen.milliseconds / slow.factor) / len(ordered)
    ways = [rank, *(seen.milliseconds > bound for bound in slow.bounds)]
    pairs = [_split(seen, way, before, after) for way in ways]
    levels = [level_of(old, kind) for (old, _), kind in zip(pairs, KINDS, strict=True)]
    judge = LatencyJudge(levels, POLICY)
    return _seconds(first_confirmed(judge.walk([new for _, new in pairs])))


def fixed_errors(seen: Deployment, _before: float, after: float) -> float | None:
    """Any minute with more than 10 % errors."""
    return _first(failed > 0.1 * n for failed, n in _minutes(seen, after))


def fixed_latency(seen: Deployment, _before: float, after: float) -> float | None:
    """Any minute whose p95 is above 1.2 times the baseline's."""
    return _first(_p95_rose(seen, after))


def flagger_errors(seen: Deployment, _before: float, after: float) -> float | None:
    """Flagger: success rate below 99 % in five checks of a minute (`threshold: 5`)."""
    return _nth((failed > 0.01 * n for failed, n in _minutes(seen, after)), 5)


def flagger_latency(seen: Deployment, _before: float, after: float) -> float | None:
    """Flagger: p99 of a minute above 500 ms in five checks."""
    minutes = _latencies(seen, after)
    return _nth((len(some) > 0 and np.quantile(some, 0.99) > 500 for some in minutes), 5)


def argo_errors(seen: Deployment, _before: float, after: float) -> float | None:
    """Argo Rollouts: success rate below 95 %, more than `failureLimit: 3` checks of a minute."""
    return _nth((failed > 0.05 * n for failed, n in _minutes(seen, after)), 4)


def argo_latency(seen: Deployment, _before: float, after: float) -> float | None:
    """Argo Rollouts: p95 above 1.2 times the baseline's in more than three checks of a minute."""
    return _nth(_p95_rose(seen, after), 4)


def kayenta_errors(seen: Deployment, before: float, after: float) -> float | None:
    """Kayenta: Mann-Whitney over error rates of minutes."""
    old = _shifted(seen)
    olds, news = (
        [failed / n for failed, n in minutes if n]
        for minutes in (_minutes(old, before), _minutes(seen, after))
    )
    return _kayenta(olds, news, after)


def kayenta_latency(seen: Deployment, before: float, after: float) -> float | None:
    """Kayenta: Mann-Whitney over mean latencies of minutes."""
    olds, news = (
        [float(some.mean()) for some in minutes if len(some)]
        for minutes in (_latencies(_shifted(seen), before), _latencies(seen, after))
    )
    return _kayenta(olds, news, after)


def peeking_errors(seen: Deployment, _before: float, after: float) -> float | None:
    """A z-test of two shares (that is Mann-Whitney on 0 and 1) at p < 0.01, each minute."""
    return _peek(seen, seen.failed.astype(float), after)


def peeking_latency(seen: Deployment, _before: float, after: float) -> float | None:
    """Mann-Whitney over all requests so far at p < 0.01, each minute."""
    return _peek(seen, seen.milliseconds, after)


RULES: dict[str, dict[str, Rule]] = {
    "errors": {
        "ours": ours_errors,
        "fixed": fixed_errors,
        "Mann-Whitney": peeking_errors,
        "Flagger": flagger_errors,
        "Argo": argo_errors,
        "Kayenta": kayenta_errors,
    },
    "latency": {
        "ours": ours_latency,
        "fixed": fixed_latency,
        "Mann-Whitney": peeking_latency,
        "Flagger": flagger_latency,
        "Argo": argo_latency,
        "Kayenta": kayenta_latency,
    },
}


def _split(
    seen: Deployment, hits: np.ndarray, before: float, after: float
) -> tuple[Counts, Counts]:
    old = seen.at < 0
    return (
        _counts(seen.at[old] + before, hits[old], before),
        _counts(seen.at[~old], hits[~old], after),
    )


def _counts(at: np.ndarray, hits: np.ndarray, seconds: float) -> Counts:
    size = round(seconds / SLICE)
    slices = np.clip((at / SLICE).astype(int), 0, size - 1)
    totals = np.bincount(slices, minlength=size).astype(float)
    return Counts(np.bincount(slices, hits, size).tolist(), totals.tolist())


def _seconds(number: int | None) -> float | None:
    return None if number is None else (number + 1) * SLICE


def _shifted(seen: Deployment) -> Deployment:
    """The baseline, from 0 on."""
    old = seen.at < 0
    at = seen.at[old]
    first = at[0] if len(at) else 0.0
    return Deployment(at - first, seen.milliseconds[old], seen.failed[old])


def _minutes(seen: Deployment, seconds: float) -> list[tuple[float, float]]:
    new = seen.at >= 0
    number = np.minimum(seen.at[new] // 60, seconds // 60 - 1).astype(int)
    size = int(seconds // 60)
    failed = np.bincount(number, seen.failed[new], size)
    return list(zip(failed.tolist(), np.bincount(number, minlength=size).tolist(), strict=True))


def _latencies(seen: Deployment, seconds: float) -> list[np.ndarray]:
    edges = np.searchsorted(seen.at, np.arange(0, seconds + 1, 60))
    return [
        seen.milliseconds[a:b] for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def _p95_rose(seen: Deployment, after: float) -> list[bool]:
    old = seen.milliseconds[seen.at < 0]
    bound = 1.2 * np.quantile(old, 0.95) if len(old) else math.inf
    return [len(some) > 0 and np.quantile(some, 0.95) > bound for some in _latencies(seen, after)]


def _first(minutes) -> float | None:
    return _nth(minutes, 1)


def _nth(minutes, needed: int) -> float | None:
    count = 0
    for number, bad in enumerate(minutes, start=1):
        count += bool(bad)
        if count == needed:
            return 60.0 * number
    return None


def _kayenta(old: list[float], new: list[float], after: float) -> float | None:
    """Once, at the end: the 98 % interval of the shift lies above a quarter of the mean."""
    if len(old) < 3 or len(new) < 3:
        return None
    shifts = np.sort(np.subtract.outer(new, old), axis=None)
    spread = math.sqrt(len(shifts) * (len(old) + len(new) + 1) / 12)
    rank = max(0, math.floor(len(shifts) / 2 - 2.326 * spread))
    return after if shifts[rank] > 0.25 * np.mean(old) else None


def _peek(seen: Deployment, values: np.ndarray, after: float) -> float | None:
    old = seen.at < 0
    for minute in range(1, int(after // 60) + 1):
        new = (seen.at >= 0) & (seen.at < 60 * minute)
        n, m = int(old.sum()), int(new.sum())
        if min(n, m) < 8:
            continue
        both = np.concatenate([values[old], values[new]])
        _, place, count = np.unique(both, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(count) - (count - 1) / 2)[place]
        ties = float((count.astype(float) ** 3 - count).sum()) / ((n + m) * (n + m - 1))
        variance = n * m / 12 * (n + m + 1 - ties)
        if variance > 0:
            shift = ranks[n:].sum() - m * (n + m + 1) / 2
            if shift / math.sqrt(variance) > 2.326:
                return 60.0 * minute
    return None
