"""Deployments for benchmarks/watch.py: seeded traffic whose errors and slow moments cluster.

A shape is a service. Its log latency is normal, of one or several kinds of requests, and wanders:
fast (`wander`, with a memory of `memory` seconds) and slowly (`drift`, of ten minutes). In bursts,
a Markov state, it is slower and fails more. Its error rate drifts too. The first minute after a
deployment is slower and fails more (the warm-up), harmless as it is.
"""

import csv
import gzip
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DRIFT_MEMORY = 600.0
WARM_UP = 60.0
WARM_SLOWER, WARM_ERRORS = 1.5, 0.03
_FAULT_SECONDS = 240.0


@dataclass(frozen=True)
class Shape:
    """One service; `trace` are real latencies in their order, used instead of made ones."""

    name: str
    kinds: tuple[tuple[float, float], ...] = ((1.0, 60.0),)
    spread: float = 0.6
    wander: float = 0.1
    memory: float = 20.0
    drift: float = 0.03
    errors: float = 0.005
    error_drift: float = 0.2
    burst_share: float = 0.02
    burst_seconds: float = 5.0
    burst_slower: float = 3.0
    burst_errors: float = 0.1
    trace: tuple[float, ...] = ()


SHAPES = (
    Shape("calm", wander=0, drift=0, error_drift=0, burst_share=0),
    Shape("bursts"),
    Shape("mixed", kinds=((0.6, 60.0), (0.3, 15.0), (0.1, 150.0)), spread=0.4),
    Shape("heavy tail", spread=1.1, burst_seconds=10, burst_slower=2),
    Shape("rare storms", burst_share=0.005, burst_seconds=15, burst_slower=5, burst_errors=0.5),
    Shape("wandering", wander=0.15, memory=60, drift=0.06, error_drift=0.4),
)


@dataclass(frozen=True)
class Deployment:
    """Requests before (negative seconds) and after the warm-up (from 0 on)."""

    at: np.ndarray
    milliseconds: np.ndarray
    failed: np.ndarray


def deployment(
    draw: np.random.Generator,
    shape: Shape,
    per_minute: float,
    seconds: tuple[float, float],
    slower: float = 1.0,
    errors: float | None = None,
    times: float = 1.0,
) -> Deployment:
    """`errors` is the candidate's whole rate if given, `times` a factor of what it would be."""
    before, after = seconds
    start, end = -before - WARM_UP, after
    at = np.sort(draw.uniform(start, end, draw.poisson(per_minute / 60 * (end - start))))
    burst = _bursts(draw, at, shape)
    if shape.trace:
        first = draw.integers(len(shape.trace))
        milliseconds = np.asarray(shape.trace)[(first + np.arange(len(at))) % len(shape.trace)]
    else:
        weights = [weight for weight, _ in shape.kinds]
        medians = np.log([median for _, median in shape.kinds])
        logs = (
            draw.normal(0, shape.spread, len(at))
            + medians[draw.choice(len(weights), len(at), p=weights)]
        )
        logs += _walk(draw, at, shape.wander, shape.memory)
        logs += _walk(draw, at, shape.drift, DRIFT_MEMORY)
        milliseconds = np.exp(logs + burst * math.log(shape.burst_slower))
    chance = shape.errors * np.exp(_walk(draw, at, shape.error_drift, DRIFT_MEMORY))
    chance += burst * shape.burst_errors
    new = at >= -WARM_UP
    chance = np.where(new, chance * times if errors is None else errors, chance)
    milliseconds = np.where(new, milliseconds * slower, milliseconds)
    warm = new & (at < 0)
    milliseconds = np.where(warm, milliseconds * WARM_SLOWER, milliseconds)
    chance = np.where(warm, chance + WARM_ERRORS, chance)
    # The warm-up is left out, as the watch leaves it out; the baseline ends where it began.
    keep = ~warm
    at = np.where(at < 0, at + WARM_UP, at)
    return Deployment(at[keep], milliseconds[keep], (draw.random(len(at)) < chance)[keep])


def _bursts(draw: np.random.Generator, at: np.ndarray, shape: Shape) -> np.ndarray:
    found = np.zeros(len(at), bool)
    if not len(at) or not shape.burst_share:
        return found
    span = at[-1] - at[0]
    starts = draw.uniform(
        at[0], at[-1], draw.poisson(span * shape.burst_share / shape.burst_seconds)
    )
    ends = starts + draw.exponential(shape.burst_seconds, len(starts))
    for first, last in zip(np.searchsorted(at, starts), np.searchsorted(at, ends), strict=True):
        found[first:last] = True
    return found


def _walk(draw: np.random.Generator, at: np.ndarray, deviation: float, memory: float) -> np.ndarray:
    """A mean-reverting walk in steps of a fifth of its memory."""
    if not len(at) or not deviation:
        return np.zeros(len(at))
    step, keep = memory / 5, math.exp(-0.2)
    steps = draw.normal(0, deviation * math.sqrt(1 - keep * keep), int((at[-1] - at[0]) / step) + 2)
    value = draw.normal(0, deviation)
    path = []
    for one in steps:
        value = keep * value + one
        path.append(value)
    return np.asarray(path)[((at - at[0]) / step).astype(int)]


def real_shapes(folder: Path) -> tuple[Shape, ...]:
    """Shapes whose latencies are the traces in `folder`/latency, without those near a fault."""
    found = []
    for path in sorted((folder / "latency").glob("*.csv.gz")):
        with gzip.open(path, "rt") as file:
            lines = file.readlines()
        about = json.loads(lines[1].removeprefix("# "))
        faults = [(one["t_ms"] - about["t0_ms"]) / 1000 for one in about["faults"]]
        rows = csv.reader(line for line in lines if not line.startswith("#"))
        trace = tuple(
            float(row[1]) / 1000
            for row in rows
            if not any(0 <= float(row[0]) / 1000 - at < _FAULT_SECONDS for at in faults)
        )
        if len(trace) >= 1_000:
            found.append(Shape(f"real {path.name.split('.')[0][-16:]}", trace=trace))
    return tuple(found)
