"""What language models cost, beside the caps and beside what was measured to be saved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.overview import Paid
from bot.domain.improvement import Improvement, State
from bot.domain.model.spending import MICRO, caps_memo
from bot.entrypoints.web.dashboard.charts import Bar, bars
from bot.entrypoints.web.dashboard.look import Look, Shown
from bot.entrypoints.web.problems import Problem

_DAYS: Final = 30
_MOST_SAVINGS: Final = 100


@dataclass(frozen=True, slots=True)
class Saving:
    """What one kept improvement saves: the time after over before, with its interval.

    `measured` says whether that was seen in production; else it is the benchmark's promise.
    """

    one: Improvement
    ratio: float
    low: float | None
    high: float | None
    measured: bool


async def shown(look: Look) -> Shown | Problem:
    """Thirty days of one repository; the operator sees all of them together, too."""
    since = (look.now - timedelta(days=_DAYS - 1)).date()
    overview = look.sources.overview
    here = await overview.paid(look.repository, since)
    everything = await overview.paid(None, since) if look.viewer.is_operator else ()
    today = look.now.date().isoformat()
    caps = await _caps(look)
    day = caps.get("dollars_per_day")
    own_cap = round(day * MICRO) if isinstance(day, int | float) else None
    async with look.sources.stores() as store:
        kept = await store.improvements(look.repository, frozenset({State.KEPT}))
    savings = [found for one in reversed(kept) if (found := _saving(one)) is not None]
    return Shown(
        "spending.html",
        "Spending",
        {
            "chart": _chart(look, here, "Spent for this repository each day", own_cap),
            "everything": _chart(
                look, everything, "Spent for all repositories each day", look.sources.day_cap
            ),
            "is_operator": look.viewer.is_operator,
            "cap": look.sources.day_cap,
            "own_cap": own_cap,
            "caps": caps,
            "today": sum(one.amount for one in here if one.day == today),
            "today_everything": sum(one.amount for one in everything if one.day == today),
            "whole": sum(one.amount for one in here),
            "open": sum(one.unsettled for one in here),
            "models": _models(here),
            "savings": savings[:_MOST_SAVINGS],
            "days": _DAYS,
        },
    )


async def _caps(look: Look) -> Mapping[str, Any]:
    """What the repository's policy allowed when a worker read it last; empty before."""
    hosted = await look.sources.overview.hosted(look.repository)
    if hosted is None:
        return {}
    found = await SqlMemos(look.sources.engine).read(caps_memo(hosted.host_id))
    return found if isinstance(found, Mapping) else {}


def _chart(look: Look, paid: Sequence[Paid], title: str, cap: int | None) -> object:
    by_day: dict[str, int] = defaultdict(int)
    for one in paid:
        by_day[one.day] += one.amount
    days = [(look.now - timedelta(days=_DAYS - 1 - n)).date().isoformat() for n in range(_DAYS)]
    if not by_day:
        return ""
    given = [Bar(day[5:], by_day[day] / MICRO) for day in days]
    return bars(title, given, "$", None if cap is None else cap / MICRO)


def _models(paid: Sequence[Paid]) -> list[tuple[str, int, int]]:
    """Each model with its calls and what they cost, the dearest first."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in paid:
        calls, amount = found[one.model]
        found[one.model] = (calls + one.calls, amount + one.amount)
    return sorted(
        ((name, calls, amount) for name, (calls, amount) in found.items()),
        key=lambda one: (-one[2], one[0]),
    )


def _saving(one: Improvement) -> Saving | None:
    """From the watch where the gain arrived, else from the benchmark; None from neither."""
    gain = _part(one.evidence, "gain")
    ratio = gain.get("ratio")
    if gain.get("verdict") == "arrived" and isinstance(ratio, int | float):
        return Saving(one, ratio, gain.get("low"), gain.get("high"), measured=True)
    timed = _part(one.evidence, "benchmark")
    speedup = timed.get("speedup")
    if timed.get("verdict") == "faster" and isinstance(speedup, int | float) and speedup > 0:
        ends = [1 / end if end else None for end in (timed.get("high"), timed.get("low"))]
        return Saving(one, 1 / speedup, ends[0], ends[1], measured=False)
    return None


def _part(evidence: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = evidence.get(name)
    return part if isinstance(part, Mapping) else {}
