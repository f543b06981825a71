"""A repository in which everything has happened that a page can show; its texts may be strange."""

import math
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.database.asked import ask as ask_for
from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.models import DeliveryRow, ModelCallRow, table_of
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.asked import Asked, Progress, Wish
from bot.domain.events import LearningEvent, about_repository
from bot.domain.finding import Finding
from bot.domain.hosting import KnownRepository, Standing
from bot.domain.improvement import Improvement, State
from bot.domain.ingested import IngestedFile
from bot.domain.metrics import MetricType, Values, Window, value_windows
from bot.domain.model.spending import caps_memo
from bot.domain.patch import FileChange, Patch
from bot.domain.preferences import EVERYBODY, Sums
from bot.domain.profile import CodeSpot, CostUnit, FunctionCost, Profile
from bot.ports import Store
from tests.domain.samples import a_finding, an_improvement
from tests.entrypoints.web.api_calls import ask

SHOP, OTHER = "team/shop", "team/other"
NOW = datetime.now(UTC)
ENDPOINTS = ("GET /orders", "POST /orders/{id}", "GET /reports")


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def fill(url: str, repository: str = SHOP, say: str = "", number: int = 1) -> list[Improvement]:
    """Put all of it in; `say` stands in every text that comes from outside."""
    made = improvements(repository, say, number)
    ask(url, lambda engine: _fill(engine, repository, say, number, made))
    return made


def improvements(repository: str, say: str = "", number: int = 1) -> list[Improvement]:
    """One in each state that a person meets."""
    states = {
        State.FOUND: {},
        State.OPEN: {"pull_request": 7, "head_sha": "a" * 40, "branch": f"ironclaw/x{say}"},
        State.HELD: {"pull_request": 8, "head_sha": "b" * 40},
        State.WATCHING: _deployed(2, "c"),
        State.KEPT: _deployed(9, "d"),
        State.REVERTED: _deployed(6, "e")
        | {
            "revert_pull_request": 12,
            "revert_sha": "f" * 40,
            "revert_deployed_at": hours_ago(5.4),
            "recovered": True,
        },
    }
    found = []
    for place, (state, more) in enumerate(states.items()):
        at = hours_ago(10 - place)
        values = {
            "id": f"{number:02x}{place:010x}",
            "repository": repository,
            "finding": _finding(f"{number:02x}{place:010x}", say),
            "created_at": at,
            "updated_at": at + timedelta(minutes=5),
            "reason": f"its time rose by a third{say}",
            "confidence": 0.82,
            "evidence": evidence(say),
            "patch": Patch((FileChange(f"app/views{say}.py", f"a\nold{say}\n", f"a\nnew{say}\n"),)),
            "engine": f"rules{say}",
        } | more
        found.append(an_improvement(state, **values))
    return found


def evidence(say: str = "") -> dict[str, object]:
    return {
        "tests": {"verdict": "passed", "passed": 41, "newly_failed": [say], "why": say},
        "benchmark": {"verdict": "faster", "speedup": 3.2, "low": 2.9, "high": 3.6, "why": say},
        "gain": {"verdict": "arrived", "ratio": 0.61, "low": 0.55, "high": 0.68, "why": say},
        "isolation": f"namespaces{say}",
    }


def _deployed(hours: float, letter: str) -> dict[str, object]:
    return {
        "pull_request": 9,
        "head_sha": letter * 40,
        "merge_sha": letter * 40,
        "deployed_at": hours_ago(hours),
    }


def _finding(id: str, say: str) -> Finding:
    return a_finding(
        id=id,
        rule=f"sorted-for-min{say}",
        file=f"app/views{say}.py",
        function=f"Reports.build{say}",
        description=f"everything is sorted for one end{say}",
        evidence=f"41 ms in the median{say}",
    )


