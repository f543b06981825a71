"""Routes that read their requests in a way of their own, as the document tells of them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from bot.adapters.signals.formats import KINDS

_PROBLEM: Final = "application/problem+json"
_REFERENCE: Final = {"$ref": "#/components/schemas/ProblemDocument"}
_TOKEN: Final[list[dict[str, list[str]]]] = [{"token": []}]


def _problems(*statuses: int, kinds: tuple[str, ...] = (_PROBLEM,)) -> dict[str, Any]:
    schemas: Any = _REFERENCE if kinds == (_PROBLEM,) else {}
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {kind: {"schema": schemas} for kind in kinds},
        }
        for status in statuses
    }


def _good(status: int, *kinds: str) -> dict[str, Any]:
    content: dict[str, Any] = {kind: {"schema": {}} for kind in kinds}
    return {str(status): {"description": HTTPStatus(status).phrase, "content": content}}


def _otlp(name: str) -> dict[str, Any]:
    kinds = ("application/x-protobuf", "application/json")
    return {
        "post": {
            "operationId": f"export_{name}",
            "summary": f"OpenTelemetry {name} (OTLP/HTTP)",
            "tags": ["learning"],
            "security": _TOKEN,
            "parameters": [
                {
                    "name": "x-ironclaw-repository",
                    "in": "header",
                    "description": "`owner/name`, where the resource does not say it.",
                    "schema": {"type": "string"},
                }
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"type": "object"}},
                    "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
                },
            },
            "responses": _good(200, *kinds) | _problems(400, 401, 413, 415, 503, kinds=kinds),
        }
    }


PATHS: Final[Mapping[str, Mapping[str, Any]]] = {
    "/webhooks/github": {
        "post": {
            "operationId": "deliver",
            "summary": "GitHub's deliveries: signed, kept once, and only then acknowledged",
            "tags": ["service"],
            "parameters": [
                {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
                for name in ("X-GitHub-Delivery", "X-GitHub-Event", "X-Hub-Signature-256")
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "responses": _good(202, "application/json") | _problems(400, 401, 413, 503),
        }
    },
    "/api/v1/learning/metrics": {
        "post": {
            "operationId": "report_metrics",
            "summary": "A batch of requests that were answered, and of samples",
            "description": "Needs a token that may `report`.",
            "tags": ["learning"],
            "security": _TOKEN,
            "parameters": [
                {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "description": "A batch with the same key counts once.",
                    "schema": {"type": "string", "pattern": "^[ -~]{1,200}$"},
                }
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "responses": _good(202, "application/json")
            | _problems(400, 401, 403, 404, 413, 415, 422, 503),
        }
    },
    "/api/v1/learning/measurements": {
        "post": {
            "operationId": "keep_measurements",
            "summary": "One file of a benchmark, a load test or a profiler, as its tool wrote it",
            "description": "Needs a token that may `report`. 200 says that its bytes were there.",
            "tags": ["learning"],
            "security": _TOKEN,
            "parameters": [
                {
                    "name": "repository",
                    "in": "query",
                    "required": True,
                    "schema": {"type": "string"},
                },
                {
                    "name": "name",
                    "in": "query",
                    "description": "What the file is called; it decides nothing.",
                    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
                },
                {
                    "name": "commit",
                    "in": "query",
                    "description": "What was measured, where the file itself does not say it.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{40}([0-9a-f]{24})?$"},
                },
                {
                    "name": "kind",
                    "in": "query",
                    "description": "Take this format alone.",
                    "schema": {"type": "string", "enum": list(KINDS)},
                },
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            },
            "responses": _good(200, "application/json")
            | _good(201, "application/json")
            | _problems(400, 401, 403, 404, 413, 415, 422, 503),
        }
    },
    "/api/v1/learning/performance/report": {
        "get": {
            "operationId": "read_performance",
            "summary": "How a service did",
            "description": "Needs a token that may `read`.",
            "tags": ["learning"],
            "security": _TOKEN,
            "parameters": [
                {"name": "repository", "in": "query", "schema": {"type": "string"}},
                {"name": "hours", "in": "query", "schema": {"type": "number"}},
            ],
            "responses": _good(200, "application/json") | _problems(400, 401, 403, 404, 503),
        }
    },
    "/v1/metrics": _otlp("metrics"),
    "/v1/traces": _otlp("traces"),
    "/healthz": {
        "get": {
            "operationId": "health",
            "summary": "Whether the process answers",
            "tags": ["service"],
            "responses": _good(200, "application/json"),
        }
    },
    "/readyz": {
        "get": {
            "operationId": "readiness",
            "summary": "Whether it can work",
            "tags": ["service"],
            "responses": _good(200, "application/json") | _good(503, "application/json"),
        }
    },
    "/metrics": {
        "get": {
            "operationId": "own_metrics",
            "summary": "How this web process itself does, for Prometheus",
            "tags": ["service"],
            "responses": _good(200, "text/plain"),
        }
    },
}
