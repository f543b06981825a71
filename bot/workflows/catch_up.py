"""Finds commands that have no answer: said while we were shut out or stopped, or never heard of."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

from bot.domain.commands import parse_command
from bot.domain.events import about_comment
from bot.domain.improvement import Improvement
from bot.domain.jobs import Obey
from bot.domain.talk import Comment
from bot.ports import Forum, Ports
from bot.workflows.dashboard import DASHBOARD

REACH = timedelta(days=7)
"""How old a command may be; what is older was meant for another day."""


async def unanswered(
    ports: Ports, repository: str, improvements: Iterable[Improvement]
) -> tuple[Obey, ...]:
    """A job for each comment that commands something about these and was never answered."""
    forum = ports.forum
    if forum is None:
        return ()
    pulls = [(one.pull_request, one.revert_pull_request) for one in improvements]
    numbers = {number for pair in pulls for number in pair if number is not None}
    board = await forum.issue(DASHBOARD)
    if board is not None:
        numbers.add(board.number)
    found = [one async for one in _commands(ports, forum, sorted(numbers))]
    async with ports.stores() as store:
        return tuple(
            [
                Obey(repository, one.number, one.id)
                for one in found
                if not await store.events(about_comment(repository, one.id), limit=1)
            ]
        )


async def _commands(ports: Ports, forum: Forum, numbers: Iterable[int]) -> AsyncIterator[Comment]:
    since = ports.clock.now() - REACH
    for number in numbers:
        for one in await forum.comments(number, since):
            is_person = not one.ours and not one.author_is_bot
            if is_person and parse_command(ports.spoken(one.text)) is not None:
                yield one
