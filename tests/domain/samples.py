"""Plain values that the tests of several decisions start from."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from bot.domain.bottleneck import Bottleneck, Targets
from bot.domain.finding import Finding, Severity
from bot.domain.improvement import Improvement, State
from bot.domain.metrics import MetricType, Window
from bot.domain.patch import FileChange, Patch
from bot.domain.performance import performance_report
from bot.domain.rules import Proof, RuleInfo
from bot.domain.sketch import approximate

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "id": "0123456789ab",
        "rule": "sorted-for-min",
        "file": "app/views.py",
        "line": 10,
        "end_line": 12,
        "function": "Reports.build",
        "severity": Severity.MEDIUM,
        "description": "everything is sorted for one end",
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def an_improvement(state: State = State.FOUND, **changes: object) -> Improvement:
    values: dict[str, object] = {
        "id": "abcdefabcdef",
        "repository": "octo/sample",
        "finding": a_finding(),
        "state": state,
        "reason": "found",
        "base_sha": "b" * 40,
        "created_at": NOW,
        "updated_at": NOW,
        "patch": Patch((FileChange("app/views.py", "old\n", "new\n"),)),
    }
    return Improvement(**(values | changes))  # type: ignore[arg-type]


def a_rule(**changes: object) -> RuleInfo:
    values: dict[str, object] = {
        "id": "sorted-for-min",
        "title": "Use min() instead of sorting",
        "severity": Severity.MEDIUM,
        "why": "`min()` looks at each element once.",
        "side_conditions": ("the list is not used again",),
        "risk": "None is known.",
        "proof": Proof("pass", "pass", "pass", (), covers=False),
    }
    return RuleInfo(**(values | changes))  # type: ignore[arg-type]


def a_window(kind: MetricType, **changes: object) -> Window:
    values: dict[str, object] = {
        "metric_name": "http.server.request.duration",
        "metric_type": kind,
        "endpoint": "GET /reports",
        "unit": "ms",
        "start": NOW,
        "count": 20,
        "total": 2_000.0,
        "min_value": 50.0,
        "max_value": 200.0,
        "p50_value": 90.0,
        "p95_value": 150.0,
        "p99_value": 190.0,
    }
    values |= changes
    shares = ((0.50, "p50_value"), (0.95, "p95_value"), (0.99, "p99_value"), (1.0, "max_value"))
    points = [(share, cast("float", values[name])) for share, name in shares]
    sketch = approximate(cast("int", values["count"]), points)
    return Window(**({"sketch": sketch} | values))  # type: ignore[arg-type]


def find_bottlenecks(
    windows: Sequence[Window], targets: Targets, before: Sequence[Window] = ()
) -> tuple[Bottleneck, ...]:
    """What the report lists as found."""
    return performance_report(windows, targets, before).bottlenecks
