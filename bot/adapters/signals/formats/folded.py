"""Folded stacks, as `py-spy record -f raw` writes them: `outer (file:line);inner (file:line) 12`.

The number counts samples. How often one was taken the file does not say.
"""

import re
from typing import Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content, UnreadableError
from bot.domain.profile import CodeSpot, CostUnit, Tally

_LINE: Final = re.compile(r"(\S.*) (\d{1,15})")
_FRAME: Final = re.compile(r"(.*?) \((.*):(\d{1,9})\)|(.*?) \((.*)\)")
_LOOKED_AT: Final = 20


def recognises(text: str) -> bool:
    """Its first lines end with a number, and one at least has frames or a place in a file."""
    lines = [line.rstrip("\r") for line in text[:100_000].split("\n")[:_LOOKED_AT] if line.strip()]
    if len(text) > 100_000 and len(lines) < _LOOKED_AT:
        lines = lines[:-1]
    stacks = [found[1] for found in map(_LINE.fullmatch, lines) if found]
    return len(stacks) == len(lines) and any(
        ";" in stack or _FRAME.fullmatch(stack) for stack in stacks
    )


def read(text: str, meter: Meter) -> Content:
    """One profile in samples."""
    tally = Tally(lines_define=False)
    known: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.rstrip("\r"))
        if found is None:
            why = f"line {number:,} does not end with a number of samples"
            raise UnreadableError(why, "Record or copy it again: it was cut off or changed.")
        frames = found[1].split(";")
        meter.step(len(frames))
        for frame in frames:
            if frame not in known:
                known[frame] = tally.function(_spot(frame))
                meter.functions(len(known))
        tally.add_stack([known[frame] for frame in frames], float(found[2]))
    profile = tally.profile(CostUnit.SAMPLES)
    return Content(profiles=[profile] if profile.total > 0 else [])


def _spot(frame: str) -> CodeSpot:
    found = _FRAME.fullmatch(frame[:2_000])
    if found is None:
        return CodeSpot("", 0, fields.text(frame) or "without a name")
    if found[2] is None:
        return CodeSpot(fields.text(found[5], 500), 0, fields.text(found[4]))
    return CodeSpot(fields.text(found[2], 500), int(found[3]), fields.text(found[1]))
