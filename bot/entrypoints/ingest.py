"""The command that reads files of profilers, benchmarks and load tests into the records."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from bot.adapters.signals.formats import KINDS, Recognised, Refused, read
from bot.bootstrap.clock import SystemClock
from bot.bootstrap.records import open_records
from bot.domain.ingested import IngestedFile, digest_of
from bot.domain.messages import plain
from bot.entrypoints import stopping
from bot.entrypoints.ingest_report import document, show
from bot.entrypoints.regular_file import read_bytes
from bot.settings import read_settings

_EXIT_FAILURE: Final = 1
_HELP = """Read what profilers, benchmarks and load tests have written, and keep it.

A file is known by what stands in it, whatever its name is: pytest-benchmark, asv, hyperfine, k6,
Locust, JMH, Google Benchmark, github-action-benchmark, speedscope, pyinstrument, memray, py-spy
and cProfile. The same bytes are kept once.

Examples:

  ironclaw ingest benchmark.json profile.prof --repository team/shop

  ironclaw ingest results.json --kind custom-bigger --json

Exit codes: 0 every file is kept (also by an earlier run), 1 one at least was refused (the others
are kept), 2 wrong usage, 130 stopped by Ctrl-C.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file; `kept` is false if its bytes had been read before."""

    file: str
    read: Recognised | Refused
    kept: bool = False
    digest: str = ""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("ingest", help=_HELP)(ingest_command)


def ingest_command(
    files: Annotated[list[Path], typer.Argument(help="The files.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
    kind: Annotated[
        str, typer.Option("--kind", help=f"Take only this kind: {', '.join(KINDS)}.")
    ] = "",
    repository: Annotated[
        str, typer.Option("--repository", help="Whose they are; the repository here without it.")
    ] = "",
) -> None:
    """Read, keep, and say what was found."""
    if kind and kind not in KINDS:
        problem = f"{kind!r} is none of {', '.join(KINDS)}"
        raise typer.BadParameter(problem, param_hint="--kind")
    whose = repository or _here(Path.cwd())
    outcomes = [_read(file, kind) for file in files]
    if any(isinstance(outcome.read, Recognised) for outcome in outcomes):
        outcomes = stopping.run(_keep(outcomes, whose))
    if as_json:
        taken = [document(one.file, one.read, kept=one.kept) for one in outcomes]
        found = {"repository": whose, "files": taken}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=True, allow_nan=False))
    else:
        console = Console()
        for one in outcomes:
            show(console, one.file, one.read, kept=one.kept)
        if any(one.kept for one in outcomes):
            console.print(f"Kept for {plain(whose)}.", markup=False, highlight=False)
    if any(isinstance(outcome.read, Refused) for outcome in outcomes):
        raise typer.Exit(_EXIT_FAILURE)


def _read(file: Path, kind: str) -> Outcome:
    data = read_bytes(file)
    if isinstance(data, Refused):
        return Outcome(str(file), data)
    return Outcome(str(file), read(data, file.name, kind=kind), digest=digest_of(data, kind))


async def _keep(outcomes: Sequence[Outcome], repository: str) -> list[Outcome]:
    now = SystemClock().now()
    done = []
    async with open_records(read_settings()) as stores, stores() as store:
        for one in outcomes:
            if isinstance(one.read, Refused):
                done.append(one)
                continue
            found = one.read
            name = Path(one.file).name
            content = (found.results, found.profiles)
            file = IngestedFile(repository, one.digest, name, found.kind, now, *content)
            done.append(replace(one, kept=await store.ingest(file)))
        await store.commit()
    return done


def _here(folder: Path) -> str:
    """The name that `improve` gives the repository that this folder is in, else the folder's."""
    root = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
    return root.name
