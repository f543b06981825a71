"""speedscope's file: stacks with weights, or functions that are opened and closed.

Version of 2026, https://www.speedscope.app/file-format-schema.json; nothing is fetched from there.
"""

from typing import Any, Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content, UnreadableError
from bot.domain.profile import CodeSpot, CostUnit, Profile, Tally

_UNITS: Final = {
    "none": (1.0, CostUnit.SAMPLES),
    "nanoseconds": (1e-9, CostUnit.SECONDS),
    "microseconds": (1e-6, CostUnit.SECONDS),
    "milliseconds": (1e-3, CostUnit.SECONDS),
    "seconds": (1.0, CostUnit.SECONDS),
    "bytes": (1.0, CostUnit.BYTES),
}
_DISAGREES: Final = "Record it again: the file does not agree with itself."
_SELF: Final = "[self]"
"""A frame of this name, which pyinstrument writes, is the own time of what it stands in."""
# These give the line that ran; others that of the definition.
_RUNNING_LINES: Final = ("py-spy",)


def recognises(document: Any) -> bool:
    """Profiles beside the frames that they share."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("profiles"), list)
        and isinstance(document.get("shared"), dict)
        and isinstance(document["shared"].get("frames"), list)
    )


def read(document: Any, meter: Meter) -> Content:
    """One profile for each thread or process in it."""
    frames = []
    for frame in document["shared"]["frames"]:
        meter.step()
        frames.append(_spot(frame))
    defines = not fields.text(document.get("exporter")).startswith(_RUNNING_LINES)
    content = Content()
    for one in fields.objects(document["profiles"]):
        if not isinstance(one.get("unit"), str) or one["unit"] not in _UNITS:
            why = f"it counts in {fields.text(str(one.get('unit')), 40)}, which is no unit of it"
            raise UnreadableError(why, _DISAGREES)
        tally = Tally(defines)
        profile = _profile(one, tally, frames, meter)
        if profile.total > 0:
            content.profiles.append(profile)
    return content


def _spot(frame: object) -> CodeSpot:
    known = fields.mapping(frame)
    name = fields.text(known.get("name")) or "without a name"
    return CodeSpot(fields.text(known.get("file"), 500), fields.count(known.get("line")) or 0, name)


def _profile(one: dict[str, Any], tally: Tally, frames: list[CodeSpot], meter: Meter) -> Profile:
    factor, unit = _UNITS[one["unit"]]
    if one.get("type") == "sampled":
        _add_samples(one, tally, frames, factor, meter)
    elif one.get("type") == "evented":
        _Events(tally, frames, factor, meter).add(one)
    else:
        why = f"a profile of it is {fields.text(str(one.get('type')), 40)}, neither kind there is"
        raise UnreadableError(why, _DISAGREES)
    meter.functions(len(tally))
    return tally.profile(unit, fields.text(one.get("name")))


def _add_samples(
    one: dict[str, Any], tally: Tally, frames: list[CodeSpot], factor: float, meter: Meter
) -> None:
    """Equal stacks are added up first: most are."""
    samples, weights = one.get("samples"), one.get("weights")
    if not isinstance(samples, list) or not isinstance(weights, list):
        raise UnreadableError("a profile of it has no samples or no weights", _DISAGREES)
    if len(samples) != len(weights):
        why = f"a profile of it has {len(samples):,} samples and {len(weights):,} weights"
        raise UnreadableError(why, _DISAGREES)
    costs: dict[tuple[int, ...], float] = {}
    for sample, weight in zip(samples, weights, strict=True):
        stack = _stack(sample, len(frames))
        meter.step(1 + len(stack))
        costs[stack] = costs.get(stack, 0.0) + _cost(weight, factor)
    functions = [tally.function(frame) for frame in frames]
    for stack, cost in costs.items():
        meter.step(len(stack))
        tally.add_stack([functions[frame] for frame in stack], cost)


def _stack(sample: object, frames: int) -> tuple[int, ...]:
    if not isinstance(sample, list):
        raise UnreadableError("a sample of it is no list", _DISAGREES)
    return tuple(_checked(frame, frames) for frame in sample)


def _checked(frame: object, frames: int) -> int:
    if type(frame) is int and 0 <= frame < frames:
        return frame
    raise UnreadableError(f"it refers to a frame that is not among its {frames:,}", _DISAGREES)


def _cost(weight: object, factor: float) -> float:
    found = fields.some_number(weight, factor)
    if found is None or found < 0:
        raise UnreadableError("a weight of it is no positive number", _DISAGREES)
    return found


class _Events:
    """Follows what is opened and closed. Of a function inside itself the outermost counts."""

    def __init__(self, tally: Tally, frames: list[CodeSpot], factor: float, meter: Meter) -> None:
        self._tally = tally
        self._frames = frames
        self._functions = [tally.function(frame) for frame in frames]
        self._factor = factor
        self._meter = meter
        self._open: list[tuple[int, int, float]] = []
        self._depths: dict[int, int] = {}
        self._at: float | None = None

    def add(self, one: dict[str, Any]) -> None:
        """Add every event; what is open at the end is closed there."""
        for event in fields.objects(one.get("events")):
            self._meter.step()
            at, frame = self._moment(event.get("at")), event.get("frame")
            number = _checked(frame, len(self._frames))
            if event.get("type") == "O":
                self._enter(number, at)
            elif event.get("type") == "C" and self._open and self._open[-1][0] == number:
                self._leave(at)
            else:
                raise UnreadableError("it closes a function that is not the open one", _DISAGREES)
        end = fields.some_number(one.get("endValue"), self._factor)
        at = max(self._at or 0.0, end or 0.0)
        self._pass(at)
        while self._open:
            self._leave(at)

    def _moment(self, value: object) -> float:
        at = fields.some_number(value, self._factor)
        if at is None or (self._at is not None and at < self._at):
            raise UnreadableError("its events are not in the order of their time", _DISAGREES)
        self._pass(at)
        return at

    def _pass(self, at: float) -> None:
        if self._open and self._at is not None:
            self._tally.add(self._open[-1][1], own=at - self._at)
        self._at = at

    def _enter(self, frame: int, at: float) -> None:
        is_self = self._frames[frame].name == _SELF and self._open
        function = self._open[-1][1] if is_self else self._functions[frame]
        self._open.append((frame, function, at))
        self._depths[function] = self._depths.get(function, 0) + 1

    def _leave(self, at: float) -> None:
        _, function, since = self._open.pop()
        self._depths[function] -= 1
        if not self._depths[function]:
            self._tally.add(function, total=at - since)
