"""The OpenAPI document: of the operations as they are served, and of the routes beside them."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot import __version__
from bot.entrypoints.web.api.operation import Operation
from bot.entrypoints.web.api.others import PATHS
from bot.entrypoints.web.api.shapes import ProblemDocument
from bot.entrypoints.web.problems import PROBLEM_TYPE

PATH: Final = "/openapi/openapi.json"
_SCHEMA: Final = "#/components/schemas/{model}"
_ALWAYS: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_WITH_BODY: Final = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_IDEMPOTENCY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same request with the same key is done once a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of an answer before: 304 if nothing has changed.",
    "schema": {"type": "string"},
}


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document, version 3.1."""
    every = tuple(operations)
    paths: dict[str, dict[str, Any]] = {path: dict(item) for path, item in PATHS.items()}
    for one in every:
        paths.setdefault(one.path, {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ironclaw",
            "version": __version__,
            "description": "Finds what to improve in a service, and learns from it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [
            {"name": "learning", "description": "What is measured, improved and learned."},
            {"name": "service", "description": "How this service itself does."},
        ],
        "paths": paths,
        "components": {
            "schemas": _schemas(every),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`ironclaw token create` makes one.",
                }
            },
        },
    }


def _schemas(operations: Iterable[Operation]) -> Mapping[str, Any]:
    shapes: list[type[BaseModel]] = [ProblemDocument]
    for one in operations:
        shapes += [shape for shape in (one.answer, one.body) if shape is not None]
    _, definitions = models_json_schema(
        [(shape, "validation") for shape in dict.fromkeys(shapes)], ref_template=_SCHEMA
    )
    found: Mapping[str, Any] = definitions["$defs"]
    return found


def _described(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Needs a token that may `{one.scope}`.",
        "tags": ["learning"],
        "security": [{"token": []}],
        "parameters": list(_parameters(one)),
        "responses": _responses(one),
    }
    if one.body is not None:
        required = any(field.is_required() for field in one.body.model_fields.values())
        described["requestBody"] = {
            "required": required,
            "content": {"application/json": {"schema": _reference(one.body)}},
        }
    return described


def _parameters(one: Operation) -> Iterable[dict[str, Any]]:
    if "{id}" in one.path:
        yield {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    if one.query is not None:
        schema = one.query.model_json_schema()
        definitions = schema.get("$defs", {})
        for name, field in schema["properties"].items():
            yield {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "schema": _flat(field, definitions),
            }
    yield _IF_NONE_MATCH if one.method == "GET" else _IDEMPOTENCY


def _flat(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter: a query has texts alone, so that nothing in it is null."""
    given = [part for part in field.get("anyOf", [field]) if part.get("type") != "null"]
    found = dict(given[0])
    if "$ref" in found:
        found = dict(definitions[found["$ref"].rpartition("/")[2]])
    return {name: value for name, value in found.items() if name not in ("title", "default")}


def _responses(one: Operation) -> dict[str, Any]:
    good = {"description": one.status.phrase, "content": _json(one.answer)}
    found: dict[str, Any] = {str(one.status.value): good}
    if one.method == "GET":
        found["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
    refusals = {*_ALWAYS, *one.refusals, *(_WITH_BODY if one.body is not None else ())}
    for status in sorted(refusals):
        found[str(status.value)] = refused(status)
    return found


def refused(status: HTTPStatus) -> dict[str, Any]:
    """How a problem of this status is described."""
    return {
        "description": status.phrase,
        "content": {PROBLEM_TYPE: {"schema": _reference(ProblemDocument)}},
    }


def _json(shape: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": _reference(shape)}}


def _reference(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _SCHEMA.format(model=shape.__name__)}
