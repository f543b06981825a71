"""Asks an OpenAI-compatible server, and turns whatever comes of it into an answer of ours."""

import asyncio
import email.utils
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

import httpx2
import openai

from bot.adapters.model.bounded import MOST_BYTES, BoundedTransport, TooLargeError
from bot.adapters.model.reading import document_schema, read_answer
from bot.domain.model.conversation import Answer, Failure, Question, Silence
from bot.domain.redaction import redact

SECONDS: Final = 120.0
"""How long one answer may take, from the first byte sent to the last one read."""
_CONNECT_SECONDS: Final = 10.0
_TRIES: Final = 3
LONGEST_WAIT: Final = 30.0
"""Seconds that are waited at most between two tries; who asks for more is not asked again."""
_FIRST_WAIT: Final = 1.0
_SHOWN: Final = 200
_STAYS_AWAY: Final = frozenset({429, 503, 529})
"""Answers of a server that has done nothing for the request and asks for another time."""
_WRONG_MANNER: Final = frozenset({400, 415, 422})

_LEAST_SECRET: Final = 8
"""Characters: what is shorter stands in many texts that are none of it."""
_Kind = TypeVar("_Kind", bound=StrEnum)

_log = logging.getLogger(__name__)


class _Form(StrEnum):
    """How the server is asked for JSON, the strictest first."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"


class _Limit(StrEnum):
    """By which name the answer's length is limited: servers know one of them, or both."""

    BOTH = "both"
    NEW = "max_completion_tokens"
    OLD = "max_tokens"


@dataclass(frozen=True, slots=True)
class _Manner:
    form: _Form = _Form.SCHEMA
    limit: _Limit = _Limit.BOTH

    def after(self, complaint: str) -> "_Manner | None":
        """What to try when a server does not understand this; None when nothing is left."""
        if "max_tokens" in complaint or "max_completion_tokens" in complaint:
            limit = _next(self.limit)
            return replace(self, limit=limit) if limit else None
        form = _next(self.form)
        return replace(self, form=form) if form else None


