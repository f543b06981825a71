"""Chooses how a job of GitHub Actions proves to a server who it is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.adapters.report_server import (
    JobIdentity,
    ReportServer,
    given,
    make_client,
    signed_by_github,
)


@asynccontextmanager
async def report_server(
    address: str, token: str, identity: JobIdentity, mask: Callable[[str], None]
) -> AsyncIterator[ReportServer]:
    """The server at this address, with `token` where there is one, else with GitHub's."""
    async with make_client() as client:
        asked = given(token) if token else signed_by_github(client, identity, address, mask)
        yield ReportServer(address, client, asked)
