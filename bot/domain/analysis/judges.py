"""What counts as worse: a metric's direction, its bounds, and the evidence that they are passed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.analysis.clusters import Clusters, Kind
from bot.domain.analysis.counts import Counts
from bot.domain.analysis.evidence import Bet, accumulate, bets, log_mean
from bot.domain.analysis.level import Level
from bot.domain.policy import WatchPolicy

ERROR_ALARMS, LATENCY_ALARMS = 0.03, 0.004
"""How often either metric of a harmless deployment may be called worse, all looks together, if
its level were known to be as high as the margins below say; what is seen is far less."""
DOUBT = math.log(8)
"""Evidence that is no proof, but nothing to call a success either."""
ERROR_MARGIN = 1.64
"""Standard errors by which the baseline's error rate may be underestimated (one in twenty)."""
PLAIN_MARGIN = 1.0
"""The same where the candidate's rate is above the absolute bound."""
LATENCY_MARGIN = 2.0
"""The same for the shares of slow requests, of which there are several."""
SLICES = 60
"""Slices of one watch."""
ERROR_STEPS, LATENCY_STEPS = (1.0, 3.0), (0.3, 0.8, 2.0)
"""How much higher, in log odds, the shares are that are bet on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one metric stands after a slice: requests so far, and how strong the evidence is.

    `evidence` is a logarithm of odds; `bad` that it is enough.
    """

    requests: float
    evidence: float
    bad: bool


@dataclass(frozen=True, slots=True)
class ErrorJudge:
    """Judges the error rate: above the baseline's by more than is tolerated.

    Where the rate is above the policy's `error_threshold`, nothing above the baseline's is
    tolerated.
    """

    level: Level
    policy: WatchPolicy
    tests: int = 1

    def walk(self, counts: Counts) -> Iterator[Standing]:
        """The standing after each slice of the candidate."""
        needed = math.log(self.tests / ERROR_ALARMS)
        bound, own = self.policy.error_threshold, _own(self.level)
        strict = self._bets(PLAIN_MARGIN, 0.0)
        tolerant = self._bets(ERROR_MARGIN, self.policy.error_tolerance)
        walks = (accumulate(counts, placed, needed) for placed in (strict, tolerant))
        hits = total = 0.0
        for hit, count, one, other in zip(counts.hits, counts.totals, *walks, strict=True):
            hits, total = hits + hit, total + count
            own.add(hit, count)
            worth = log_mean(one if hits > bound * total else other)
            evidence = _allowed_for(worth, self.level, own)
            enough = total >= least(self.policy) and evidence >= needed
            yield Standing(total, evidence, enough)

    def _bets(self, margin: float, tolerance: float) -> list[Bet]:
        """Half of what is bet is bet on the rate that the policy calls bad."""
        level, bound = self.level, self.policy.error_threshold
        null = level.share + margin * level.spread + tolerance
        return bets(null, level.clustering, ERROR_STEPS, (bound,) * len(ERROR_STEPS))


@dataclass(frozen=True, slots=True)
class LatencyJudge:
    """Judges latency: higher ranks among the baseline's requests, and more in its tail.

    One level for each way of counting that `slowness` has, all of the same requests.
    """

    levels: Sequence[Level]
    policy: WatchPolicy
    tests: int = 1

    def walk(self, counts: Sequence[Counts]) -> Iterator[Standing]:
        """The standing after each slice of the candidate, counted once for each level."""
        needed = math.log(self.tests / LATENCY_ALARMS)
        placed = [self._bets(level) for level in self.levels]
        walks = [accumulate(one, bets, needed) for one, bets in zip(counts, placed, strict=True)]
        own = [_own(level) for level in self.levels]
        total = 0.0
        for number, (count, *worth) in enumerate(zip(counts[0].totals, *walks, strict=True)):
            total += count
            for clusters, one in zip(own, counts, strict=True):
                clusters.add(one.hits[number], count)
            each = [
                _allowed_for(log_mean(some), level, clusters)
                for some, level, clusters in zip(worth, self.levels, own, strict=True)
            ]
            evidence = log_mean(each)
            enough = total >= least(self.policy) and evidence >= needed
            yield Standing(total, evidence, enough)

    @staticmethod
    def _bets(level: Level) -> list[Bet]:
        return bets(level.share + LATENCY_MARGIN * level.spread, level.clustering, LATENCY_STEPS)


def _own(level: Level) -> Clusters:
    """The candidate's own clusters, taken for the baseline's until more is known."""
    return Clusters(Kind(level.clustering, level.kind.least))


def _allowed_for(worth: float, level: Level, own: Clusters) -> float:
    """Evidence, weaker by as much as the candidate's hits cluster more than the baseline's.

    A deployment that is worse is worse all the time; what comes in a burst may be chance.
    """
    if worth <= DOUBT:
        return worth
    return worth * min(1.0, level.clustering / own.value())


def least(policy: WatchPolicy) -> int:
    """How many requests of a candidate it takes to call it worse, or to judge one endpoint."""
    return max(20, policy.minimum_requests // 5)
