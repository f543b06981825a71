"""What the Action writes for people: job summary, comment, annotations; within GitHub's limits."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.domain.action.gate import Judged, Kind
from bot.domain.action.outcome import Annotation, Level, Outcome, Verdict
from bot.domain.messages.text import cell, code, fitting, plain, prose, shortened

SUMMARY_BYTES: Final = 900_000
"""Of the 1 MiB that a step's summary may have; beyond it GitHub shows nothing at all."""
MOST_ANNOTATIONS: Final = 10
"""GitHub takes ten errors, ten warnings and ten notices of a step and drops the rest."""
MOST_ROWS: Final = 200
_MESSAGE: Final = 1_000
_SIGNS: Final = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "❔"}
_LEVELS: Final = {Kind.REGRESSION: Level.ERROR, Kind.INCONCLUSIVE: Level.WARNING}
COMMENT_KEY: Final = "action"
"""The key of the one comment, by mode, that each run writes anew."""


def title(outcome: Outcome) -> str:
    """The verdict in one line of Markdown."""
    return f"## {_SIGNS[outcome.verdict]} Ironclaw {outcome.mode}: {prose(outcome.headline)}"


def summary(outcome: Outcome, notes: Sequence[str] = ()) -> str:
    """The job summary; sections that there is no room for are left out and said to be."""
    parts = [title(outcome), *_quoted(notes), *outcome.sections]
    found: list[str] = []
    room = SUMMARY_BYTES
    for part in parts:
        room -= len(part.encode()) + 2
        if room < 0:
            found.append("Here ends what there is room for; the report file has all of it.")
            break
        found.append(part)
    return "\n\n".join(found) + "\n"


def comment(outcome: Outcome, notes: Sequence[str], run_url: str) -> str:
    """The same for a pull request, with a link to the run."""
    footer = f"[The run]({run_url})" if run_url else ""
    return fitting([title(outcome), *_quoted(notes), *outcome.sections], footer)


def _quoted(notes: Sequence[str]) -> list[str]:
    return [f"> {prose(note)}" for note in notes]


def gate_sections(judged: Sequence[Judged], threshold: float) -> tuple[str, ...]:
    """The table of the gate, the worst first, and how to read it."""
    rows = [_row(one) for one in judged[:MOST_ROWS]]
    head = "| benchmark | verdict | before | after | change (99 % interval) |"
    rows = rows and [head, "|---|---|--:|--:|---|", *rows]
    parts = ["\n".join(rows)] if rows else []
    if len(judged) > MOST_ROWS:
        parts.append(f"{len(judged) - MOST_ROWS:,} more stand in the report file.")
    parts.append(
        f"A change counts if it is surely larger than {threshold:.0%}; at most one in a hundred "
        "of those named here may be chance."
    )
    return tuple(parts)


def _row(one: Judged) -> str:
    values = [_value(value, one.unit) for value in (one.before, one.after)]
    change = change_of(one) if one.factor is not None else ""
    said = " ".join(filter(None, (change, one.why and f"({one.why})")))
    cells = (code(one.name), str(one.kind), *values, prose(said))
    return f"| {' | '.join(map(cell, cells))} |"


def change_of(one: Judged) -> str:
    """`+12% (+9% to +16%)`."""
    if one.factor is None or one.low is None or one.high is None:
        return ""
    return f"{_percent(one.factor)} ({_percent(one.low)} to {_percent(one.high)})"


def _percent(factor: float) -> str:
    return f"{factor - 1:+.1%}" if factor < 100 else f"x{factor:.3g}"


_STEPS: Final = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "s" and value > 0:
        word, size = next((one for one in _STEPS if value >= one[1]), _STEPS[-1])
        return f"{value / size:.4g} {word}"
    return prose(f"{value:.4g} {'' if unit == '1' else unit}")


def gate_headline(judged: Sequence[Judged]) -> str:
    """How many of each."""
    count = {kind: sum(one.kind is kind for one in judged) for kind in Kind}
    words = {
        Kind.REGRESSION: "worse",
        Kind.IMPROVEMENT: "better",
        Kind.SAME: "as before",
        Kind.INCONCLUSIVE: "inconclusive",
    }
    said = ", ".join(f"{count[kind]} {word}" for kind, word in words.items() if count[kind])
    return said or "there is nothing to compare"


def gate_annotations(judged: Iterable[Judged]) -> tuple[Annotation, ...]:
    """What became worse as errors, what cannot be told as warnings."""
    return tuple(
        Annotation(_LEVELS[one.kind], f"{one.kind}: {one.name}", change_of(one) or one.why)
        for one in judged
        if one.kind in _LEVELS
    )


def commands(annotations: Sequence[Annotation]) -> list[str]:
    """Workflow commands, as many of each level as GitHub shows; what is left out is said last."""
    found: list[str] = []
    for level in Level:
        some = [one for one in annotations if one.level is level]
        kept = some if len(some) <= MOST_ANNOTATIONS else some[: MOST_ANNOTATIONS - 1]
        found += map(command, kept)
        if len(kept) < len(some):
            left = f"{len(some) - len(kept):,} more stand in the summary and the report file"
            found.append(command(Annotation(level, "Ironclaw", left)))
    return found


def command(one: Annotation) -> str:
    """One workflow command, from which no text can break out."""
    places = {"title": shortened(plain(one.title), 200)}
    if one.file:
        places = {"file": plain(one.file), "line": str(max(1, one.line)), **places}
    properties = ",".join(f"{name}={_property(value)}" for name, value in places.items())
    return f"::{one.level} {properties}::{_data(shortened(plain(one.text), _MESSAGE))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
