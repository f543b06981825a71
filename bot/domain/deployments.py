"""What the deployments say of one commit: deployed, failed, taken out by others, or missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.pulls import Deployment


@dataclass(frozen=True, slots=True)
class Seen:
    """One deployment, and whether it holds the commit that is looked for."""

    deployment: Deployment
    holds: bool


@dataclass(frozen=True, slots=True)
class Deployed:
    """The commit is in production since this deployment."""

    deployment: Deployment


@dataclass(frozen=True, slots=True)
class DeploymentFailed:
    """The commit never came into production: this deployment of it failed."""

    deployment: Deployment
    why: str


@dataclass(frozen=True, slots=True)
class TakenOut:
    """The commit was in production, and somebody has deployed a commit without it since."""

    deployment: Deployment
    why: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """No deployment holds the commit so far."""

    why: str


@dataclass(frozen=True, slots=True)
class NeverDeployed:
    """No deployment has come within the time that was given."""

    why: str


DeploymentState = Deployed | DeploymentFailed | TakenOut | NotYet | NeverDeployed


def decide_deployed(
    seen: Sequence[Seen], waiting_since: datetime, now: datetime, deadline_seconds: int
) -> DeploymentState:
    """Where the commit stands by these deployments, oldest first.

    Only what came after the last deployment without the commit speaks for production as it is.
    """
    successful = [one for one in seen if one.deployment.successful]
    current = _since_last_without(seen)
    for one in current:
        if one.holds and one.deployment.successful:
            return Deployed(one.deployment)
    if any(one.holds for one in successful):
        last = next(one.deployment for one in reversed(successful) if not one.holds)
        return TakenOut(last, f"{last.sha[:12]} was deployed since, which does not hold it")
    failed = [one.deployment for one in seen if one.holds]
    if failed:
        return DeploymentFailed(failed[-1], f"the deployment failed: {failed[-1].why}")
    if now - waiting_since > timedelta(seconds=deadline_seconds):
        return NeverDeployed("no deployment has come (`watch.deployment_deadline_seconds`)")
    return NotYet("waiting for a deployment that contains the merge")


@dataclass(frozen=True, slots=True)
class After:
    """What was deployed after a watched deployment: in its place with others, or without it."""

    superseded: Deployment | None = None
    taken_out: Deployment | None = None


def since(seen: Sequence[Seen], deployed_at: datetime) -> After:
    """The first successful deployments after the watched one, of either kind."""
    later = [one for one in seen if one.deployment.successful and one.deployment.at > deployed_at]
    return After(
        superseded=next((one.deployment for one in later if one.holds), None),
        taken_out=next((one.deployment for one in later if not one.holds), None),
    )


def _since_last_without(seen: Sequence[Seen]) -> Sequence[Seen]:
    without = [n for n, one in enumerate(seen) if one.deployment.successful and not one.holds]
    return seen[without[-1] + 1 :] if without else seen
