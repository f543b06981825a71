"""The report as plain JSON values."""

import math
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.bottleneck import Bottleneck
from bot.domain.performance import EndpointFigures, PerformanceReport

SCHEMA: Final = 1


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
    }


def _bottleneck(one: Bottleneck) -> dict[str, Any]:
    effect = one.effect if math.isfinite(one.effect) else None
    return asdict(one) | {"kind": str(one.kind), "verdict": str(one.verdict), "effect": effect}


def _figures(one: EndpointFigures) -> dict[str, Any]:
    return asdict(one) | {"metric_type": str(one.metric_type), "course": list(one.course)}
