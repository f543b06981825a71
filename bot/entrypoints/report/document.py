"""The report as plain JSON values."""

import math
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.bottleneck import Bottleneck
from bot.domain.memory import Memory
from bot.domain.performance import EndpointFigures, PerformanceReport
from bot.domain.regressions import Regression

SCHEMA: Final = 1
LEAST_HOURS: Final = 0.1
"""What is measured is kept by five minutes; a shorter span has none of them whole."""
MOST_HOURS: Final = 24 * 365


def document(
    report: PerformanceReport, repository: str, until: datetime, span: timedelta
) -> dict[str, Any]:
    """The one document that `--json` prints and the route answers."""
    return {
        "schema": SCHEMA,
        "repository": repository,
        "hours": span / timedelta(hours=1),
        "until": until.isoformat(),
        "overall_health_score": report.overall_health_score,
        "formula": report.formula,
        "why": report.why,
        "samples": report.samples,
        "examined": report.examined,
        "bottlenecks": [_bottleneck(one) for one in report.bottlenecks],
        "doubtful": [_bottleneck(one) for one in report.doubtful],
        "endpoints": [_figures(one) for one in report.endpoints],
        "spending": [asdict(one) for one in report.spending],
        "memory": [_memory(one) for one in report.memory],
        "benchmarks": report.benchmarks,
        "regressions": [_regression(one) for one in report.regressions],
    }


def _bottleneck(one: Bottleneck) -> dict[str, Any]:
    effect = one.effect if math.isfinite(one.effect) else None
    return asdict(one) | {"kind": str(one.kind), "verdict": str(one.verdict), "effect": effect}


def _figures(one: EndpointFigures) -> dict[str, Any]:
    return asdict(one) | {"metric_type": str(one.metric_type), "course": list(one.course)}


def _memory(one: Memory) -> dict[str, Any]:
    return asdict(one) | {"verdict": str(one.verdict)}


def _regression(one: Regression) -> dict[str, Any]:
    ends = {"good": one.good, "bad": one.bad}
    return {
        "benchmark": one.name,
        "unit": one.unit,
        "effect": one.effect,
        "p": one.p,
        **{
            name: {
                "value": end.value,
                "commit": end.commit,
                "at": end.at.isoformat() if end.at else None,
            }
            for name, end in ends.items()
        },
    }
