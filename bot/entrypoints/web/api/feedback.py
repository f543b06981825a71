"""Ratings, and what is learned of them."""

from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, is_dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.adapters.database.asked import Answered, OtherRequest, claim
from bot.adapters.database.store import SqlStore
from bot.bootstrap.records import records_ports
from bot.domain.api_tokens import Caller, Scope
from bot.entrypoints.web.api import shapes
from bot.entrypoints.web.api.improvements import OTHER_REQUEST, ROOT
from bot.entrypoints.web.api.operation import Call, Operation, Reply
from bot.entrypoints.web.problems import Problem
from bot.learning.preference_tracker import PreferenceTracker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.ports import Store

_WHOSE: Final = Problem(
    HTTPStatus.NOT_FOUND,
    "There is no such repository: say one of this token's in `repository`.",
)


@dataclass(frozen=True, slots=True)
class Ratings:
    """The operations on the records behind `engine`.

    A user of one repository is nobody in another: the records know them by both names.
    """

    engine: AsyncEngine
    learning_rate: float

    def operations(self) -> tuple[Operation, ...]:
        """Every one of them."""
        return (
            Operation(
                "submit_feedback",
                "POST",
                f"{ROOT}/feedback",
                "Submit a rating",
                Scope.RATE,
                shapes.Accepted,
                self._submit,
                status=HTTPStatus.CREATED,
                body=shapes.Feedback,
                refusals=(HTTPStatus.NOT_FOUND,),
            ),
            Operation(
                "read_preferences",
                "GET",
                f"{ROOT}/preferences",
                "What was learned of a user",
                Scope.READ,
                shapes.Preferences,
                self._preferences,
                query=shapes.WhoseUser,
                refusals=(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND),
            ),
        )

    async def _submit(self, call: Call) -> Reply | Problem:
        given: shapes.Feedback = call.body
        if not _may(call.caller, Scope.RATE, given.repository):
            return _WHOSE
        document = shapes.Accepted().model_dump(mode="json")
        async with AsyncSession(self.engine) as session:
            if call.key is not None:
                answered = Answered(HTTPStatus.CREATED, document)
                before = await claim(await session.connection(), call.key, answered, call.now)
                if isinstance(before, OtherRequest):
                    return OTHER_REQUEST
                if before is not None:
                    return Reply(before.answer, HTTPStatus.CREATED)
            context = {} if given.repository is None else {"repository": given.repository}
            await self._tracker(session).track_feedback(
                user_id=_known_as(given.user_id, given.repository),
                message_id=given.message_id,
                feedback_type=given.feedback_type,
                model_used=given.model_used,
                task_type=given.task_type,
                response_length=given.response_length,
                context=context,
            )
        return Reply(document, HTTPStatus.CREATED)

    async def _preferences(self, call: Call) -> Reply | Problem:
        asked: shapes.WhoseUser = call.query
        if not _may(call.caller, Scope.READ, asked.repository):
            return _WHOSE
        user = _known_as(asked.user_id, asked.repository)
        async with AsyncSession(self.engine) as session:
            tracker = self._tracker(session)
            settings = await tracker.get_preferred_settings(user_id=user)
            expected: Any = await tracker.predict_next_activity(user_id=user)
        plain = asdict(expected) if is_dataclass(expected) else None  # type: ignore[arg-type] # an instance
        found = shapes.Preferences(user_id=asked.user_id, settings=settings, next_activity=plain)
        return Reply(found.model_dump(mode="json"))

    def _tracker(self, session: AsyncSession) -> PreferenceTracker:
        """One on this session: its commit makes durable what was claimed before, too."""

        @asynccontextmanager
        async def stores() -> "AsyncIterator[Store]":
            yield SqlStore(session)

        ports = replace(records_ports(stores), learning_rate=self.learning_rate)
        return PreferenceTracker(None, self.learning_rate, ports=ports)


def _may(caller: Caller, scope: Scope, repository: str | None) -> bool:
    return caller.repositories is None or caller.may(scope, repository or "")


def _known_as(user_id: str, repository: str | None) -> str:
    return user_id if repository is None else f"{repository.lower()}#{user_id}"
