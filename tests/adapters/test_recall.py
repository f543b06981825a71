"""One suite for the adapter and the fake, on the records in memory."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.recall import FtsMemory, rank
from bot.domain.improvement import Improvement, State
from bot.domain.patch import FileChange, Patch
from bot.domain.recall import Query
from bot.ports import Memory, StoreFactory
from tests.adapters.database import values
from tests.fakes.memory import FakeMemory
from tests.fakes.store import fake_stores

TOTAL = "def total(rows):\n    result = 0\n    for row in rows:\n        result += row.price\n"
SPLIT = "def split(text, by=','):\n    return [part.strip() for part in text.split(by) if part]\n"
GREET = "def greet(name):\n    print(f'hello {name}')\n    return {'name': name, 'seen': True}\n"


def ended(id: str, code: str, **changes: Any) -> Improvement:
    finding = replace(
        values.finding(), id=id, function=code.split("(", maxsplit=1)[0].removeprefix("def ")
    )
    patch = Patch((FileChange("shop/prices.py", f"import os\n\n\n{code}", code),))
    known: dict[str, Any] = {"state": State.REVERTED, "finding": finding, "patch": patch}
    return values.improvement(id, **(known | changes))


@pytest.fixture(params=[FtsMemory, FakeMemory])
def make(request: pytest.FixtureRequest) -> Callable[[StoreFactory], Memory]:
    made: Callable[[StoreFactory], Memory] = request.param
    return made


async def stores_with(*kept: Improvement) -> StoreFactory:
    stores = fake_stores()
    async with stores() as store:
        for one in kept:
            await store.save(one)
        await store.commit()
    return stores


class TestMemory:
    async def test_the_same_code_under_other_names_is_recalled_first(
        self, make: Callable[[StoreFactory], Memory]
    ) -> None:
        memory = make(await stores_with(ended("1", SPLIT), ended("2", TOTAL), ended("3", GREET)))
        asked = TOTAL.replace("result", "amount").replace("row", "line").replace("    ", "  ")
        found = await memory.recall(Query("team/shop", asked.replace("total", "sum_up")), 2)
        assert found[0].outcome.id == "2"
        assert found[0].likeness == 1.0
        assert found[0].outcome.before == TOTAL.strip()
        assert len(found) <= 2

    async def test_words_find_what_has_no_code_in_common(
        self, make: Callable[[StoreFactory], Memory]
    ) -> None:
        memory = make(await stores_with(ended("1", SPLIT), ended("2", GREET)))
        found = await memory.recall(Query("team/shop", "", "the greeting: def greet"), 1)
        assert [one.outcome.id for one in found] == ["2"]

    async def test_others_repositories_and_what_has_not_ended_are_not_recalled(
        self, make: Callable[[StoreFactory], Memory]
    ) -> None:
        memory = make(
            await stores_with(
                ended("1", TOTAL, repository="team/blog"),
                ended("2", TOTAL, state=State.OPEN),
                ended("3", TOTAL, patch=None),
            )
        )
        for repository in ("team/shop", "", "team"):
            assert list(await memory.recall(Query(repository, TOTAL, "total"))) == []

    async def test_no_question_recalls_nothing(
        self, make: Callable[[StoreFactory], Memory]
    ) -> None:
        memory = make(await stores_with(ended("1", TOTAL)))
        assert list(await memory.recall(Query("team/shop", "", " ?! "))) == []
        assert list(await memory.recall(Query("team/shop", TOTAL), 0)) == []


@given(st.text(), st.text(), st.integers(0, 3))
def test_any_text_is_asked_without_being_a_command(text: str, code: str, k: int) -> None:
    documents = [(text, code), ("x OR y NEAR(z)", TOTAL)]
    assert set(rank(documents, (text, code), k)) <= {0, 1}
    rank(documents, ('" OR * -', "words : NOT"), k)
