"""Improvements: lists of them, one of them, and what is asked to be done with one."""

import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.database.asked import Answered, OtherRequest, SqlAsked, ask, claim
from bot.adapters.database.improvement_pages import Wanted, read_page
from bot.domain.api_tokens import Scope
from bot.domain.asked import Asked, Wish, why_not_now
from bot.domain.improvement import Improvement, State
from bot.entrypoints.web.api import shapes
from bot.entrypoints.web.api.cursors import cut, place_of
from bot.entrypoints.web.api.operation import Call, Operation, Reply
from bot.entrypoints.web.problems import Problem

ROOT: Final = "/api/v1/learning"
_UNKNOWN: Final = Problem(HTTPStatus.NOT_FOUND, "There is no such improvement.")
_NO_JOB: Final = Problem(HTTPStatus.NOT_FOUND, "There is no such job.")
_NO_PLACE: Final = Problem(HTTPStatus.BAD_REQUEST, "`cursor` is none that a page gave.")
_UNKNOWN_REPOSITORY: Final = Problem(HTTPStatus.NOT_FOUND, "There is no such repository.")
OTHER_REQUEST: Final = Problem(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This `Idempotency-Key` came with another request before: each request needs its own.",
)
_OPEN: Final = frozenset({State.FOUND})
_SUMMARIES: Final = {
    Wish.GENERATE: "Generate the improvement, or make it anew",
    Wish.TEST: "Run it in the sandbox",
    Wish.DEPLOY: "Approve the verified commit: it is merged on green, deployed and watched",
    Wish.ROLLBACK: "Take it back by a revert pull request",
    Wish.HOLD: "Do nothing with it until it is resumed",
    Wish.RESUME: "Go on from where it was held",
}


@dataclass(frozen=True, slots=True)
class Improvements:
    """The operations on the records behind `engine`."""

    engine: AsyncEngine

    def operations(self) -> tuple[Operation, ...]:
        """Every one of them."""
        lists = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
        one = (HTTPStatus.NOT_FOUND,)
        return (
            Operation(
                "list_improvements",
                "GET",
                f"{ROOT}/improvements",
                "Improvements, the latest first",
                Scope.READ,
                shapes.Summaries,
                self._every,
                query=shapes.ImprovementPage,
                refusals=lists,
            ),
            Operation(
                "list_opportunities",
                "GET",
                f"{ROOT}/improvements/opportunities",
                "What could be improved and is not proposed yet",
                Scope.READ,
                shapes.Summaries,
                self._opportunities,
                query=shapes.Page,
                refusals=lists,
            ),
            Operation(
                "read_improvement",
                "GET",
                f"{ROOT}/improvements/{{id}}",
                "One improvement with its code and evidence",
                Scope.READ,
                shapes.Improved,
                self._one,
                refusals=one,
            ),
            Operation(
                "list_deployments",
                "GET",
                f"{ROOT}/deployments/history",
                "Improvements that were deployed, the latest first",
                Scope.READ,
                shapes.Deployments,
                self._deployments,
                query=shapes.Page,
                refusals=lists,
            ),
            Operation(
                "read_job",
                "GET",
                f"{ROOT}/jobs/{{id}}",
                "Where something that was asked for stands",
                Scope.READ,
                shapes.Job,
                self._job,
                refusals=one,
            ),
            *(self._operation(wish) for wish in Wish),
        )

    def _operation(self, wish: Wish) -> Operation:
        async def carry_out(call: Call) -> Reply | Problem:
            return await self._ask(call, wish)

        return Operation(
            f"{wish}_improvement",
            "POST",
            f"{ROOT}/improvements/{{id}}/{wish}",
            _SUMMARIES[wish],
            Scope.ACT,
            shapes.Job,
            carry_out,
            status=HTTPStatus.ACCEPTED,
            body=shapes.Reason,
            refusals=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        )

    async def _every(self, call: Call) -> Reply | Problem:
        state = call.query.state
        return await self._list(call, frozenset() if state is None else frozenset({state}))

    async def _opportunities(self, call: Call) -> Reply | Problem:
        return await self._list(call, _OPEN)

    async def _list(self, call: Call, states: frozenset[State]) -> Reply | Problem:
        wanted = _wanted(call, states)
        if isinstance(wanted, Problem):
            return wanted
        found = await read_page(self.engine, wanted)
        items = [shapes.summary_of(one) for _, one in found[: wanted.limit]]
        return Reply(_json(shapes.Summaries(items=items, next=cut(found, wanted.limit))))

    async def _deployments(self, call: Call) -> Reply | Problem:
        wanted = _wanted(call, deployed=True)
        if isinstance(wanted, Problem):
            return wanted
        found = await read_page(self.engine, wanted)
        items = [shapes.deployed_of(one) for _, one in found[: wanted.limit]]
        return Reply(_json(shapes.Deployments(items=items, next=cut(found, wanted.limit))))

    async def _one(self, call: Call) -> Reply | Problem:
        found = await self._improvement(call, Scope.READ)
        return found if isinstance(found, Problem) else Reply(_json(shapes.improved_of(found)))

    async def _job(self, call: Call) -> Reply | Problem:
        found = await SqlAsked(self.engine).by_id(call.path["id"])
        if found is None or not call.caller.may(Scope.READ, found.repository):
            return _NO_JOB
        return Reply(_json(shapes.job_of(found)))

    async def _ask(self, call: Call, wish: Wish) -> Reply | Problem:
        one = await self._improvement(call, Scope.ACT)
        if isinstance(one, Problem):
            return one
        asked = Asked(
            id=secrets.token_hex(8),
            repository=one.repository,
            improvement=one.id,
            wish=wish,
            by=f"the API token {call.caller.name}",
            created_at=call.now,
            updated_at=call.now,
            reason=call.body.reason,
            head_sha=one.head_sha,
        )
        document = _json(shapes.job_of(asked))
        async with self.engine.connect() as connection:
            if call.key is not None:
                answered = Answered(HTTPStatus.ACCEPTED, document)
                before = await claim(connection, call.key, answered, call.now)
                if isinstance(before, OtherRequest):
                    return OTHER_REQUEST
                if before is not None:
                    return _accepted(before.answer)
            refused = why_not_now(wish, one, one.head_sha)
            if refused:
                return Problem(HTTPStatus.CONFLICT, refused)
            await ask(connection, asked)
            await connection.commit()
        return _accepted(document)

    async def _improvement(self, call: Call, scope: Scope) -> Improvement | Problem:
        """One that the caller may know of; of others it does not say whether they are."""
        async with store_factory(self.engine)() as store:
            found = await store.improvement(call.path["id"])
        if found is None or not call.caller.may(scope, found.repository):
            return _UNKNOWN
        return found


def _wanted(
    call: Call, states: frozenset[State] = frozenset(), *, deployed: bool = False
) -> Wanted | Problem:
    query, repositories = call.query, call.caller.repositories
    after = None if query.cursor is None else place_of(query.cursor)
    if query.cursor is not None and after is None:
        return _NO_PLACE
    if query.repository is not None:
        if not call.caller.may(Scope.READ, query.repository):
            return _UNKNOWN_REPOSITORY
        repositories = frozenset({query.repository})
    return Wanted(repositories, query.limit, states, after, deployed)


def _json(shape: BaseModel) -> object:
    return shape.model_dump(mode="json")


def _accepted(document: object) -> Reply:
    assert isinstance(document, dict)  # noqa: S101 - it is a job
    headers = {"Location": f"{ROOT}/jobs/{document['id']}"}
    return Reply(document, HTTPStatus.ACCEPTED, headers)
