"""Deploys what was merged, and judges the deployment by its measurements."""

from bot.domain import messages
from bot.domain.improvement import Improvement, State
from bot.domain.pulls import Deployment
from bot.domain.rollback import Extend, HoldForPerson, Keep, LookAgain, Revert
from bot.learning.rollback_manager import RollbackManager, look_interval
from bot.ports import Ports

WATCH_COMMENT = "watch"


async def deploy(ports: Ports, improvement: Improvement) -> Improvement:
    """MERGED -> watching, once a deployment holds the merge; a failed one is taken back."""
    latest = await ports.host.deploy() or await _deployed_elsewhere(ports, improvement)
    now = ports.clock.now()
    interval = look_interval(ports.policy.watch)
    if latest is None:
        why = "waiting for a deployment that contains the merge"
        return improvement.stay(why, now, look_again_at=now + interval)
    if not latest.successful:
        return _take_back(ports, improvement, f"the deployment failed: {latest.why}")
    why = f"deployed as {latest.sha[:12]}"
    return improvement.move(
        State.WATCHING, why, now, deployed_at=latest.at, look_again_at=now + interval
    )


async def watch(ports: Ports, improvement: Improvement) -> Improvement:
    """WATCHING -> kept, reverting or held, or look again."""
    policy = ports.policy.watch
    look = await RollbackManager(None, ports=ports).look(improvement, policy)
    now = ports.clock.now()
    again = now + look_interval(policy)
    suspected = (improvement.suspected_at or now) if look.bad else None
    match look.decision:
        case LookAgain(why):
            return improvement.stay(why, now, suspected_at=suspected, look_again_at=again)
        case Extend(why):
            why = f"extended once: {why}"
            return improvement.stay(
                why, now, extended=True, suspected_at=suspected, look_again_at=again
            )
        case Keep(why):
            after = improvement.move(State.KEPT, why, now)
        case Revert(why):
            after = improvement.move(State.REVERTING, why, now, look_again_at=now)
        case HoldForPerson(why):
            after = improvement.move(State.HELD, why, now)
    if improvement.pull_request is not None:
        text = messages.watch_comment(after, look.analysis)
        await ports.host.comment(improvement.pull_request, WATCH_COMMENT, text)
    return after


async def _deployed_elsewhere(ports: Ports, improvement: Improvement) -> Deployment | None:
    for deployment in reversed(await ports.host.deployments()):
        if await ports.host.contains(deployment.sha, improvement.merge_sha):
            return deployment
    return None


def _take_back(ports: Ports, improvement: Improvement, why: str) -> Improvement:
    now = ports.clock.now()
    if not ports.policy.watch.automatic_rollback:
        return improvement.move(State.HELD, why, now)
    return improvement.move(State.REVERTING, why, now, deployed_at=now, look_again_at=now)
