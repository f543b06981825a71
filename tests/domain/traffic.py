"""Requests of a simulated service whose errors and slow moments come in clusters."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.analysis import Phase, assess, is_bad
from bot.domain.metrics import Request
from bot.domain.policy import WatchPolicy

DEPLOYED = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Service:
    """How a service behaves; `burst_*` is a Markov state in which it is slower and fails more.

    `wander` is the deviation of the slow random walk of its log latency (an hour's correlation
    time is in seconds: `memory`).
    """

    per_minute: float
    endpoints: tuple[tuple[str, float, float], ...] = (
        ("GET /reports", 0.6, 80.0),
        ("GET /items", 0.3, 20.0),
        ("POST /orders", 0.1, 200.0),
    )
    spread: float = 0.5
    wander: float = 0.1
    memory: float = 20.0
    errors: float = 0.01
    burst_share: float = 0.03
    burst_seconds: float = 5.0
    burst_slower: float = 3.0
    burst_errors: float = 0.2


@dataclass(frozen=True)
class Change:
    """What the deployment does to the service."""

    slower: float = 1.0
    errors: float = 0.0


SAME = Change()


def requests(
    service: Service, change: Change, draw: random.Random, seconds: tuple[float, float]
) -> list[Request]:
    """One run of the service over a span of seconds after the deployment (before: negative)."""
    at, end = seconds
    names = [name for name, _, _ in service.endpoints]
    weights = [weight for _, weight, _ in service.endpoints]
    medians = {name: median for name, _, median in service.endpoints}
    level, burst, found = draw.gauss(0, service.wander), False, []
    while (step := draw.expovariate(service.per_minute / 60)) + at < end:
        at += step
        keep = math.exp(-step / service.memory)
        level = level * keep + draw.gauss(0, service.wander * math.sqrt(1 - keep * keep))
        if draw.random() > math.exp(-step / service.burst_seconds):
            burst = draw.random() < service.burst_share
        changed = change if at >= 0 else SAME
        name = draw.choices(names, weights)[0]
        milliseconds = medians[name] * math.exp(draw.gauss(level, service.spread)) * changed.slower
        chance = service.errors + changed.errors + (service.burst_errors if burst else 0.0)
        found.append(
            Request(
                DEPLOYED + timedelta(seconds=at),
                name,
                milliseconds * (service.burst_slower if burst else 1.0),
                draw.random() < chance,
            )
        )
    return found


def watch(
    service: Service, change: Change, seed: int, policy: WatchPolicy | None = None
) -> tuple[Phase, int]:
    """A whole watch as the product does it: twenty looks, and more until a doubt is settled.

    Returns the final phase and the number of the look that found it.
    """
    policy = policy or WatchPolicy()
    draw = random.Random(seed)
    span = policy.duration_seconds
    seen = requests(service, change, draw, (-6 * span, policy.warm_up_seconds + span))
    before = [request for request in seen if request.at < DEPLOYED]
    start = DEPLOYED + timedelta(seconds=policy.warm_up_seconds)
    suspected = False
    for look in range(1, 100):
        now = start + timedelta(seconds=span * look / 20)
        after = [request for request in seen if start <= request.at < now]
        found = assess(before, after, policy, over=look >= 20, confirmed=suspected)
        if found.phase is not Phase.RUNNING:
            return found.phase, look
        suspected = is_bad(found)
    message = "a watch must end"
    raise AssertionError(message)
