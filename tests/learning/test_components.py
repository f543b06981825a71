"""The published calls of the five components, with exactly their keywords."""

import asyncio
import inspect
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.improvement import Improvement, State
from bot.domain.ingested import IngestedFile
from bot.domain.metrics import SPANS, MetricType, Request
from bot.domain.profile import CodeSpot, CostUnit, FunctionCost, Profile
from bot.domain.pulls import RevertBlocked, RevertOpened
from bot.learning import (
    CodeImprover,
    FeedbackType,
    PerformanceAnalyzer,
    PreferenceTracker,
    RollbackManager,
    TestingSandbox,
)
from bot.learning.performance_analyzer import BUFFER
from bot.ports import Store, UserError
from tests.fakes.clock import START
from tests.workflows.world import FAST, FILE, SLOW, World

MB = 1024**2


@pytest.mark.parametrize(
    ("call", "keywords"),
    [
        (
            PreferenceTracker.track_feedback,
            "user_id message_id feedback_type model_used task_type response_length",
        ),
        (PreferenceTracker.get_preferred_model, "user_id task_type"),
        (PreferenceTracker.get_preferred_settings, "user_id"),
        (PerformanceAnalyzer.record_metric, "metric_name value unit metric_type endpoint"),
        (PerformanceAnalyzer.analyze_performance, "hours"),
        (PerformanceAnalyzer.detect_memory_leak, "hours threshold_mb"),
        (CodeImprover, "db_session ai_router perf_analyzer"),
        (CodeImprover.generate_improvement, "issue"),
        (CodeImprover.save_improvement, "proposal"),
        (TestingSandbox.apply_improvement, "improvement_id"),
        (RollbackManager.deploy_improvement, "improvement_id create_backup commit_changes"),
        (
            RollbackManager.monitor_and_rollback,
            "improvement_id monitoring_duration_seconds error_threshold",
        ),
        (RollbackManager.rollback_improvement, "improvement_id reason"),
    ],
)
def test_the_contract_of_the_calls(call: Any, keywords: str) -> None:
    assert set(keywords.split()) <= set(inspect.signature(call).parameters)


# FeedbackType


def test_the_kinds_of_feedback_are_those_that_are_published() -> None:
    assert [str(kind) for kind in FeedbackType] == [
        "thumbs_up",
        "thumbs_down",
        *(f"rating_{number}" for number in range(1, 6)),
    ]


# PerformanceAnalyzer


async def sample(analyzer: PerformanceAnalyzer, value: float, unit: str = "ms") -> None:
    kind = MetricType.MEMORY_USAGE if unit != "ms" else MetricType.RESPONSE_TIME
    await analyzer.record_metric(
        metric_name="m", value=value, unit=unit, metric_type=kind, endpoint="/"
    )


async def test_samples_wait_in_the_buffer_until_it_is_full_or_somebody_asks() -> None:
    world = World()
    analyzer = PerformanceAnalyzer(None, ports=world.ports)
    for _ in range(BUFFER - 1):
        await sample(analyzer, 10.0)
    assert world.records.windows == {}
    await sample(analyzer, 10.0)
    assert [one.count for one in world.records.windows.values()] == [BUFFER] * len(SPANS)


async def test_the_report_scores_and_names_what_is_slow() -> None:
    world = World()
    analyzer = PerformanceAnalyzer(None, ports=world.ports)
    empty = await analyzer.analyze_performance()
    assert (empty.overall_health_score, empty.why, empty.bottlenecks) == (0.0, "no data", ())
    for number in range(40):
        await sample(analyzer, 500.0 if number % 2 else 20.0)
    world.later(300)
    found = await analyzer.analyze_performance(hours=1)
    assert found.overall_health_score == 0.0
    assert [one.endpoint for one in found.bottlenecks] == ["/"]
    assert found.samples == 40
    world.later(2 * 3600)
    assert (await analyzer.analyze_performance(hours=1)).samples == 0


async def test_requests_are_response_times_and_errors() -> None:
    world = World()
    analyzer = PerformanceAnalyzer(None, ports=world.ports)
    now = world.clock.now()
    await analyzer.record_requests(
        [Request(now, "/", 10.0, failed=number % 4 == 0) for number in range(40)]
    )
    world.later(300)
    found = await analyzer.analyze_performance()
    assert (found.samples, found.overall_health_score) == (80, 60.0)
    assert [str(one.kind) for one in found.bottlenecks] == ["error_rate"]


