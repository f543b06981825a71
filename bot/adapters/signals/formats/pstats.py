"""What cProfile writes (`-o FILE`, `dump_stats`): a marshalled table of functions; seconds."""

import re
from typing import Any, Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.marshalled import Unmarshaller
from bot.adapters.signals.formats.outcome import Content, UnreadableError
from bot.domain.profile import CodeSpot, CostUnit, Tally

# A dictionary whose first key is a tuple, or which is empty.
_START: Final = re.compile(rb"[{\xfb](?:[()\xa8\xa9]|0\Z)")
_NO_STATS: Final = "Write it with `python -m cProfile -o FILE` or `Profile.dump_stats`."


def recognises(data: bytes) -> bool:
    """It begins as such a table does."""
    return _START.match(data) is not None


def read(data: bytes, meter: Meter) -> Content:
    """One profile. cProfile's cumulative time counts a recursion once already."""
    table = Unmarshaller(data, meter).read()
    if not isinstance(table, dict):
        raise UnreadableError("it holds no table of functions", _NO_STATS)
    tally = Tally()
    for key, row in table.items():
        own, total, calls = _row(row)
        function = tally.function(_spot(key))
        meter.functions(len(tally))
        tally.add(function, own=own, total=total, calls=calls)
    profile = tally.profile(CostUnit.SECONDS)
    return Content(profiles=[profile] if profile.functions else [])


def _spot(key: Any) -> CodeSpot:
    match key:
        case (str() as file, int() as line, str() as name):
            # What is written in C stands in the file "~".
            place = "" if file == "~" else fields.text(file, 500)
            return CodeSpot(place, fields.count(line) or 0, fields.text(name))
        case _:
            raise UnreadableError("a function of it has no file, line and name", _NO_STATS)


def _row(row: Any) -> tuple[float, float, int]:
    """Own time, total time and calls of (primitive calls, calls, own, total, callers)."""
    match row:
        case (int(), int() as calls, float() | int() as own, float() | int() as total, dict()):
            times = fields.some_number(own), fields.some_number(total)
            if times[0] is not None and times[1] is not None:
                # A clock that was set back leaves times a little below zero.
                return max(0.0, times[0]), max(0.0, times[1]), fields.count(calls) or 0
        case _:
            pass
    raise UnreadableError("a function of it has no times and calls", _NO_STATS)
