"""Records to store: plain ones by hand, and arbitrary ones for hypothesis."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.domain.events import Feedback, FeedbackType, LearningEvent
from bot.domain.finding import Finding, Severity
from bot.domain.improvement import Improvement, State
from bot.domain.ingested import IngestedFile
from bot.domain.measured import BenchmarkResult, Direction, Statistic
from bot.domain.metrics import WINDOW, MetricType, Window, window_start
from bot.domain.patch import FileChange, Patch
from bot.domain.profile import CodeSpot, CostUnit, FunctionCost, Profile
from bot.domain.sketch import sketch_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def finding(id: str = "f1") -> Finding:
    return Finding(id, "slow-rule", "app/views.py", 3, 4, "view", Severity.MEDIUM, "it is slow")


def improvement(id: str = "i1", **changes: Any) -> Improvement:
    known: dict[str, Any] = {
        "repository": "team/shop",
        "finding": finding(),
        "state": State.FOUND,
        "reason": "found",
        "base_sha": "a" * 40,
        "created_at": START,
        "updated_at": START,
    }
    return Improvement(id=id, **(known | changes))


def event(subject: str = "i1", minutes: float = 0, **changes: Any) -> LearningEvent:
    known: dict[str, Any] = {"event_type": "pattern_learned", "impact_score": 0.5}
    return LearningEvent(subject=subject, at=later(minutes), **(known | changes))


def rating(user_id: str = "u1", minutes: float = 0, **changes: Any) -> Feedback:
    known: dict[str, Any] = {
        "message_id": "m1",
        "feedback_type": FeedbackType.RATING_4,
        "model_used": "small",
        "task_type": "conversation",
    }
    return Feedback(user_id=user_id, at=later(minutes), **(known | changes))


def window(number: int = 0, value: float = 10.0, **changes: Any) -> Window:
    known: dict[str, Any] = {
        "metric_name": "GET /items",
        "metric_type": MetricType.RESPONSE_TIME,
        "endpoint": "/items",
        "unit": "ms",
        "start": START + number * WINDOW,
        "count": 2,
        "total": 2 * value,
        "sketch": sketch_of([value, value]),
    }
    values = dict.fromkeys(("min_value", "max_value", "p50_value", "p95_value", "p99_value"), value)
    return Window(**(known | values | changes))


def benchmark(value: float | None = 1.0, minutes: float = 0, **changes: Any) -> BenchmarkResult:
    known: dict[str, Any] = {"name": "b", "unit": "s", "direction": Direction.LOWER}
    known |= {"value": value, "missing": "" if value is not None else "it failed"}
    return BenchmarkResult(**(known | {"at": later(minutes)} | changes))


def profile(minutes: float = 0, **changes: Any) -> Profile:
    cost = FunctionCost(CodeSpot("app/views.py", 3, "view"), 1.5, 2.0, 7)
    known: dict[str, Any] = {"unit": CostUnit.SECONDS, "functions": (cost,), "total": 2.0}
    return Profile(**(known | {"at": later(minutes)} | changes))


def ingested(digest: str = "d1", **changes: Any) -> IngestedFile:
    known: dict[str, Any] = {"repository": "team/shop", "name": "b.json", "kind": "jmh"}
    return IngestedFile(digest=digest, **(known | {"received_at": later(0)} | changes))


# Every character that a Python text can hold, with the awkward ones often.
texts = st.text(st.one_of(st.characters(), st.sampled_from("\0\x1a\ud800\udfff\r\n\\'\"")))
keys = st.text(st.one_of(st.characters(), st.sampled_from("\0\x1a\ud800")), max_size=20)
moments = st.datetimes(
    datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
)
shares = st.floats(0, 1)
numbers = st.integers(-(2**63), 2**63 - 1)
finite = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
json_objects = st.dictionaries(texts, json_values, max_size=3)
findings = st.builds(
    Finding,
    id=texts,
    rule=texts,
    file=texts,
    line=numbers,
    end_line=numbers,
    function=texts,
    severity=st.sampled_from(Severity),
    description=texts,
    evidence=texts,
)
patches = st.builds(
    Patch, st.lists(st.builds(FileChange, texts, texts, texts), max_size=3).map(tuple)
)
improvements = st.builds(
    Improvement,
    id=keys,
    repository=keys,
    finding=findings,
    state=st.sampled_from(State),
    reason=texts,
    base_sha=texts,
    created_at=moments,
    updated_at=moments,
    engine=texts,
    patch=st.none() | patches,
    confidence=shares,
    evidence=json_objects,
    branch=texts,
    head_sha=texts,
    pull_request=st.none() | numbers,
    merge_sha=texts,
    deployed_at=st.none() | moments,
    extended=st.booleans(),
    suspected_at=st.none() | moments,
    revert_pull_request=st.none() | numbers,
    revert_sha=texts,
    revert_deployed_at=st.none() | moments,
    recovered=st.none() | st.booleans(),
    look_again_at=st.none() | moments,
)
events = st.builds(
    LearningEvent,
    event_type=texts,
    subject=keys.filter(bool),
    at=moments,
    before_state=json_objects,
    after_state=json_objects,
    impact_score=shares,
    reason=texts,
)
ratings = st.builds(
    Feedback,
    user_id=keys.filter(bool),
    message_id=texts,
    feedback_type=st.sampled_from(FeedbackType),
    model_used=texts,
    task_type=keys,
    at=moments,
    response_length=st.none() | numbers,
    context=json_objects,
)
windows = st.builds(
    Window,
    metric_name=keys,
    metric_type=st.sampled_from(MetricType),
    endpoint=keys,
    unit=keys,
    start=moments.map(window_start),
    count=st.integers(1, 2**63 - 1),
    total=finite,
    min_value=finite,
    max_value=finite,
    p50_value=finite,
    p95_value=finite,
    p99_value=finite,
    sketch=st.lists(finite, min_size=1, max_size=20).map(sketch_of),
)

benchmarks = st.builds(
    BenchmarkResult,
    name=keys,
    unit=texts,
    direction=st.sampled_from(Direction),
    value=finite,
    statistic=st.sampled_from(Statistic),
    values=st.lists(finite, max_size=3).map(tuple),
    stddev=st.none() | finite,
    count=st.none() | numbers,
    commit=texts,
    at=moments,
    extra=json_objects,
)
profiles = st.builds(
    Profile,
    unit=st.sampled_from(CostUnit),
    functions=st.lists(
        st.builds(
            FunctionCost,
            spot=st.builds(CodeSpot, texts, numbers, texts),
            own=finite,
            total=finite,
            calls=st.none() | numbers,
        ),
        max_size=3,
    ).map(tuple),
    total=finite,
    name=texts,
    lines_define=st.booleans(),
    at=moments,
    commit=texts,
)
files = st.builds(
    IngestedFile,
    repository=keys.filter(bool),
    digest=st.uuids().map(str),
    name=texts,
    kind=texts,
    received_at=moments,
    results=st.lists(benchmarks, max_size=1).map(tuple),
    profiles=st.lists(profiles, max_size=1).map(tuple),
)