async def test_an_unknown_kind_of_metric_is_refused() -> None:
    analyzer = PerformanceAnalyzer(None, ports=World().ports)
    with pytest.raises(ValueError, match="mood"):
        await analyzer.record_metric(metric_name="m", value=1, metric_type="mood")


async def leak(*floors: float, unit: str = "mb", threshold: float = 100) -> float | None:
    """Feed windows of one process, each with a peak above its floor; the growth found."""
    world = World()
    analyzer = PerformanceAnalyzer(None, ports=world.ports)
    for floor in floors:
        await sample(analyzer, floor, unit)
        await sample(analyzer, floor * 1.8, unit)
        world.later(300)
    found = await analyzer.detect_memory_leak(threshold_mb=threshold)
    assert found is None or found["detected"] is True
    return None if found is None else float(found["growth_mb"])


def rising(factor: float = 1.0) -> list[float]:
    """A day of windows that grow by 500 MB, with some noise."""
    chance = random.Random(1)
    return [(500 + 500 * n / 288 + chance.uniform(-3, 3)) * factor for n in range(288)]


async def test_a_floor_that_rises_is_a_leak() -> None:
    found = await leak(*rising())
    assert found == pytest.approx(500, rel=0.1)
    assert await leak(*rising(), threshold=600) is None
    assert await leak(*rising(MB), unit="bytes") == pytest.approx(500, rel=0.1)
    assert await leak(*rising()[:20], threshold=1) is None


@pytest.mark.parametrize(
    "floors",
    [[500.0] * 20, [500, 900] * 10, [*range(500, 900, 50), *[500] * 8], [500] * 3 + [9000] * 4],
    ids=["steady", "saw-tooth", "freed", "too short"],
)
async def test_what_is_no_leak(floors: list[float]) -> None:
    assert await leak(*floors) is None


@given(st.lists(st.floats(100, 900), min_size=1, max_size=12))
@settings(max_examples=20)
def test_growth_below_the_threshold_is_never_a_leak(floors: list[float]) -> None:
    assert asyncio.run(leak(*floors, threshold=801)) is None


# CodeImprover and TestingSandbox


async def test_examples_are_looked_at_only_where_the_policy_names_paths() -> None:
    world = World()
    world.host.push("main", {"examples/shop.py": SLOW})
    silent = await CodeImprover(None, ports=world.ports).analyze_codebase()
    world.allow(scan={"paths": ("examples/*",)})
    named = await CodeImprover(None, ports=world.ports).analyze_codebase()
    assert [issue.file for issue in silent] == [FILE]
    assert [issue.file for issue in named] == ["examples/shop.py"]


async def test_an_issue_becomes_a_proposal_and_is_saved_once() -> None:
    world = World()
    improver = CodeImprover(None, None, None, ports=world.ports)
    (issue,) = await improver.analyze_codebase()
    assert (issue.severity, issue.description) == ("high", "it sums by hand")
    proposal = await improver.generate_improvement(issue)
    assert proposal is not None
    assert 0 <= proposal.confidence <= 1
    id = await improver.save_improvement(proposal)
    await world.run_to(State.OPEN)
    assert await improver.save_improvement(proposal) == id
    assert world.now().state is State.OPEN
    assert await improver.generate_improvement(replace(issue, id="unknown")) is None


@pytest.mark.parametrize(
    "scan",
    [{"paths": ("lib/*",)}, {"deny": ("app/*",)}, {"disabled_rules": ("slow-sum",)}],
    ids=str,
)
async def test_what_the_policy_excludes_is_not_found(scan: dict[str, Any]) -> None:
    world = World()
    world.allow(scan=scan)
    assert await CodeImprover(None, ports=world.ports).analyze_codebase() == []


async def test_hot_code_comes_first_and_says_why() -> None:
    world = World()
    handler = f'@app.get("/total")\n{SLOW}'
    world.host.push("main", {"app/zz.py": handler})
    analyzer = PerformanceAnalyzer(None, ports=world.ports)
    now = world.clock.now()
    await analyzer.record_requests([Request(now, "GET /total", 500.0, failed=False)] * 40)
    world.later(300)
    found = await CodeImprover(None, None, analyzer, ports=world.ports).analyze_codebase()
    assert [issue.file for issue in found] == ["app/zz.py", FILE]
    assert found[0].evidence.startswith("`GET /total`: p95 500 ms over 40 requests")
    assert found[1].evidence == ""


