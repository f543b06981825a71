"""Whom the router chooses is asked first; whoever does not answer makes room for the next."""

from collections.abc import Sequence

import pytest

from bot.domain.improvement import State
from bot.domain.policy import Search
from bot.domain.signals import IMPROVING
from bot.learning import PreferenceTracker
from tests.fakes.model import Asked, FakeModel, Reply
from tests.fakes.model.hostile import GOOD
from tests.security.test_models import Asking, asking

MODELS = ("first", "second")


def asked(fake: FakeModel) -> Sequence[str]:
    return [one.model for one in fake.asked]


async def learned(place: Asking, model: str, signal: str) -> None:
    tracker = PreferenceTracker(None, ports=place.ports)
    for number in range(30):
        await tracker.track_outcome(
            repository=place.host.name,
            improvement_id=f"{model}-{number}",
            signal=signal,
            model=f"model:{model}",
            task=IMPROVING,
        )


async def test_the_model_whose_work_was_kept_is_asked_and_it_is_said_why(sqlite_url: str) -> None:
    async with asking(sqlite_url, lambda _: GOOD, models=MODELS) as (place, fake):
        await learned(place, "first", "closed")
        await learned(place, "second", "merged_unchanged")
        # Nothing is tried out on what may merge by itself, so that it is always the better one.
        place.allow(landing={"automatic": True})
        found = await place.improve()
        assert found.state is State.OPEN
        assert asked(fake) == ["second"]
        assert found.engine == "model:second"
        assert found.evidence["model"]["routed"].startswith("model:second: ")


@pytest.mark.parametrize("search", list(Search))
async def test_another_is_asked_where_one_does_not_answer(search: Search, sqlite_url: str) -> None:
    def answer(one: Asked) -> Reply | str:
        return Reply(status=401) if one.model == "first" else GOOD

    async with asking(sqlite_url, answer, models=MODELS) as (place, fake):
        await learned(place, "first", "merged_unchanged")
        await learned(place, "second", "closed")
        place.allow(model={"search": search})
        place.allow(landing={"automatic": True})
        found = await place.improve()
        assert found.state is State.OPEN
        assert (asked(fake)[0], asked(fake)[-1]) == ("first", "second")
        assert found.engine == "model:second"
        assert found.evidence["model"]["unheard"].keys() == {"first"}


async def test_where_none_answers_a_person_is_told(sqlite_url: str) -> None:
    async with asking(sqlite_url, lambda _: Reply(status=401), models=MODELS) as (place, _):
        found = await place.improve()
        assert found.state is State.HELD
        assert found.reason.startswith("no model answers (")
        assert found.evidence["model"]["unheard"].keys() == set(MODELS)


async def test_an_experiment_says_how_it_is_asked_and_the_record_in_which_arm(
    sqlite_url: str,
) -> None:
    async with asking(sqlite_url, lambda _: GOOD, models=MODELS) as (place, fake):
        place.allow(
            experiment={"name": "who", "first": "names=first", "second": "names=second"},
            landing={"automatic": False},
        )
        found = await place.improve()
        record = found.evidence["model"]["experiment"]
        assert record["arm"] in ("names=first", "names=second")
        assert set(asked(fake)) == {record["arm"].removeprefix("names=")}
