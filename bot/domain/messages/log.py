"""What the log says of what went on, each in one line."""

from collections.abc import Sequence

from bot.domain.deliveries import Delivery
from bot.domain.improvement import Improvement
from bot.domain.jobs import Job
from bot.domain.messages.text import plain, shortened
from bot.domain.redaction import redact

_LONGEST = 500


def move_line(before: str, after: Improvement) -> str:
    """From which state it went to which, and why; before is empty where it is new."""
    pulls = (("pull request", after.pull_request), ("revert", after.revert_pull_request))
    numbers = "".join(f", {name} #{number}" for name, number in pulls if number is not None)
    moved = f"{before or 'nothing'} -> {after.state}"
    line = f"{after.repository} {after.id} ({after.finding.rule}) {moved}{numbers}: {after.reason}"
    return _fit(line)


def routed_line(delivery: Delivery, jobs: Sequence[Job]) -> str:
    """What will be done because of a delivery."""
    keys = ", ".join(dict.fromkeys(job.key for job in jobs))
    line = f"delivery {delivery.id} ({delivery.event}) leads to {keys}"
    return _fit(line)


def _fit(line: str) -> str:
    """One line without secrets; half of one would have no shape to know it by."""
    return shortened(redact(plain(line)), _LONGEST)
