"""Looks for secrets wherever a story has left something."""

import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql

from bot.adapters.database.packing import unpack
from tests.fakes.github import FakeGitHub

_SETTINGS = ("GITHUB_WEBHOOK_SECRET", "IRONCLAW_INTAKE_TOKEN")


def canaries(fake: FakeGitHub, settings: Mapping[str, str]) -> dict[str, str]:
    """Every secret of the story, by a name: of the key a line of its middle."""
    lines = settings["GITHUB_PRIVATE_KEY"].strip().splitlines()
    found = {"key": lines[len(lines) // 2]} | {name: settings[name] for name in _SETTINGS}
    return found | {f"token {number}": text for number, text in enumerate(fake.hub.tokens)}


def places_that_show(secrets: Mapping[str, str], left: Mapping[str, bytes]) -> list[str]:
    """Which secret is where."""
    return [
        f"{name} is in {where}"
        for where, content in left.items()
        for name, secret in secrets.items()
        if secret.encode() in content
    ]


def what_is_left(folder: Path, url: str) -> dict[str, bytes]:
    """All files in the folder, all commits of all repositories in it, and every row kept."""
    left = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for config in [Path(name) for name in left if Path(name).name == "HEAD"]:
        log = ["git", "-C", str(config.parent), "log", "--all", "--format=fuller", "-p"]
        done = subprocess.run(log, check=False, capture_output=True)
        left[f"commits of {config.parent}"] = done.stdout
    return left | dict(_rows(url))


def _rows(url: str) -> Iterator[tuple[str, bytes]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.partition(":///")[2])) as connection:
            # The dump has everything as text, and bodies as hexadecimal digits.
            yield "database", "\n".join(connection.iterdump()).encode()
            bodies = connection.execute("SELECT body FROM delivery").fetchall()
            yield "deliveries", b"\n".join(unpack(bytes(body)) for (body,) in bodies)
        return
    with psycopg.connect(url.replace("+psycopg", "")) as database:
        tables = database.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema IN ('public', 'dbos')"
        ).fetchall()
        for schema, table in tables:
            text = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
            rows = database.execute(text).fetchall()
            yield f"{schema}.{table}", "\n".join(str(row) for (row,) in rows).encode()
        bodies = database.execute("SELECT body FROM delivery").fetchall()
        yield "deliveries", b"\n".join(unpack(bytes(body)) for (body,) in bodies)
