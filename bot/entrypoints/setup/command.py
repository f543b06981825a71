"""`ironclaw setup`: the GitHub App from one click to the settings file."""

import asyncio
import json
import os
import re
import sys
import threading
import webbrowser
from functools import partial
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from bot.adapters.github.app import NewApp
from bot.bootstrap.clock import SystemClock
from bot.entrypoints.setup.check import examine
from bot.entrypoints.setup.creation import VARIABLES, Wish, create
from bot.entrypoints.setup.env_file import EnvFile
from bot.entrypoints.setup.words import made_document, made_words, report_document, report_words
from bot.ports import UserError
from bot.settings import Settings, read_settings

_HELP: Final = """Create Ironclaw's GitHub App with one click, or check it.

It prints an address on this machine. The page there sends GitHub what the
App shall be; agree on GitHub, and what GitHub gives is written to the
settings file, for you alone to read. Then choose the repositories. It ends
by itself; Ctrl-C ends it before, and nothing is written.

Examples:

  ironclaw setup --url https://ironclaw.example.org

  ironclaw setup --org octo --env-file /etc/ironclaw/env

  ironclaw setup --check

On a server, use --no-browser --port 8765 there, and at your desk
`ssh -L 8765:127.0.0.1:8765 SERVER`.

Exit codes: 0 done, 1 failure or, with --check, something is missing,
2 wrong usage, 130 stopped by Ctrl-C.
"""
_NO_ADDRESS: Final = "it is no address like https://host"
_SHOWN: Final = re.compile(r"[!-~]+")
_ORGANIZATION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("setup", help=_HELP)(setup)


def setup(
    org: Annotated[str, typer.Option(help="The organization that shall own it; else you.")] = "",
    url: Annotated[
        str, typer.Option(help="Where GitHub reaches `ironclaw serve`, https://...")
    ] = "",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The page's port; 0 takes any free one.")
    ] = 0,
    env_file: Annotated[Path, typer.Option(help="The settings file to write.")] = Path(".env"),
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the App that is already set up.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Ask GitHub whether the App has all it needs.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
) -> None:
    """Create the App, or check it."""
    settings = read_settings(file=env_file.expanduser().absolute())
    if check:
        _check(settings, as_json)
        return
    if org and not _ORGANIZATION.fullmatch(org):
        raise typer.BadParameter("that is no organization's name", param_hint="--org")
    public = _public(url)
    if not force:
        _refuse_second(settings)
    file = EnvFile(env_file)
    file.check()
    made = create(
        Wish(settings.github_api_url, org, public),
        file,
        port,
        partial(_begin, browser=not no_browser and not as_json),
    )
    typer.echo(
        json.dumps(made_document(made, file.path, public), indent=2)
        if as_json
        else made_words(made, file.path, public)
    )
    _warn_of_environment(made)


def _begin(address: str, *, browser: bool) -> None:
    typer.echo(
        f"Open this address in a browser on this machine; it works once:\n\n  {address}\n", err=True
    )
    if browser and sys.stderr.isatty() and _has_screen():
        # Finding a browser may take long, or fail; the address is there already.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _has_screen() -> bool:
    """Whether a browser would get a window, rather than take this terminal."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform != "linux" or any(os.environ.get(name) for name in screens)


def _warn_of_environment(made: NewApp) -> None:
    """The environment wins over the file, and would hide what was written."""
    hiding = [name for name in VARIABLES if os.environ.get(name)]
    if hiding and os.environ.get("GITHUB_APP_ID") != str(made.id):
        typer.echo(
            f"Unset {', '.join(hiding)} in the environment: it wins over the file.", err=True
        )


def _refuse_second(settings: Settings) -> None:
    known = settings.model_dump(include={name.lower() for name in VARIABLES})
    there = [name for name in VARIABLES if known[name.lower()]]
    if there:
        raise UserError(
            f"an App is already set up: {', '.join(there)} is set",
            "Check it with `ironclaw setup --check`, or replace it with --force.",
        )


def _public(url: str) -> str:
    """The address without a slash at its end, if GitHub could reach it."""
    if not url:
        return ""
    try:
        where = urlsplit(url)
        host, port = where.hostname or "", where.port
    except ValueError:
        raise typer.BadParameter(_NO_ADDRESS, param_hint="--url") from None
    if where.scheme not in ("http", "https") or not host or port == 0 or not _SHOWN.fullmatch(url):
        raise typer.BadParameter(_NO_ADDRESS, param_hint="--url")
    if where.query or where.fragment or where.username:
        raise typer.BadParameter("give only https://host or https://host/path", param_hint="--url")
    if host in {"localhost", "::1"} or host.startswith("127."):
        problem = f"GitHub cannot reach {host}; give the address that the internet sees, or none"
        raise typer.BadParameter(problem, param_hint="--url")
    return url.rstrip("/")


def _check(settings: Settings, as_json: bool) -> None:
    report = asyncio.run(examine(settings, SystemClock()))
    typer.echo(json.dumps(report_document(report), indent=2) if as_json else report_words(report))
    if report.problems:
        raise typer.Exit(1)
