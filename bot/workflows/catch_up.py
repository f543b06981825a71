"""Finds commands that have no answer: said while we were shut out or stopped, or never heard of."""

from collections.abc import Iterable

from bot.domain.improvement import Improvement
from bot.domain.jobs import Obey
from bot.ports import Ports
from bot.workflows.dashboard import DASHBOARD
from bot.workflows.unanswered import unanswered_on


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
    return tuple(
        [
            Obey(repository, number, one.id)
            for number in sorted(numbers)
            for one in await unanswered_on(ports, forum, repository, number)
        ]
    )
