"""Keeps the number of series of one repository bounded: an id in an endpoint makes endless ones."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.domain.metrics import Series, Window

MOST_A_DAY: Final = 5_000
"""Series that one repository may have within a day; what is new beyond is counted together."""
OTHERS: Final = "(others)"
"""What stands for every endpoint, or every metric, that came too late to be told apart."""


def bounded(
    windows: Iterable[Window], known: set[Series], most: int = MOST_A_DAY
) -> tuple[list[Window], int]:
    """The windows with what is beyond `most` put together, and how many of them that are.

    `known` are the series of the day so far, and grows by those that are let in. A metric that is
    known keeps its name, so that its figures stay whole.
    """
    names = {name for name, *_ in known}
    found, beyond = [], 0
    for window in windows:
        series = window.series
        if series not in known and len(known) < most:
            known.add(series)
            names.add(window.metric_name)
        if series in known:
            found.append(window)
            continue
        beyond += 1
        if window.metric_name in names:
            found.append(replace(window, endpoint=OTHERS))
        else:
            found.append(replace(window, metric_name=OTHERS, endpoint=OTHERS, unit=""))
    return found, beyond
