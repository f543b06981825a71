"""What a repository's own CI says of a commit; whoever wrote that may have written this."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.action.inputs import Mode
from bot.domain.action.outcome import SCHEMA, Verdict
from bot.domain.messages.text import plain, shortened
from bot.domain.redaction import redact

ARTIFACT: Final = "ironclaw-report"
"""What the workflow calls the artifact that it keeps the report in."""
FILE: Final = "ironclaw-report.json"
MOST_BYTES: Final = 1_000_000
_MOST_FUNCTIONS: Final = 10
_MOST_TESTS: Final = 10
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class FunctionReported:
    """One changed function, in CI's words."""

    name: str
    answers: str
    speed: str


@dataclass(frozen=True, slots=True)
class CiReport:
    """What it says, each text on one line and short; nothing of it is known to be true."""

    verdict: Verdict
    headline: str
    passed: int
    newly_failed: tuple[str, ...]
    functions: tuple[FunctionReported, ...]


@dataclass(frozen=True, slots=True)
class UnreadableReport:
    """There is one, and it cannot be taken for what it should be."""

    why: str


CiSays = CiReport | UnreadableReport


def read_ci_report(data: bytes) -> CiSays:
    """The report of mode `sandbox` in these bytes; never raises."""
    if len(data) > MOST_BYTES:
        return UnreadableReport(f"it is larger than {MOST_BYTES:,} bytes")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return UnreadableReport("it is no JSON")
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return UnreadableReport(f"it is not of schema {SCHEMA}")
    if found.get("mode") != Mode.SANDBOX:
        return UnreadableReport(f"it is not of mode {Mode.SANDBOX}")
    verdict = found.get("verdict")
    if not isinstance(verdict, str) or verdict not in set(Verdict):
        return UnreadableReport("it has no verdict that is known")
    tests = _mapping(_mapping(found.get("details")).get("tests"))
    return CiReport(
        verdict=Verdict(verdict),
        headline=_line(found.get("headline")),
        passed=_count(tests.get("passed")),
        newly_failed=tuple(_lines(tests.get("newly_failed")))[:_MOST_TESTS],
        functions=tuple(_functions(_mapping(found.get("details")).get("functions"))),
    )


def _functions(given: Any) -> Iterator[FunctionReported]:
    for one in map(_mapping, given[:_MOST_FUNCTIONS] if isinstance(given, list) else ()):
        name = f"{_line(one.get('file'))}: {_line(one.get('function'))}"
        yield FunctionReported(name, _line(one.get("answers")), _line(one.get("speed")))


def _lines(given: Any) -> Iterator[str]:
    return map(_line, given if isinstance(given, list) else ())


def _mapping(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _count(given: Any) -> int:
    known = isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 10**9
    return given if known else 0


def _line(given: Any) -> str:
    return shortened(plain(redact(given[:10_000])), _LONGEST) if isinstance(given, str) else ""
