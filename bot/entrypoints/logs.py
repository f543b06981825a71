"""How everything that is logged is written: without secrets, for a person or for a machine."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import IO, Final

import structlog

from bot.domain.redaction import redact
from bot.settings import SECRETS, Settings

_CHATTY: Final = ("alembic", "dbos", "httpx", "httpcore", "hishel", "githubkit")
_SHORTEST: Final = 8
# A line that somebody else wrote must neither begin another one nor steer a terminal.
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def set_up_logs(settings: Settings, stream: IO[str] | None = None) -> None:
    """Write what every library and we log to `stream`, standard error by itself."""
    stream = stream or sys.stderr
    as_json = settings.log_format == "json" or (not settings.log_format and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter((JsonLines if as_json else PlainLines)(_known(settings)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))
    # The engine brings a handler of its own, unless there is one.
    engine = logging.getLogger("dbos")
    engine.handlers, engine.propagate = [handler], False
    structlog.configure(
        processors=[structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


class PlainLines(logging.Formatter):
    """One message after the other, for a person."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._known = known

    def format(self, record: logging.LogRecord) -> str:
        """The whole text of the record without any secret, a traceback below it."""
        trace = self._trace(record)
        more = "".join(f" {name}={value}" for name, value in self._more(record).items())
        line = f"{_moment(record)} {record.levelname} {record.name}: {self._message(record)}{more}"
        return f"{line}\n{trace}" if trace else line

    def _message(self, record: logging.LogRecord) -> str:
        return _CONTROL.sub("?", self._clean(record.getMessage())).replace("\n", " | ")

    def _more(self, record: logging.LogRecord) -> dict[str, str]:
        """What was given to the record beside its message."""
        given = {name: value for name, value in vars(record).items() if name not in _ORDINARY}
        return {name: _CONTROL.sub("?", self._clean(str(value))) for name, value in given.items()}

    def _trace(self, record: logging.LogRecord) -> str:
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        text = "\n".join(part for part in (record.exc_text or trace, stack) if part)
        return _CONTROL.sub("?", self._clean(text))

    def _clean(self, text: str) -> str:
        return redact(text, self._known)


class JsonLines(PlainLines):
    """One JSON object a line, for a machine."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as an object."""
        document = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
            **self._more(record),
        }
        trace = self._trace(record)
        return json.dumps(document | ({"trace": trace} if trace else {}))


_ORDINARY: Final = frozenset(
    (*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message")
)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _known(settings: Settings) -> tuple[str, ...]:
    """The secrets that have no shape of their own, and lines of the key that has one."""
    given = [getattr(settings, name) for name in sorted(SECRETS - {"database_url"})]
    texts = [secret.get_secret_value() for secret in given if secret is not None]
    parts = [part for text in texts for part in (text, *text.split(","), *text.split("\n"))]
    # What is as short as a word would make holes in everything else.
    return tuple({part.strip() for part in parts if len(part.strip()) >= _SHORTEST})
