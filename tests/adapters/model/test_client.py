"""Whatever a server sends becomes an answer with its reason, in bounds, without a secret."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.adapters.model import OpenAIModel
from bot.domain.model.conversation import (
    Message,
    Nonsense,
    Proposed,
    Question,
    Role,
    Silence,
)
from bot.domain.model.spending import Tokens
from tests.fakes.model import FakeModel, Reply
from tests.fakes.model.hostile import FUNCTION, GOOD, NONSENSE, SILENCE

KEY = "sk-canary-0123456789abcdef"
OTHER = "a-secret-of-no-known-shape"


def question(text: str = "Make it faster.") -> Question:
    return Question("tiny", (Message(Role.USER, text),), 500)


@asynccontextmanager
async def asking(
    fake: FakeModel, waits: list[float] | None = None, *, seconds: float = 60
) -> AsyncIterator[OpenAIModel]:
    kept: list[float] = [] if waits is None else waits

    async def sleep(seconds: float) -> None:
        kept.append(seconds)

    model = OpenAIModel(
        ("tiny",), KEY, fake.url, secrets=(OTHER,), seconds=seconds, most_bytes=300_000, sleep=sleep
    )
    try:
        yield model
    finally:
        await model.close()


@pytest.mark.parametrize("name", NONSENSE)
async def test_security_25_what_is_no_document_is_refused_by_its_flaw(name: str) -> None:
    reply, flaw = NONSENSE[name]
    with FakeModel(lambda _: reply) as fake:
        async with asking(fake) as model:
            answer = await model.ask(question())
    assert isinstance(answer, Nonsense)
    assert answer.flaw is flaw, answer.why
    assert len(answer.text) <= 4_000


@pytest.mark.parametrize("name", SILENCE)
async def test_security_25_what_is_no_answer_ends_with_its_failure(name: str) -> None:
    reply, failure = SILENCE[name]
    with FakeModel(lambda _: reply) as fake:
        async with asking(fake, seconds=0.5 if reply.hangs else 60) as model:
            answer = await model.ask(question())
    assert isinstance(answer, Silence)
    assert answer.failure is failure, answer.why
    assert len(answer.why) <= 200


@pytest.mark.parametrize("form", ["{}", "```json\n{}\n```", "<think>Hm. {{</think>\n{}"])
async def test_a_document_is_read(form: str) -> None:
    with FakeModel(lambda _: form.replace("{}", GOOD)) as fake:
        async with asking(fake) as model:
            answer = await model.ask(question())
    assert isinstance(answer, Proposed), answer
    assert answer.document.function == FUNCTION
    assert answer.tokens is not None


USAGES = [
    None,
    "much",
    {"prompt_tokens": -1, "completion_tokens": 5},
    {"prompt_tokens": 10**30, "completion_tokens": 5},
    {"prompt_tokens": 7},
    {"prompt_tokens": 7.5, "completion_tokens": 5},
    {"prompt_tokens": 0, "completion_tokens": 0},
]


@pytest.mark.parametrize("usage", USAGES)
async def test_tokens_that_cannot_be_are_none(usage: object) -> None:
    with FakeModel(lambda _: Reply(GOOD, usage=usage)) as fake:
        async with asking(fake) as model:
            answer = await model.ask(question())
    assert isinstance(answer, Proposed)
    assert answer.tokens is None


@pytest.mark.parametrize("forms", [{"json_schema"}, {"json_object"}, set()])
@pytest.mark.parametrize("limits", [{"max_tokens"}, {"max_completion_tokens"}])
async def test_it_finds_out_once_how_a_server_wants_to_be_asked(
    forms: set[str], limits: set[str]
) -> None:
    fake = FakeModel(lambda _: GOOD, understands=frozenset(forms), limits=frozenset(limits))
    with fake:
        async with asking(fake) as model:
            first = await model.ask(question())
            tries = len(fake.refused)
            second = await model.ask(question())
    assert isinstance(first, Proposed)
    assert isinstance(second, Proposed)
    assert len(fake.refused) == tries
    assert {name for name in fake.asked[0].request if name.startswith("max")} == limits


async def test_who_is_busy_is_left_alone_for_as_long_as_it_says_and_not_for_ever() -> None:
    replies = [
        Reply(status=429, headers={"Retry-After": "7"}, raw=b"{}"),
        Reply(status=503, headers={"retry-after-ms": "250"}, raw=b"{}"),
        Reply(GOOD),
    ]
    waits: list[float] = []
    with FakeModel(lambda asked: replies[asked.number]) as fake:
        async with asking(fake, waits) as model:
            assert isinstance(await model.ask(question()), Proposed)
    assert waits == [7.0, 0.25]
    long = Reply(status=429, headers={"Retry-After": "3600"}, raw=b"{}")
    waits.clear()
    with FakeModel(lambda _: long) as fake:
        async with asking(fake, waits) as model:
            answer = await model.ask(question())
        assert len(fake.asked) == 1
    assert isinstance(answer, Silence)
    assert (answer.again_after_seconds, waits) == (3600.0, [])


async def test_what_may_have_cost_something_is_not_tried_again() -> None:
    with FakeModel(lambda _: Reply(status=500, raw=b"")) as fake:
        async with asking(fake) as model:
            answer = await model.ask(question())
        assert len(fake.asked) == 1
    assert isinstance(answer, Silence)
    assert answer.may_cost


async def test_security_24_no_secret_leaves_in_a_message_or_comes_back_in_a_reason() -> None:
    told = Reply(status=500, raw=f"your key {KEY} and {OTHER}".encode())
    with FakeModel(lambda _: told) as fake:
        async with asking(fake) as model:
            answer = await model.ask(question(f"x = '{KEY}'; y = '{OTHER}'; z = \ud800"))
        (asked,) = fake.asked
    assert asked.authorization == f"Bearer {KEY}"
    said = json.dumps(asked.request)
    assert isinstance(answer, Silence)
    assert KEY not in said + answer.why
    assert OTHER not in said + answer.why


async def test_the_server_counts_what_is_accounted() -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 5}
    with FakeModel(lambda _: Reply(GOOD, usage=usage)) as fake:
        async with asking(fake) as model:
            answer = await model.ask(question())
    assert isinstance(answer, Proposed)
    assert answer.tokens == Tokens(11, 5)
