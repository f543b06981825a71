"""Holds recorded requests, answers and deliveries against the official descriptions."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.contracts import official
from tests.contracts.corrections import corrected
from tests.fakes.github.server import Recorded
from tests.fakes.github.webhooks import Delivery

HOST = "https://api.github.com"
# Every operation may answer so, and the description names these where it likes.
ANYWHERE = {400, 401, 403, 404, 405, 409, 422, 429, 500, 502, 503}


@dataclass
class SpecRequest:
    """A recorded request in the form that openapi-core asks for."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None

    @property
    def full_url_pattern(self) -> str:
        return self.host_url + self.path


@dataclass
class SpecDelivery:
    """A delivery in the same form; what has a name is a webhook to openapi-core."""

    name: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@dataclass
class SpecResponse:
    """A recorded answer in the same form."""

    status_code: int
    headers: Headers
    content_type: str
    data: bytes | None = field(default=None)


@functools.cache
def rest() -> OpenAPI:
    return OpenAPI.from_dict(corrected(official.rest()), config=Config(spec_validator_cls=None))


@functools.cache
def webhooks() -> OpenAPI:
    return OpenAPI.from_dict(corrected(official.webhooks()), config=Config(spec_validator_cls=None))


def rest_complaints(record: Recorded) -> Iterator[str]:
    """What is wrong with a request or its answer by the REST description."""
    where = f"{record.method} {record.target} -> {record.status}"
    request, response = _request(record), _response(record)
    if record.status < 400:
        yield from (f"{where}: the request: {text}" for text in _tried(rest(), request, None))
    if record.status in ANYWHERE and not _described(record):
        return
    yield from (f"{where}: the answer: {text}" for text in _tried(rest(), request, response))


def _described(record: Recorded) -> bool:
    """Whether the operation says anything of such an answer."""
    path = official.rest()["paths"].get(record.template.replace("+}", "}"), {})
    operation = path.get(record.method.lower(), {})
    return str(record.status) in operation.get("responses", {})


def _tried(
    description: OpenAPI, request: SpecRequest, response: SpecResponse | None
) -> Iterator[str]:
    try:
        if response is None:
            description.validate_request(request)
        else:
            description.validate_response(request, response)
    except OpenAPIError as error:
        yield _told(error)


def _told(error: BaseException) -> str:
    """The whole chain of causes, with the schema's own words."""
    words = [f"{type(error).__name__}: {error}"]
    for one in getattr(error, "schema_errors", ()):
        words.append(f"{one.message[:300]} at {'/'.join(map(str, one.absolute_path))}")
        for inner in one.context or ():
            at = "/".join(map(str, inner.absolute_path))
            words.append(f"   {inner.message[:200]} at {at}")
    if error.__cause__ is not None:
        words.append(_told(error.__cause__))
    return "\n    ".join(words)


def _request(record: Recorded) -> SpecRequest:
    """The path with its parts quoted, as a part with a slash is still one part to GitHub."""
    path = record.template
    for name, value in record.params.items():
        for form in (f"{{{name}}}", f"{{{name}+}}"):
            path = path.replace(form, quote(value, safe=""))
    query = parse_qsl(record.target.partition("?")[2], keep_blank_values=True)
    parameters = RequestParameters(
        query=ImmutableMultiDict(query), header=Headers(record.headers), cookie=ImmutableMultiDict()
    )
    kind = record.headers.get("content-type", "application/json").lower()
    if "json" in kind or not record.body:
        kind = "application/json"
    return SpecRequest(HOST, path, record.method.lower(), parameters, kind, record.body or None)


def _response(record: Recorded) -> SpecResponse:
    headers = Headers(record.answer_headers)
    kind = record.answer_headers.get("Content-Type", "").partition(";")[0]
    return SpecResponse(record.status, headers, kind, record.answer or None)


def delivery_complaints(one: Delivery) -> Iterator[str]:
    """What is wrong with a delivery by the description of webhooks."""
    name = "-".join(part.replace("_", "-") for part in (one.event, one.action) if part)
    known = official.webhooks()["webhooks"]
    if name not in known:
        yield f"{name}: there is no such webhook"
        return
    parameters = RequestParameters(header=Headers(one.headers))
    request = SpecDelivery(name, "post", parameters, "application/json", one.body)
    try:
        webhooks().validate_webhook_request(request)
    except OpenAPIError as error:
        yield f"{name}: {_told(error)}"
