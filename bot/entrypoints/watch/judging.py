"""Judges two files of measurements by the watch's own rules."""

from enum import StrEnum

from bot.domain.analysis.replay import (
    Errors,
    Latency,
    Replayed,
    replay_errors,
    replay_latency,
)
from bot.domain.policy import WatchPolicy
from bot.entrypoints.watch.series_file import SeriesFile


class Metric(StrEnum):
    """What the files measure."""

    ERROR_RATE = "error_rate"
    LATENCY = "latency"


def judged(
    baseline: SeriesFile, candidate: SeriesFile, metric: Metric, policy: WatchPolicy
) -> Replayed:
    """What the watch comes to."""
    if metric is Metric.LATENCY:
        times = [[Latency(row.at, *row.values) for row in f.rows] for f in (baseline, candidate)]
        return replay_latency(times[0], times[1], policy)
    rates = [[Errors(row.at, *row.values) for row in f.rows] for f in (baseline, candidate)]
    return replay_errors(rates[0], rates[1], policy)
