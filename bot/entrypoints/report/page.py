"""The report as one HTML file that needs nothing else."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape
from typing import Final

from bot.domain.bottleneck import Bottleneck
from bot.domain.messages import plain
from bot.domain.metrics import MetricType
from bot.domain.performance import EndpointFigures, PerformanceReport, nothing_measured
from bot.entrypoints.report.charts import svg
from bot.entrypoints.report.text import findings

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .4rem .6rem; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.score { font-size: 3rem; font-weight: 600; }
small { opacity: .75; }
div.wide { overflow-x: auto; }
"""


def page(report: PerformanceReport, repository: str, until: datetime, span: timedelta) -> str:
    """The whole file; every text of somebody else's is escaped."""
    name = _text(repository)
    hours = span / timedelta(hours=1)
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{name}: performance</title><style>{_STYLE}</style></head><body>",
            f"<h1>{name}</h1><p>The last {hours:g} hours up to {until:%Y-%m-%d %H:%M} UTC</p>",
            f'<p><span class="score">{report.overall_health_score:g}</span> of 100',
            f"({_text(report.why)})<br><small>{_text(report.formula)}</small></p>",
            *_bottlenecks("Found", report.bottlenecks),
            *_bottlenecks("May be, more data can tell", report.doubtful),
            *_others(report),
            *_nothing(report),
            *_endpoints(report.endpoints),
            "</body></html>",
        )
    )


def _text(text: str) -> str:
    return escape(plain(text))


def _nothing(report: PerformanceReport) -> Iterable[str]:
    if not report.samples:
        yield f"<p>{nothing_measured(report)}.</p>"
    elif report.examined and not report.bottlenecks:
        yield f"<p>None of {report.examined} questions found anything wrong.</p>"


def _bottlenecks(heading: str, found: tuple[Bottleneck, ...]) -> Iterable[str]:
    if not found:
        return
    yield f"<h2>{heading}</h2><ul>"
    for one in found:
        yield (
            f"<li><strong>{_text(one.endpoint)}</strong>: {_text(one.description)} "
            f"<small>({one.low:.4g} to {one.high:.4g}, p {one.p:.2g})</small></li>"
        )
    yield "</ul>"


def _others(report: PerformanceReport) -> Iterable[str]:
    lines = list(findings(report))
    if lines:
        yield "<h2>Memory and benchmarks</h2><ul>"
        yield from (f"<li>{_text(line)}</li>" for line in lines)
        yield "</ul>"


def _endpoints(endpoints: tuple[EndpointFigures, ...]) -> Iterable[str]:
    if not endpoints:
        return
    yield '<h2>Measured</h2><div class="wide"><table><thead><tr><th>Endpoint</th><th>What</th>'
    yield "".join(f'<th class="number">{name}</th>' for name in ("Count", "p50", "p95", "p99"))
    yield "<th>Course</th></tr></thead><tbody>"
    for one in endpoints:
        name = _text(one.endpoint or one.metric_name)
        numbers = (f"{one.count:,}", *_numbers(one))
        yield f"<tr><td>{name}</td><td>{_text(one.metric_type)} {_text(one.unit)}</td>"
        yield "".join(f'<td class="number">{number}</td>' for number in numbers)
        yield f"<td>{svg(one.course, f'{name} over time')}</td></tr>"
    yield "</tbody></table></div>"


def _numbers(one: EndpointFigures) -> tuple[str, ...]:
    if one.metric_type is MetricType.ERROR_RATE:
        return f"{one.mean:.2%}", "", ""
    return f"{one.p50:.4g}", f"{one.p95:.4g}", f"{one.p99:.4g}"
