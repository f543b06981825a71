"""A span of a server as one answered request."""

from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bot.adapters.signals.otlp.pieces import LARGEST_PIECE, Form, parsed
from bot.adapters.signals.otlp.points import Rejected
from bot.adapters.signals.otlp.resources import attributes, code_of, endpoint, printable
from bot.domain.code_attributes import Code
from bot.domain.counters import NANO

_SERVER: Final = 2
_ERROR: Final = 2
_FAILED_STATUS: Final = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """When it ended (seconds since 1970), what it answered, how long it took, and how well."""

    is_server: bool
    at: float
    endpoint: str
    milliseconds: float
    failed: bool
    code: Code


def answered(piece: bytes, form: Form) -> Answered | Rejected:
    """The span in a piece; ValueError if it is none."""
    if len(piece) > LARGEST_PIECE:
        return Rejected(1, f"a span has more than {LARGEST_PIECE:,} bytes")
    span: Any = parsed(piece, form, Span())
    if span.end_time_unix_nano < span.start_time_unix_nano:
        return Rejected(1, "a span ends before it starts")
    said = attributes(span.attributes)
    status = said.get("http.response.status_code", said.get("http.status_code", 0))
    failed = isinstance(status, int) and status >= _FAILED_STATUS
    return Answered(
        span.kind == _SERVER,
        span.end_time_unix_nano / NANO,
        endpoint(said) or printable(span.name) or "unnamed",
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1_000_000,
        failed or span.status.code == _ERROR,
        code_of(said),
    )
