"""`ironclaw routes`: the routes read from a folder's code, and which of them an endpoint means."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bot.adapters.routes import read_routes
from bot.domain.messages import plain_lines
from bot.domain.routes import Resolved, RouteTable

_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__"})
_MOST_FILES = 20_000
_MOST_BYTES = 2_000_000

_HELP = """Print the routes that the code in PATH registers, each with its handler's place.

Nothing of the code is run or imported. Flask, FastAPI and Starlette, Django with its REST
framework, and aiohttp are read. With --endpoint, say which handler a metric's endpoint means, how
sure that is and why.

Examples:

  ironclaw routes .

  ironclaw routes . --endpoint 'GET /users/{id}' --json
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("routes", help=_HELP)(routes_command)


def routes_command(
    path: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder.")],
    endpoint: Annotated[
        str, typer.Option("--endpoint", help="An endpoint as metrics name it.")
    ] = "",
    as_json: Annotated[  # noqa: FBT002  an option of the command line
        bool, typer.Option("--json", help="Print one JSON document.")
    ] = False,
) -> None:
    """Print the table, or what one endpoint means in it."""
    table = read_routes(python_files(path))
    found = table.resolve(endpoint) if endpoint else ()
    if as_json:
        typer.echo(json.dumps(document(table, endpoint, found), indent=2))
    elif endpoint:
        _show_answers(found, endpoint)
    else:
        _show_table(table)


def python_files(folder: Path) -> dict[str, str]:
    """The texts of a folder's Python files by their paths in it; links are not followed."""
    return dict(_texts(folder))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    count = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and name[0] != ".")
        for name in sorted(files):
            file = Path(place, name)
            if not name.endswith(".py") or not _is_plain(file):
                continue
            count += 1
            if count > _MOST_FILES:
                return
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            yield file.relative_to(folder).as_posix(), text


def _is_plain(file: Path) -> bool:
    return not file.is_symlink() and file.is_file() and file.stat().st_size <= _MOST_BYTES


def document(table: RouteTable, endpoint: str, found: tuple[Resolved, ...]) -> dict[str, object]:
    """What `--json` prints."""
    if endpoint:
        return {"endpoint": endpoint, "handlers": [asdict(one) for one in found]}
    return {"routes": [asdict(one) for one in table.routes], "gaps": list(table.gaps)}


def _show_table(table: RouteTable) -> None:
    console = Console()
    for route in table.routes:
        methods = ",".join(route.methods) or "any"
        line = f"{methods} {route.pattern}  {route.handler}"
        _print(console, line)
        if route.doubt:
            _print(console, f"    in doubt: {route.doubt}")
    for gap in table.gaps:
        _print(console, f"not read: {gap}")
    _print(console, f"{len(table.routes)} routes")


def _show_answers(found: tuple[Resolved, ...], endpoint: str) -> None:
    console = Console()
    if not found:
        _print(console, f"no route that was read answers {endpoint}")
    for answer in found:
        _print(console, f"{answer.place}  {answer.confidence:.0%}")
        for line in answer.evidence:
            _print(console, f"    {line}")


def _print(console: Console, text: str) -> None:
    # Names and paths of a repository are anybody's text: no markup, no control characters.
    console.print(escape(plain_lines(text)), highlight=False, soft_wrap=True)
