"""Keeps the dashboard issue, and obeys the boxes that a person has ticked in it."""

from bot.domain import messages
from bot.domain.commands import Resume, why_not
from bot.domain.dashboard import WHOLE_REPOSITORY, Ticked, ticked
from bot.domain.events import LearningEvent, about_repository
from bot.domain.improvement import Improvement
from bot.domain.jobs import Advance, Job
from bot.domain.limits import RESUMED, paused
from bot.domain.talk import Issue
from bot.ports import Forum, Ports
from bot.workflows.history import history_of
from bot.workflows.learn import remember
from bot.workflows.steer import carry_out
from bot.workflows.tell import tell

DASHBOARD = "dashboard"
"""The key of the issue."""


async def keep_dashboard(ports: Ports) -> tuple[Job, ...]:
    """Obey what is ticked, then write the issue as things stand; what to look at next.

    Written afterwards, the boxes are empty again; a box that is obeyed twice finds nothing to do.
    """
    forum = ports.forum
    if forum is None or ports.stopped:
        return ()
    name = (await ports.host.repository()).name
    issue = await forum.issue(DASHBOARD)
    moved = await _obey(ports, forum, name, issue) if issue is not None else ()
    history = await history_of(ports, name)
    text = messages.dashboard_body(history.improvements, paused(history, ports.policy.limits))
    if issue is None or not issue.is_open or issue.text.strip() != text.strip():
        await forum.write_issue(DASHBOARD, messages.DASHBOARD_TITLE, text)
    return moved


async def _obey(ports: Ports, forum: Forum, name: str, issue: Issue) -> tuple[Job, ...]:
    """Only the last editor is known, so only what a person who may write has left counts."""
    boxes = ticked(issue.text)
    if not boxes or not issue.edited_by:
        return ()
    if not (await forum.permission(issue.edited_by)).may_command:
        return ()
    for box in boxes:
        await _tick(ports, name, box, issue.edited_by)
    return tuple(Advance(box.id) for box in boxes if box.id != WHOLE_REPOSITORY)


async def _tick(ports: Ports, name: str, box: Ticked, person: str) -> None:
    if box.id == WHOLE_REPOSITORY:
        if isinstance(box.command, Resume):
            await resume_repository(ports, name, person)
        return
    async with ports.stores() as store:
        improvement = await store.improvement(box.id)
    if improvement is None or improvement.repository != name:
        return
    if why_not(box.command, improvement, await _head(ports, improvement)):
        return
    done = await carry_out(ports, improvement, box.command, person)
    await tell(ports, improvement, done.after)
    await remember(ports, improvement, done.after, done.events)


async def _head(ports: Ports, improvement: Improvement) -> str:
    if improvement.pull_request is None:
        return ""
    pull = await ports.host.pull_request(improvement.pull_request)
    return pull.head_sha if pull is not None else ""


async def resume_repository(ports: Ports, name: str, person: str) -> None:
    """Begin a new count of reverts: a person has looked."""
    about, why = about_repository(name), f"by {person}"
    async with ports.stores() as store:
        await store.record(LearningEvent(RESUMED, about, ports.clock.now(), reason=why))
        await store.commit()
