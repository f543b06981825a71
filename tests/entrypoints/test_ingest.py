"""`ironclaw ingest`, in this process: what it says, what it keeps, and how it ends."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.bootstrap.records import open_records
from bot.domain.measured import BenchmarkResult
from bot.domain.profile import Profile
from bot.entrypoints.cli import app
from bot.settings import read_settings
from tests.adapters.signals.formats import samples

run = CliRunner()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop").mkdir()
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def ingest(*arguments: str | Path) -> Result:
    return run.invoke(app, ["ingest", *map(str, arguments)])


def kept(repository: str = "shop") -> tuple[list[BenchmarkResult], list[Profile]]:
    async def read() -> tuple[list[BenchmarkResult], list[Profile]]:
        async with open_records(read_settings()) as stores, stores() as store:
            return list(await store.benchmarks(repository)), list(await store.profiles(repository))

    return asyncio.run(read())


def files(done: Result) -> list[dict[str, Any]]:
    return list(json.loads(done.stdout)["files"])


def test_what_is_read_is_said_and_kept(here: Path) -> None:
    (here / "a").write_bytes(samples.as_bytes(samples.hyperfine()))
    (here / "b").write_bytes(samples.pstats(here))
    done = ingest("a", "b")
    assert done.exit_code == 0, done.output
    assert "hyperfine, 2 series" in done.stdout
    assert "1.5 s  sleep 1" in done.stdout
    assert "cProfile statistics" in done.stdout
    assert "note: sleep 1: 1 of 2 runs ended with an error" in done.stdout
    results, (profile,) = kept()
    assert {result.name for result in results} == {"sleep 1", "sleep 1: memory"}
    assert "fall" in {cost.spot.name for cost in profile.functions}


def test_again_it_keeps_nothing_twice(here: Path) -> None:
    (here / "a").write_bytes(samples.as_bytes(samples.jmh()))
    first, second = ingest("a", "--json"), ingest("a", "--json")
    assert [files(done)[0]["kept"] for done in (first, second)] == [True, False]
    assert second.exit_code == 0
    assert "read before" in ingest("a").stdout
    assert len(kept()[0]) == 3


def test_as_json_it_says_all(here: Path) -> None:
    (here / "a").write_bytes(samples.as_bytes(samples.memray()))
    (one,) = files(ingest("a", "--json", "--repository", "team/shop"))
    assert (one["kind"], one["series"], one["functions"]) == ("memray", 3, 2)
    assert one["profiles"][0]["top_functions"][0]["own"] == 900
    assert one["top_results"][0]["unit"] in ("1", "bytes")
    assert len(kept("team/shop")[0]) == 3


def test_of_several_the_good_ones_are_kept_and_it_fails(here: Path) -> None:
    (here / "good").write_text(samples.FOLDED)
    (here / "bad").write_bytes(b"\x04\x22\x4d\x18")
    done = ingest("good", "bad", "nowhere", here, "--json")
    assert done.exit_code == 1
    good, bad, nowhere, folder = files(done)
    assert good["kept"] is True
    assert "memray stats --json" in bad["remedy"]
    assert "No such file" in nowhere["refused"]
    assert "no regular file" in folder["refused"] or "directory" in folder["refused"]
    assert len(kept()[1]) == 1
    said = ingest("bad").stdout
    assert "refused bad" in said
    assert "to mend it: Run `memray stats --json" in said


def test_a_pipe_is_not_waited_for(here: Path) -> None:
    os.mkfifo(here / "pipe")
    done = ingest("pipe")
    assert done.exit_code == 1
    assert "no regular file" in done.stdout


def test_nothing_recognised_makes_no_database(here: Path, tmp_path: Path) -> None:
    (here / "bad").write_text("hello")
    assert ingest("bad").exit_code == 1
    assert not (tmp_path / "data" / "ironclaw.db").exists()


def test_a_kind_decides_the_direction(here: Path) -> None:
    (here / "a").write_bytes(samples.as_bytes(samples.custom()))
    ingest("a")
    (one,) = files(ingest("a", "--kind", "custom-bigger", "--json"))
    assert one["kept"] is True
    assert {result["direction"] for result in one["top_results"]} == {"higher"}


@pytest.mark.parametrize("arguments", [[], ["a", "--kind", "excel"], ["--json"]])
def test_wrong_usage(arguments: list[str]) -> None:
    assert ingest(*arguments).exit_code == 2


def test_names_from_a_file_steer_no_terminal(here: Path) -> None:
    document = samples.hyperfine()
    document["results"][0]["command"] = "[red]x[/red] \x1b[31m <script>"
    (here / "a").write_bytes(samples.as_bytes(document))
    said = ingest("a").stdout
    assert "[red]x[/red]" in said
    assert "\x1b" not in said


def test_it_is_named_after_the_repository_that_the_folder_is_in(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".git").mkdir()
    (here / "deep").mkdir()
    monkeypatch.chdir(here / "deep")
    (here / "deep" / "a").write_text(samples.FOLDED)
    ingest("a")
    assert len(kept("shop")[1]) == 1


def test_it_says_whose_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))
    file = tmp_path / "results.json"
    file.write_text(json.dumps([{"name": "sort", "unit": "s", "value": 0.5}]))
    said = run.invoke(app, ["ingest", str(file), "--repository", "team/shop"])
    assert "Kept for team/shop." in said.stdout
    told = run.invoke(app, ["ingest", str(file), "--repository", "team/shop", "--json"])
    assert json.loads(told.stdout)["repository"] == "team/shop"
    report = run.invoke(app, ["report", "--repository", "team/shop"])
    assert "No request was reported; kept: 1 benchmark, none of them worse" in report.stdout
