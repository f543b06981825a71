"""`ironclaw doctor`: one line for each thing that the service needs."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from bot import __version__
from bot.domain.checkup import Checked, Standing, error, exit_code, not_checked, worst
from bot.domain.messages import plain_lines
from bot.domain.redaction import redact
from bot.entrypoints.doctor import machine, others, records
from bot.entrypoints.doctor.running import Check, run_all
from bot.ports import UserError
from bot.settings import Settings, read_settings

_HELP: Final = """Look at everything that the service needs, and say what to do.

Run it where the service runs, with its environment, before going live and when
something is off. It prints a line for each check: ok, warning, error or not
checked, what was seen, and what to do. It changes nothing, asks no language
model anything that costs, and shows no secret.

Examples:

  ironclaw doctor

  ironclaw doctor --url https://ironclaw.example.org

  ironclaw doctor --offline --json

Exit codes: 0 no error (there may be warnings, and checks that were not made),
1 an error, 2 wrong usage, 130 stopped by Ctrl-C.
"""
_SETTINGS: Final = (
    *("secrets", "webhook secret", "data folder", "database"),
    *("github", "clock", "model", "web service"),
)
_LEAST_SECRET: Final = 8
"""Characters: what is shorter stands in many texts that are none of it."""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("doctor", help=_HELP)(doctor)


def doctor(
    url: Annotated[
        str, typer.Option(help="Where the web service answers; IRONCLAW_URL without it.")
    ] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody on another machine.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=1, max=600, help="Seconds that each check may take.")
    ] = 30,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
) -> None:
    """Check everything."""
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise typer.BadParameter("it is no address like https://host", param_hint="--url")
    settings, problem = _settings()
    found = run_all(_checks(settings, url, offline=offline), timeout)
    if problem is not None:
        found += [problem, *(not_checked(name, "the settings are wrong") for name in _SETTINGS)]
    found = [_without_secrets(one, settings) for one in found]
    typer.echo(json.dumps(_document(found, settings), indent=2) if as_json else _words(found))
    raise typer.Exit(exit_code(found))


def _settings() -> tuple[Settings | None, Checked | None]:
    try:
        return read_settings(), None
    except UserError as problem:
        return None, error("settings", str(problem), problem.remedy)


def _checks(settings: Settings | None, url: str, *, offline: bool) -> list[Check]:
    found = [
        Check("program", machine.program),
        Check("git", machine.git),
        Check("sandbox", machine.sandbox),
    ]
    if settings is None:
        return found
    given, address = os.environ, url or settings.ironclaw_url or ""
    return [
        *found,
        Check("settings", partial(machine.settings_read, settings, given)),
        Check("data folder", partial(machine.data_folder, settings)),
        Check("database", partial(records.database, settings, offline=offline)),
        Check("github", partial(others.github, settings, offline=offline)),
        Check("clock", partial(others.clock, settings, offline=offline)),
        Check("model", partial(others.model, settings, offline=offline)),
        Check("web service", partial(others.web, address, offline=offline)),
    ]


def _without_secrets(one: Checked, settings: Settings | None) -> Checked:
    """Also what a server or an error says may hold one."""
    values = settings.secret_values() if settings else ()
    known = [text for text in values if len(text) >= _LEAST_SECRET]
    return replace(one, seen=redact(one.seen, known), remedy=redact(one.remedy, known))


def _document(found: Sequence[Checked], settings: Settings | None) -> dict[str, Any]:
    given = machine.given_names(settings) if settings else ()
    return {
        "version": __version__,
        "standing": worst(found),
        "checks": [asdict(one) for one in found],
        "settings": {
            name.upper(): "set" if name.upper() in given else "default"
            for name in (Settings.model_fields if settings else ())
        },
    }


def _words(found: Sequence[Checked]) -> str:
    lines = []
    for one in found:
        remedy = f" | To do: {one.remedy}" if one.remedy else ""
        line = " ".join(f"{one.name}: {one.seen}{remedy}".split())
        lines.append(plain_lines(f"{one.standing:<11}  {line}"))
    counts = Counter(one.standing for one in found)
    said = ", ".join(f"{standing} {counts[standing]}" for standing in Standing)
    return "\n".join([*lines, f"Together: {said}."])
