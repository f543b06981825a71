"""memray's `stats --json`: where memory was asked for, and how much at most was held."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.adapters.signals.formats.series import Series
from bot.domain.measured import Direction, Statistic
from bot.domain.profile import CodeSpot, CostUnit, Tally


def recognises(document: Any) -> bool:
    """Totals beside the places that asked for most."""
    return (
        isinstance(document, dict)
        and "total_bytes_allocated" in document
        and isinstance(document.get("top_allocations_by_size"), list)
    )


def read(document: Any, meter: Meter) -> Content:
    """A profile of the places listed, and three series about the whole."""
    about = fields.mapping(document.get("metadata"))
    at = fields.moment(about.get("end_time"))
    tally = Tally(lines_define=False)
    for one in fields.objects(document["top_allocations_by_size"]):
        meter.step()
        size = fields.some_number(one.get("size")) or 0.0
        tally.add(tally.function(_spot(one.get("location"))), own=size, total=size)
    for one in fields.objects(document.get("top_allocations_by_count")):
        meter.step()
        calls = fields.count(one.get("count")) or 0
        tally.add(tally.function(_spot(one.get("location"))), calls=calls)
    meter.functions(len(tally))
    content = Content()
    total = fields.some_number(document["total_bytes_allocated"])
    if len(tally):
        profile = tally.profile(CostUnit.BYTES, fields.text(about.get("command_line")), total)
        content.profiles.append(replace(profile, at=at))
        content.notes.append(f"only the {len(tally)} places that memray lists, not all functions")
    for name, unit, value in (
        ("peak memory", "bytes", about.get("peak_memory")),
        ("allocated memory", "bytes", document["total_bytes_allocated"]),
        ("allocations", "1", document.get("total_num_allocations")),
    ):
        content.results.append(_series(name, unit, value, at).result(meter.limits))
    return content


def _series(name: str, unit: str, value: object, at: datetime | None) -> Series:
    return Series(name, unit, Direction.LOWER, value, statistic=Statistic.SINGLE, at=at)


def _spot(location: object) -> CodeSpot:
    """`function:file:line`; the file may hold colons, so the line is split off from the right."""
    given = fields.text(location, 800)
    name, _, place = given.partition(":")
    file, _, line = place.rpartition(":")
    if not file or not line.isdecimal():
        return CodeSpot("", 0, given or "without a name")
    return CodeSpot(file, fields.count(int(line[:18])) or 0, name)
