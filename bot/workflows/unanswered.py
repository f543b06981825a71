"""Commands that people have given and that nobody has answered yet."""

from datetime import timedelta

from bot.domain.commands import parse_command
from bot.domain.events import about_comment
from bot.domain.talk import Comment
from bot.ports import Forum, Ports

REACH = timedelta(days=7)
"""How old a command may be; what is older was meant for another day."""


async def unanswered_on(ports: Ports, forum: Forum, repository: str, number: int) -> list[Comment]:
    """Those in one pull request or issue."""
    since = ports.clock.now() - REACH
    found = [
        one
        for one in await forum.comments(number, since)
        if not (one.ours or one.author_is_bot) and parse_command(ports.spoken(one.text)) is not None
    ]
    async with ports.stores() as store:
        return [
            one
            for one in found
            if not await store.events(about_comment(repository, one.id), limit=1)
        ]
