"""The report of how a service did: its score, what is wrong, and the figures of each endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.bottleneck import Bottleneck, Targets, Verdict, examine
from bot.domain.health import Part, health
from bot.domain.measured import BenchmarkResult
from bot.domain.memory import Memory, memory
from bot.domain.messages.text import amount
from bot.domain.metrics import MetricType, Window, joined
from bot.domain.regressions import Regression, regressions


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """One series over the whole span; `course` is its p95 (or rate, or mean) over time."""

    metric_name: str
    metric_type: MetricType
    endpoint: str
    unit: str
    count: int
    mean: float
    low: float
    high: float
    p50: float
    p95: float
    p99: float
    course: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spending:
    """What one feature cost; `each` is the mean of its samples."""

    feature: str
    unit: str
    total: float
    each: float
    count: int


@dataclass(frozen=True, slots=True)
class PerformanceReport:
    """How the service did: `overall_health_score` is 0 to 100, and 0 without data.

    `bottlenecks` are found; `doubtful` may be, which only more data can tell; `examined` is how
    many questions were asked, over which false discoveries are controlled. `memory` is of the last
    days, whatever the span; `regressions` are of benchmarks, of which `benchmarks` were compared.
    """

    overall_health_score: float
    formula: str
    why: str
    bottlenecks: tuple[Bottleneck, ...]
    samples: int
    doubtful: tuple[Bottleneck, ...] = ()
    examined: int = 0
    endpoints: tuple[EndpointFigures, ...] = ()
    spending: tuple[Spending, ...] = ()
    memory: tuple[Memory, ...] = ()
    regressions: tuple[Regression, ...] = ()
    parts: tuple[Part, ...] = ()
    benchmarks: int = 0


def performance_report(
    windows: Sequence[Window],
    targets: Targets,
    before: Sequence[Window] = (),
    lately: Sequence[Window] = (),
    results: Sequence[BenchmarkResult] = (),
) -> PerformanceReport:
    """The report over windows; `before` is the history they are compared with.

    Memory is judged over what was reported of it `lately`, benchmarks by all their `results`.
    """
    score = health(windows, targets)
    examined = examine(windows, targets, before)
    groups: dict[tuple[str, MetricType, str, str], list[Window]] = {}
    for window in sorted(windows, key=lambda window: window.start):
        groups.setdefault(window.series, []).append(window)
    return PerformanceReport(
        overall_health_score=score.score if score.score is not None else 0.0,
        formula=score.formula,
        why=score.why,
        bottlenecks=tuple(one for one in examined if one.verdict is Verdict.FOUND),
        samples=sum(window.count for window in windows),
        doubtful=tuple(one for one in examined if one.verdict is Verdict.INCONCLUSIVE),
        examined=len(examined),
        endpoints=tuple(_figures(group) for _, group in sorted(groups.items())),
        spending=_spending(list(groups.values())),
        memory=memory(lately, targets.memory_mb),
        regressions=regressions(results),
        parts=score.parts,
        benchmarks=len({one.name for one in results}),
    )


def nothing_measured(report: PerformanceReport) -> str:
    """What to say where no sample came: files of benchmarks may have been kept all the same."""
    if not report.benchmarks:
        return "Nothing was measured"
    worse = (
        f"{len(report.regressions)} of them worse" if report.regressions else "none of them worse"
    )
    kept = amount(report.benchmarks, "benchmark")
    return f"No request was reported; kept: {kept}, {worse} than before"


def _figures(group: list[Window]) -> EndpointFigures:
    whole = joined(group)
    return EndpointFigures(
        *whole.series,
        count=whole.count,
        mean=whole.total / whole.count,
        low=whole.min_value,
        high=whole.max_value,
        p50=whole.p50_value,
        p95=whole.p95_value,
        p99=whole.p99_value,
        course=tuple(map(_point, group)),
    )


def _point(window: Window) -> float:
    if window.metric_type is MetricType.RESPONSE_TIME:
        return window.p95_value
    return window.total / window.count


def _spending(groups: Sequence[list[Window]]) -> tuple[Spending, ...]:
    """The dearest first."""
    found = []
    for group in groups:
        if group[0].metric_type is MetricType.COST:
            total, count = sum(w.total for w in group), sum(w.count for w in group)
            feature = group[0].endpoint or group[0].metric_name
            found.append(Spending(feature, group[0].unit, total, total / count, count))
    return tuple(sorted(found, key=lambda one: (-one.total, one.feature)))
