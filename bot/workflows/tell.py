"""Tells people where an improvement stands; nothing said here decides anything."""

from bot.domain.improvement import Improvement
from bot.ports import Ports


async def tell(ports: Ports, before: Improvement, after: Improvement) -> None:
    """Nothing yet."""
