"""A person pauses a repository at the dashboard: nothing more happens there until it is resumed."""

from datetime import timedelta
from pathlib import Path

from bot.adapters.database import make_engine
from bot.adapters.database.memos import SqlMemos
from bot.domain.improvement import State
from bot.domain.model.spending import caps_memo
from bot.domain.viewing import Viewer
from bot.entrypoints.web.dashboard.acts import Whole, set_whole
from tests.story.town import REPO, town

ADA = Viewer("ada", "ada")


async def test_security_21_a_pause_stops_what_is_under_way(tmp_path: Path, sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    async with town(tmp_path, sqlite_url) as place:
        # CI is silent, so that the pull request stays open for a while.
        check, place.production.slower = place.production.check, 1.0
        place.production.check = bool  # type: ignore[method-assign]
        place.outside += [place.agree, place.production.deploy]

        async def is_open() -> bool:
            return [one.state for one in await place.improvements()] == [State.OPEN]

        async def is_over() -> bool:
            return [one.state for one in await place.improvements()] == [State.KEPT]

        await place.run(is_open, at_most=timedelta(hours=1))
        await set_whole(engine, ADA, Whole.PAUSE, REPO, place.clock.now())
        place.outside.append(check)
        before = len(place.fake.effect_log)
        await place.run_for(timedelta(minutes=5))
        by_us = [one for one in place.fake.effect_log[before:] if one.by == place.fake.bot]
        assert by_us == []
        assert await is_open()
        await set_whole(engine, ADA, Whole.RESUME, REPO, place.clock.now())
        await place.run(is_over, at_most=timedelta(hours=1))
        # What the policy allows is there for the page of spending.
        id = place.fake.repository(REPO).id
        assert (await SqlMemos(engine).read(caps_memo(id)))["dollars_per_day"] == 5.0
    await engine.dispose()
