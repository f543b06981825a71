"""Takes a merged improvement back by pull request, and measures the recovery."""

from bot.domain import messages
from bot.domain.analysis import Phase
from bot.domain.deployments import (
    Deployed,
    DeploymentFailed,
    NeverDeployed,
    NotYet,
    TakenOut,
    decide_deployed,
)
from bot.domain.improvement import Improvement, State
from bot.domain.landing import AlreadyMerged, Block, ClosedUnmerged, Merge, Rebuild, Wait
from bot.domain.limits import AskPerson, may_revert
from bot.domain.pulls import Merged, NotMerged, Queued, RevertBlocked, RevertOpened
from bot.learning.rollback_manager import RollbackManager, poll_interval
from bot.ports import Ports
from bot.workflows.history import deployments_seen, entered, history_of, steering_now
from bot.workflows.land import AGAIN, ask_to_merge, decide


async def revert(ports: Ports, improvement: Improvement) -> Improvement:
    """REVERTING -> reverted or held: open, land, deploy, measure, one step each time."""
    if improvement.revert_pull_request is None:
        return await _open(ports, improvement)
    if not improvement.revert_sha:
        return await _land(ports, improvement)
    if improvement.revert_deployed_at is None:
        return await _deploy(ports, improvement)
    return await _measure(ports, improvement)


async def _open(ports: Ports, improvement: Improvement) -> Improvement:
    asked = (await steering_now(ports, improvement)).revert_asked_by
    history = await history_of(ports, improvement.repository)
    allowed = may_revert(improvement, history, ports.policy.limits, asked=bool(asked))
    if isinstance(allowed, AskPerson):
        return improvement.move(State.HELD, f"not reverted: {allowed.why}", ports.clock.now())
    manager = RollbackManager(None, ports=ports)
    outcome = await manager.rollback_improvement(
        improvement_id=improvement.id, reason=messages.revert_body(improvement)
    )
    now = ports.clock.now()
    match outcome:
        case RevertOpened(pull):
            return improvement.stay(
                improvement.reason, now, revert_pull_request=pull.number, look_again_at=now
            )
        case RevertBlocked(why, what_to_do):
            return improvement.move(State.HELD, f"cannot be reverted: {why}. {what_to_do}", now)


async def _land(ports: Ports, improvement: Improvement) -> Improvement:
    decision = await decide(ports, improvement, revert=True)
    now = ports.clock.now()
    match decision:
        case Wait(until, _):
            return improvement.stay(improvement.reason, now, look_again_at=until)
        case Block(why) | Rebuild(why):
            return improvement.move(State.HELD, f"the revert is not merged: {why}", now)
        case ClosedUnmerged(why):
            return improvement.move(State.HELD, f"the revert was refused: {why}", now)
        case AlreadyMerged(sha, _):
            return _landed(ports, improvement, sha)
        case Merge(sha, _):
            assert improvement.revert_pull_request is not None  # noqa: S101 - the caller knows
            number = improvement.revert_pull_request
            outcome = await ask_to_merge(ports, improvement, number, sha)
            match outcome:
                case Merged(merge_sha):
                    return _landed(ports, improvement, merge_sha)
                case Queued(why) | NotMerged(why, True):
                    return improvement.stay(improvement.reason, now, look_again_at=now + AGAIN)
                case NotMerged(why):
                    return improvement.move(State.HELD, f"the revert is not merged: {why}", now)


def _landed(ports: Ports, improvement: Improvement, sha: str) -> Improvement:
    now = ports.clock.now()
    return improvement.stay(improvement.reason, now, revert_sha=sha, look_again_at=now)


async def _deploy(ports: Ports, improvement: Improvement) -> Improvement:
    await ports.host.deploy()
    now = ports.clock.now()
    since = await entered(ports, improvement, State.REVERTING)
    seen = await deployments_seen(ports, improvement.revert_sha)
    again = now + poll_interval(ports.policy.watch)
    found = decide_deployed(seen, since, now, ports.policy.watch.deployment_deadline_seconds)
    match found:
        case Deployed(deployment):
            return improvement.stay(
                improvement.reason, now, revert_deployed_at=deployment.at, look_again_at=again
            )
        case NotYet():
            return improvement.stay(improvement.reason, now, look_again_at=again)
        case DeploymentFailed(deployment):
            why = f"the deployment of the revert failed: {deployment.why}"
            return improvement.move(State.HELD, why, now)
        case TakenOut(_, why) | NeverDeployed(why):
            return improvement.move(State.HELD, f"the revert is not in production: {why}", now)


async def _measure(ports: Ports, improvement: Improvement) -> Improvement:
    policy = ports.policy.watch
    analysis = await RollbackManager(None, ports=ports).recovery(improvement, policy)
    now = ports.clock.now()
    recovered: bool | None
    match analysis.phase:
        case Phase.RUNNING:
            again = now + poll_interval(policy)
            return improvement.stay(improvement.reason, now, look_again_at=again)
        case Phase.SUCCESSFUL:
            recovered, note = True, "the service has recovered"
        case Phase.FAILED:
            recovered, note = False, f"the service has not recovered: {analysis.why}"
        case Phase.INCONCLUSIVE:
            recovered, note = None, f"the recovery could not be measured: {analysis.why}"
    why = f"{improvement.reason}; {note}"
    return improvement.move(State.REVERTED, why, now, recovered=recovered)
