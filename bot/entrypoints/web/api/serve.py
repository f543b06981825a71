"""Serves operations: token, share, form, and only then what is asked for."""

import asyncio
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, g, jsonify, request
from pydantic import BaseModel, ValidationError

from bot.adapters.database.asked import Key, request_key
from bot.adapters.failures import log_failure
from bot.domain.api_tokens import Caller
from bot.domain.messages import plain
from bot.entrypoints.web.access import Gate, problem_answer
from bot.entrypoints.web.api.operation import Call, Operation, Reply
from bot.entrypoints.web.api.rates import SECONDS, Rates, Share
from bot.entrypoints.web.bodies import whole_body
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.problems import Problem

log = logging.getLogger("ironclaw.web")

MOST_BYTES: Final = 64 * 1024
_SECONDS: Final = 20.0
_KEY: Final = re.compile(r"[ -~]{1,200}")
_CONVERTED: Final = re.compile(r"\{(\w+)\}")
_TOO_LARGE: Final = Problem(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request has at most {MOST_BYTES:,} bytes."
)
_KIND: Final = Problem(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send plain JSON as `Content-Type: application/json`."
)
_NO_KEY: Final = Problem(
    HTTPStatus.BAD_REQUEST, "`Idempotency-Key` is not 1 to 200 printable ASCII characters."
)
_TOO_MANY: Final = Problem(
    HTTPStatus.TOO_MANY_REQUESTS,
    "This token sends too many requests: wait as `Retry-After` says.",
)
_NOT_NOW: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "The records cannot be used now: try again later."
)


def add_to(
    app: Flask, operations: tuple[Operation, ...], gate: Gate, loop: SharedLoop, rates: Rates
) -> None:
    """Put every operation into the application; what it awaits runs on the loop alone."""
    for operation in operations:

        def serve(operation: Operation = operation, **path: str) -> Response:
            return _served(operation, path, gate, loop, rates)

        rule = _CONVERTED.sub(r"<\1>", operation.path)
        app.add_url_rule(rule, operation.name, serve, methods=[operation.method])


def _served(
    operation: Operation, path: dict[str, str], gate: Gate, loop: SharedLoop, rates: Rates
) -> Response:
    caller = gate.caller()
    if isinstance(caller, Problem):
        return problem_answer(caller)
    g.caller = caller.id
    share = rates.take(caller.id)
    answer = _answer(_found(operation, path, caller, share, loop))
    answer.headers["RateLimit-Policy"] = f'"token";q={rates.most};w={SECONDS:g}'
    answer.headers["RateLimit"] = f'"token";r={share.left};t={share.back}'
    if share.wait:
        answer.headers["Retry-After"] = str(share.wait)
    return answer


def _found(
    operation: Operation, path: dict[str, str], caller: Caller, share: Share, loop: SharedLoop
) -> Reply | Problem:
    if share.wait:
        return _TOO_MANY
    if operation.scope not in caller.scopes:
        return Problem(HTTPStatus.FORBIDDEN, f"This token may not {operation.scope}.")
    call = _call(operation, path, caller)
    if isinstance(call, Problem):
        return call
    try:
        return loop.run(_handled(operation, call))
    except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
        log_failure(log, f"{operation.name} is not done", error)
        return _NOT_NOW


async def _handled(operation: Operation, call: Call) -> Reply | Problem:
    async with asyncio.timeout(_SECONDS):
        return await operation.handle(call)


def _call(operation: Operation, path: dict[str, str], caller: Caller) -> Call | Problem:
    """The request at hand, or the first thing in it that is of the wrong form."""
    query = _query(operation.query)
    if isinstance(query, Problem):
        return query
    body: Any = None
    key: Key | None = None
    if operation.body is not None:
        raw = whole_body(MOST_BYTES, _TOO_LARGE)
        if isinstance(raw, Problem):
            return raw
        key_or_none = _key(caller, raw)
        if isinstance(key_or_none, Problem):
            return key_or_none
        key, body = key_or_none, _body(operation.body, raw)
        if isinstance(body, Problem):
            return body
    return Call(caller, datetime.now(UTC), path, query, body, key)


def _query(shape: type[BaseModel] | None) -> BaseModel | Problem | None:
    given = request.args.to_dict(flat=False)
    doubled = [name for name, values in given.items() if len(values) > 1]
    if doubled:
        return Problem(HTTPStatus.BAD_REQUEST, f"`{_shown(doubled[0])}` comes more than once.")
    if shape is None:
        return None
    try:
        return shape.model_validate_strings({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        return Problem(HTTPStatus.BAD_REQUEST, _why(error))


def _body(shape: type[BaseModel], raw: bytes) -> BaseModel | Problem:
    if not raw and not any(field.is_required() for field in shape.model_fields.values()):
        return shape()
    if request.mimetype != "application/json" or request.content_encoding:
        return _KIND
    try:
        return shape.model_validate_json(raw)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            return Problem(HTTPStatus.BAD_REQUEST, "The body is not JSON.")
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, _why(error))


def _key(caller: Caller, raw: bytes) -> Key | Problem | None:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        return _NO_KEY
    return request_key(caller.id, given, request.method.encode(), request.path.encode(), raw)


def _why(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the body"
    return f"`{_shown(where)}`: {first['msg'][:1].lower()}{first['msg'][1:]}."


def _shown(name: str) -> str:
    return plain(name)[:100]


def _answer(found: Reply | Problem) -> Response:
    if isinstance(found, Problem):
        return problem_answer(found)
    answer = jsonify(found.document)
    answer.status_code = found.status
    answer.headers.extend(found.headers)
    if request.method == "GET":
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.add_etag()
        answer.make_conditional(request)
    return answer
