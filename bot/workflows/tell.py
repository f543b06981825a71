"""Tells people where an improvement stands; nothing said here decides anything."""

from bot.domain import messages
from bot.domain.improvement import Improvement, State
from bot.ports import Forum, Ports, UserError

STATUS = "ironclaw"
"""The key of our check run."""


async def tell(ports: Ports, before: Improvement, after: Improvement) -> None:
    """Show what changed: the status line, and a notice once per hold.

    Where the host does not let us speak, the work goes on: a revert must not wait for a word.
    """
    if (before.state, before.reason) == (after.state, after.reason) or ports.forum is None:
        return
    try:
        await _tell(ports, ports.forum, before, after)
    except UserError as error:
        ports.progress(f"cannot say where {after.id} stands: {error}. {error.remedy}")


async def _tell(ports: Ports, forum: Forum, before: Improvement, after: Improvement) -> None:
    if after.pull_request is None:
        return
    goes_on = after.look_again_at is not None
    if after.state is State.HELD and before.state is not State.HELD and not goes_on:
        await _notice(ports, forum, after)
    if before.state is State.HELD and after.state is not State.HELD:
        await _withdraw(forum, after)
    if after.head_sha:
        line = messages.status_line(after)
        await forum.show_status(after.pull_request, after.head_sha, STATUS, line)


async def _notice(ports: Ports, forum: Forum, after: Improvement) -> None:
    """A comment while it is open; once it is merged nobody looks there, so an issue."""
    assert after.pull_request is not None  # noqa: S101 - the caller knows
    text = messages.held_notice(after)
    if after.merge_sha:
        await forum.write_issue(_issue_key(after), messages.held_title(after), text)
        return
    async with ports.stores() as store:
        events = await store.events(after.id)
    # Numbered, so that each hold is said anew and a repeated step says it once.
    count = sum(event.event_type == f"improvement_{State.HELD}" for event in events)
    await ports.host.comment(after.pull_request, f"held-{count + 1}", text)


async def _withdraw(forum: Forum, after: Improvement) -> None:
    issue = await forum.issue(_issue_key(after))
    if issue is not None and issue.is_open:
        text = messages.freed_notice(after)
        await forum.write_issue(_issue_key(after), issue.title, text, is_open=False)


def _issue_key(improvement: Improvement) -> str:
    return f"held/{improvement.id}"
