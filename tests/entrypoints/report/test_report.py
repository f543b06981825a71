"""The report in its three forms, over a database that services have reported to."""

import asyncio
import json
import random
import shlex
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.adapters.database import make_engine, store_factory
from bot.adapters.signals.intake import Kept
from bot.domain.ingested import IngestedFile
from bot.domain.measured import BenchmarkResult, Direction
from bot.domain.metrics import MetricType, Request, window_of
from bot.domain.reported import DURATION
from bot.entrypoints.cli import app
from bot.entrypoints.report.charts import sparkline, svg
from bot.ports import UserError
from tests.adapters.signals.keeping import keep, let_in

run = CliRunner()
HOSTILE = "GET /<script>alert(1)</script>[bold]"


async def _fill(url: str, *repositories: str) -> None:
    engine, now, chance = make_engine(url), datetime.now(UTC), random.Random(1)
    for repository in repositories:
        requests = [
            Request(now - timedelta(minutes=5 * n), endpoint, chance.gauss(middle, 1), n % 100 == 0)
            for n in range(270)
            for endpoint, middle in (("GET /slow", 400), ("GET /fast", 20), (HOSTILE, 5))
        ]
        kept = await keep(engine, requests, now=now, repository=repository)
        assert kept == Kept(len(requests))
    await engine.dispose()


@pytest.fixture
def url(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    return sqlite_url


def document(*options: str) -> Any:
    found = run.invoke(app, ["report", "--json", *options])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_a_program_reads_one_document(url: str) -> None:
    asyncio.run(_fill(url, "team/shop"))
    found = document()
    assert (found["schema"], found["repository"], found["hours"]) == (1, "team/shop", 24)
    assert 0 < found["overall_health_score"] < 100
    assert "0.6 x" in found["formula"]
    (slow,) = found["bottlenecks"]
    assert (slow["endpoint"], slow["kind"]) == ("GET /slow", "slow_endpoint")
    assert slow["low"] <= slow["value"] <= slow["high"]
    figures = {(one["metric_name"], one["endpoint"]): one for one in found["endpoints"]}
    fast = figures[DURATION, "GET /fast"]
    assert fast["count"] == 270
    assert fast["p50"] == pytest.approx(20, rel=0.02)
    assert len(fast["course"]) >= 22
    assert document("--hours", "1")["samples"] < found["samples"]


def test_a_person_sees_what_is_slow_and_its_course(url: str) -> None:
    asyncio.run(_fill(url, "team/shop"))
    text = run.invoke(app, ["report"]).stdout
    assert "GET /slow: p95 " in text
    assert "of 100" in text
    assert "alert(1)" in text


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not [name for name, _ in attrs if name in ("src", "href") or name.startswith("on")]


def test_a_page_stands_alone_and_believes_nobody(url: str, tmp_path: Path) -> None:
    asyncio.run(_fill(url, "team/shop"))
    file = tmp_path / "report.html"
    found = run.invoke(app, ["report", "--html", str(file)])
    assert found.exit_code == 0, found.output
    tags = Tags()
    tags.feed(file.read_text())
    assert "svg" in tags.seen
    assert "script" not in tags.seen


def test_no_data_is_told_and_scores_nothing(url: str) -> None:
    found = document()
    assert (found["overall_health_score"], found["why"]) == (0.0, "no data")
    assert "docs/reference/metrics.md" in run.invoke(app, ["report"]).stdout


@pytest.mark.parametrize("hours", ["1e-9", "0", "-1", "nan", "inf", "9999999"])
def test_a_strange_span_is_wrong_usage(url: str, hours: str) -> None:
    refused = run.invoke(app, ["report", "--hours", hours])
    assert refused.exit_code == 2
    assert "Invalid value for '--hours'" in refused.output


def test_of_several_repositories_one_is_to_be_named(url: str) -> None:
    asyncio.run(_fill(url, "team/shop", "team/blog"))
    refused = run.invoke(app, ["report"])
    assert refused.exit_code == 1
    assert document("--repository", "team/blog")["repository"] == "team/blog"
    assert document("--repository", "Team/BLOG")["repository"] == "team/blog"


@pytest.mark.parametrize("measured", [(), ("team/shop",)])
def test_a_repository_that_nobody_knows_is_said_so(url: str, measured: tuple[str, ...]) -> None:
    asyncio.run(_fill(url, *measured))
    refused = run.invoke(app, ["report", "--repository", "team/none"]).exception
    assert isinstance(refused, UserError)
    assert str(refused) == "there is no record of team/none"
    assert refused.remedy.startswith("Say --repository with one")


def test_one_that_is_known_and_not_measured_has_no_data(url: str) -> None:
    async def know() -> None:
        engine = make_engine(url)
        await let_in(engine, "team/new", datetime.now(UTC))
        await engine.dispose()

    asyncio.run(know())
    assert document("--repository", "team/new")["why"] == "no data"


async def _grow(url: str) -> None:
    """A process that leaks, and a benchmark that became slower, both under a hostile name."""
    engine, now = make_engine(url), datetime.now(UTC)
    memory = [
        window_of(
            (now - timedelta(minutes=5 * n), HOSTILE, MetricType.MEMORY_USAGE, "", "mb"),
            [1000.0 - 2 * n + n % 3],
        )
        for n in range(288, 0, -1)
    ]
    results = tuple(
        BenchmarkResult(
            HOSTILE,
            "s",
            Direction.LOWER,
            1.0 + (n >= 20) + n % 3 / 100,
            at=now + timedelta(n),
            commit=f"{n:040x}",
        )
        for n in range(40)
    )
    async with store_factory(engine)() as store:
        await store.add_windows("team/shop", memory)
        await store.ingest(IngestedFile("team/shop", "d", "b.json", "asv", now, results))
        await store.commit()
    await engine.dispose()


def test_leaks_and_worse_benchmarks_are_in_every_form(url: str, tmp_path: Path) -> None:
    asyncio.run(_grow(url))
    found = document()
    (leak,) = found["memory"]
    assert (leak["verdict"], leak["metric_name"]) == ("leak", HOSTILE)
    assert leak["growth_mb"] == pytest.approx(574, rel=0.05)
    assert leak["hours_left"] > 0
    (worse,) = found["regressions"]
    assert (worse["benchmark"], worse["unit"]) == (HOSTILE, "s")
    assert worse["effect"] == pytest.approx(1, abs=0.1)
    text = run.invoke(app, ["report"]).stdout
    assert f"memory leak, {HOSTILE}: the floor grows" in text
    assert f"benchmark {HOSTILE}: " in text
    # The line can be pasted into a shell whatever the benchmark is called.
    (line,) = [one for one in text.splitlines() if "ironclaw suspects" in one]
    words = shlex.split(line.partition("its suspects: ")[2])
    assert words[:5] == ["ironclaw", "suspects", ".", "--benchmark", HOSTILE]
    assert words[5:] == ["--good", f"{18:040x}", "--bad", f"{20:040x}"]
    file = tmp_path / "report.html"
    assert run.invoke(app, ["report", "--html", str(file)]).exit_code == 0
    tags = Tags()
    tags.feed(file.read_text())
    assert "script" not in tags.seen
    assert "memory leak, " in file.read_text()


@given(st.lists(st.floats(-1e9, 1e9), max_size=100), st.integers(1, 40))
def test_a_line_of_blocks_is_as_long_as_asked(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) == min(len(values), width)
    assert svg(values, "x").count("<polyline") == 1
