"""Whatever a model on a socket answers: what may be refused is never run, stored or pushed.

The sandbox finds everything right and twice as fast, so that nothing but the gate stands between
an answer and a pull request.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from bot.adapters.database import make_engine
from bot.adapters.database.ledger import SqlLedger
from bot.adapters.formatting import lay_out
from bot.adapters.model import OpenAIModel
from bot.domain.equivalence import Observation, Recording, Replayed
from bot.domain.finding import Finding, Severity, fingerprint
from bot.domain.improvement import Improvement, State, improvement_id
from bot.domain.model.finding import MODEL_RULE
from bot.domain.model.spending import Price
from bot.domain.outcomes import RunEnd, TestOutcome, TestRun
from bot.domain.policy import Engine, Search
from bot.domain.tree import Tree
from bot.ports import Formatting, ModelAccess, Ports, SandboxSettings, Workspace
from tests.domain.gate.hacks import HACKS, HONEST, Hack
from tests.fakes.code_host import FakeCodeHost, FakePull
from tests.fakes.model import Asked, FakeModel, Reply
from tests.fakes.model.hostile import (
    ANSWERS,
    CONTROLS,
    FAST,
    FILE,
    FUNCTION,
    SOURCE,
    as_document,
    proposal,
)
from tests.fakes.model.injections import INJECTIONS
from tests.workflows.world import ScriptedSandbox, Workbench, World

KEY = "sk-" + "k" * 20
MARK = "0123456789abcdef0123"
UNREAD = "what-no-model-reads"
UNSAYABLE = {"a linter is silenced", "another function", "another function is gone"}
"""What stands outside of the function and of definitions: a document has no place for it."""
SAYABLE = [one for one in HACKS if one.name not in UNSAYABLE]
SPLICED = ("syntax", "not-one-function", "work-at-import", "too-large")
"""Rules of the splice, which comes before the gate."""
REFUSED = (State.REJECTED, State.HELD)


class Gullible(ScriptedSandbox):
    """Finds all trees alike, and each later one twice as fast; keeps what it has opened."""

    def __init__(self) -> None:
        super().__init__()
        self.trees: list[Tree] = []

    @asynccontextmanager
    async def open(self, tree: Tree, settings: SandboxSettings) -> AsyncIterator[Workspace]:
        self.trees.append(tree)
        async with super().open(tree, settings) as workspace:
            yield workspace


@dataclass
class Asking(World):
    """A world in which a model on a socket writes one function's improvement."""

    model: ModelAccess | None = None
    file: str = FILE
    source: str = SOURCE
    function: str = FUNCTION
    others: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sandbox = Gullible()
        self.host = FakeCodeHost({self.file: self.source, **self.others}, clock=self.clock)  # type: ignore[assignment]
        self.allow(model={"engine": Engine.MODEL, "search": Search.BEST_OF_N, "calls": 1})

    @property
    def ports(self) -> Ports:
        return replace(super().ports, model=self.model, lay_out=lay_out)

    async def improve(self) -> Improvement:
        """Ask about the function until its pull request is open, or it is given up."""
        id = fingerprint(MODEL_RULE, self.file, self.function, self.source)
        finding = Finding(
            id, MODEL_RULE, self.file, 1, 2, self.function, Severity.MEDIUM, "it takes time"
        )
        now = self.clock.now()
        found = Improvement(
            id=improvement_id(self.host.name, finding),
            repository=self.host.name,
            finding=finding,
            state=State.FOUND,
            reason="found",
            base_sha=self.host.branches["main"],
            created_at=now,
            updated_at=now,
            engine="model",
            look_again_at=now,
        )
        async with self.stores() as store:
            await store.save(found)
            await store.commit()
        return await self.run(frozenset({State.OPEN, *REFUSED}))

    def trees_run(self) -> list[Tree]:
        """What was opened in the sandbox beside the base."""
        assert isinstance(self.sandbox, Gullible)
        return [one for one in self.sandbox.trees if one.text(self.file) != self.source]

    def pushed(self, pull: FakePull) -> dict[str, str]:
        """The files that a pull request changes."""
        base = self.host.commits[self.host.branches["main"]].files
        tree = Tree("", self.host.commits[pull.head_sha].files)
        return {one.path: one.data.decode() for one in tree if base.get(one.path) != one}


Answering = Callable[[Asked], Reply | str]


