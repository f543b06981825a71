"""Domain values as rows and back; what cannot be is refused on either way."""

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from bot.adapters.database.columns import escape
from bot.adapters.database.errors import ImpossibleRowError
from bot.adapters.database.models import KEY_BYTES
from bot.adapters.database.sketches import dump, load
from bot.domain.confidence import KEPT, Case, Ending
from bot.domain.events import Feedback, FeedbackType, LearningEvent
from bot.domain.finding import Finding, Severity
from bot.domain.improvement import Improvement, State
from bot.domain.metrics import WINDOW, MetricType, Window
from bot.domain.patch import FileChange, Patch
from bot.domain.sketch import Sketch, approximate

Row = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)


def improvement_row(value: Improvement) -> dict[str, Any]:
    """Every column of `code_improvement` but its version."""
    check_key("improvement", value.id)
    check_key("repository", value.repository)
    check_key("rule", value.finding.rule)
    for named in (value.branch, value.head_sha, value.merge_sha, value.revert_sha):
        check_key("branch or commit", named)
    _check_share("confidence", value.confidence)
    plain = {name: getattr(value, name) for name in _SAME_NAME}
    return plain | {
        "state": value.state.value,
        "test_status": value.test_status,
        "applied": value.applied,
        "rolled_back": value.rolled_back,
        "finding_id": value.finding.id,
        "improvement_type": value.finding.rule,
        "file_path": value.finding.file,
        "line": value.finding.line,
        "end_line": value.finding.end_line,
        "function": value.finding.function,
        "severity": value.finding.severity.value,
        "issue_description": value.finding.description,
        "finding_evidence": value.finding.evidence,
        "branch_name": value.branch,
        "commit_hash": value.head_sha,
        **_patch_columns(value.patch),
    }


ENDING_COLUMNS = (
    *("repository", "improvement_type", "engine", "evidence", "finding_evidence", "state"),
    *("updated_at", "id"),
)


def ending_of(row: Row) -> Ending:
    """How an improvement ended, from those columns of its row."""
    evidence = row["evidence"] if isinstance(row["evidence"], Mapping) else {}
    hot = bool(row["finding_evidence"])
    case = Case(row["repository"], row["improvement_type"], row["engine"], evidence, hot)
    return Ending(case, row["state"] in KEPT)


_SAME_NAME = (
    *("id", "repository", "reason", "engine", "confidence", "evidence", "base_sha"),
    *("pull_request", "merge_sha", "deployed_at", "extended", "suspected_at"),
    *("revert_pull_request", "revert_sha", "revert_deployed_at", "recovered"),
    *("created_at", "updated_at", "look_again_at"),
)


def improvement_of(row: Row) -> Improvement:
    """The improvement; ImpossibleRowError if the row says what cannot be."""
    refuse = _refusal("code_improvement", row["id"])
    plain = {name: row[name] for name in _SAME_NAME}
    value = Improvement(
        finding=_finding(row, refuse),
        state=_word(State, row["state"], refuse),
        patch=_patch(row, refuse),
        branch=row["branch_name"],
        head_sha=row["commit_hash"],
        **plain,
    )
    for derived in ("test_status", "applied", "rolled_back"):
        if row[derived] != getattr(value, derived):
            raise refuse(f"{derived} is {row[derived]!r} while the state is {value.state}")
    return value


def _finding(row: Row, refuse: "_Refusal") -> Finding:
    return Finding(
        id=row["finding_id"],
        rule=row["improvement_type"],
        file=row["file_path"],
        line=row["line"],
        end_line=row["end_line"],
        function=row["function"],
        severity=_word(Severity, row["severity"], refuse),
        description=row["issue_description"],
        evidence=row["finding_evidence"],
    )


def _patch_columns(patch: Patch | None) -> dict[str, Any]:
    """The first file in columns for readers, further ones as JSON, which is null for no patch."""
    first = patch.changes[0] if patch and patch.changes else None
    further = [[c.path, c.before, c.after] for c in patch.changes[1:]] if patch else None
    return {
        "patch_path": first.path if first else None,
        "original_code": first.before if first else None,
        "improved_code": first.after if first else None,
        "further_changes": further,
        "diff": patch.diff() if patch else None,
    }


def _patch(row: Row, refuse: "_Refusal") -> Patch | None:
    columns = [row["patch_path"], row["original_code"], row["improved_code"]]
    further = row["further_changes"]
    if further is None and columns == [None] * 3:
        return None
    try:
        first = [] if columns == [None] * 3 else [columns]
        changes = [FileChange(path, before, after) for path, before, after in first + further]
    except (TypeError, ValueError):
        raise refuse("its patch is not one") from None
    texts = (text for c in changes for text in (c.path, c.before, c.after))
    if not all(isinstance(text, str) for text in texts):
        raise refuse("its patch lacks a text")
    return Patch(tuple(changes))


