"""What a person may do at the dashboard: asked once, proved to be theirs, and then only asked for.

An action on an improvement is the same wish that the interface for programs takes; a worker does
it, and looks again whether the person may.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.database.asked import ask
from bot.adapters.database.models import HostedRepositoryRow, table_of
from bot.adapters.database.names import is_named
from bot.domain.asked import Asked, Wish, why_not_now
from bot.domain.events import LearningEvent, about_repository
from bot.domain.improvement import Improvement
from bot.domain.limits import PAUSED, RESUMED, paused_by_person
from bot.domain.viewing import Viewer
from bot.entrypoints.web.dashboard.sealing import Seal

GOOD_FOR: Final = timedelta(hours=1)
"""How long a question may be answered; after it the world may be another."""
_HOSTED: Final = table_of(HostedRepositoryRow)


@dataclass(frozen=True, slots=True)
class Act:
    """One action: its word, what the button says, and what the person is asked."""

    word: str
    name: str
    question: str
    wish: Wish


ACTS: Final[Mapping[str, Act]] = {
    act.word: act
    for act in (
        Act(
            "approve",
            "Approve",
            "Let exactly this commit be merged once its checks pass? It is then deployed and "
            "watched.",
            Wish.DEPLOY,
        ),
        Act("hold", "Hold", "Do nothing with it until somebody resumes it?", Wish.HOLD),
        Act("resume", "Resume", "Go on from where it was held?", Wish.RESUME),
        Act("revert", "Revert", "Take its merge back by a revert pull request?", Wish.ROLLBACK),
        Act("retry", "Make anew", "Look at the code again and make it anew?", Wish.GENERATE),
        Act("test", "Test again", "Run it in the sandbox once more?", Wish.TEST),
    )
}


class Whole(StrEnum):
    """What is done to a repository as a whole."""

    PAUSE = "pause"
    RESUME = "resume"


QUESTIONS: Final[Mapping[Whole, str]] = {
    Whole.PAUSE: "Stop everything that Ironclaw does in this repository, the watch of deployments "
    "included, until somebody resumes it?",
    Whole.RESUME: "Let Ironclaw work in this repository again? Reverts are counted anew.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A form that was shown to somebody: about what, in which state that was, and when."""

    key: str
    word: str
    subject: str
    standing: str
    at: int

    def mark(self, seal: Seal) -> str:
        """What proves that it was shown, and to whom."""
        return seal.mark(self.key, self.word, self.subject, self.standing, str(self.at))

    def why_not(self, given: str, seal: Seal, now: datetime) -> str:
        """Why an answer to it does not count; empty if it does."""
        parts = (self.key, self.word, self.subject, self.standing, str(self.at))
        if not seal.is_mark(given, *parts):
            return "This is not the form that you were shown, or it has changed meanwhile."
        age = now.timestamp() - self.at
        if not -60 <= age <= GOOD_FOR.total_seconds():
            return "This form was shown too long ago."
        return ""


def offered(improvement: Improvement) -> tuple[Act, ...]:
    """What may be done with an improvement as it stands."""
    return tuple(
        act for act in ACTS.values() if not why_not_now(act.wish, improvement, improvement.head_sha)
    )


def standing(improvement: Improvement) -> str:
    """What a person looks at when they are asked: another commit or state is another question."""
    return f"{improvement.state} {improvement.head_sha} {improvement.merge_sha}"


async def wish_for(
    engine: AsyncEngine,
    viewer: Viewer,
    act: Act,
    improvement: Improvement,
    proof: str,
    now: datetime,
) -> None:
    """Ask for it; the same form sent twice asks once."""
    asked = Asked(
        id=hashlib.sha256(proof.encode()).hexdigest()[:16],
        repository=improvement.repository,
        improvement=improvement.id,
        wish=act.wish,
        by=viewer.name,
        created_at=now,
        updated_at=now,
        reason="at the dashboard",
        person=viewer.login,
        head_sha=improvement.head_sha,
    )
    try:
        async with engine.begin() as connection:
            await ask(connection, asked)
    except IntegrityError:
        return


async def set_whole(
    engine: AsyncEngine, viewer: Viewer, whole: Whole, repository: str, now: datetime
) -> None:
    """Pause or resume a repository; nothing is written where that changes nothing."""
    about = about_repository(repository)
    async with store_factory(engine)() as store:
        stopped = paused_by_person(await store.events(about))
        if bool(stopped) and whole is Whole.PAUSE:
            return
        kind = PAUSED if whole is Whole.PAUSE else RESUMED
        by = {"by": viewer.name}
        event = LearningEvent(kind, about, now, after_state=by, reason=f"by {viewer.name}")
        await store.record(event)
        await store.commit()
    if whole is Whole.RESUME:
        # What fell due meanwhile goes on at once.
        known = is_named(_HOSTED.c.full_name, [repository])
        async with engine.begin() as connection:
            await connection.execute(update(_HOSTED).where(known).values(look_again_at=now))
