"""Does what a person has commanded for one improvement, and remembers who it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.domain import messages
from bot.domain.commands import (
    USAGE,
    Approve,
    Command,
    Explain,
    Help,
    Hold,
    Ignore,
    Rate,
    Resume,
    Retry,
    Revert,
    Status,
    resumed_state,
)
from bot.domain.events import Feedback, FeedbackType, LearningEvent
from bot.domain.improvement import Improvement, State
from bot.domain.pulls import PullState
from bot.domain.signals import IMPROVING
from bot.domain.steering import Steered
from bot.ports import Ports
from bot.workflows.hold import rebuild

_REMEMBERED: Mapping[type[Command], str] = MappingProxyType(
    {
        Approve: Steered.APPROVED,
        Hold: Steered.HELD_BY_PERSON,
        Resume: Steered.RESUMED,
        Retry: Steered.RESUMED,
        Revert: Steered.REVERT_ASKED,
    }
)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command has led to: the improvement, what to say, and what to remember."""

    after: Improvement
    say: str = ""
    events: tuple[LearningEvent, ...] = ()
    feedback: Feedback | None = None
    refused: bool = False


async def carry_out(ports: Ports, improvement: Improvement, command: Command, person: str) -> Done:
    """Act on the host where needed, and give what is to be stored; safe to repeat."""
    match command:
        case Help():
            return Done(improvement, messages.help_reply(USAGE))
        case Status():
            return Done(improvement, messages.status_reply(improvement))
        case Explain():
            return Done(improvement, messages.explain_reply(improvement))
        case Rate():
            return Done(improvement, feedback=_feedback(ports, improvement, command, person))
        case _:
            after, refused = await _move(ports, improvement, command, person)
            if refused:
                return Done(improvement, messages.refusal(refused), refused=True)
            return Done(after, events=_events(ports, improvement, command, person))


async def _move(
    ports: Ports, improvement: Improvement, command: Command, person: str
) -> tuple[Improvement, str]:
    now = ports.clock.now()
    match command:
        case Hold():
            return await _hold(ports, improvement, person), ""
        case Resume():
            await _label(ports, improvement, on=False)
            state, why = resumed_state(improvement), f"{person} lets it go on"
            return improvement.move(state, why, now, look_again_at=now), ""
        case Ignore():
            return await _ignore(ports, improvement, person), ""
        case Revert():
            deployed = improvement.deployed_at or now
            why = f"{person} asked for it"
            after = improvement.move(
                State.REVERTING, why, now, deployed_at=deployed, look_again_at=now
            )
            return after, ""
        case Retry():
            return await _retry(ports, improvement, person)
        case _:
            return improvement.stay(improvement.reason, now, look_again_at=now), ""


async def _hold(ports: Ports, improvement: Improvement, person: str) -> Improvement:
    await _label(ports, improvement, on=True)
    if improvement.pull_request is not None and not improvement.merge_sha:
        await ports.host.stop_merging(improvement.pull_request)
    why = f"{person} holds it"
    if improvement.state is State.HELD:
        return improvement.stay(why, ports.clock.now())
    return improvement.move(State.HELD, why, ports.clock.now())


async def _ignore(ports: Ports, improvement: Improvement, person: str) -> Improvement:
    why = f"{person} does not want it"
    if improvement.pull_request is not None:
        await ports.host.close(improvement.pull_request, why)
    opened = improvement.state in (State.OPEN, State.HELD)
    state = State.ABANDONED if opened else State.REJECTED
    return improvement.move(state, why, ports.clock.now())


async def _retry(ports: Ports, improvement: Improvement, person: str) -> tuple[Improvement, str]:
    now, why = ports.clock.now(), f"{person} asked to try it again"
    number = improvement.pull_request
    if improvement.state in (State.REJECTED, State.ABANDONED):
        pull = None if number is None else await ports.host.pull_request(number)
        if pull is not None and pull.state is PullState.CLOSED:
            return improvement, f"Reopen pull request {number} first."
        return improvement.move(State.FOUND, why, now, look_again_at=now), ""
    if improvement.state is not State.HELD:
        return improvement.stay(improvement.reason, now, look_again_at=now), ""
    await _label(ports, improvement, on=False)
    if number is not None and not improvement.merge_sha:
        return await rebuild(ports, improvement, why), ""
    return improvement.move(resumed_state(improvement), why, now, look_again_at=now), ""


async def _label(ports: Ports, improvement: Improvement, *, on: bool) -> None:
    if ports.forum is None or improvement.pull_request is None:
        return
    label = (ports.policy.landing.hold_label,)
    add, remove = (label, ()) if on else ((), label)
    await ports.forum.label(improvement.pull_request, add=add, remove=remove)


def _events(
    ports: Ports, improvement: Improvement, command: Command, person: str
) -> tuple[LearningEvent, ...]:
    kind = _REMEMBERED.get(type(command))
    if kind is None:
        return ()
    said: dict[str, Any] = {"by": person}
    if isinstance(command, Approve):
        said["sha"] = improvement.head_sha
    at = ports.clock.now()
    return (LearningEvent(kind, improvement.id, at, after_state=said, reason=f"by {person}"),)


def _feedback(ports: Ports, improvement: Improvement, rate: Rate, person: str) -> Feedback:
    return feedback_on(improvement, person, rate.feedback, ports.clock.now())


def feedback_on(
    improvement: Improvement, person: str, kind: FeedbackType, at: datetime
) -> Feedback:
    """A person's rating of an improvement, as it is kept."""
    return Feedback(
        user_id=person,
        message_id=improvement.id,
        feedback_type=kind,
        model_used=improvement.engine,
        task_type=IMPROVING,
        at=at,
        context={"rule": improvement.finding.rule, "repository": improvement.repository},
    )
