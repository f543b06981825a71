"""Chooses adapters for a job of GitHub Actions, which has a token and no App."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.adapters.github.client import Access, GitHubClient
from bot.adapters.github.host import GitHubCodeHost
from bot.adapters.github.identity import Identity
from bot.adapters.github.tokens import GivenToken
from bot.bootstrap.clock import SystemClock
from bot.bootstrap.local import LocalChoices, local_ports
from bot.domain.pulls import PullState
from bot.ports import Ports, UserError
from bot.settings import read_settings

_VIEWER = "query { viewer { login databaseId } }"
_BOT = "[bot]"
_PAUSE_SECONDS = 1.0
"""Between two changes; GitHub asks for it."""


@asynccontextmanager
async def workflow_host(
    api_url: str, repository: str, token: str, *, pause: float = _PAUSE_SECONDS
) -> AsyncIterator[GitHubCodeHost]:
    """The job's repository as whoever the token belongs to; UserError without a token."""
    if not token or not repository:
        raise UserError("there is no token for a repository", "Give `github-token`.")
    client = GitHubClient(GivenToken(token), SystemClock(), base_url=api_url, pause=pause)
    try:
        access = client.repository(0, repository)
        yield GitHubCodeHost(access, await _identity(access), reverts_others=True)
    finally:
        await client.close()


async def _identity(access: Access) -> Identity:
    """Who the token belongs to: only what this account wrote is ours."""
    viewer = (await access.query(_VIEWER)).expect().at("viewer")
    login, number = viewer.text("login"), viewer.number("databaseId")
    if not login or number is None:
        raise UserError("GitHub does not say whose the token is", "Give another `github-token`.")
    return Identity(login.removesuffix(_BOT), number, 0)


@asynccontextmanager
async def workflow_ports(
    choices: LocalChoices, host: GitHubCodeHost, data: Path, progress: Callable[[str], None]
) -> AsyncIterator[Ports]:
    """Every port for the job's repository: GitHub as the host, records for this run alone."""
    settings = read_settings(choices.path).moved_to(data)
    async with local_ports(choices, settings, progress) as ports:
        yield replace(ports, host=host)


async def taken_branches(host: GitHubCodeHost) -> tuple[frozenset[str], int]:
    """Branches that have or had a pull request of ours, and how many of those are open.

    What somebody has closed is not proposed again; that is known from GitHub alone, since the
    records of a job end with it.
    """
    pulls = await asyncio.wait_for(host.pull_requests(), timeout=600)
    is_open = [one for one in pulls if one.state is PullState.OPEN]
    return frozenset(one.branch for one in pulls), len(is_open)
