"""Between which numbers each setting of the policy makes sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_DAY = 86_400
_MONTH = 31 * _DAY


@dataclass(frozen=True, slots=True)
class Limit:
    """The smallest and the largest number, both allowed."""

    least: float
    most: float

    def __str__(self) -> str:
        if self.least == self.most:
            return f"{self.least}"
        return f"{self.least} to {self.most}"


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "version": Limit(1, 1),
        "scan.max_open": Limit(0, 100),
        "sandbox.timeout_seconds": Limit(1, _DAY),
        "sandbox.memory_mb": Limit(64, 1_048_576),
        "sandbox.max_processes": Limit(1, 65_536),
        "sandbox.repeats": Limit(0, 20),
        "patch.max_lines": Limit(1, 10_000),
        "patch.max_bytes": Limit(1, 1_000_000),
        "patch.minimum_gain": Limit(0, 1),
        "model.calls": Limit(1, 100),
        "model.breadth": Limit(1, 20),
        "model.depth": Limit(1, 20),
        "model.prompt_tokens": Limit(1_000, 1_000_000),
        "model.answer_tokens": Limit(100, 1_000_000),
        "model.dollars_per_call": Limit(0, 1_000),
        "model.dollars_per_improvement": Limit(0, 10_000),
        "model.dollars_per_day": Limit(0, 100_000),
        "model.tokens_per_day": Limit(0, 10_000_000_000),
        "experiment.pairs": Limit(1, 1_000_000),
        "landing.required_approvals": Limit(0, 50),
        "landing.minimum_confidence": Limit(0, 1),
        "landing.give_up_after_seconds": Limit(1, _MONTH),
        "watch.duration_seconds": Limit(1, _MONTH),
        "watch.warm_up_seconds": Limit(0, _DAY),
        "watch.minimum_requests": Limit(1, 1_000_000_000),
        "watch.error_threshold": Limit(0, 1),
        "watch.error_tolerance": Limit(0, 1),
        "watch.latency_tolerance": Limit(0, 100),
        "watch.deployment_deadline_seconds": Limit(1, _MONTH),
        "limits.pull_requests_per_day": Limit(0, 1_000),
        "limits.reverts_per_day": Limit(0, 1_000),
        "limits.cooldown_days": Limit(0, 3_650),
        "limits.pause_after_reverts": Limit(1, 1_000),
        "limits.pause_window_days": Limit(1, 365),
    }
)
"""By dotted key; every number has one."""
