"""What an operation is: how it is asked, who may ask, and what it may answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from bot.adapters.database.asked import Key
from bot.domain.api_tokens import Caller, Scope
from bot.entrypoints.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was let in and is of the right form.

    `key` stands for its Idempotency-Key, None where it has none.
    """

    caller: Caller
    now: datetime
    path: Mapping[str, str]
    query: Any
    body: Any
    key: Key | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: plain JSON, its status, and more headers."""

    document: Any
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


Handle = Callable[[Call], Awaitable[Reply | Problem]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One route with one method; `path` has `{name}` for what varies.

    `query` and `body` say what may come there; `refusals` are the statuses of problems beside
    those that any operation may answer.
    """

    name: str
    method: str
    path: str
    summary: str
    scope: Scope
    answer: type[BaseModel]
    handle: Handle
    status: HTTPStatus = HTTPStatus.OK
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    refusals: tuple[HTTPStatus, ...] = ()