async def test_a_handler_is_found_through_the_prefixes_of_its_route() -> None:
    world = World()
    name = SLOW.split("(")[0].removeprefix("def ")
    register = "from flask import Flask\nfrom app.zz import api\napp = Flask('x')\n"
    register += "app.register_blueprint(api, url_prefix='/v2')\n"
    routes = "from flask import Blueprint\napi = Blueprint('api', 'api')\n"
    files = {
        "app/zz.py": f"{routes}@api.get('/<int:id>/total')\n{SLOW}",
        "app/main.py": register,
    }
    world.host.push("main", files)
    analyzer = PerformanceAnalyzer(None, ports=world.ports)
    now = world.clock.now()
    slow = [Request(now, "GET /v2/{id}/total", 500.0, failed=False)] * 40
    await analyzer.record_requests(slow)
    world.later(300)
    found = await CodeImprover(None, None, analyzer, ports=world.ports).analyze_codebase()
    assert (found[0].file, found[0].function) == ("app/zz.py", name)
    assert found[0].evidence.endswith("this function is its handler.")


async def test_the_sandbox_reports_and_cleans_up() -> None:
    world = World()
    id = await world.find()
    async with TestingSandbox(None, ports=world.ports) as sandbox:
        await sandbox.apply_improvement(id)
        await sandbox.apply_improvement(id)
        assert world.sandbox.opened == 1
        report = await sandbox.run_tests()
    assert world.sandbox.opened == 0
    assert report.all_tests_passed
    assert report.recommendation == "propose (benchmark): 2.00x on recorded calls"
    assert report.as_json()["benchmark"]["verdict"] == "faster"
    assert world.now().state is State.FOUND


async def test_the_sandbox_cleans_up_after_an_error_too() -> None:
    world = World()
    id = await world.find()

    async def failing() -> None:
        async with TestingSandbox(None, ports=world.ports) as sandbox:
            await sandbox.apply_improvement(id)
            assert world.sandbox.opened == 1
            raise KeyError

    with pytest.raises(KeyError):
        await failing()
    assert world.sandbox.opened == 0


async def test_the_sandbox_says_what_is_missing() -> None:
    async with TestingSandbox(None, ports=World().ports) as sandbox:
        with pytest.raises(UserError, match="no improvement is applied"):
            await sandbox.run_tests()
        with pytest.raises(UserError, match="not known"):
            await sandbox.apply_improvement("nobody")


@pytest.mark.parametrize(
    ("fault", "words"),
    [({"breaks_tests": True}, "reject: tests"), ({"changes_results": True}, "reject: it does not")],
)
async def test_the_sandbox_recommends_nothing_that_breaks(
    fault: dict[str, Any], words: str
) -> None:
    world = World()
    world.sandbox = replace(world.sandbox, **fault)
    id = await world.find()
    async with TestingSandbox(None, ports=world.ports) as sandbox:
        await sandbox.apply_improvement(id)
        report = await sandbox.run_tests()
    assert not report.all_tests_passed
    assert report.recommendation.startswith(words)


