"""What a run of the Action came to, and how the step ends by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bot.domain.action.inputs import FailOn
from bot.domain.messages.text import plain

SCHEMA: Final = 1
PASSED, BROKEN, WRONG_INPUT, FAILED, INCONCLUSIVE = 0, 1, 2, 4, 5
"""Exit codes; 1 is that it could not be done, whatever `fail-on` says."""


class Verdict(StrEnum):
    """No data is `inconclusive`, never `pass`."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Level(StrEnum):
    """How loud an annotation is, in GitHub's words."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One line that GitHub shows beside the run, at a file where one is known."""

    level: Level
    title: str
    text: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: `headline` in one line; `sections` are Markdown; `details` is plain JSON.

    `notes` say what was not done here, and why that is right.
    """

    mode: str
    verdict: Verdict
    headline: str
    sections: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    regressions: int = 0
    improvements: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def exit_code(verdict: Verdict, fail_on: FailOn) -> int:
    """How the step ends."""
    if fail_on is FailOn.NEVER or verdict is Verdict.PASS:
        return PASSED
    if verdict is Verdict.FAIL:
        return FAILED
    return INCONCLUSIVE if fail_on is FailOn.INCONCLUSIVE else PASSED


def outputs(outcome: Outcome, report_path: str) -> dict[str, str]:
    """The outputs of the step, all of them, each one line."""
    return {
        "verdict": str(outcome.verdict),
        "headline": plain(outcome.headline),
        "regressions": str(outcome.regressions),
        "improvements": str(outcome.improvements),
        "report-path": report_path,
    }


def document(outcome: Outcome) -> dict[str, Any]:
    """The JSON of the report file."""
    return {
        "schema": SCHEMA,
        "mode": outcome.mode,
        "verdict": str(outcome.verdict),
        "headline": outcome.headline,
        "regressions": outcome.regressions,
        "improvements": outcome.improvements,
        "details": dict(outcome.details),
    }
