"""Collects people's thumbs on our pull requests; no host tells of them, so they are asked for."""

from collections.abc import Iterable

from bot.domain.events import Feedback, FeedbackType
from bot.domain.improvement import Improvement
from bot.domain.signals import IMPROVING
from bot.domain.talk import Reaction
from bot.learning.keeping import keep_feedback
from bot.ports import Forum, Ports
from bot.workflows.steer import feedback_on

_THUMBS = {Reaction.DONE: FeedbackType.THUMBS_UP, Reaction.AGAINST: FeedbackType.THUMBS_DOWN}


async def listen(ports: Ports, improvement: Improvement) -> int:
    """Keep every new thumb of a person who may write to the repository; how many were new."""
    forum, number = ports.forum, improvement.pull_request
    if forum is None or number is None:
        return 0
    fresh = [
        feedback_on(improvement, rating.author, _THUMBS[rating.reaction], rating.at)
        for rating in await forum.ratings(number)
        if rating.reaction in _THUMBS and not rating.author_is_bot
    ]
    if not fresh:
        return 0
    async with ports.stores() as store:
        known = {
            _name(one)
            for person in {one.user_id for one in fresh}
            for one in await store.feedback(person, IMPROVING)
        }
        kept = [one for one in fresh if _name(one) not in known]
        allowed = await _allowed(forum, kept)
        for one in kept:
            if one.user_id in allowed:
                await keep_feedback(store, one, ports.learning_rate)
                # Two users held at once could wait for each other.
                await store.commit()
    return sum(one.user_id in allowed for one in kept)


async def _allowed(forum: Forum, feedback: Iterable[Feedback]) -> set[str]:
    people = {one.user_id for one in feedback}
    return {person for person in people if (await forum.permission(person)).may_command}


def _name(feedback: Feedback) -> tuple[str, str, FeedbackType]:
    """A thumb is the same thumb however often it is seen."""
    return (feedback.user_id, feedback.message_id, feedback.feedback_type)