# RollbackManager


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose clock moves on whenever somebody sleeps."""
    world = World()

    async def sleep(seconds: float) -> None:
        world.later(seconds)
        assert world.clock.now() < START + timedelta(days=1), "it never ends"

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return world


async def test_only_what_is_merged_is_deployed_or_taken_back(hurried: World) -> None:
    manager = RollbackManager(None, ports=hurried.ports)
    id = await hurried.find()
    with pytest.raises(UserError, match="found, not merged"):
        await manager.deploy_improvement(improvement_id=id)
    with pytest.raises(UserError, match="found, not merged"):
        await manager.rollback_improvement(improvement_id=id, reason="why")
    with pytest.raises(UserError, match="not known"):
        await manager.rollback_improvement(improvement_id="nobody", reason="why")
    await hurried.run_to(State.MERGED)
    for flags in ({"create_backup": False}, {"commit_changes": False}):
        with pytest.raises(UserError, match="could not be taken back"):
            await manager.deploy_improvement(improvement_id=id, **flags)
    deployment = await manager.deploy_improvement(improvement_id=id)
    assert deployment is not None
    assert deployment.sha == hurried.now().merge_sha
    with pytest.raises(UserError, match="no deployment yet"):
        await manager.monitor_and_rollback(improvement_id=id)


@pytest.mark.parametrize(("slower", "stable"), [(1.0, True), (2.0, False)])
async def test_monitoring_ends_with_stable_or_a_revert(
    hurried: World, slower: float, stable: bool
) -> None:
    hurried.production.slower = slower
    found = await hurried.run_to(State.WATCHING)
    manager = RollbackManager(None, ports=hurried.ports)
    assert await manager.monitor_and_rollback(improvement_id=found.id) is stable
    assert hurried.effects() == (1, 1, 0 if stable else 1)
    passed = hurried.clock.now() - found.updated_at
    assert passed < timedelta(seconds=500)


async def test_monitoring_without_data_is_not_stable_and_takes_nothing_back(hurried: World) -> None:
    found = await hurried.run_to(State.WATCHING)
    hurried.production.silent = True
    manager = RollbackManager(None, ports=hurried.ports)
    assert await manager.monitor_and_rollback(improvement_id=found.id) is False
    assert hurried.effects() == (1, 1, 0)
    blind = RollbackManager(None, ports=replace(hurried.ports, metrics=None))
    assert await blind.monitor_and_rollback(improvement_id=found.id) is False


async def test_what_is_taken_back_twice_is_taken_back_once(hurried: World) -> None:
    found = await hurried.run_to(State.WATCHING)
    manager = RollbackManager(None, ports=hurried.ports)
    outcomes = [
        await manager.rollback_improvement(improvement_id=found.id, reason="by hand")
        for _ in range(2)
    ]
    assert all(isinstance(outcome, RevertOpened) for outcome in outcomes)
    assert hurried.effects() == (1, 1, 1)
    assert hurried.host.text("ironclaw/revert/1", FILE) == SLOW
    assert hurried.host.text("main", FILE) == FAST


async def test_what_cannot_be_taken_back_says_why(hurried: World) -> None:
    found = await hurried.run_to(State.WATCHING)
    hurried.host.push("main", {FILE: "def total(items):\n    return 0\n"})
    manager = RollbackManager(None, ports=hurried.ports)
    outcome = await manager.rollback_improvement(improvement_id=found.id, reason="by hand")
    assert outcome == RevertBlocked("later commits change the same files", "revert it by hand")


async def test_what_a_profile_shows_comes_first_and_says_why() -> None:
    world = World()
    world.host.push("main", {"app/zz.py": SLOW})
    name = (await world.host.repository()).name
    spot = CodeSpot("/srv/app/zz.py", 2, SLOW.split("(")[0].removeprefix("def "))
    profile = Profile(CostUnit.SECONDS, (FunctionCost(spot, 3.0, 4.0),), 4.0)
    now = world.clock.now()
    async with world.stores() as store:
        await store.ingest(IngestedFile(name, "d", "run.prof", "pstats", now, (), (profile,)))
        await store.commit()
    found = await CodeImprover(None, ports=world.ports).analyze_codebase()
    assert [issue.file for issue in found] == ["app/zz.py", FILE]
    assert found[0].evidence == "75% of the profiled seconds is its own."
    world.later(31 * 86400)
    assert {
        one.evidence for one in await CodeImprover(None, ports=world.ports).analyze_codebase()
    } == {""}


async def test_what_another_look_has_kept_meanwhile_stays_as_it_is() -> None:
    world = World()
    improver = CodeImprover(None, ports=world.ports)
    (issue,) = await improver.analyze_codebase()
    proposal = await improver.generate_improvement(issue)
    assert proposal is not None
    id = await improver.save_improvement(proposal)
    moved = await world.run_to(State.OPEN)

    @asynccontextmanager
    async def late() -> AsyncIterator[Store]:
        async with world.stores() as store:
            known = store.improvement

            async def not_yet(id: str) -> Improvement | None:
                store.improvement = known  # type: ignore[method-assign] # once it was not there
                return None

            store.improvement = not_yet  # type: ignore[method-assign] # as above
            yield store

    ports = replace(world.ports, stores=late)
    again = CodeImprover(None, ports=ports)
    await again.analyze_codebase()
    assert await again.save_improvement(proposal) == id
    assert world.now() == moved
