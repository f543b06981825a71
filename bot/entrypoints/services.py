"""The commands that run the service: all in one process, or web and workers apart."""

import asyncio
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot import __version__
from bot.adapters.database.address import parse_url
from bot.adapters.database.migrate import upgrade
from bot.adapters.engine import refuse_second_worker
from bot.adapters.github.webhooks import verify
from bot.bootstrap.hosted import app_key, make_worker
from bot.domain.actions_identity import actions_issuer
from bot.domain.checkup import SHORT_SECRET
from bot.entrypoints.logs import set_up_logs
from bot.entrypoints.web.application import Parts
from bot.entrypoints.web.dashboard.opening import opening
from bot.entrypoints.web.server import listen
from bot.entrypoints.web.server import serve as serve_web
from bot.entrypoints.worker import run_worker
from bot.ports import UserError
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.adapters.engine import Worker

log = logging.getLogger("ironclaw.service")
_SIGNING_REMEDY: Final = (
    "Set GITHUB_WEBHOOK_SECRET to the secret of the App's webhook. To make one: "
    "`openssl rand -hex 32`."
)
_SERVE_HELP = """Serve everything in one process: deliveries come in, jobs are done.

For a start, or one team: nothing else is needed, the database may be a file.

Examples:

  GITHUB_WEBHOOK_SECRET=... ironclaw serve

  DATABASE_URL=postgresql://ironclaw@localhost/ironclaw ironclaw serve

It ends at SIGTERM or Ctrl-C: jobs that run are finished, or done by the next start.
"""
_WEB_HELP = """Take deliveries in, and leave the jobs to `ironclaw worker`.

Example:

  DATABASE_URL=postgresql://ironclaw@db/ironclaw ironclaw web --processes 2
"""
_WORKER_HELP = """Do the jobs that deliveries ask for; any number of workers may share a PostgreSQL.

A worker that dies or stands still is found by the others, which take its jobs over.

Example:

  DATABASE_URL=postgresql://ironclaw@db/ironclaw ironclaw worker
"""


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.command("serve", help=_SERVE_HELP)(serve)
    app.command("web", help=_WEB_HELP)(web)
    app.command("worker", help=_WORKER_HELP)(worker)


def serve() -> None:
    """One process for all."""
    settings = _prepared("web and worker", _refuse_unsigned, app_key)
    key = app_key(settings)
    # Said here, where it can be said plainly; the process that works takes the lease itself.
    asyncio.run(refuse_second_worker(settings.database_url.get_secret_value()))
    _serve(settings, partial(make_worker, settings, key), 1)


def web(
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
) -> None:
    """Deliveries only."""
    _serve(_prepared("web", _refuse_unsigned), None, processes)


def worker() -> None:
    """Jobs only."""
    settings = _prepared("worker", app_key)
    asyncio.run(run_worker(partial(make_worker, settings, app_key(settings)), _say))


def _serve(settings: Settings, make: "Callable[[], Worker] | None", processes: int) -> None:
    secrets = tuple(secret.get_secret_value() for secret in settings.webhook_secrets)

    def is_signed(body: bytes, header: str | None) -> bool:
        return verify(body, header, secrets)

    tokens = tuple(token.get_secret_value() for token in settings.intake_tokens)
    url, targets = settings.database_url.get_secret_value(), settings.operator.targets
    rate, most = settings.learning_rate, settings.ironclaw_requests_per_minute
    parts = Parts(
        url,
        is_signed,
        make,
        tokens,
        targets,
        rate,
        most,
        opening(settings),
        actions_issuer(settings.github_api_url),
        settings.ironclaw_url or "",
    )
    serve_web(listen(settings.host, settings.port), parts, processes, _say)


def _refuse_unsigned(settings: Settings) -> None:
    if not settings.webhook_secrets:
        problem = "GITHUB_WEBHOOK_SECRET is not set, so nobody could tell who sent a delivery"
        raise UserError(problem, _SIGNING_REMEDY)


def _prepared(parts: str, *checks: "Callable[[Settings], object]") -> Settings:
    """The settings, with the log set up and the database brought to this version.

    One UserError for all that `checks` refuse.
    """
    settings = read_settings()
    set_up_logs(settings)
    url = settings.database_url.get_secret_value()

    def bring_up(settings: Settings) -> None:
        upgrade(url, backup_dir=settings.data_folder() / "backups")

    refused: list[UserError] = []
    for check in (*checks, bring_up):
        try:
            check(settings)
        except UserError as error:
            refused.append(error)
    if refused:
        problem = "; ".join(map(str, refused))
        raise UserError(problem, " ".join(error.remedy for error in refused))
    _warn_of_short_secrets(settings)
    database = parse_url(url).get_backend_name()
    log.info("Ironclaw %s starts: %s, with %s", __version__, parts, database)
    return settings


def _warn_of_short_secrets(settings: Settings) -> None:
    named = {
        "GITHUB_WEBHOOK_SECRET": settings.webhook_secrets,
        "IRONCLAW_INTAKE_TOKEN": settings.intake_tokens,
    }
    for name, secrets in named.items():
        if any(len(one.get_secret_value()) < SHORT_SECRET for one in secrets):
            log.warning("%s is so short that it can be guessed: `openssl rand -hex 32`", name)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
