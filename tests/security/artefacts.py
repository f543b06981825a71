"""Everything that a run of the service leaves behind, and the secrets that may not be in it."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import MetaData, select

from bot.adapters.database.engine import make_blocking_engine
from tests.fakes.github import FakeGitHub
from tests.fakes.github.state import Repository

_SHORTEST = 20


def secrets_of(fake: FakeGitHub, settings: dict[str, str]) -> set[str]:
    """Every token that was given out or presented, and what the operator has set in secret."""
    given = set(fake.hub.tokens)
    presented = {one.headers.get("authorization", "").split(" ")[-1] for one in fake.requests}
    key = settings["GITHUB_PRIVATE_KEY"].splitlines()
    lines = {line for line in key if len(line) >= _SHORTEST and "-" not in line}
    named = {settings["GITHUB_WEBHOOK_SECRET"], settings["IRONCLAW_INTAKE_TOKEN"]}
    found = given | presented | lines | named
    return {one for one in found if one}


def artefacts(fake: FakeGitHub, url: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Files of the service, rows of its database, and what it has written on GitHub."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield str(file), file.read_bytes()
    yield from _rows(url)
    for number, one in enumerate(fake.requests):
        if not one.path.endswith("/access_tokens"):
            yield f"request {number} {one.method} {one.target}", one.target.encode() + one.body
    for repository in fake.hub.repositories.values():
        yield repository.full_name, shown_in(repository).encode()


def shown_in(record: Repository) -> str:
    """All that can be read in a repository on GitHub."""
    parts = [f"{one.title} {one.body} {one.labels}" for one in record.issues.values()]
    parts += [c.body for one in record.issues.values() for c in one.comments]
    parts += [f"{run.output} {run.external_id}" for run in record.runs.values()]
    for sha in record.git.branches().values():
        parts += [commit.message for commit in record.git.log(sha)]
        files = record.git.files(sha).values()
        parts += [record.git.objects.read(one.sha)[1].decode("utf-8", "replace") for one in files]
    return "\n".join(parts)


def _rows(url: str) -> Iterator[tuple[str, bytes]]:
    engine = make_blocking_engine(url)
    try:
        for schema in ("dbos", None) if "postgresql" in url else (None,):
            tables = MetaData()
            tables.reflect(engine, schema=schema)
            for table in tables.sorted_tables:
                with engine.connect() as connection:
                    for row in connection.execute(select(table)):
                        yield table.name, b" ".join(_bytes(value) for value in row)
    finally:
        engine.dispose()


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
