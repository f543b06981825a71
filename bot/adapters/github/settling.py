"""Does something that may be cut off in the middle: look, do what is missing, and look again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.adapters.github.exchange import UncertainError
from bot.ports import HostError

_Result = TypeVar("_Result")

_LOOKS = 8


async def settle(look: Callable[[], Awaitable[_Result | None]]) -> _Result:
    """Call `look` until it finds everything done.

    Each call looks first and does at most one thing that changes, so that what was done without
    our hearing of it is found and never done twice.
    """
    doubt: HostError = HostError("GitHub does not show what was done; look again later")
    for _ in range(_LOOKS):
        try:
            found = await look()
        except UncertainError as error:
            doubt = error
            continue
        if found is not None:
            return found
    raise doubt
