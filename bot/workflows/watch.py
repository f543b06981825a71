"""Deploys what was merged, and judges the deployment by its measurements."""

from collections.abc import Mapping
from typing import Any

from bot.domain import messages
from bot.domain.deployments import (
    After,
    Deployed,
    DeploymentFailed,
    NeverDeployed,
    NotYet,
    TakenOut,
    decide_deployed,
    since,
)
from bot.domain.improvement import Improvement, State
from bot.domain.policy import OnInconclusive
from bot.domain.reporting import gain_json
from bot.domain.rollback import Extend, HoldForPerson, Keep, LookAgain, Revert
from bot.learning.rollback_manager import Look, RollbackManager, look_interval, poll_interval
from bot.ports import Ports
from bot.workflows.history import deployments_seen, entered

WATCH_COMMENT = "watch"


async def deploy(ports: Ports, improvement: Improvement) -> Improvement:
    """MERGED -> watching, once a deployment holds the merge; a failed one is taken back.

    Where none comes in time, the policy says what follows from not knowing.
    """
    await ports.host.deploy()
    policy = ports.policy.watch
    merged_at = await entered(ports, improvement, State.MERGED)
    seen = await deployments_seen(ports, improvement.merge_sha)
    now = ports.clock.now()
    again = now + poll_interval(policy)
    match decide_deployed(seen, merged_at, now, policy.deployment_deadline_seconds):
        case Deployed(deployment):
            why = f"deployed as {deployment.sha[:12]}"
            at = deployment.at
            return improvement.move(State.WATCHING, why, now, deployed_at=at, look_again_at=again)
        case NotYet(why):
            return improvement.stay(why, now, look_again_at=again)
        case DeploymentFailed(_, why):
            return _take_back(ports, improvement, why)
        case TakenOut(_, why):
            return improvement.move(State.HELD, f"taken out of production: {why}", now)
        case NeverDeployed(why):
            return _unknown(ports, improvement, why)


async def watch(ports: Ports, improvement: Improvement) -> Improvement:
    """WATCHING -> kept, reverting or held, or look again."""
    policy = ports.policy.watch
    after_ours = await _after(ports, improvement)
    if after_ours.taken_out is not None:
        why = f"{after_ours.taken_out.sha[:12]} was deployed since, which does not hold it"
        return improvement.move(State.HELD, f"taken out of production: {why}", ports.clock.now())
    superseded = after_ours.superseded.at if after_ours.superseded else None
    manager = RollbackManager(None, ports=ports)
    look = await manager.look(improvement, policy, superseded_at=superseded)
    now = ports.clock.now()
    again = now + look_interval(policy, suspected=look.bad)
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
            after = improvement.move(State.KEPT, why, now, evidence=_with_gain(improvement, look))
        case Revert(why) if not ports.operator.reverts:
            after = improvement.move(State.HELD, f"{why}; ENABLE_AUTO_ROLLBACK is off", now)
        case Revert(why):
            after = improvement.move(State.REVERTING, why, now, look_again_at=now)
        case HoldForPerson(why):
            after = improvement.move(State.HELD, why, now)
    if improvement.pull_request is not None:
        text = messages.watch_comment(after, look.analysis, look.gain)
        await ports.host.comment(improvement.pull_request, WATCH_COMMENT, text)
    return after


def _with_gain(improvement: Improvement, look: Look) -> Mapping[str, Any]:
    if look.gain is None:
        return improvement.evidence
    return {**improvement.evidence, "gain": gain_json(look.gain)}


async def _after(ports: Ports, improvement: Improvement) -> After:
    deployed = improvement.deployed_at
    assert deployed is not None  # noqa: S101 - it is watched, so it was deployed
    return since(await deployments_seen(ports, improvement.merge_sha, deployed), deployed)


def _take_back(ports: Ports, improvement: Improvement, why: str) -> Improvement:
    now = ports.clock.now()
    if not (ports.policy.watch.automatic_rollback and ports.operator.reverts):
        return improvement.move(State.HELD, why, now)
    return improvement.move(State.REVERTING, why, now, deployed_at=now, look_again_at=now)


def _unknown(ports: Ports, improvement: Improvement, why: str) -> Improvement:
    now = ports.clock.now()
    match ports.policy.watch.on_inconclusive:
        case OnInconclusive.HOLD:
            return improvement.move(State.HELD, f"inconclusive: {why}", now)
        case OnInconclusive.KEEP:
            return improvement.move(State.KEPT, f"inconclusive, kept by policy: {why}", now)
        case OnInconclusive.REVERT:
            return _take_back(ports, improvement, f"inconclusive, reverted by policy: {why}")
