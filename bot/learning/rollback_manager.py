"""Deploys what was merged, looks at how it does, and takes it back when it does worse."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.analysis import Analysis, Phase, assess, is_bad
from bot.domain.analysis.gain import Gain, judge_gain
from bot.domain.analysis.requests import of_former_version
from bot.domain.improvement import Improvement
from bot.domain.metrics import Request
from bot.domain.policy import WatchPolicy
from bot.domain.pulls import Deployment, RevertBlocked, RevertOpened
from bot.domain.rollback import (
    Extend,
    HoldForPerson,
    Keep,
    LookAgain,
    Revert,
    WatchDecision,
    decide_after,
)
from bot.learning.wiring import ports_for
from bot.ports import Ports, UserError

_LOOKS = 12
"""How many times a watch looks before its time is up."""
_POLLS = 10
"""How many times in the length of a watch something that takes as long as it takes is asked for."""
_BASELINE = 6
"""How many times as long as a watch the baseline reaches back: one period may be unlucky."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a deployment: what was measured, what follows, and whether it looked bad.

    `gain` says of a deployment that is kept whether what was promised arrived.
    """

    analysis: Analysis
    decision: WatchDecision
    bad: bool
    gain: Gain | None = None


class RollbackManager:
    """Everything between a merge and its outcome."""

    def __init__(self, db_session: Any, *, ports: Ports | None = None) -> None:
        self._ports = ports_for(db_session, ports)

    async def deploy_improvement(
        self, *, improvement_id: str, create_backup: bool = True, commit_changes: bool = True
    ) -> Deployment | None:
        """Deploy the default branch once the improvement is merged into it.

        The merged history is the backup and the commit, so both flags must stay as they are;
        UserError otherwise, or when it is not merged. None where the host does not deploy.
        """
        improvement = await self._improvement(improvement_id)
        if not improvement.merge_sha:
            problem = f"improvement {improvement_id} is {improvement.state}, not merged"
            raise UserError(problem, "Merge its pull request first.")
        if not (create_backup and commit_changes):
            problem = "a deployment without a backup or a commit could not be taken back"
            raise UserError(problem, "Leave `create_backup` and `commit_changes` on.")
        return await self._ports.host.deploy()

    async def monitor_and_rollback(
        self,
        *,
        improvement_id: str,
        monitoring_duration_seconds: float = 300,
        error_threshold: float = 0.1,
    ) -> bool:
        """Watch a deployed improvement and take it back if it got worse; whether it is stable.

        Inconclusive is not stable; nothing is taken back then.
        """
        improvement = await self._improvement(improvement_id)
        policy = replace(
            self._ports.policy.watch,
            duration_seconds=int(monitoring_duration_seconds),
            error_threshold=error_threshold,
        )
        suspected: datetime | None = None
        while True:
            look = await self.look(replace(improvement, suspected_at=suspected), policy)
            match look.decision:
                case Keep():
                    return True
                case Revert(why):
                    await self.rollback_improvement(improvement_id=improvement_id, reason=why)
                    return False
                case HoldForPerson():
                    return False
                case Extend():
                    improvement = replace(improvement, extended=True)
                case LookAgain():
                    pass
            suspected = (suspected or self._ports.clock.now()) if look.bad else None
            pause = look_interval(policy, suspected=look.bad)
            await asyncio.sleep(pause.total_seconds())

    async def rollback_improvement(
        self, *, improvement_id: str, reason: str
    ) -> RevertOpened | RevertBlocked:
        """Open the pull request that takes a merged improvement back; one per merge."""
        improvement = await self._improvement(improvement_id)
        if improvement.pull_request is None or not improvement.merge_sha:
            problem = f"improvement {improvement_id} is {improvement.state}, not merged"
            raise UserError(problem, "Only what is merged can be taken back.")
        return await self._ports.host.open_revert(improvement.pull_request, reason)

    async def look(
        self,
        improvement: Improvement,
        policy: WatchPolicy,
        *,
        superseded_at: datetime | None = None,
    ) -> Look:
        """Measure a deployed improvement now, and decide.

        What got worse only after another deployment with other changes in it is nobody's fault
        that could be told, so a person must look.
        """
        deployed = _required(improvement.deployed_at)
        now = self._ports.clock.now()
        span = timedelta(seconds=policy.duration_seconds)
        start = deployed + timedelta(seconds=policy.warm_up_seconds)
        end = start + span * (2 if improvement.extended else 1)
        before = await self._requests(deployed - _BASELINE * span, deployed)
        confirmed = _confirmed(improvement.suspected_at, now, policy)
        after = await self._requests(start, min(now, end)) if now > start else []
        analysis = assess(before, after, policy, over=now >= end, confirmed=confirmed)
        decision = decide_after(analysis, policy, extended=improvement.extended)
        if superseded_at is not None and analysis.phase is Phase.FAILED:
            alone = [request for request in after if request.at < superseded_at]
            alone_bad = assess(before, alone, policy, over=True, confirmed=confirmed)
            if alone_bad.phase is not Phase.FAILED:
                decision = HoldForPerson(f"{analysis.why}; other changes were deployed meanwhile")
        gain = self._gain(improvement, before, after) if isinstance(decision, Keep) else None
        return Look(analysis, decision, is_bad(analysis), gain)

    def _gain(self, improvement: Improvement, before: list[Request], after: list[Request]) -> Gain:
        """Whether the endpoint that it was made for is faster; all of them where none is named."""
        old = of_former_version(before, after, self._ports.policy.watch.minimum_requests)
        behind = improvement.finding.evidence.partition("`: ")[0].removeprefix("`")
        if any(request.endpoint == behind for request in old):
            old = [request for request in old if request.endpoint == behind]
            after = [request for request in after if request.endpoint == behind]
        return judge_gain(old, after, self._ports.policy.patch.minimum_gain)

    async def recovery(self, improvement: Improvement, policy: WatchPolicy) -> Analysis:
        """How the service does after the revert, beside how it did before the improvement."""
        deployed = _required(improvement.deployed_at)
        reverted = _required(improvement.revert_deployed_at)
        now = self._ports.clock.now()
        span = timedelta(seconds=policy.duration_seconds)
        start = reverted + timedelta(seconds=policy.warm_up_seconds)
        if now < start + span:
            return Analysis(Phase.RUNNING, "measuring the recovery")
        return assess(
            await self._requests(deployed - _BASELINE * span, deployed),
            await self._requests(start, start + span),
            policy,
            over=True,
            confirmed=True,
        )

    async def _requests(self, since: datetime, until: datetime) -> list[Request]:
        if self._ports.metrics is None:
            return []
        return list(await self._ports.metrics.requests(since, until))

    async def _improvement(self, improvement_id: str) -> Improvement:
        async with self._ports.stores() as store:
            improvement = await store.improvement(improvement_id)
        if improvement is None:
            problem = f"improvement {improvement_id!r} is not known"
            raise UserError(problem, "List the known ones first.")
        return improvement


def look_interval(policy: WatchPolicy, *, suspected: bool = False) -> timedelta:
    """How long to wait between two looks; what looks bad is confirmed or cleared sooner."""
    seconds = policy.duration_seconds / _LOOKS
    return timedelta(seconds=max(1.0, seconds / 3 if suspected else seconds))


def poll_interval(policy: WatchPolicy) -> timedelta:
    """How long to wait before looking for a deployment again, or for a recovery."""
    return timedelta(seconds=max(1.0, policy.duration_seconds / _POLLS))


def _confirmed(suspected_at: datetime | None, now: datetime, policy: WatchPolicy) -> bool:
    return (
        suspected_at is not None and now - suspected_at >= look_interval(policy, suspected=True) / 2
    )


def _required(at: datetime | None) -> datetime:
    if at is None:
        problem = "the improvement has no deployment yet"
        raise UserError(problem, "Deploy it first.")
    return at