async def _fill(
    engine: AsyncEngine, repository: str, say: str, number: int, made: list[Improvement]
) -> None:
    known = KnownRepository(number, repository, 1, NOW, "main", Standing.ACTIVE, f"agreed{say}")
    await SqlRepositories(engine).save(known)
    async with store_factory(engine)() as store:
        for one in made:
            await store.save(one)
            await _events(store, one, say)
        await _measured(store, repository, say)
        await _learned(store, repository, say)
        profiles = (profile(say),)
        file = IngestedFile(repository, f"{number}", "run", "speedscope", NOW, profiles=profiles)
        await store.ingest(file)
        await store.commit()
    caps = {"dollars_per_day": 0.4, "dollars_per_improvement": 1.0, "tokens_per_day": 2_000_000}
    await SqlMemos(engine).write(caps_memo(number), caps)
    async with engine.begin() as connection:
        calls, delivered = _calls(repository, say, number), _delivery(repository, say, number)
        await connection.execute(insert(table_of(ModelCallRow)), calls)
        await connection.execute(insert(table_of(DeliveryRow)), [delivered])
        await ask_for(connection, _wish(repository, say, number, made[0].id))


def _delivery(repository: str, say: str, number: int) -> dict[str, object]:
    return {
        "id": f"d-{number}{say}",
        "event": "push",
        "body": b'{"repository": {"full_name": "%s"}}' % repository.encode(),
        "received_at": NOW,
        "state": "routed",
        "attempts": 1,
        "why": f"seen{say}",
        "routed_at": NOW,
    }


def _wish(repository: str, say: str, number: int, improvement: str) -> Asked:
    return Asked(
        id=f"wish-{number}",
        repository=repository,
        improvement=improvement,
        wish=Wish.TEST,
        by=f"the API token{say}",
        created_at=NOW,
        updated_at=NOW,
        state=Progress.FAILED,
        why=f"nothing is generated{say}",
    )


async def _events(store: Store, one: Improvement, say: str) -> None:
    for hours, word in ((9, "proposed"), (8, "open")):
        await store.record(
            LearningEvent(
                f"improvement_{word}",
                one.id,
                hours_ago(hours),
                before_state={"state": "found"},
                after_state={"state": word},
                reason=f"verified{say}",
            )
        )


async def _measured(store: Store, repository: str, say: str) -> None:
    found: list[Window] = []
    for which, name in enumerate(ENDPOINTS):
        endpoint = f"{name}{say}"
        for step in range(120):
            start = hours_ago(10) + timedelta(minutes=5 * step)
            number = int(start.timestamp() // 300)
            base = 40 + 90 * which + 20 * math.sin(step / 9)
            values = [base + (value * 7) % 60 for value in range(40)]
            times = ("http.server.request.duration", MetricType.RESPONSE_TIME, endpoint, "ms")
            failed = ("http.server.errors", MetricType.ERROR_RATE, endpoint, "1")
            errors = [float(value % 37 == 0 and which == 2) for value in range(40)]
            found += value_windows([Values(times, number, values), Values(failed, number, errors)])
    await store.add_windows(repository, found)
    await store.keep_code(
        repository, {f"{ENDPOINTS[0]}{say}": {"code.function.name": f"shop.orders{say}"}}
    )


async def _learned(store: Store, repository: str, say: str) -> None:
    owner = about_repository(repository)
    for name, good in ((f"small{say}", 12.0), (f"large{say}", 17.0)):
        sums = Sums(name, good=good, bad=20 - good, average=good / 20, count=20)
        await store.put_sums(owner, f"code_improvement{say}", sums, NOW)
        await store.put_sums(EVERYBODY, f"code_improvement{say}", sums, NOW)
    event = LearningEvent("preference_update", owner, NOW, reason=f"a thumb{say}")
    await store.record(event)


def profile(say: str = "") -> Profile:
    spot = CodeSpot(f"app/views{say}.py", 10, f"Reports.build{say}")
    return Profile(CostUnit.SECONDS, (FunctionCost(spot, 3.0, 5.0),), 10.0, "run", at=NOW)


def _calls(repository: str, say: str, number: int) -> list[dict[str, object]]:
    return [
        {
            "id": f"call-{number}-{day}",
            "repository": repository,
            "improvement": "",
            "model": f"small{say}",
            "day": (NOW - timedelta(days=day)).date().isoformat(),
            "amount": 120_000 + 30_000 * day,
            "tokens": 900,
            "sent": 800,
            "received": 100,
            "outcome": "answered",
            "at": NOW - timedelta(days=day),
            "settled_at": NOW,
        }
        for day in range(12)
    ]
