"""What was deployed, and what was measured before and after it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from markupsafe import Markup

from bot.adapters.database.improvement_pages import Wanted, read_page
from bot.domain.improvement import Improvement
from bot.domain.messages import plain
from bot.domain.metrics import HOUR, WINDOW, MetricType, Window, joined
from bot.entrypoints.web.api.cursors import cut, place_of
from bot.entrypoints.web.dashboard.charts import Line, Mark, lines
from bot.entrypoints.web.dashboard.look import Look, Shown
from bot.entrypoints.web.problems import Problem

_A_PAGE: Final = 5
_AROUND: Final = timedelta(hours=1)
_LONGEST: Final = timedelta(days=1)
_BUSIEST: Final = 3


@dataclass(frozen=True, slots=True)
class Side:
    """What one endpoint measured on one side of the deployment; None where it did nothing."""

    count: int
    p50: float | None
    p95: float | None
    errors: float | None


@dataclass(frozen=True, slots=True)
class Watched:
    """One deployment with the endpoints that were asked most around it."""

    one: Improvement
    gain: Any
    sides: Sequence[tuple[str, Side, Side]]
    chart: Markup


async def listed(look: Look) -> Shown | Problem:
    """A few deployments, the latest first."""
    after = place_of(look.query["cursor"]) if look.query.get("cursor") else None
    wanted = Wanted([look.repository], _A_PAGE, after=after, deployed=True)
    found = await read_page(look.sources.engine, wanted)
    following = cut(found, _A_PAGE)
    return Shown(
        "deployments.html",
        "Deployments",
        {
            "items": [await _watched(look, one) for _, one in found[:_A_PAGE]],
            "more": look.link("/deployments", cursor=following) if following else "",
            "is_first": after is None,
        },
    )


async def _watched(look: Look, one: Improvement) -> Watched:
    at = one.deployed_at
    assert at is not None  # noqa: S101 - asked for in the query
    until = min(look.now, (one.revert_deployed_at or at) + _AROUND, at + _LONGEST)
    seen = await _around(look, at - _AROUND, until)
    times = _by_endpoint(seen, MetricType.RESPONSE_TIME)
    errors = _by_endpoint(seen, MetricType.ERROR_RATE)
    busiest = sorted(times, key=lambda name: -sum(one.count for one in times[name]))[:_BUSIEST]
    end = min(one.revert_deployed_at or until, until)
    marks = [Mark("deployed", at)]
    if one.revert_deployed_at:
        marks.append(Mark("taken back", one.revert_deployed_at))
    courses = [Line(plain(name), [(w.start, w.p95_value) for w in times[name]]) for name in busiest]
    unit = times[busiest[0]][0].unit if busiest else ""
    gain = one.evidence.get("gain")
    return Watched(
        one,
        gain if isinstance(gain, Mapping) else None,
        [
            (
                name,
                _side(times[name], errors.get(name, []), None, at),
                _side(times[name], errors.get(name, []), at, end),
            )
            for name in busiest
        ],
        lines(f"p95 around the deployment of {one.merge_sha[:12]}", courses, unit, marks),
    )


async def _around(look: Look, since: datetime, until: datetime) -> Sequence[Window]:
    """Five minutes each; of what is long ago there are hours alone."""
    async with look.sources.stores() as store:
        for span in (WINDOW, HOUR):
            seen = await store.windows(look.repository, since, until, span)
            if seen:
                return seen
    return ()


def _by_endpoint(seen: Sequence[Window], kind: MetricType) -> dict[str, list[Window]]:
    found: dict[str, list[Window]] = defaultdict(list)
    for window in seen:
        if window.metric_type is kind:
            found[window.endpoint].append(window)
    return found


def _side(
    times: Sequence[Window],
    errors: Sequence[Window],
    since: datetime | None,
    until: datetime,
) -> Side:
    """Of the windows that lie wholly on this side: one that holds the moment is of neither."""

    def here(window: Window) -> bool:
        begun = since is None or window.start >= since
        return begun and window.start + window.span <= until

    mine = [window for window in times if here(window)]
    failed = [window for window in errors if here(window)]
    whole = joined(mine) if mine else None
    rate = sum(w.total for w in failed) / sum(w.count for w in failed) if failed else None
    if whole is None:
        return Side(0, None, None, rate)
    return Side(whole.count, whole.p50_value, whole.p95_value, rate)
