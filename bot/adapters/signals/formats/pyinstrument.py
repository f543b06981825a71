"""pyinstrument's JSON (`-r json`): a tree of frames, each with the time inside it, in seconds."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.domain.profile import CodeSpot, CostUnit, Tally

_SELF: Final = "[self]"
"""A child of this name is its parent's own time."""


def recognises(document: Any) -> bool:
    """A tree beside the number of samples it was made of."""
    return (
        isinstance(document, dict)
        and "root_frame" in document
        and {"duration", "sample_count"} <= document.keys()
    )


def read(document: Any, meter: Meter) -> Content:
    """One profile; what a frame's children do not account for is its own time."""
    root = document["root_frame"]
    if not isinstance(root, dict):
        return Content()
    tally = Tally()
    inside: dict[int, int] = {}
    waiting: list[tuple[dict[str, Any] | None, int]] = [(root, -1)]
    while waiting:
        frame, function = waiting.pop()
        if frame is None:
            inside[function] -= 1
            continue
        function = tally.function(_spot(frame))
        meter.step()
        meter.functions(len(tally))
        children = list(_children(frame))
        total = fields.some_number(frame.get("time")) or 0.0
        below = sum(fields.some_number(child.get("time")) or 0.0 for child in children)
        outermost = not inside.get(function)
        tally.add(function, own=max(0.0, total - below), total=total if outermost else 0.0)
        inside[function] = inside.get(function, 0) + 1
        waiting.append((None, function))
        waiting += [(child, -1) for child in children]
    name = fields.text(document.get("target_description"))
    profile = tally.profile(CostUnit.SECONDS, name)
    at = fields.moment(document.get("start_time"))
    return Content(profiles=[replace(profile, at=at)] if profile.total > 0 else [])


def _children(frame: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (
        child for child in fields.objects(frame.get("children")) if child.get("function") != _SELF
    )


def _spot(frame: dict[str, Any]) -> CodeSpot:
    name = fields.text(frame.get("function")) or "without a name"
    group = fields.text(frame.get("class_name"), 100)
    file = fields.text(frame.get("file_path") or frame.get("file_path_short"), 500)
    return CodeSpot(
        "" if file == "<built-in>" else file,
        fields.count(frame.get("line_no")) or 0,
        f"{group}.{name}" if group else name,
    )
