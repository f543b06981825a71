"""A process that books calls as a worker does, and prints what it was allowed: `URL CALLS NUMBER`.

It says `ready` and begins when it is told to; where CALLS is 0 it books one, and waits.
"""

import asyncio
import json
import random
import sys

from bot.adapters.database import make_engine
from bot.adapters.database.ledger import SqlLedger
from bot.domain.model.spending import Booking, Caps, MaySpend, Purpose, Tokens

CAPS = Caps(call=40, improvement=150, repository_a_day=260, everything_a_day=400)


async def spend(url: str, calls: int, number: int) -> None:
    """Book and settle at random; what is said to be spent on the way is never above the cap."""
    draw, ledger = random.Random(number), SqlLedger(make_engine(url))
    allowed: list[tuple[str, str, int]] = []
    refused, most = 0, 0
    for call in range(calls):
        place = draw.randrange(6)
        purpose = Purpose(f"team/{place % 2}", f"{place % 3}")
        id, amount = f"{number}-{call}", draw.randint(1, 45)
        decision = await ledger.reserve(Booking(id, purpose, "m", amount, amount), CAPS)
        most = max(most, (await ledger.spent(purpose)).everything_today)
        if not isinstance(decision, MaySpend):
            refused += 1
            continue
        if draw.random() < 0.5:
            amount = draw.randint(0, amount)
            await ledger.settle(id, Tokens(amount, 0), amount, "proposed")
        allowed.append((purpose.repository, purpose.improvement, amount))
    caps = [CAPS.call, CAPS.improvement, CAPS.repository_a_day, CAPS.everything_a_day]
    _say(json.dumps({"allowed": allowed, "refused": refused, "most": most, "caps": caps}))


async def book_and_wait(url: str) -> None:
    """Book one call, and be cut off before it is settled."""
    ledger = SqlLedger(make_engine(url))
    await ledger.reserve(Booking("lost", Purpose("team/0", "0"), "m", 30, 30), CAPS)
    _say("booked")
    sys.stdin.readline()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, url, calls, number = sys.argv
    _say("ready")
    sys.stdin.readline()
    asyncio.run(spend(url, int(calls), int(number)) if int(calls) else book_and_wait(url))