@asynccontextmanager
async def asking(
    url: str,
    answer: Answering,
    *,
    seconds: float = 60,
    models: tuple[str, ...] = ("tiny",),
    **more: Any,
) -> AsyncIterator[tuple[Asking, FakeModel]]:
    engine = make_engine(url)

    async def at_once(_: float) -> None: ...

    with FakeModel(answer) as fake:
        model = OpenAIModel(
            models,
            "sk-" + "k" * 20,
            fake.url,
            seconds=seconds,
            most_bytes=300_000,
            sleep=at_once,
        )
        prices = dict.fromkeys(models, Price(0.25, 2))
        access = ModelAccess(model, SqlLedger(engine), prices, 10**9, lambda: MARK)
        try:
            yield Asking(model=access, **more), fake
        finally:
            await model.close()
            await engine.dispose()


def assert_nothing_came_of_it(place: Asking, found: Improvement) -> None:
    assert found.state in REFUSED, found.reason
    assert place.trees_run() == []
    assert place.host.pulls == {}
    assert list(place.host.branches) == ["main"]
    assert len(place.host.commits) == 1


def test_there_are_enough_of_them() -> None:
    assert len(ANSWERS) >= 60
    assert len(SAYABLE) >= 40
    assert len(INJECTIONS) >= 60


@pytest.mark.parametrize("name", ANSWERS)
async def test_security_24_25_26_no_hostile_answer_is_run_or_pushed(
    name: str, sqlite_url: str
) -> None:
    reply, rule = ANSWERS[name]
    seconds = 0.5 if reply.hangs else 60
    async with asking(sqlite_url, lambda _: reply, seconds=seconds) as (place, fake):
        found = await place.improve()
        assert_nothing_came_of_it(place, found)
        assert f"{rule}:" in found.reason
        assert fake.asked


@pytest.mark.parametrize("hack", SAYABLE, ids=lambda hack: hack.name)
async def test_security_25_no_reward_hack_is_run_or_pushed(hack: Hack, sqlite_url: str) -> None:
    answer = as_document(hack.before, hack.after)
    more: Any = {"file": "m.py", "function": "f", "source": hack.before}
    async with asking(sqlite_url, lambda _: answer, **more) as (place, _):
        found = await place.improve()
        assert_nothing_came_of_it(place, found)
        assert any(f"{rule}:" in found.reason for rule in (hack.rule, *SPLICED)), found.reason


@pytest.mark.parametrize("name", CONTROLS)
async def test_security_25_each_control_is_proposed(name: str, sqlite_url: str) -> None:
    async with asking(sqlite_url, lambda _: CONTROLS[name]) as (place, _):
        found = await place.improve()
        assert found.state is State.OPEN, found.reason
        (pull,) = place.host.pulls.values()
        assert "[*{r: 0 for r in rows}]" in place.pushed(pull)[FILE]


REWRITES = {name: pair for name, *pair in HONEST if name != "nothing at all"}


@pytest.mark.parametrize("name", REWRITES)
async def test_security_25_each_honest_rewrite_is_proposed(name: str, sqlite_url: str) -> None:
    before, after = REWRITES[name]
    more: Any = {"file": "m.py", "function": "f", "source": before}
    async with asking(sqlite_url, lambda _: as_document(before, after), **more) as (place, _):
        found = await place.improve()
        assert found.state is State.OPEN, found.reason


