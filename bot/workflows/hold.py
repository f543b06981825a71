"""Looks again at what is held: the truth, or a person, may have moved it meanwhile."""

from bot.domain.deployments import Deployed, decide_deployed
from bot.domain.improvement import Improvement, State
from bot.domain.landing import AlreadyMerged, Block, ClosedUnmerged, Merge, Rebuild, Wait
from bot.domain.pulls import Merged, NotMerged
from bot.ports import Ports
from bot.workflows.history import deployments_seen, entered, steering_now
from bot.workflows.land import AGAIN, ask_to_merge, decide, is_spoken_to, merge
from bot.workflows.scan import Scan


async def reconsider(ports: Ports, improvement: Improvement) -> Improvement:
    """HELD -> where it stands now; the same value where nothing has changed.

    What a person has done on the host counts at once; what the bot would do by itself waits while
    a person holds it.
    """
    if improvement.revert_pull_request is not None:
        return await _revert(ports, improvement)
    if improvement.merge_sha or improvement.pull_request is None:
        return _still(ports, improvement)
    decision = await decide(ports, improvement)
    now = ports.clock.now()
    match decision:
        case AlreadyMerged(sha, why):
            return improvement.move(State.MERGED, why, now, merge_sha=sha, look_again_at=now)
        case ClosedUnmerged(why):
            return improvement.move(State.ABANDONED, why, now)
        case Block():
            return _still(ports, improvement)
        case _ if (await steering_now(ports, improvement)).held_by:
            return _still(ports, improvement)
        case Rebuild(why):
            return await rebuild(ports, improvement, why)
        case Wait(until, why):
            return improvement.move(State.OPEN, why, now, look_again_at=until)
        case Merge(sha, why):
            return await _merge(ports, improvement, sha, why)


async def _merge(ports: Ports, improvement: Improvement, sha: str, why: str) -> Improvement:
    if await is_spoken_to(ports, improvement):
        # It may say `hold`.
        again = ports.clock.now() + AGAIN
        return improvement.stay(improvement.reason, ports.clock.now(), look_again_at=again)
    return await merge(ports, improvement, sha, why)


async def rebuild(ports: Ports, improvement: Improvement, why: str) -> Improvement:
    """Back to found on the default branch's head, or abandoned where nothing is left to improve.

    It is verified anew like any other; the branch then gets one new commit in place of the old.
    """
    repository = await ports.host.repository()
    scan = Scan(ports)
    findings = await scan.findings(await ports.host.tree(repository.head_sha))
    same = [finding for finding in findings if finding.id == improvement.finding.id]
    fresh = await scan.found(same[0]) if same else None
    now = ports.clock.now()
    if fresh is None:
        gone = f"{why}, and what it improves is no longer there"
        if improvement.pull_request is not None:
            await ports.host.close(improvement.pull_request, gone)
        return improvement.move(State.ABANDONED, gone, now)
    return improvement.move(
        State.FOUND,
        f"{why}: made anew on {fresh.base_sha[:12]}",
        now,
        finding=fresh.finding,
        base_sha=fresh.base_sha,
        engine=fresh.engine,
        patch=fresh.patch,
        confidence=fresh.confidence,
        evidence={},
        look_again_at=now,
    )


async def _revert(ports: Ports, improvement: Improvement) -> Improvement:
    now = ports.clock.now()
    if improvement.revert_sha:
        deployed = improvement.revert_deployed_at or await _deployed(ports, improvement)
        if not deployed:
            return _still(ports, improvement)
        return improvement.move(
            State.REVERTING, "the revert is deployed after all", now, look_again_at=now
        )
    decision = await decide(ports, improvement, revert=True)
    if isinstance(decision, AlreadyMerged):
        return _back(ports, improvement, decision.sha)
    if (await steering_now(ports, improvement)).held_by:
        return _still(ports, improvement)
    if isinstance(decision, Wait):
        return _back(ports, improvement)
    if isinstance(decision, Merge):
        return await _merge_revert(ports, improvement, decision.sha)
    return _still(ports, improvement)


async def _merge_revert(ports: Ports, improvement: Improvement, sha: str) -> Improvement:
    assert improvement.revert_pull_request is not None  # noqa: S101 - decided on it
    outcome = await ask_to_merge(ports, improvement, improvement.revert_pull_request, sha)
    match outcome:
        case Merged(merge_sha):
            return _back(ports, improvement, merge_sha)
        case NotMerged(_, False):
            return _still(ports, improvement)
        case _:
            return _back(ports, improvement)


def _back(ports: Ports, improvement: Improvement, revert_sha: str = "") -> Improvement:
    now = ports.clock.now()
    why = f"the revert goes on; it was held because {improvement.reason}"
    return improvement.move(State.REVERTING, why, now, revert_sha=revert_sha, look_again_at=now)


async def _deployed(ports: Ports, improvement: Improvement) -> bool:
    seen = await deployments_seen(ports, improvement.revert_sha)
    since = await entered(ports, improvement, State.REVERTING)
    deadline = ports.policy.watch.deployment_deadline_seconds
    return isinstance(decide_deployed(seen, since, ports.clock.now(), deadline), Deployed)


def _still(ports: Ports, improvement: Improvement) -> Improvement:
    if improvement.look_again_at is None:
        return improvement
    return improvement.stay(improvement.reason, ports.clock.now())
