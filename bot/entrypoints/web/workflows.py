"""Lets a workflow of GitHub Actions report for its own repository, with no secret of ours."""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from bot.adapters.database.proofs import SqlProofs
from bot.adapters.github.actions_tokens import LONGEST, ActionsTokens
from bot.domain.actions_identity import LEEWAY, Doubted
from bot.domain.api_tokens import Caller, Scope
from bot.entrypoints.web.problems import Problem
from bot.ports import HostError

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_SILENT: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The keys of GitHub Actions cannot be read now: try again in a minute.",
)
_UNKNOWN: Final = Problem(
    HTTPStatus.UNAUTHORIZED,
    "This token of GitHub Actions is of a repository that the GitHub App was not let into.",
)
_AGAIN: Final = Problem(
    HTTPStatus.UNAUTHORIZED,
    "This token of GitHub Actions was used before: ask for a new one for each request.",
)


class Workflows:
    """Whoever presents a token that GitHub Actions signed for this server, once."""

    def __init__(self, issuer: str, tokens: ActionsTokens, proofs: SqlProofs) -> None:
        self._issuer = issuer
        self._tokens = tokens
        self._proofs = proofs

    async def caller(self, token: str) -> Caller | Problem:
        """The workflow, which may report for its repository and nothing else."""
        now = datetime.now(UTC)
        try:
            found = await self._tokens.identity(token, now)
        except HostError:
            return _SILENT
        if isinstance(found, Doubted):
            why = f"This token of GitHub Actions proves nothing: {found.why}."
            return Problem(HTTPStatus.UNAUTHORIZED, why)
        name = await self._proofs.repository(found.repository_id)
        if name is None:
            return _UNKNOWN
        # Only now: what is refused for another reason may still be used rightly.
        if not await self._proofs.take(self._issuer, found.id, found.expires_at + LEEWAY, now):
            return _AGAIN
        return Caller(
            frozenset({Scope.REPORT}),
            frozenset({name.lower()}),
            f"actions-{found.repository_id}",
            f"a workflow of {name}",
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._tokens.close()


def is_signed(text: str) -> bool:
    """Whether it has the shape of a signed token, which none of ours has."""
    return len(text) <= LONGEST and _SHAPE.fullmatch(text) is not None