def window_row(repository: str, value: Window) -> dict[str, Any]:
    """Every column of `performance_metric`, or of `performance_rollup` for a longer span."""
    plain = _checked_window(repository, value)
    if value.span != WINDOW:
        plain["span_seconds"] = int(value.span.total_seconds())
    return plain | {
        "repository": repository,
        "metric_type": value.metric_type.value,
        "window_start": value.start,
        "window_end": value.start + value.span,
        "value": value.total / value.count,
        "sketch": dump(value.sketch),
    }


def _checked_window(repository: str, value: Window) -> dict[str, Any]:
    check_key("window", value.metric_name, value.endpoint, value.unit, repository)
    if value.count < 1:
        message = f"a window of {value.count} samples is none"
        raise ValueError(message)
    plain = {name: getattr(value, name) for name in _WINDOW_SAME_NAME}
    check_finite({name: number for name, number in plain.items() if isinstance(number, float)})
    return plain


_WINDOW_SAME_NAME = (
    *("metric_name", "endpoint", "unit", "count", "total", "min_value", "max_value"),
    *("p50_value", "p95_value", "p99_value"),
)


def window_of(row: Row) -> Window:
    """The window; ImpossibleRowError if the row says what cannot be."""
    start = row["window_start"]
    refuse = _refusal("performance_metric", (start.isoformat(), row["metric_name"]))
    plain = {name: row[name] for name in _WINDOW_SAME_NAME}
    return Window(
        metric_type=_word(MetricType, row["metric_type"], refuse),
        start=start,
        span=timedelta(seconds=row.get("span_seconds", WINDOW.total_seconds())),
        sketch=_sketch(row, refuse),
        **plain,
    )


def _sketch(row: Row, refuse: "_Refusal") -> Sketch:
    """What is stored; of a window from before sketches, what its percentiles say."""
    if not row["sketch"]:
        known = ((0.50, "p50_value"), (0.95, "p95_value"), (0.99, "p99_value"), (1.0, "max_value"))
        return approximate(row["count"], ((share, row[name]) for share, name in known))
    try:
        return load(row["sketch"])
    except ValueError as error:
        raise refuse(str(error)) from None


def feedback_row(value: Feedback) -> dict[str, Any]:
    """Every column of `feedback` but its number."""
    check_key("rating", value.user_id, value.task_type)
    plain = {name: getattr(value, name) for name in _FEEDBACK_SAME_NAME}
    return plain | {"feedback_type": value.feedback_type.value}


_FEEDBACK_SAME_NAME = (
    *("user_id", "message_id", "model_used", "task_type", "response_length"),
    *("context", "at"),
)


def feedback_of(row: Row) -> Feedback:
    """The rating; ImpossibleRowError if the row says what cannot be."""
    kind = _word(FeedbackType, row["feedback_type"], _refusal("feedback", row["id"]))
    return Feedback(feedback_type=kind, **{name: row[name] for name in _FEEDBACK_SAME_NAME})


def event_row(value: LearningEvent) -> dict[str, Any]:
    """Every column of `learning_event` but its number."""
    check_key("learning event", value.subject)
    _check_share("impact_score", value.impact_score)
    return {name: getattr(value, name) for name in _EVENT_SAME_NAME}


_EVENT_SAME_NAME = (
    *("event_type", "subject", "before_state", "after_state"),
    *("impact_score", "reason", "at"),
)


def event_of(row: Row) -> LearningEvent:
    """The event as it was recorded."""
    return LearningEvent(**{name: row[name] for name in _EVENT_SAME_NAME})


_Refusal = Callable[[str], ImpossibleRowError]


def _refusal(table: str, key: object) -> _Refusal:
    return lambda why: ImpossibleRowError(table, key, why)


def _word(kind: type[Word], text: str, refuse: _Refusal) -> Word:
    try:
        return kind(text)
    except ValueError:
        raise refuse(f"{text!r} is no {kind.__name__}") from None


def _check_share(name: str, number: float) -> None:
    if not 0 <= number <= 1:
        message = f"{name} is {number}, not between 0 and 1"
        raise ValueError(message)


def check_finite(numbers: Mapping[str, float]) -> None:
    """ValueError if one of them is infinite or not a number."""
    for name, number in numbers.items():
        if not math.isfinite(number):
            message = f"{name} is {number}, no finite number"
            raise ValueError(message)


def check_key(what: str, *texts: str) -> None:
    """ValueError if these texts together are more than a database can index."""
    size = sum(len(escape(text).encode()) for text in texts)
    if size > KEY_BYTES:
        message = f"the key of a {what} has {size} bytes, {KEY_BYTES} can be indexed"
        raise ValueError(message)
