"""`ironclaw suspects`: which commit most likely made something worse."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from bot.adapters.local.changes import Changes
from bot.adapters.routes import read_routes
from bot.bootstrap.local import outside
from bot.domain.benchmark_targets import function_of_benchmark
from bot.domain.callgraph import CallGraph, CodePlace
from bot.domain.hotspots import behind_endpoint
from bot.domain.messages import plain_lines
from bot.domain.suspects import Suspect, suspects
from bot.ports import UserError
from bot.settings import read_settings

_HELP = """Name the commits that most likely made something worse, each with why.

It needs what became worse (an endpoint, a benchmark or a function) and between which commits:
`--good` is the last that was seen to be well, `--bad` the first that was not (by default what is
checked out). What changes the code behind it comes first, nearer code before farther.

Nothing of the code is run. The shares add up to 1; they are judgement, and no probability.

Examples:

  ironclaw suspects . --endpoint 'GET /reports/{id}' --good v1.4.0

  ironclaw suspects . --benchmark test_render --good 3f0c2a9 --bad main --json

  ironclaw suspects . --function shop/cart.py:Cart.total --good HEAD~20
"""
_SHOWN = 10
_EPOCH = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("suspects", help=_HELP)(suspects_command)


def suspects_command(
    path: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A checkout.")],
    good: Annotated[str, typer.Option("--good", help="The last commit that was well.")],
    bad: Annotated[
        str, typer.Option("--bad", help="The first that was not; default: what is checked out.")
    ] = "",
    endpoint: Annotated[str, typer.Option(help="The endpoint that became worse.")] = "",
    benchmark: Annotated[str, typer.Option(help="The benchmark that became worse.")] = "",
    function: Annotated[str, typer.Option(help="The function, as FILE:NAME.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print the most suspicious first."""
    named = [one for one in (endpoint, benchmark, function) if one]
    if len(named) != 1:
        problem = "what became worse is to be said by exactly one of them"
        raise typer.BadParameter(problem, param_hint="--endpoint, --benchmark or --function")
    read = Changes(path, outside(path, read_settings(path)).data_folder())
    first, last = read.commit(good), read.commit(bad)
    sources = read.sources(last)
    behind = _behind(sources, endpoint, benchmark, function)
    found = suspects(read.between(first, last), behind, _EPOCH, _END)
    if as_json:
        typer.echo(json.dumps(_document(named[0], first, last, behind, found), indent=2))
    else:
        _show(named[0], behind, found)


def _behind(
    sources: Mapping[str, str], endpoint: str, benchmark: str, function: str
) -> Sequence[CodePlace]:
    """The functions behind what became worse; UserError if nothing in the code says it."""
    graph = CallGraph(sources)
    if endpoint:
        found = behind_endpoint(endpoint, read_routes(sources), graph)
        remedy = "`ironclaw routes PATH` shows the endpoints that were found."
        problem = f"no handler of {endpoint[:200]!r} was found"
    elif benchmark:
        targets = function_of_benchmark(benchmark, sources, graph.functions)
        found = graph.behind([(one.place.file, one.place.function) for one in targets])
        remedy = "Name the function with --function FILE:NAME."
        problem = f"what the benchmark {benchmark[:200]!r} measures was not found"
    else:
        file, _, name = function.rpartition(":")
        found = graph.behind([(file, name)])
        remedy = (
            "Write the file as the repository has it, then a colon and its name: a.py:Shop.sum."
        )
        problem = f"there is no function {function[:200]!r}"
    if not found:
        raise UserError(problem, remedy)
    return found


def _document(
    named: str, good: str, bad: str, behind: Sequence[CodePlace], found: Sequence[Suspect]
) -> dict[str, Any]:
    return {
        "schema": 1,
        "worse": named,
        "good": good,
        "bad": bad,
        "functions_behind": len(behind),
        "suspects": [
            {
                "commit": one.change.sha,
                "pull_request": one.change.pull_request,
                "at": one.change.at.isoformat(),
                "share": round(one.share, 4),
                "evidence": list(one.evidence),
            }
            for one in found
        ],
    }


def _show(named: str, behind: Sequence[CodePlace], found: Sequence[Suspect]) -> None:
    console = Console()
    if not found:
        console.print("There is no commit between them.")
        return
    _print(console, f"{named}: {len(behind)} functions behind it, {len(found)} commits")
    for one in found[:_SHOWN]:
        pull = f" (#{one.change.pull_request})" if one.change.pull_request else ""
        _print(
            console, f"{one.share:4.0%}  {one.change.sha[:12]}{pull} of {one.change.at:%Y-%m-%d}"
        )
        for why in one.evidence:
            _print(console, f"        {why}")
    if len(found) > _SHOWN:
        _print(console, f"and {len(found) - _SHOWN} more: --json shows all")


def _print(console: Console, line: str) -> None:
    console.print(escape(plain_lines(line)), soft_wrap=True, highlight=False)
