"""Remembers every change of state, and learns from how improvements end."""

import asyncio
from collections.abc import Sequence

from bot.domain.confidence import Belief, learn
from bot.domain.events import Feedback, LearningEvent
from bot.domain.improvement import Improvement, State
from bot.domain.signals import IMPROVING, signals_of
from bot.learning.keeping import keep_feedback, keep_signal
from bot.ports import Ports

_OUTCOMES = 2_000
"""How many of the latest are learned from; older ones have faded away by then."""
_IMPACT = {State.KEPT: 1.0, State.REVERTED: 1.0, State.ABANDONED: 0.5, State.REJECTED: 0.1}


async def belief(ports: Ports) -> Belief:
    """What the outcomes so far say of the next one."""
    async with ports.stores() as store:
        endings = await store.endings(_OUTCOMES)
    return await asyncio.to_thread(learn, endings)


async def remember(
    ports: Ports,
    before: Improvement | None,
    after: Improvement,
    also: Sequence[LearningEvent] = (),
    feedback: Feedback | None = None,
) -> None:
    """Store the new state, the event of it if it changed, and what else, in one transaction."""
    async with ports.stores() as store:
        if after is not before:
            await store.save(after)
        if before is None or before.state is not after.state:
            await store.record(_event(before, after))
        for event in also:
            await store.record(event)
        for signal in signals_of(before, after):
            await keep_signal(
                store,
                signal,
                ports.learning_rate,
                repository=after.repository,
                improvement=after.id,
                task_type=IMPROVING,
                model=after.engine,
                at=after.updated_at,
            )
        if feedback is not None:
            await keep_feedback(store, feedback, ports.learning_rate)
        await store.commit()


def _event(before: Improvement | None, after: Improvement) -> LearningEvent:
    kept = {"gain": after.evidence["gain"]} if _has_gain(after) else {}
    return LearningEvent(
        event_type=f"improvement_{after.state}",
        subject=after.id,
        at=after.updated_at,
        before_state={"state": str(before.state), "reason": before.reason} if before else {},
        after_state={"state": str(after.state), "rule": after.finding.rule, **kept},
        impact_score=_IMPACT.get(after.state, 0.0),
        reason=after.reason,
    )


def _has_gain(improvement: Improvement) -> bool:
    return improvement.state is State.KEPT and "gain" in improvement.evidence
