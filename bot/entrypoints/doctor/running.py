"""Runs checks side by side, each within its time; whatever one raises becomes a line."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain.checkup import Checked, error
from bot.ports import UserError

Look = Callable[[], Iterable[Checked]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; `name` stands on the line where it cannot be looked at."""

    name: str
    look: Look


def run_all(checks: Sequence[Check], seconds: float) -> list[Checked]:
    """What each found, in their order; one that takes longer is left behind and told."""
    found: list[list[Checked]] = [[] for _ in checks]
    # Daemons: one that hangs holds up neither the others nor the end.
    threads = [
        threading.Thread(target=_look, args=(check, lines), daemon=True)
        for check, lines in zip(checks, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [
        line
        for check, lines, thread in zip(checks, found, threads, strict=True)
        for line in (*lines, *(_late(check, seconds) if thread.is_alive() else ()))
    ]


def _look(check: Check, lines: list[Checked]) -> None:
    """Add line by line, so that what was seen before it failed is told, too."""
    try:
        for line in check.look():
            lines.append(line)  # noqa: PERF402 - see above
    except UserError as problem:
        lines.append(error(check.name, str(problem), problem.remedy))
    except Exception as problem:  # noqa: BLE001 - whoever looks for a fault gets no traceback
        seen = f"it could not be looked at: {type(problem).__name__}: {problem}"
        lines.append(error(check.name, seen, "Report it, with this line."))


def _late(check: Check, seconds: float) -> list[Checked]:
    seen = f"nothing was heard within {seconds:g} s"
    return [error(check.name, seen, "See what holds it up; --timeout waits longer.")]
