"""The report for a person at a terminal."""

import shlex
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.domain.bottleneck import Bottleneck
from bot.domain.memory import MemoryVerdict
from bot.domain.messages import plain
from bot.domain.metrics import MetricType
from bot.domain.performance import EndpointFigures, PerformanceReport, nothing_measured
from bot.entrypoints.report.charts import sparkline

_GOOD, _FAIR = 80, 50


def show(report: PerformanceReport, repository: str, hours: float, console: Console) -> None:
    """Print it."""
    colour = "red"
    if report.overall_health_score >= _FAIR:
        colour = "green" if report.overall_health_score >= _GOOD else "yellow"
    name = escape(plain(repository)) or "Nothing measured yet"
    console.print(
        f"[bold]{name}[/bold], the last {hours:g} hours: "
        f"[{colour}]{report.overall_health_score:g}[/{colour}] of 100 ({report.why})"
    )
    console.print(f"[dim]{report.formula}[/dim]")
    _list(console, "Found", report.bottlenecks)
    _list(console, "May be, more data can tell", report.doubtful)
    for line in findings(report):
        console.print(f"  {escape(line)}", highlight=False)
    if not report.samples:
        how = "docs/reference/metrics.md says how services report"
        console.print(f"{nothing_measured(report)}: {how}.")
        return
    if report.examined and not report.bottlenecks:
        console.print(f"None of {report.examined} questions found anything wrong.")
    console.print(_table(report.endpoints))
    for one in report.spending:
        console.print(
            f"{escape(plain(one.feature))} cost {one.total:.4g} {escape(plain(one.unit))}, "
            f"{one.each:.4g} each of {one.count}"
        )


def findings(report: PerformanceReport) -> Iterator[str]:
    """A line for each leak that is found or may be, and each benchmark that is worse."""
    for one in report.memory:
        where = plain(f"{one.metric_name} {one.endpoint}".strip())
        if one.verdict is MemoryVerdict.LEAK:
            yield f"memory leak, {where}: {one.reason}"
        elif one.verdict is MemoryVerdict.INCONCLUSIVE:
            yield f"memory, {where}: inconclusive, {one.reason}"
    for worse in report.regressions:
        yield plain(f"benchmark {worse.name}: {worse.description}")
        good, bad = worse.good.commit, worse.bad.commit
        if good and bad:
            named = shlex.quote(worse.name)
            span = f"--good {shlex.quote(good)} --bad {shlex.quote(bad)}"
            yield plain(f"  its suspects: ironclaw suspects . --benchmark {named} {span}")


def _list(console: Console, heading: str, found: tuple[Bottleneck, ...]) -> None:
    if not found:
        return
    console.print(f"\n[bold]{heading}[/bold]")
    for one in found:
        console.print(
            f"  {escape(plain(one.endpoint))}: {one.description} "
            f"[dim]({one.low:.4g} to {one.high:.4g}, p {one.p:.2g})[/dim]",
            highlight=False,
        )


def _table(endpoints: tuple[EndpointFigures, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("endpoint", "what", "count", "p50", "p95", "p99", ""):
        left = name in ("endpoint", "what", "")
        table.add_column(name, justify="left" if left else "right", overflow="fold")
    for one in endpoints:
        table.add_row(
            escape(plain(one.endpoint or one.metric_name)),
            escape(f"{one.metric_type} {plain(one.unit)}"),
            f"{one.count:,}",
            *_figures(one),
            sparkline(one.course),
        )
    return table


def _figures(one: EndpointFigures) -> tuple[str, str, str]:
    if one.metric_type is MetricType.ERROR_RATE:
        return f"{one.mean:.2%}", "", ""
    return f"{one.p50:.4g}", f"{one.p95:.4g}", f"{one.p99:.4g}"