class OpenAIModel:
    """The port LanguageModel on one server; close it at the end.

    `secrets` are texts that never leave in a message, whatever their shape.
    """

    def __init__(
        self,
        names: Sequence[str],
        key: str,
        base_url: str | None,
        *,
        secrets: Iterable[str] = (),
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._names = tuple(names)
        self._secrets = tuple(s for s in (key, *secrets) if len(s) >= _LEAST_SECRET)
        self._seconds = seconds
        self._sleep = sleep
        self._manners: dict[str, _Manner] = {}
        self._client = openai.AsyncOpenAI(
            api_key=key,
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
            # No redirect is followed: the key is for the address that the operator named.
            http_client=httpx2.AsyncClient(
                transport=BoundedTransport(most_bytes), follow_redirects=False, trust_env=False
            ),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The models that may be asked, the preferred one first."""
        return self._names

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def ask(self, question: Question) -> Answer:
        """One answer; a server that was busy or out of reach is tried three times in all.

        What may have cost something is never tried again, so that one question is paid for once.
        """
        answer = await self._once(question)
        for number in range(1, _TRIES):
            wait = _wait(answer, number)
            if wait is None:
                break
            await self._sleep(wait)
            answer = await self._once(question)
        if isinstance(answer, Silence):
            _log.warning("no answer of %s: %s, %s", question.model, answer.failure, answer.why)
        return answer

    async def _once(self, question: Question) -> Answer:
        manner = self._manners.get(question.model, _Manner())
        while True:
            found = await self._send(question, manner)
            if not isinstance(found, _Complaint):
                self._manners[question.model] = manner
                return found
            following = manner.after(found.text)
            if following is None:
                return self._silence(found.failure, found.text, may_cost=False)
            manner = following

    async def _send(self, question: Question, manner: _Manner) -> "Answer | _Complaint":
        try:
            async with asyncio.timeout(self._seconds):
                raw = await self._client.chat.completions.with_raw_response.create(
                    **self._request(question, manner)
                )
            return read_answer(raw.content)
        except (TimeoutError, openai.APITimeoutError):
            why = f"nothing complete within {self._seconds:g} seconds"
            return self._silence(Failure.TIMED_OUT, why, may_cost=True)
        except openai.APIStatusError as error:
            return self._status(error)
        except openai.APIConnectionError as error:
            return self._unreachable(error.__cause__ or error)
        except httpx2.HTTPError as error:
            return self._unreachable(error)
        except (openai.OpenAIError, httpx2.InvalidURL, ValueError, UnicodeError) as error:
            # What the library cannot even send or read, such as a model's name that is no text.
            return self._silence(Failure.NOT_UNDERSTOOD, str(error), may_cost=True)

    def _request(self, question: Question, manner: _Manner) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": question.model,
            "messages": [
                {"role": str(one.role), "content": redact(_sendable(one.text), self._secrets)}
                for one in question.messages
            ],
        }
        limits = (_Limit.NEW, _Limit.OLD) if manner.limit is _Limit.BOTH else (manner.limit,)
        request |= {str(name): question.answer_tokens for name in limits}
        if manner.form is _Form.SCHEMA:
            named = {"name": "proposal", "strict": True, "schema": document_schema()}
            request["response_format"] = {"type": "json_schema", "json_schema": named}
        elif manner.form is _Form.OBJECT:
            request["response_format"] = {"type": "json_object"}
        return request

    def _status(self, error: openai.APIStatusError) -> "Silence | _Complaint":
        status, text = error.status_code, error.response.text
        why = f"{status}: {text}"
        if status in (401, 403):
            return self._silence(Failure.NOT_LET_IN, why, may_cost=False)
        if status == 404 or "model_not_found" in text:
            return self._silence(Failure.NO_SUCH_MODEL, why, may_cost=False)
        if status in _WRONG_MANNER:
            return _Complaint(Failure.NOT_UNDERSTOOD, why)
        if status in _STAYS_AWAY:
            after = _retry_after(error.response.headers, datetime.now(UTC))
            return self._silence(Failure.BUSY, why, may_cost=False, after=after)
        return self._silence(Failure.SERVER_ERROR, why, may_cost=status >= 500)

    def _unreachable(self, error: BaseException) -> Silence:
        why = f"{type(error).__name__}: {error}"
        if isinstance(error, TooLargeError):
            return self._silence(Failure.TOO_LARGE, str(error), may_cost=True)
        refused = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
        return self._silence(Failure.UNREACHABLE, why, may_cost=not refused)

    def _silence(
        self, failure: Failure, why: str, *, may_cost: bool, after: float | None = None
    ) -> Silence:
        shown = " ".join(redact(why, self._secrets).split())[:_SHOWN]
        return Silence(failure, shown, may_cost, after)


@dataclass(frozen=True, slots=True)
class _Complaint:
    """The server does not understand how it was asked."""

    failure: Failure
    text: str


def _wait(answer: Answer, number: int) -> float | None:
    """Seconds until the next try; None where there is to be none."""
    if not isinstance(answer, Silence) or answer.may_cost:
        return None
    if answer.failure not in (Failure.BUSY, Failure.UNREACHABLE):
        return None
    wait = answer.again_after_seconds
    if wait is None:
        wait = _FIRST_WAIT * 2 ** (number - 1)
    return wait if wait <= LONGEST_WAIT else None


def _retry_after(headers: httpx2.Headers, now: datetime) -> float | None:
    """How long to stay away in seconds, as a number or as a date; None where nothing is said."""
    with suppress(ValueError):
        wait = float(headers.get("retry-after-ms", "nan")) / 1000
        if math.isfinite(wait):
            return max(0.0, wait)
    text = headers.get("retry-after", "")
    with suppress(ValueError):
        wait = float(text)
        return max(0.0, wait) if math.isfinite(wait) else None
    with suppress(ValueError, TypeError):
        at = email.utils.parsedate_to_datetime(text)
        return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
    return None


def _sendable(text: str) -> str:
    """Without what no UTF-8 has."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _next(current: _Kind) -> _Kind | None:
    """The next of an enumeration, None after the last."""
    every: list[_Kind] = list(type(current))
    place = every.index(current) + 1
    return every[place] if place < len(every) else None
