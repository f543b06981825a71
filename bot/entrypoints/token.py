"""The commands that make tokens for services, list them, and revoke them."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine, upgrade
from bot.adapters.database.api_tokens import SqlApiTokens
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.api_tokens import ApiToken, Scope, why_not
from bot.domain.messages import plain_lines
from bot.ports import UserError
from bot.settings import read_settings

Answer = TypeVar("Answer")
_HELP = """Tokens with which services report, and programs read, for some repositories alone.

Examples:

  ironclaw token create --name shop-exporter --repository team/shop

  ironclaw token create --name grafana --repository team/shop --scope read --expires 30d

  ironclaw token list --json

  ironclaw token revoke 3f0c2a91b7de
"""
_SPAN = re.compile(r"([1-9][0-9]{0,3})([hd])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
token = typer.Typer(no_args_is_help=True, help=_HELP, rich_markup_mode="rich")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.add_typer(token, name="token")


@token.command("create")
def create_command(
    repository: Annotated[
        list[str], typer.Option(help="`owner/name` that it is good for; may be repeated.")
    ],
    name: Annotated[str, typer.Option(help="What you will know it by.")] = "",
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; may be repeated. Default: report.")
    ] = None,
    expires: Annotated[
        str, typer.Option(metavar="SPAN", help="How long it is good: 12h, 90d, or never.")
    ] = "90d",
    as_json: Json = False,
) -> None:
    """Make a token and print it: once, for only a digest of it is kept."""
    now = datetime.now(UTC)
    span = _span(expires)

    async def create(engine: AsyncEngine) -> tuple[ApiToken, str]:
        wanted = ApiToken(
            id="",
            name=name or ", ".join(repository),
            repositories=frozenset([await _number(engine, one) for one in repository]),
            scopes=frozenset(scope or (Scope.REPORT,)),
            created_at=now,
            expires_at=None if span is None else now + span,
        )
        return await SqlApiTokens(engine).create(wanted)

    made, text = _ask(create)
    if as_json:
        typer.echo(json.dumps({**_document(made, repository), "token": text}, indent=2))
        return
    typer.echo(text)
    until = f"until {made.expires_at:%Y-%m-%d %H:%M} UTC" if made.expires_at else "for ever"
    typer.echo(f"It is shown this once, and good {until} (id {made.id}).", err=True)


@token.command("list")
def list_command(as_json: Json = False) -> None:
    """List the tokens that were made, the latest first; never their secrets."""
    now = datetime.now(UTC)
    found = _ask(lambda engine: SqlApiTokens(engine).every())
    if as_json:
        typer.echo(json.dumps([_document(one, sorted(names)) for one, names in found], indent=2))
        return
    if not found:
        typer.echo("There is none yet: `ironclaw token create --repository owner/name`.")
    console = Console()
    for one, names in found:
        whose = ", ".join(sorted(names)) or "nothing any more"
        what = f"{'+'.join(sorted(one.scopes))} for {whose}"
        until = f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "for ever"
        line = f"{one.id}  {plain_lines(one.name)}  {what}  {why_not(one, now) or until}"
        console.print(escape(line), highlight=False, soft_wrap=True)


@token.command("revoke")
def revoke_command(id: Annotated[str, typer.Argument(help="The token's id.")]) -> None:
    """Let a token be good for nothing; a running service forgets it within half a minute."""
    now = datetime.now(UTC)
    if not _ask(lambda engine: SqlApiTokens(engine).revoke(id, now)):
        raise UserError(f"there is no token {id}", "`ironclaw token list` shows those there are.")
    typer.echo(f"{id} is revoked")


def _span(text: str) -> timedelta | None:
    if text == "never":
        return None
    found = _SPAN.fullmatch(text)
    if found is None:
        problem = f"{text!r} is no span of time; write 12h, 90d, or never"
        raise typer.BadParameter(problem, param_hint="--expires")
    return int(found[1]) * _UNITS[found[2]]


async def _number(engine: AsyncEngine, name: str) -> int:
    known = await SqlRepositories(engine).by_name(name)
    if known is None:
        problem = f"{name} is no repository that the GitHub App was let into"
        raise UserError(problem, "Install the App on it first; the service then knows it.")
    return known.host_id


def _ask(question: Callable[[AsyncEngine], Awaitable[Answer]]) -> Answer:
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    upgrade(url, backup_dir=settings.data_folder() / "backups")

    async def run() -> Answer:
        engine = make_engine(url)
        try:
            return await question(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _document(one: ApiToken, names: list[str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "repositories": names,
        "scopes": sorted(one.scopes),
        "created_at": one.created_at.isoformat(),
        "expires_at": one.expires_at.isoformat() if one.expires_at else None,
        "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
    }
