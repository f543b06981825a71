"""What every Store keeps to: SQLite, PostgreSQL and the fake alike."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.adapters.database import make_engine, store_factory
from bot.domain.confidence import Case
from bot.domain.events import Feedback, FeedbackType, LearningEvent, about_repository
from bot.domain.improvement import Improvement, State
from bot.domain.ingested import IngestedFile
from bot.domain.metrics import DAY, HOUR, MetricType, Window, gathered, joined
from bot.domain.patch import FileChange, Patch
from bot.ports import StaleError, StoreFactory
from tests.adapters.database import values
from tests.adapters.database.values import (
    benchmark,
    event,
    improvement,
    ingested,
    later,
    profile,
    rating,
    window,
)
from tests.fakes.store import fake_stores

if TYPE_CHECKING:
    from bot.domain.code_attributes import Code

# Examples of one test share its database: each uses keys of its own or looks at its own alone.
shared = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[StoreFactory]:
    if request.param == "fake":
        yield fake_stores()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield store_factory(engine)
    await engine.dispose()


async def keep(stores: StoreFactory, *kept: Improvement) -> None:
    async with stores() as store:
        for one in kept:
            await store.save(one)
        await store.commit()


async def read(stores: StoreFactory, id: str = "i1") -> Improvement:
    async with stores() as store:
        found = await store.improvement(id)
    assert found is not None
    return found


class TestImprovements:
    async def test_what_is_not_there_is_none(self, stores: StoreFactory) -> None:
        async with stores() as store:
            assert await store.improvement("nobody") is None
            assert await store.improvements() == []
            assert await store.due(later(0)) == []

    @shared
    @given(value=values.improvements)
    async def test_any_comes_back_as_it_was(self, stores: StoreFactory, value: Improvement) -> None:
        async with stores() as store:
            await store.save(value)
            found = await store.improvement(value.id)
        assert found == value
        assert found.came_from == ()

    def test_the_strategy_sets_every_field(self) -> None:
        drawn = values.improvements.wrapped_strategy.kwargs  # type: ignore[attr-defined]
        assert {*drawn, "came_from"} == {part.name for part in fields(Improvement)}

    @pytest.mark.parametrize("state", State)
    async def test_every_state_can_be_kept(self, stores: StoreFactory, state: State) -> None:
        await keep(stores, improvement(state=state, merge_sha="b" * 40))
        assert (await read(stores)).state is state

    @pytest.mark.parametrize(
        "patch",
        [
            None,
            Patch(()),
            Patch((FileChange("", "", ""),)),
            Patch((FileChange("a.py", "x = 1\r\n", "x = 2"), FileChange("b.py", "", "\n"))),
        ],
    )
    async def test_patches_of_any_size_come_back(
        self, stores: StoreFactory, patch: Patch | None
    ) -> None:
        await keep(stores, improvement(patch=patch))
        assert (await read(stores)).patch == patch

    async def test_evidence_becomes_plain_json(self, stores: StoreFactory) -> None:
        await keep(stores, improvement(evidence={"kinds": (State.OPEN, 1.0, None)}))
        found = (await read(stores)).evidence
        assert found == {"kinds": ["open", 1.0, None]}
        assert type(found["kinds"][0]) is str

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2}, b"bytes"])
    async def test_what_json_cannot_say_is_refused(
        self, stores: StoreFactory, value: object
    ) -> None:
        async with stores() as store:
            with pytest.raises(ValueError, match="JSON"):
                await store.save(improvement(evidence={"key": value}))

    @pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
    async def test_a_confidence_that_is_none_is_refused(
        self, stores: StoreFactory, confidence: float
    ) -> None:
        async with stores() as store:
            with pytest.raises(ValueError, match="confidence"):
                await store.save(improvement(confidence=confidence))

    async def test_a_time_without_zone_is_refused(self, stores: StoreFactory) -> None:
        async with stores() as store:
            with pytest.raises(ValueError, match="time zone"):
                await store.save(improvement(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001

    async def test_times_come_back_in_utc(self, stores: StoreFactory) -> None:
        zone = timezone(timedelta(hours=5, minutes=30))
        await keep(stores, improvement(look_again_at=later(1).astimezone(zone)))
        found = (await read(stores)).look_again_at
        assert found == later(1)
        assert found.tzinfo is UTC

    async def test_a_key_too_long_to_index_is_refused(self, stores: StoreFactory) -> None:
        async with stores() as store:
            await store.save(improvement("x" * 2000, repository="y" * 2000))
            with pytest.raises(ValueError, match="key"):
                await store.save(improvement("x" * 2001))

    async def test_they_come_oldest_first(self, stores: StoreFactory) -> None:
        young, old = improvement("a", created_at=later(2)), improvement("b", created_at=later(1))
        twin = improvement("aa", created_at=later(1))
        await keep(stores, young, old, twin)
        async with stores() as store:
            assert await store.improvements() == [twin, old, young]

    async def test_they_are_chosen_by_repository_and_state(self, stores: StoreFactory) -> None:
        one = improvement("1", repository="team/shop")
        two = improvement("2", repository="team/shop", state=State.OPEN)
        three = improvement("3", repository="team/blog", state=State.OPEN)
        await keep(stores, one, two, three)
        async with stores() as store:
            assert await store.improvements("team/shop") == [one, two]
            assert await store.improvements(states=frozenset({State.OPEN})) == [two, three]
            assert await store.improvements("team/shop", frozenset({State.OPEN})) == [two]
            assert await store.improvements("team/shop", frozenset({State.KEPT})) == []

    async def test_due_names_those_whose_time_has_come(self, stores: StoreFactory) -> None:
        await keep(
            stores,
            improvement("late", look_again_at=later(1)),
            improvement("later", look_again_at=later(3)),
            improvement("latest", look_again_at=later(0)),
            improvement("never"),
        )
        async with stores() as store:
            assert await store.due(later(1)) == ["latest", "late"]

    async def test_they_are_found_by_pull_request_commit_and_branch(
        self, stores: StoreFactory
    ) -> None:
        one = improvement("1", pull_request=7, head_sha="a" * 40, branch="ironclaw/x/1")
        two = improvement("2", revert_pull_request=8, merge_sha="b" * 40, revert_sha="c" * 40)
        other = replace(one, id="3", repository="team/blog")
        await keep(stores, one, two, other)
        async with stores() as store:
            for found in (
                await store.touching("team/shop", pulls=[7]),
                await store.touching("team/shop", commits=["a" * 40, "f" * 40]),
                await store.touching("team/shop", branches=["ironclaw/x/1"]),
            ):
                assert found == [one]
            for sha in ("b" * 40, "c" * 40):
                assert await store.touching("team/shop", commits=[sha]) == [two]
            assert await store.touching("team/shop", pulls=[8], commits=["a" * 40]) == [one, two]
            assert await store.touching("team/blog", pulls=[7]) == [other]
            assert await store.touching("team/shop", pulls=[9]) == []
            assert await store.touching("team/shop") == []

    async def test_endings_of_all_repositories_are_read_oldest_first(
        self, stores: StoreFactory
    ) -> None:
        hot = replace(values.finding(), evidence="a slow endpoint")
        seen = {"tests": {"verdict": "passed"}, "claimed": 0.9}
        await keep(
            stores,
            improvement("1", state=State.KEPT, updated_at=later(3), evidence=seen),
            improvement("2", state=State.ABANDONED, updated_at=later(2), finding=hot),
            improvement("3", state=State.REVERTED, updated_at=later(4), repository="team/blog"),
            improvement("4", state=State.OPEN, updated_at=later(5)),
            improvement("5", state=State.REJECTED, updated_at=later(5)),
            improvement("6", state=State.REVERTING, updated_at=later(5)),
        )
        async with stores() as store:
            found = await store.endings(10)
            assert await store.endings(2) == found[1:]
            assert await store.endings(0) == []
        assert [(one.kept, one.case.repository) for one in found] == [
            (False, "team/shop"),
            (True, "team/shop"),
            (False, "team/blog"),
        ]
        assert [one.case.hot for one in found] == [True, False, False]
        assert found[1].case == Case("team/shop", "slow-rule", "rules", seen)

    async def test_a_renamed_repository_keeps_its_improvements(self, stores: StoreFactory) -> None:
        other = improvement("2", repository="team/blog")
        await keep(stores, improvement("1"), other)
        async with stores() as store:
            await store.rename("team/shop", "team/store")
            await store.commit()
        async with stores() as store:
            assert [one.id for one in await store.improvements("team/store")] == ["1"]
            assert await store.improvements("team/shop") == []
            assert await store.improvements("team/blog") == [other]


class TestStaleness:
    async def test_a_moved_value_replaces_what_it_was_moved_from(
        self, stores: StoreFactory
    ) -> None:
        await keep(stores, improvement())
        moved = (await read(stores)).move(State.PROPOSED, "a patch", later(1), confidence=0.8)
        await keep(stores, moved)
        assert await read(stores) == moved

    async def test_steps_may_be_skipped_and_saved_one_by_one(self, stores: StoreFactory) -> None:
        first = improvement()
        await keep(stores, first)
        third = first.move(State.PROPOSED, "", later(1)).move(State.OPEN, "", later(2))
        await keep(stores, third)
        await keep(stores, third.stay("waiting", later(3)))
        assert (await read(stores)).reason == "waiting"

    async def test_saving_the_same_again_is_fine(self, stores: StoreFactory) -> None:
        await keep(stores, improvement(), improvement())
        await keep(stores, replace(await read(stores), confidence=0.9))
        assert (await read(stores)).confidence == 0.9

    async def test_the_second_of_two_workers_is_refused(self, stores: StoreFactory) -> None:
        await keep(stores, improvement(state=State.OPEN))
        mine, theirs = await read(stores), await read(stores)
        await keep(stores, theirs.move(State.MERGED, "merged", later(1)))
        async with stores() as store:
            with pytest.raises(StaleError, match="i1"):
                await store.save(mine.move(State.MERGED, "merged", later(2)))
        assert (await read(stores)).updated_at == later(1)

    async def test_reading_again_does_not_make_an_old_value_fresh(
        self, stores: StoreFactory
    ) -> None:
        await keep(stores, improvement(state=State.OPEN))
        mine = await read(stores)
        await keep(stores, mine.move(State.MERGED, "merged", later(1)))
        async with stores() as store:
            await store.improvement("i1")
            with pytest.raises(StaleError):
                await store.save(mine.move(State.ABANDONED, "too late", later(2)))

    async def test_a_value_made_anew_does_not_replace_the_stored_one(
        self, stores: StoreFactory
    ) -> None:
        await keep(stores, improvement(state=State.KEPT))
        async with stores() as store:
            with pytest.raises(StaleError):
                await store.save(improvement(updated_at=later(1)))


class TestTransactions:
    async def test_without_commit_nothing_is_kept(self, stores: StoreFactory) -> None:
        async with stores() as store:
            await store.save(improvement())
            await store.record(event())
            await store.add_feedback(rating())
            await store.add_windows("team/shop", [window()])
        async with stores() as store:
            assert await store.improvements() == []
            assert await store.events() == []
            assert await store.feedback() == []
            assert await store.windows("team/shop", later(0), later(60)) == []

    async def test_an_error_keeps_nothing(self, stores: StoreFactory) -> None:
        async def fail() -> None:
            async with stores() as store:
                await store.save(improvement())
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        async with stores() as store:
            assert await store.improvements() == []

    async def test_commit_keeps_what_was_before_it(self, stores: StoreFactory) -> None:
        async with stores() as store:
            await store.record(event("kept"))
            await store.commit()
            await store.record(event("lost"))
        async with stores() as store:
            assert [found.subject for found in await store.events()] == ["kept"]

    async def test_a_store_sees_its_own_changes_and_others_do_not(
        self, stores: StoreFactory
    ) -> None:
        async with stores() as writer, stores() as reader:
            await writer.save(improvement())
            assert await writer.improvement("i1") is not None
            assert await reader.improvement("i1") is None
            await writer.commit()
            assert await reader.improvement("i1") is not None

    async def test_reading_does_not_hold_up_writing(self, stores: StoreFactory) -> None:
        async with stores() as reader, stores() as writer:
            await reader.improvements()
            await writer.save(improvement())
            await writer.commit()
            await reader.record(event())
            await reader.commit()
        async with stores() as store:
            assert len(await store.events()) == len(await store.improvements()) == 1


class TestEvents:
    @shared
    @given(value=values.events)
    async def test_any_comes_back_as_it_was(
        self, stores: StoreFactory, value: LearningEvent
    ) -> None:
        async with stores() as store:
            await store.record(value)
            assert await store.events(value.subject) == [value]

    async def test_they_come_oldest_first_and_by_subject(self, stores: StoreFactory) -> None:
        recorded = [event("b", 2), event("a", 1), event("a", 0), event("a", 1, reason="second")]
        async with stores() as store:
            for one in recorded:
                await store.record(one)
            assert [found.at for found in await store.events()] == [
                later(minutes) for minutes in (0, 1, 1, 2)
            ]
            assert await store.events("a") == [recorded[2], recorded[1], recorded[3]]
            assert await store.events("nobody") == []

    async def test_a_limit_leaves_the_latest(self, stores: StoreFactory) -> None:
        async with stores() as store:
            for minutes in range(4):
                await store.record(event(minutes=minutes))
            assert [found.at for found in await store.events(limit=2)] == [later(2), later(3)]
            assert await store.events(limit=0) == []

    async def test_a_history_longer_than_the_limit_is_kept(self, stores: StoreFactory) -> None:
        async with stores() as store:
            for number in range(2_000):
                await store.record(event(minutes=number))
            await store.commit()
            assert len(await store.events("i1")) == 1000
            assert len(await store.events("i1", limit=20_000)) == 2_000

    async def test_what_happened_in_a_repository_is_found_by_type_and_time(
        self, stores: StoreFactory
    ) -> None:
        await keep(stores, improvement("1"), improvement("2", repository="team/blog"))
        about = about_repository("team/shop")
        mine = [event("1", 1, event_type="x"), event(about, 2, event_type="y")]
        others = [event("2", 1, event_type="x"), event("1", 1, event_type="z")]
        async with stores() as store:
            for each in (*others, *mine, event("1", 0, event_type="x")):
                await store.record(each)
            assert await store.happened("team/shop", ["x", "y"], later(1)) == mine
            assert await store.happened("team/shop", ["y"], later(1)) == mine[1:]
            assert await store.happened("team/shop", [], later(0)) == []
            assert await store.happened("team/none", ["x", "y"], later(0)) == []

    @pytest.mark.parametrize("impact", [-0.01, 1.01, float("nan")])
    async def test_an_impact_that_is_no_share_is_refused(
        self, stores: StoreFactory, impact: float
    ) -> None:
        async with stores() as store:
            with pytest.raises(ValueError, match="impact_score"):
                await store.record(event(impact_score=impact))


class TestFeedback:
    @shared
    @given(value=values.ratings)
    async def test_any_comes_back_as_it_was(self, stores: StoreFactory, value: Feedback) -> None:
        async with stores() as store:
            await store.add_feedback(value)
            assert await store.feedback(value.user_id) == [value]

    @pytest.mark.parametrize("kind", FeedbackType)
    async def test_every_kind_can_be_kept(self, stores: StoreFactory, kind: FeedbackType) -> None:
        async with stores() as store:
            await store.add_feedback(rating(feedback_type=kind))
            assert (await store.feedback())[0].feedback_type is kind

    async def test_it_is_chosen_by_user_and_task_oldest_first(self, stores: StoreFactory) -> None:
        one, two = rating("u1", 3), rating("u1", 2, task_type="code_generation")
        three = rating("u2", 1)
        async with stores() as store:
            for each in (one, two, three):
                await store.add_feedback(each)
            assert await store.feedback() == [three, two, one]
            assert await store.feedback("u1") == [two, one]
            assert await store.feedback(task_type="conversation") == [three, one]
            assert await store.feedback("u1", "conversation") == [one]
            assert await store.feedback("u3") == []


class TestWindows:
    @shared
    @given(value=values.windows)
    async def test_any_comes_back_as_it_was(self, stores: StoreFactory, value: Window) -> None:
        async with stores() as store:
            await store.add_windows("team/shop", [value])
            until = value.start + timedelta(microseconds=1)
            assert await store.windows("team/shop", value.start, until) == [value]

    async def test_what_comes_is_added_to_what_is_there(self, stores: StoreFactory) -> None:
        async with stores() as store:
            await store.add_windows("team/shop", [window(0, 1.0), window(1, 1.0)])
            await store.commit()
            await store.add_windows("team/shop", [window(0, 2.0), window(0, 3.0)])
            await store.commit()
            found = await store.windows("team/shop", later(0), later(60))
        assert found == [joined([window(0, n) for n in (1.0, 2.0, 3.0)]), window(1, 1.0)]

    async def test_of_one_type_alone(self, stores: StoreFactory) -> None:
        async with stores() as store:
            await store.add_windows("team/shop", [window()])
            span = later(-10), later(10)
            mine = await store.windows("team/shop", *span, kind=window().metric_type)
            assert mine == [window()]
            assert await store.windows("team/shop", *span, kind=MetricType.COST) == []

    @pytest.mark.parametrize("span", [HOUR, DAY])
    async def test_hours_and_days_are_what_their_windows_make(
        self, stores: StoreFactory, span: timedelta
    ) -> None:
        parts = [window(n, float(n + 1)) for n in (0, 5, 12, 300)]
        async with stores() as store:
            for part in (parts[2], parts[0], parts[3], parts[1]):
                await store.add_windows("team/shop", [part])
            until = later(10_000)
            found = await store.windows("team/shop", later(-10_000), until, span)
            assert found == gathered(parts, span)
            assert len(await store.windows("team/shop", later(-10_000), until)) == 4

    async def test_two_at_once_are_both_counted(self, stores: StoreFactory) -> None:
        async def add(value: float) -> None:
            async with stores() as store:
                await store.add_windows("team/shop", [window(n, value) for n in range(3)])
                await store.commit()

        await asyncio.gather(*(add(float(n)) for n in range(1, 6)))
        async with stores() as store:
            found = await store.windows("team/shop", later(0), later(60))
        assert [one.count for one in found] == [10, 10, 10]
        assert found[0].total == 2 * (1 + 2 + 3 + 4 + 5)

    @pytest.mark.parametrize(
        "other",
        [
            {"metric_name": "other"},
            {"endpoint": "/other"},
            {"unit": "s"},
            {"metric_type": MetricType.COST},
        ],
    )
    async def test_one_of_another_key_is_another(
        self, stores: StoreFactory, other: dict[str, Any]
    ) -> None:
        async with stores() as store:
            await store.add_windows("team/shop", [window(), window(**other)])
            assert len(await store.windows("team/shop", later(0), later(60))) == 2

    async def test_repositories_are_apart_and_the_end_is_not_within(
        self, stores: StoreFactory
    ) -> None:
        async with stores() as store:
            await store.add_windows("team/shop", [window(n) for n in (2, 0, 1)])
            await store.add_windows("team/blog", [window(0, 9.0)])
            await store.add_windows("team/blog", [])
            assert await store.windows("team/shop", later(0), later(10)) == [window(0), window(1)]
            assert await store.windows("team/blog", later(0), later(10)) == [window(0, 9.0)]

    @pytest.mark.parametrize(
        "changes", [{"count": 0}, {"total": float("inf")}, {"endpoint": "é" * 1001}]
    )
    async def test_an_impossible_one_is_refused(
        self, stores: StoreFactory, changes: dict[str, Any]
    ) -> None:
        async with stores() as store:
            with pytest.raises(ValueError, match=r"samples|finite|key"):
                await store.add_windows("team/shop", [window(**changes)])


class TestMeasurements:
    @shared
    @given(value=values.files)
    async def test_any_comes_back_as_it_was(
        self, stores: StoreFactory, value: IngestedFile
    ) -> None:
        async with stores() as store:
            assert await store.ingest(value)
            assert await store.benchmarks(value.repository) == list(value.results)
            assert await store.profiles(value.repository) == list(value.profiles)

    async def test_the_code_of_endpoints_is_the_latest_that_was_told(
        self, stores: StoreFactory
    ) -> None:
        first: Code = {"code.function.name": "é", "code.line.number": 3}
        second: Code = {"code.lineno": 4}
        async with stores() as store:
            await store.keep_code("team/shop", {"GET /a%": first, "GET /b": first})
            await store.keep_code("team/Shop", {"GET /c": first})
            await store.keep_code("team/shop", {"GET /b": second})
            await store.commit()
        async with stores() as store:
            assert await store.endpoint_code("team/shop") == {"GET /a%": first, "GET /b": second}
            assert await store.endpoint_code("team/sho_") == {}
            with pytest.raises(ValueError, match="can be indexed"):
                await store.keep_code("team/shop", {"x" * 2_001: first})

    async def test_the_same_bytes_are_kept_once_for_each_repository(
        self, stores: StoreFactory
    ) -> None:
        file = ingested(results=(benchmark(),), profiles=(profile(),))
        async with stores() as store:
            assert await store.ingest(file)
            assert not await store.ingest(file)
            await store.commit()
        async with stores() as store:
            assert not await store.ingest(replace(file, name="other.json"))
            assert await store.ingest(replace(file, repository="team/blog"))
            assert await store.benchmarks("team/shop") == [benchmark()]
            assert await store.profiles("team/shop") == [profile()]
            assert await store.benchmarks("team/none") == []

    async def test_what_names_no_moment_is_of_when_it_came(self, stores: StoreFactory) -> None:
        results = (benchmark(at=None), benchmark(2.0, minutes=-1))
        file = ingested(results=results, profiles=(profile(at=None),), received_at=later(5))
        async with stores() as store:
            await store.ingest(file)
            found = await store.benchmarks("team/shop")
            assert [(one.value, one.at) for one in found] == [(2.0, later(-1)), (1.0, later(5))]
            assert (await store.profiles("team/shop"))[0].at == later(5)

    async def test_the_latest_are_found_by_name(self, stores: StoreFactory) -> None:
        results = tuple(benchmark(float(n), minutes=n) for n in range(5))
        other = benchmark(name="other", minutes=9)
        profiles = tuple(profile(n) for n in range(3))
        async with stores() as store:
            await store.ingest(ingested(results=(*results, other), profiles=profiles))
            assert await store.benchmarks("team/shop", "b", limit=2) == list(results[-2:])
            assert await store.benchmarks("team/shop", limit=1) == [other]
            assert await store.benchmarks("team/shop", limit=0) == []
            assert await store.profiles("team/shop", limit=2) == list(profiles[-2:])

    async def test_a_missing_value_keeps_its_reason(self, stores: StoreFactory) -> None:
        async with stores() as store:
            await store.ingest(ingested(results=(benchmark(None),)))
            (found,) = await store.benchmarks("team/shop")
        assert (found.value, found.missing) == (None, "it failed")

    async def test_many_results_of_one_file_are_kept(self, stores: StoreFactory) -> None:
        results = tuple(benchmark(float(n), name=f"b{n}", minutes=n) for n in range(1_201))
        async with stores() as store:
            await store.ingest(ingested(results=results))
            assert await store.benchmarks("team/shop", limit=2_000) == list(results)

    @pytest.mark.parametrize(
        "file",
        [
            ingested(results=(benchmark(float("nan")),)),
            ingested(results=(benchmark(values=(float("inf"),)),)),
            ingested(results=(benchmark(name="x" * 3000),)),
            ingested(profiles=(profile(total=float("inf")),)),
            ingested(repository="x" * 3000),
        ],
    )
    async def test_what_cannot_be_kept_is_refused(
        self, stores: StoreFactory, file: IngestedFile
    ) -> None:
        async with stores() as store:
            with pytest.raises(ValueError, match=r"JSON|finite|key"):
                await store.ingest(file)

    async def test_without_commit_nothing_is_kept(self, stores: StoreFactory) -> None:
        async with stores() as store:
            await store.ingest(ingested(results=(benchmark(),)))
        async with stores() as store:
            assert await store.benchmarks("team/shop") == []
            assert await store.ingest(ingested(results=(benchmark(),)))
