"""Sends requests within the rate limits; what only reads is tried again, what changes never."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bot.adapters.github.limits import Limits
from bot.adapters.github.wire import Answer, NoAnswerError, Request, Wire
from bot.ports import Clock, HostError

_ATTEMPTS = 3
_FIRST_PAUSE = 0.5

Sleep = Callable[[float], Awaitable[None]]


class UnansweredError(HostError):
    """GitHub failed at something that only reads, again and again."""


class UncertainError(HostError):
    """Something that changes was sent, and nobody knows whether it was done: look, then decide."""


class Exchange:
    """The way to one GitHub for every installation.

    `may_act` is called right before each request that changes something, and may end the process.
    """

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        may_act: Callable[[], None] = lambda: None,
    ) -> None:
        self._wire = wire
        self._may_act = may_act
        self._sleep = sleep
        self._limits = Limits(clock)

    @property
    def graphql_url(self) -> str:
        """Where GraphQL is."""
        return self._wire.graphql_url

    def share_left(self) -> float | None:
        """What is left of the rate limit where least is left, 0 to 1; None before any answer."""
        return self._limits.share_left()

    async def ask(
        self,
        request: Request,
        token: str,
        *,
        installation: int,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """The answer, if GitHub is well; `repeatable` says that doing it twice does no harm."""
        again = not request.changes if repeatable is None else repeatable
        kind = "graphql" if request.path == self.graphql_url else "rest"
        why = ""
        for attempt in range(_ATTEMPTS if again else 1):
            if attempt:
                await self._sleep(_FIRST_PAUSE * 2 ** (attempt - 1))
            self._limits.check(installation, kind)
            if not again:
                self._may_act()
            try:
                answer = await self._wire.send(request, token, headers)
            except NoAnswerError as error:
                why = str(error)
                continue
            self._limits.note(installation, kind, answer)
            if answer.status < 500:
                return answer
            why = f"{request.method} {request.path}: GitHub answered {answer.status}"
        raise UnansweredError(why) if again else UncertainError(why)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()
