"""How the service does: its health, its endpoints, and what is wrong with them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from markupsafe import Markup

from bot.domain.code_attributes import Code
from bot.domain.events import about_repository
from bot.domain.improvement import State
from bot.domain.limits import paused_by_person
from bot.domain.messages import plain
from bot.domain.metrics import HOUR, WINDOW, MetricType, Window, window_start
from bot.domain.performance import EndpointFigures, PerformanceReport
from bot.domain.profile import Profile, ranked
from bot.entrypoints.report.charts import svg
from bot.entrypoints.report.text import findings
from bot.entrypoints.web.dashboard.charts import Line, lines
from bot.entrypoints.web.dashboard.look import SPANS, Look, Shown
from bot.entrypoints.web.problems import Problem
from bot.learning.performance_analyzer import read_report

_MOST_ROWS: Final = 300
_MOST_WINDOWS: Final = 48
_HOURS_OF_FIVE_MINUTES: Final = 24
_NO_SERIES: Final = Problem(HTTPStatus.NOT_FOUND, "Nothing was measured of this endpoint.")


@dataclass(frozen=True, slots=True)
class Row:
    """One series in the list of endpoints; `course` is a small chart."""

    figures: EndpointFigures
    course: Markup
    link: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the code time is spent, and who says so."""

    endpoint: str
    where: str
    source: str


async def health(look: Look) -> Shown | Problem:
    """The score and what it is made of, and what waits for a person."""
    report = await _report(look)
    counts = await look.sources.overview.counts(look.repository)
    hosted = await look.sources.overview.hosted(look.repository)
    async with look.sources.stores() as store:
        events = await store.events(about_repository(look.repository))
    return Shown(
        "health.html",
        "Health",
        {
            "report": report,
            "spans": SPANS,
            "hours": look.hours,
            "counts": counts,
            "needs_person": counts[State.HELD],
            "hosted": hosted,
            "paused": paused_by_person(events),
        },
    )


async def endpoints(look: Look) -> Shown | Problem:
    """Every series with its figures and its course."""
    report = await _report(look)
    return Shown(
        "endpoints.html",
        "Endpoints",
        {
            "rows": [_row(look, one) for one in report.endpoints[:_MOST_ROWS]],
            "left_out": max(0, len(report.endpoints) - _MOST_ROWS),
            "spans": SPANS,
            "hours": look.hours,
        },
    )


async def endpoint(look: Look) -> Shown | Problem:
    """One series: its percentiles over time, and the windows that they come from."""
    found = await _windows(look)
    if not found:
        return _NO_SERIES
    first = found[0]
    name = plain(first.endpoint or first.metric_name)
    return Shown(
        "endpoint.html",
        name,
        {
            "first": first,
            "windows": list(reversed(found))[:_MOST_WINDOWS],
            "count": len(found),
            "chart": lines(f"{name} over time", _courses(found), first.unit),
            "spans": SPANS,
            "hours": look.hours,
            "kept": {key: look.query.get(key, "") for key in ("endpoint", "metric", "unit")},
        },
    )


async def bottlenecks(look: Look) -> Shown | Problem:
    """What is slow, failing or slower than it was, and where in the code that may be."""
    report = await _report(look)
    async with look.sources.stores() as store:
        spoken = await store.endpoint_code(look.repository)
        profiles = await store.profiles(look.repository, limit=1)
    places = [Place(name, _where(code), "its spans") for name, code in sorted(spoken.items())]
    return Shown(
        "bottlenecks.html",
        "Bottlenecks",
        {
            "report": report,
            "others": list(findings(report)),
            "places": places[:_MOST_ROWS],
            "by_endpoint": {place.endpoint: place.where for place in places},
            "hot": _hot(profiles),
            "spans": SPANS,
            "hours": look.hours,
        },
    )


async def _report(look: Look) -> PerformanceReport:
    async with look.sources.stores() as store:
        return await read_report(store, look.repository, look.now, look.span, look.sources.targets)


def _row(look: Look, one: EndpointFigures) -> Row:
    name = Markup.escape(plain(one.endpoint or one.metric_name))
    link = look.link(
        "/endpoint",
        endpoint=one.endpoint,
        metric=one.metric_name,
        unit=one.unit,
        hours=look.hours,
    )
    # The title is escaped, and all else are numbers.
    return Row(one, Markup(svg(one.course, f"{name} over time")), link)  # noqa: S704 - as said


async def _windows(look: Look) -> list[Window]:
    """The windows of the series that is asked for, oldest first."""
    wanted = tuple(look.query.get(key, "") for key in ("metric", "endpoint", "unit"))
    # Of a day five minutes each; more points than that nobody can tell apart.
    span = WINDOW if look.hours <= _HOURS_OF_FIVE_MINUTES else HOUR
    since = window_start(look.now - look.span, span)
    async with look.sources.stores() as store:
        seen = await store.windows(look.repository, since, look.now, span)
    return [one for one in seen if (one.metric_name, one.endpoint, one.unit) == wanted]


def _courses(windows: Sequence[Window]) -> list[Line]:
    if windows[0].metric_type is MetricType.RESPONSE_TIME:
        return [
            Line("p50", [(one.start, one.p50_value) for one in windows]),
            Line("p95", [(one.start, one.p95_value) for one in windows]),
            Line("p99", [(one.start, one.p99_value) for one in windows]),
        ]
    return [Line("mean", [(one.start, one.total / one.count) for one in windows])]


def _where(code: Code) -> str:
    """The code attributes of an endpoint's spans in one line."""
    known = {name.rpartition(".")[2]: str(value) for name, value in code.items()}
    file = known.get("path") or known.get("filepath") or ""
    line = known.get("number") or known.get("lineno") or ""
    function = known.get("name") or known.get("function") or ""
    if not (file or function):
        return json.dumps(dict(code))[:200]
    return " ".join(filter(None, (f"{file}:{line}" if line else file, function)))


def _hot(profiles: Sequence[Profile]) -> list[tuple[str, float, float]]:
    """The functions in which the latest profile spent most, as shares of the whole."""
    return [
        (
            f"{one.spot.file}:{one.spot.line} {one.spot.name}",
            profile.share(one.own),
            profile.share(one.total),
        )
        for profile in profiles
        for one in ranked(profile, most=15)
    ]
