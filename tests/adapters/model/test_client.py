"""Whatever a server sends becomes an answer with its reason, in bounds, without a secret."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.adapters.model import OpenAIModel
from bot.domain.model.conversation import (
    Failure,
    Flaw,
    Message,
    Nonsense,
    Proposed,
    Question,
    Role,
    Silence,
)
from bot.domain.model.spending import Tokens
from tests.fakes.model import FakeModel, Reply, document

KEY = "sk-canary-0123456789abcdef"
OTHER = "a-secret-of-no-known-shape"
GOOD = document("def distinct(rows):\n    return rows\n")
WHOLE = json.loads(GOOD)


def question(text: str = "Make it faster.") -> Question:
    return Question("tiny", (Message(Role.USER, text),), 500)


@asynccontextmanager
async def asking(fake: FakeModel, waits: list[float] | None = None) -> AsyncIterator[OpenAIModel]:
    kept: list[float] = [] if waits is None else waits

    async def sleep(seconds: float) -> None:
        kept.append(seconds)

    model = OpenAIModel(
        ("tiny",), KEY, fake.url, secrets=(OTHER,), seconds=2, most_bytes=300_000, sleep=sleep
    )
    try:
        yield model
    finally:
        await model.close()


def without(name: str) -> str:
    return json.dumps({key: value for key, value in WHOLE.items() if key != name})


NONSENSE: dict[str, tuple[Reply, Flaw]] = {
    "nothing": (Reply(""), Flaw.EMPTY),
    "null": (Reply(None), Flaw.EMPTY),
    "white space": (Reply(" \n\t"), Flaw.EMPTY),
    "prose": (Reply("Sure! Here is the faster code."), Flaw.NO_JSON),
    "half": (Reply(GOOD[: len(GOOD) // 2]), Flaw.NO_JSON),
    "two objects": (Reply(GOOD + GOOD), Flaw.NO_JSON),
    "prose around": (Reply(f"Here: {GOOD}"), Flaw.NO_JSON),
    "a lone surrogate": (Reply(GOOD.replace("It is", "\\ud800")), Flaw.NO_JSON),
    "NaN": (Reply(GOOD.replace("0.9", "NaN")), Flaw.WRONG_FORM),
    "deep": (Reply("[" * 100_000), Flaw.TOO_DEEP),
    "deep inside": (Reply('{"file":' * 10_000), Flaw.TOO_DEEP),
    "a list": (Reply(f"[{GOOD}]"), Flaw.WRONG_FORM),
    "a number": (Reply("7"), Flaw.WRONG_FORM),
    "a key more": (Reply(document("", command="rm -rf /")), Flaw.WRONG_FORM),
    "tools in it": (Reply(document("", tool_calls=[])), Flaw.WRONG_FORM),
    "a path more": (Reply(document("", path="tests/x.py")), Flaw.WRONG_FORM),
    "too sure": (Reply(document("", confidence=7)), Flaw.WRONG_FORM),
    "words for a number": (Reply(document("", confidence="high")), Flaw.WRONG_FORM),
    "a list for a text": (Reply(json.dumps({**WHOLE, "file": ["a"]})), Flaw.WRONG_FORM),
    "null for a text": (Reply(json.dumps({**WHOLE, "why": None})), Flaw.WRONG_FORM),
    "huge": (Reply(document("x" * 200_001)), Flaw.WRONG_FORM),
    **{f"no {name}": (Reply(without(name)), Flaw.WRONG_FORM) for name in WHOLE},
    "cut off": (Reply(GOOD[:40], finish="length"), Flaw.CUT_OFF),
    "refusal": (Reply(None, refusal="I cannot."), Flaw.DECLINED),
    "filter": (Reply("", finish="content_filter"), Flaw.DECLINED),
    "a tool": (Reply(GOOD, tool_calls=[{"function": {"name": "shell"}}]), Flaw.COMMAND),
}
SILENCE: dict[str, tuple[Reply, Failure]] = {
    "no JSON": (Reply(raw=b"<html>proxy</html>"), Failure.NOT_A_CHAT),
    "no UTF-8": (Reply(raw=b'{"choices": "\xff\xfe"}'), Failure.NOT_A_CHAT),
    "no choice": (Reply(raw=b'{"choices": []}'), Failure.NOT_A_CHAT),
    "deep body": (Reply(raw=b'{"choices":' * 20_000), Failure.NOT_A_CHAT),
    "empty body": (Reply(raw=b""), Failure.NOT_A_CHAT),
    "cut": (Reply(GOOD, cut=True), Failure.UNREACHABLE),
    "endless": (Reply(raw=b"{", endless=True), Failure.TOO_LARGE),
    "large": (Reply("x" * 400_000), Failure.TOO_LARGE),
    "endless error": (Reply(status=500, raw=b"", endless=True), Failure.TOO_LARGE),
    "packed": (Reply(GOOD, headers={"Content-Encoding": "gzip"}), Failure.UNREACHABLE),
    "hangs": (Reply(hangs=True), Failure.TIMED_OUT),
    "401": (Reply(status=401, raw=b"{}"), Failure.NOT_LET_IN),
    "403": (Reply(status=403, raw=b"{}"), Failure.NOT_LET_IN),
    "404": (Reply(status=404, raw=b"{}"), Failure.NO_SUCH_MODEL),
    "400": (Reply(status=400, raw=b"{}"), Failure.NOT_UNDERSTOOD),
    "429": (Reply(status=429, raw=b"{}"), Failure.BUSY),
    "500": (Reply(status=500, raw=b"\x00\xff"), Failure.SERVER_ERROR),
    "502": (Reply(status=502, raw=b"<html>"), Failure.SERVER_ERROR),
    "503": (Reply(status=503, raw=b""), Failure.BUSY),
    "redirect": (
        Reply(status=307, headers={"Location": "http://127.0.0.1:9/v1"}, raw=b""),
        Failure.SERVER_ERROR,
    ),
}


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
        async with asking(fake) as model:
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
    assert answer.document.function == "distinct"
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
