"""Serves the web application with gunicorn until it is told to stop."""

import logging
import os
import resource
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped] # it has no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped] # it has no types
from gunicorn.workers.base import Worker  # type: ignore[import-untyped] # it has no types

from bot.domain.messages import plain_lines
from bot.domain.redaction import redact
from bot.entrypoints.web.application import Application, Parts
from bot.entrypoints.web.gthread import DeliveryWorker
from bot.ports import UserError

THREADS: Final = 64
MOST_CONNECTIONS: Final = 8_192
"""In one process; of more, those that say nothing are let go."""
_OTHER_FILES: Final = 256
_GRACE_SECONDS: Final = 45
# gunicorn ends all of itself when a process of its own ends so, instead of starting it again.
_CANNOT_START: Final = 4
_LAST_WORDS: Final = (f"exited with code {_CANNOT_START}.", "down: Master", "App failed to load.")
_REFUSED: Final = 1
"""How every command ends where a person must mend something."""


def serve(
    listening: socket.socket,
    parts: Parts,
    processes: int,
    say: Callable[[str], None],
    kind: type[Worker] = DeliveryWorker,
) -> None:
    """Serve until SIGTERM or SIGINT; requests and jobs in flight are finished within a bound."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    options: dict[str, Any] = {
        "bind": f"fd://{listening.fileno()}",
        "workers": processes,
        "worker_class": kind,
        "threads": THREADS,
        "worker_connections": _connections(),
        "keepalive": 5,
        "graceful_timeout": _GRACE_SECONDS,
        "loglevel": "warning",
        "logger_class": _Log,
        "accesslog": None,
        "control_socket_disable": True,
        "proc_name": "ironclaw",
        "post_worker_init": _teller(say, f"Ironclaw listens at http://{shown}:{port}"),
        "worker_exit": _exit,
    }
    _Server(options, parts).run()


def listen(host: str, port: int) -> socket.socket:
    """Listen here, not in gunicorn, which says less and tries for long; UserError if taken."""
    try:
        made = _bound(host, port)
    except OSError as error:
        problem = f"cannot listen at {host}:{port}: {error.strerror or error}"
        raise UserError(problem, "End what listens there, or set PORT or HOST.") from None
    made.set_inheritable(True)
    return made


def _connections() -> int:
    """As many as this process may have files open; it takes for itself what it is allowed to."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(soft - _OTHER_FILES, 2 * THREADS)
    return MOST_CONNECTIONS


def _bound(host: str, port: int) -> socket.socket:
    family, kind, number, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    made = socket.socket(family, kind, number)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(2048)
    except OSError:
        made.close()
        raise
    return made


class _Server(BaseApplication):  # type: ignore[misc] # the library has no types
    def __init__(self, options: dict[str, Any], parts: Parts) -> None:
        self._options = options
        self._parts = parts
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Until it is stopped; it ends as other commands do where the application cannot start."""
        try:
            super().run()
        except SystemExit as end:
            raise SystemExit(_REFUSED if end.code == _CANNOT_START else end.code) from None

    def load(self) -> Application:
        """Made in the process that answers: connections and threads do not survive a fork."""
        try:
            return Application(self._parts)
        except UserError as error:
            text = plain_lines(f"error: {error}\nto mend it: {error.remedy}\n")
            sys.stderr.write(redact(text))
            sys.stderr.flush()
            os._exit(_CANNOT_START)


class _Log(Logger):  # type: ignore[misc] # the library has no types
    """gunicorn's messages go where all others go, and lose their secrets there."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Not how gunicorn ends after a process has said why it cannot start."""
    return not record.getMessage().endswith(_LAST_WORDS)


def _teller(say: Callable[[str], None], text: str) -> Callable[[Any], None]:
    """Say it once the first process can answer."""

    def tell(worker: Any) -> None:
        if worker.age == 1:
            say(text)

    return tell


def _exit(_arbiter: object, worker: Any) -> None:
    application = getattr(worker, "wsgi", None)
    if isinstance(application, Application):
        application.close()
