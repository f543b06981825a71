"""Each question to a model is booked before it is asked, and settled with what it has cost."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine
from bot.adapters.database.ledger import SqlLedger
from bot.adapters.model import OpenAIModel
from bot.domain.model.conversation import Message, Nonsense, Proposed, Question, Role, Silence
from bot.domain.model.spending import OverCap, Price, Purpose, Tokens, cost, most_tokens
from bot.domain.policy import ModelPolicy
from bot.learning.asking import Asked, Asker
from bot.ports import ModelAccess, UserError
from tests.fakes.model import Asked as Heard
from tests.fakes.model import FakeModel, Reply
from tests.fakes.model.hostile import GOOD

PRICE = Price(0.25, 2)
QUESTION = Question("tiny", (Message(Role.USER, "Make it faster." * 40),), 500)
MOST = cost(most_tokens((QUESTION.messages[0].text,), 500), PRICE)
HERE = Purpose("team/shop", "one")


@dataclass
class Office:
    """Askers on one server and one database; each engine is as good as a worker."""

    fake: FakeModel
    engines: list[AsyncEngine]
    model: OpenAIModel
    everything: int | None = None
    policy: ModelPolicy = field(default_factory=ModelPolicy)

    def asker(self, purpose: Purpose = HERE, worker: int = 0) -> Asker:
        ledger = SqlLedger(self.engines[worker % len(self.engines)])
        access = ModelAccess(self.model, ledger, {"tiny": PRICE}, self.everything, lambda: "x" * 20)
        return Asker(access, self.policy, purpose)

    @property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self.engines[0])


@asynccontextmanager
async def office(
    url: str, answer: Callable[[Heard], Reply | str], *, workers: int = 1, seconds: float = 60
) -> AsyncIterator[Office]:
    async def at_once(_: float) -> None: ...

    engines = [make_engine(url) for _ in range(workers)]
    with FakeModel(answer) as fake:
        model = OpenAIModel(("tiny",), "sk-" + "k" * 20, fake.url, seconds=seconds, sleep=at_once)
        try:
            yield Office(fake, engines, model)
        finally:
            await model.close()
            for engine in engines:
                await engine.dispose()


async def test_security_28_askers_at_once_book_before_they_ask_and_keep_to_every_cap(
    database_url: str,
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 90}
    paid = cost(Tokens(100, 90), PRICE)
    places = [Purpose(f"team/{n % 2}", f"{n % 4}") for n in range(4)]
    async with office(database_url, lambda _: Reply(GOOD, usage=usage), workers=3) as place:
        # Room for some: each improvement's cap, each repository's and the whole of it are met.
        place.everything = 9 * paid + MOST
        place.policy = ModelPolicy(
            dollars_per_improvement=(3 * paid + MOST) / 1e6,
            dollars_per_day=(5 * paid + MOST) / 1e6,
        )

        async def worker(number: int) -> list[str]:
            caps = []
            for turn in range(5):
                asker = place.asker(places[(number + turn) % 4], number)
                found = await asker.ask(QUESTION)
                caps += [found.cap] if isinstance(found, OverCap) else []
            return caps

        met = {cap for one in await asyncio.gather(*map(worker, range(9))) for cap in one}
        for purpose in places:
            while not isinstance(await place.asker(purpose).ask(QUESTION), OverCap):
                pass
        asked = len(place.fake.asked)
        assert met
        total = 0
        for purpose in places:
            spent = await place.ledger.spent(purpose)
            assert spent.improvement <= 3 * paid + MOST
            assert spent.repository_today <= 5 * paid + MOST
            assert spent.everything_today <= 9 * paid + MOST
            total = spent.everything_today
        # What the ledger says is what the server was asked, to the millionth.
        assert total == asked * paid
        # One after the other all the room there is was used: ten fit below the cap of everything.
        assert asked == 10


async def test_security_28_at_the_moment_of_asking_the_most_it_can_cost_is_booked(
    sqlite_url: str,
) -> None:
    seen = []

    def looks(_: Heard) -> str:
        with closing(sqlite3.connect(sqlite_url.partition(":///")[2])) as database:
            seen.append(database.execute("SELECT amount, outcome FROM model_call").fetchall())
        return GOOD

    async with office(sqlite_url, looks) as place:
        found = await place.asker().ask(QUESTION)
        assert isinstance(found, Asked)
        assert seen == [[(MOST, "reserved")]]
        assert (await place.ledger.spent(HERE)).improvement == found.cost < MOST


CHARGED = {
    "no answer in time": (Reply(hangs=True), MOST),
    "cut off": (Reply(GOOD, cut=True), MOST),
    "not counted": (Reply(GOOD, usage=None), MOST),
    "counted as none": (Reply(GOOD, usage={"prompt_tokens": 0, "completion_tokens": 0}), MOST),
    "an error of the server": (Reply(status=500, raw=b""), MOST),
    "not let in": (Reply(status=401, raw=b""), 0),
    "busy": (Reply(status=429, raw=b"{}"), 0),
}


@pytest.mark.parametrize("name", CHARGED)
async def test_security_28_what_may_have_cost_something_is_charged_in_full(
    name: str, sqlite_url: str
) -> None:
    reply, charged = CHARGED[name]
    seconds = 0.5 if reply.hangs else 60
    async with office(sqlite_url, lambda _: reply, seconds=seconds) as place:
        found = await place.asker().ask(QUESTION)
        assert isinstance(found, Asked)
        assert isinstance(found.answer, Silence | Proposed)
        assert found.cost == charged
        assert (await place.ledger.spent(HERE)).improvement == charged


async def test_security_28_a_server_that_counts_more_than_there_can_be_ends_the_day(
    sqlite_url: str,
) -> None:
    usage = {"prompt_tokens": 10**9, "completion_tokens": 10**9}
    async with office(sqlite_url, lambda _: Reply(GOOD, usage=usage)) as place:
        assert isinstance(await place.asker().ask(QUESTION), Asked)
        second = await place.asker(Purpose("team/shop", "another")).ask(QUESTION)
        assert isinstance(second, OverCap)
        assert second.cap == "model.dollars_per_day"
        assert len(place.fake.asked) == 1


async def test_security_28_without_a_ledger_no_model_is_asked(empty_sqlite_url: str) -> None:
    async with office(empty_sqlite_url, lambda _: GOOD) as place:
        with pytest.raises(UserError):
            await place.asker().ask(QUESTION)
        assert place.fake.asked == []


async def test_an_answer_that_is_no_document_is_asked_for_once_more_and_both_are_paid(
    sqlite_url: str,
) -> None:
    async with office(sqlite_url, lambda one: GOOD if one.number else "Sure!") as place:
        found = await place.asker().ask(QUESTION)
        assert isinstance(found, Asked)
        assert isinstance(found.answer, Proposed)
        assert found.calls == len(place.fake.asked) == 2
        assert "not-json" in place.fake.asked[1].last
        assert (await place.ledger.spent(HERE)).improvement == found.cost


@pytest.mark.parametrize("again", ["Sure!", ""])
async def test_it_is_mended_once_and_then_refused(again: str, sqlite_url: str) -> None:
    async with office(sqlite_url, lambda _: again) as place:
        found = await place.asker().ask(QUESTION)
        assert isinstance(found, Asked)
        assert isinstance(found.answer, Nonsense)
        assert len(place.fake.asked) == 2


async def test_where_there_is_no_room_to_mend_it_the_first_answer_stands(sqlite_url: str) -> None:
    async with office(sqlite_url, lambda _: Reply("Sure!", usage=None)) as place:
        place.policy = ModelPolicy(dollars_per_improvement=1.5 * MOST / 1e6)
        found = await place.asker().ask(QUESTION)
        assert isinstance(found, Asked)
        assert isinstance(found.answer, Nonsense)
        assert (found.cost, len(place.fake.asked)) == (MOST, 1)


async def test_only_models_of_the_operator_that_the_repository_names_are_asked(
    sqlite_url: str,
) -> None:
    async with office(sqlite_url, lambda _: GOOD) as place:
        assert place.asker().models == ("tiny",)
        place.policy = ModelPolicy(names=("huge", "tiny"))
        assert place.asker().models == ("tiny",)
        place.policy = ModelPolicy(names=("huge",))
        assert place.asker().models == ()
