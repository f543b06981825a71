"""Does what was asked for over HTTP with one improvement, and writes down what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.domain.asked import OVER, Asked, Progress, Wish, command_of, why_not_now
from bot.domain.improvement import Improvement, State
from bot.domain.jobs import Advance, CarryOut, Job
from bot.learning.sandbox import TestingSandbox
from bot.ports import AskedJobs, Ports, Queue, UserError
from bot.workflows.learn import remember
from bot.workflows.scan import Scan
from bot.workflows.steer import carry_out
from bot.workflows.tell import tell


async def take_in(asked: AskedJobs, queue: Queue, now: Callable[[], datetime]) -> int:
    """Put what waits into the queue; how much it was. Repeated, each is done once."""
    waiting = await asked.waiting()
    for one in waiting:
        await queue.enqueue([CarryOut(one.improvement, one.id)], cause=f"asked/{one.id}")
        await asked.put(one.id, Progress.QUEUED, now(), {}, "")
    return len(waiting)


async def is_open(asked: AskedJobs, id: str) -> Asked | None:
    """The wish, if it is not over."""
    found = await asked.by_id(id)
    return None if found is None or found.state in OVER else found


async def do(ports: Ports, asked: Asked) -> tuple[dict[str, Any], tuple[Job, ...]]:
    """Its result, and what is to be looked at next; UserError says why it cannot be done."""
    async with ports.stores() as store:
        before = await store.improvement(asked.improvement)
    if before is None:
        raise UserError("the improvement is gone", "List the known ones.")
    await _may(ports, asked)
    refused = why_not_now(asked.wish, before, await _head(ports, before), asked.head_sha)
    if refused:
        raise UserError(refused)
    if asked.wish is Wish.TEST:
        return await _tested(ports, before), ()
    after = await _moved(ports, asked, before)
    return {"state": str(after.state), "reason": after.reason}, (Advance(after.id),)


async def _may(ports: Ports, asked: Asked) -> None:
    """Between asking and doing a person may have lost their permission."""
    if not asked.person:
        return
    if ports.forum is None or not (await ports.forum.permission(asked.person)).may_command:
        problem = f"{asked.person} may not write to this repository"
        raise UserError(problem, "Ask somebody who may.")


async def _head(ports: Ports, improvement: Improvement) -> str:
    if improvement.pull_request is None:
        return improvement.head_sha
    pull = await ports.host.pull_request(improvement.pull_request)
    return pull.head_sha if pull else ""


async def _tested(ports: Ports, improvement: Improvement) -> dict[str, Any]:
    async with TestingSandbox(None, ports=ports) as sandbox:
        await sandbox.apply_improvement(improvement.id)
        return (await sandbox.run_tests()).as_json()


async def _moved(ports: Ports, asked: Asked, before: Improvement) -> Improvement:
    command = command_of(asked.wish, before, asked.head_sha or before.head_sha)
    if command is None:
        after = before if asked.wish is Wish.DEPLOY else await _generated(ports, before)
        await remember(ports, before, after)
        return after
    done = await carry_out(ports, before, command, asked.by)
    if done.refused:
        raise UserError(done.say)
    await tell(ports, before, done.after)
    await remember(ports, before, done.after, done.events, done.feedback)
    return done.after


async def _generated(ports: Ports, before: Improvement) -> Improvement:
    """The same with what the rules make of it on the default branch's head now."""
    assert before.state is State.FOUND  # noqa: S101 - others are made anew by a command
    scan = Scan(ports)
    repository = await ports.host.repository()
    findings = await scan.findings(await ports.host.tree(repository.head_sha))
    same = [finding for finding in findings if finding.id == before.finding.id]
    fresh = await scan.found(same[0]) if same else None
    if fresh is None:
        problem = "what it would improve is no longer there, or nothing can be generated for it"
        raise UserError(problem, "Look at the opportunities again.")
    now = ports.clock.now()
    return before.stay(
        "generated anew",
        now,
        finding=fresh.finding,
        base_sha=fresh.base_sha,
        engine=fresh.engine,
        patch=fresh.patch,
        confidence=fresh.confidence,
        look_again_at=now,
    )