def sampled(names: Iterable[str], each: int) -> list[ParameterSet]:
    """All of them, of which every so-manieth is tried in each run and the others with the soak."""
    return [
        pytest.param(name, marks=[pytest.mark.soak] if number % each else [])
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("name", sampled(INJECTIONS, 6))
async def test_security_24_whoever_obeys_foreign_text_changes_one_function_or_nothing(
    name: str, sqlite_url: str
) -> None:
    text = INJECTIONS[name].replace("{fence}", MARK[:-1])
    # What says nothing ends the search, and the same text again is a change of this one.
    hostile = [
        one
        for kind, one in ANSWERS.items()
        if not kind.startswith("no answer") and one.rule != "empty-patch"
    ]
    turn = list(INJECTIONS).index(name)

    def obeys(asked: Asked) -> Reply:
        return hostile[(turn * 7 + asked.number) % len(hostile)].reply

    said = text.encode("utf-8", "replace").decode()
    foreign = {"shop/rate.py": f"# {text!r}\n", "AGENTS.md": f"{said} {UNREAD}"}
    source = SOURCE.replace('"""The distinct rows."""', f"# {text!r}")
    async with asking(sqlite_url, obeys, source=source, others=foreign) as (place, fake):
        place.allow(model={"calls": 3})
        found = await place.improve()
        assert_nothing_came_of_it(place, found)
        assert len(fake.asked) >= 3
        system = {asked.messages[0] for asked in fake.asked}
        assert len(system) == 1
        assert text not in system.pop()[1]
        assert not [asked for asked in fake.asked if UNREAD in str(asked.messages)]
    honest = proposal(FAST, why=said)
    async with asking(sqlite_url, lambda _: honest, source=source, others=foreign) as (place, _):
        found = await place.improve()
        for pull in place.host.pulls.values():
            assert list(place.pushed(pull)) == [FILE]


@pytest.mark.parametrize("name", REWRITES)
def test_security_26_laying_out_again_changes_nothing(name: str) -> None:
    before, after = REWRITES[name]
    once = lay_out(before, after, Formatting())
    assert lay_out(before, once, Formatting()) == once
    # What was not touched stays as it was, however it is laid out.
    odd = "def  other( a,b ) :\n    return   a+b\n\n\n"
    assert lay_out(odd + before, odd + after, Formatting()).startswith(odd.rstrip())


SECRET = "sk-repository-0123456789abcdef"


class Leaking(Workbench):
    """A workspace in which a counterexample and a test's name hold what stands in the code."""

    async def run_tests(self, *, only: Sequence[str] = ()) -> TestRun:
        fails = "1 +" in (self.tree.text(FILE) or "")
        outcome = TestOutcome.FAILED if fails else TestOutcome.PASSED
        return TestRun(RunEnd.COMPLETED, {f"test_it[{SECRET}]": outcome})

    async def replay(self, recording: Recording, lines: Sequence[tuple[int, int]]) -> Replayed:
        answer = "wrong" if "0 +" in (self.tree.text(FILE) or "") else "6"
        seen = {0: Observation(f"distinct([{SECRET!r}])", f"{answer} {SECRET}", "")}
        return Replayed(seen, changed_lines_hit=True)


class LeakingSandbox(Gullible):
    """Opens such workspaces."""

    @asynccontextmanager
    async def open(self, tree: Tree, settings: SandboxSettings) -> AsyncIterator[Workspace]:
        async with super().open(tree, settings):
            yield Leaking(self, tree)


def tried_out(asked: Asked) -> str:
    """Wrong at first, then a test fails, then a secret stands in the code, then it is right."""
    wrong = [FAST.replace("[*{", f"{number} + [*{{") for number in range(2)]
    texts = [*wrong, FAST.replace("rows}", f"rows}}  # {SECRET}"), FAST]
    return proposal(texts[min(asked.number, 3)], why=f"The key {SECRET} and {KEY} are not needed.")


@pytest.mark.parametrize("ends", [State.OPEN, State.REJECTED])
async def test_security_11_24_a_secret_of_settings_or_repository_is_shown_nowhere(
    ends: State, sqlite_url: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level("DEBUG")
    others = {
        "shop/rate.py": f"from shop.names import Shop\n\nKEY = '{SECRET}'\n\n\n"
        f"def paid(rows):\n    return Shop.distinct(rows + ['{SECRET}'])\n",
        "tests/test_names.py": f"from shop.names import Shop\n\n\ndef test_{SECRET[3:13]}():\n"
        f"    assert Shop.distinct(['{SECRET}'])\n",
    }
    async with asking(sqlite_url, tried_out, others=others) as (place, fake):
        place.sandbox = LeakingSandbox()
        place.allow(model={"search": Search.TREE, "breadth": 1, "depth": 5})
        place.allow(model={"calls": 5 if ends is State.OPEN else 2})
        found = await place.improve()
        assert found.state is ends, found.reason
        standings = [one["standing"] for one in found.evidence["model"]["attempts"]]
        expected = ["different", "different", "refused", "holds", "holds"]
        assert standings == expected[: len(standings)]
        told = str([asked.messages for asked in fake.asked])
        shown = [
            (pull.draft.title, pull.draft.body, pull.draft.commit_message, place.pushed(pull))
            for pull in place.host.pulls.values()
        ]
        assert len(shown) == (ends is State.OPEN)
        records = repr((place.records.improvements, place.records.events, place.records))
        left = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
        for secret in (SECRET, KEY):
            assert "[hidden]" in told
            assert secret not in told
            assert secret not in str(shown)
            assert secret not in records
            assert secret not in caplog.text
            assert secret.encode() not in left
