"""Mode `gate`: benchmark files beside those of the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.adapters.signals.formats import Refused
from bot.domain.action import inputs, text
from bot.domain.action.gate import Judged, Kind, Run, judge
from bot.domain.action.outcome import Annotation, Level, Outcome, Verdict
from bot.domain.measured import Direction
from bot.entrypoints.action.reading import find, read_file
from bot.ports import UserError


@dataclass(frozen=True, slots=True)
class Side:
    """The runs of one side, and what was said while reading them."""

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    warnings: tuple[Annotation, ...]


def gate(wanted: inputs.Gate, folder: Path) -> Outcome:
    """Read both sides and judge; UserError where a new file cannot be read.

    A baseline that is not there yet is no error: the first run of a workflow has none.
    """
    new = _read(wanted.files, folder, wanted.kind)
    if not new.runs:
        raise _unreadable(new, wanted.files)
    old = _read(wanted.baseline, folder, wanted.kind)
    judged = judge(old.runs, new.runs, wanted.threshold) if old.runs else []
    headline = text.gate_headline(judged) if old.runs else "there is no baseline to compare with"
    return Outcome(
        mode=inputs.Mode.GATE,
        verdict=_verdict(judged),
        headline=headline,
        sections=text.gate_sections(judged, wanted.threshold) if judged else (),
        annotations=(*text.gate_annotations(judged), *new.warnings, *old.warnings),
        regressions=sum(one.kind is Kind.REGRESSION for one in judged),
        improvements=sum(one.kind is Kind.IMPROVEMENT for one in judged),
        details={
            "threshold": wanted.threshold,
            "baseline": list(old.names),
            "files": list(new.names),
            "benchmarks": [_document(one) for one in judged],
        },
    )


def _verdict(judged: Sequence[Judged]) -> Verdict:
    """One regression fails; one that nobody can tell is enough not to pass."""
    kinds = {one.kind for one in judged}
    if Kind.REGRESSION in kinds:
        return Verdict.FAIL
    if not kinds or Kind.INCONCLUSIVE in kinds:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS


def _read(patterns: Sequence[str], folder: Path, kind: str) -> Side:
    runs, names, warnings = [], [], []
    for path in find(patterns, folder):
        found = read_file(path, kind)
        if isinstance(found, Refused):
            said = f"{found.why}. {found.remedy}"
            warnings.append(Annotation(Level.WARNING, f"not read: {path.name}", said))
            continue
        results = [one for one in found.results if one.direction is not Direction.NEITHER]
        if not results:
            said = f"{found.title} holds nothing of which one way is better"
            warnings.append(Annotation(Level.WARNING, f"not compared: {path.name}", said))
            continue
        runs.append(tuple(results))
        names.append(path.name)
    return Side(tuple(runs), tuple(names), tuple(warnings))


def _unreadable(side: Side, patterns: Sequence[str]) -> UserError:
    if side.warnings:
        first = side.warnings[0]
        return UserError(f"no file of `files` can be compared ({first.title}: {first.text})")
    return UserError(f"no file matches {', '.join(patterns)}", "See what the step before writes.")


def _document(one: Judged) -> dict[str, Any]:
    return {
        "name": one.name,
        "unit": one.unit,
        "verdict": str(one.kind),
        "why": one.why,
        "before": one.before,
        "after": one.after,
        "factor": one.factor,
        "low": one.low,
        "high": one.high,
    }
