"""Everything that answers in one web process, made after the fork."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.api_tokens import SqlApiTokens
from bot.adapters.database.engine import make_blocking_engine, make_engine
from bot.adapters.database.intake import DeliveryIntake
from bot.adapters.database.proofs import SqlProofs
from bot.adapters.engine import Worker
from bot.adapters.github.actions_tokens import ActionsTokens
from bot.adapters.signals.intake import MetricsIntake
from bot.adapters.signals.unfolded import Folding
from bot.domain.bottleneck import Targets
from bot.entrypoints.web import files, metrics, observed, otlp, performance
from bot.entrypoints.web.access import Gate
from bot.entrypoints.web.api import docs, serve
from bot.entrypoints.web.api.feedback import Ratings
from bot.entrypoints.web.api.improvements import Improvements
from bot.entrypoints.web.api.rates import Rates
from bot.entrypoints.web.dashboard.look import Sources
from bot.entrypoints.web.dashboard.opening import CLOSED, Opening, open_dashboard
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.pages import make_pages
from bot.entrypoints.web.patience import Patience
from bot.entrypoints.web.standing import StandingCollector, StandingReader
from bot.entrypoints.web.webhook import PATH, StartResponse, Verify, WebhookRoute
from bot.entrypoints.web.workflows import Workflows
from bot.ports import UserError

log = logging.getLogger("ironclaw.web")
_START_SECONDS = 60
# Those who ask whether we are ready wait for seconds only.
_READY_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What an entrypoint chooses; `worker` is made on the loop, None where others do the work.

    `tokens` are good for every repository; those that were made for some are in the database.
    Workflows prove who they are with tokens of `issuer` for `audience`; without one nobody does.
    """

    url: str
    verify: Verify
    worker: Callable[[], Worker] | None = None
    tokens: tuple[str, ...] = field(default=(), repr=False)
    targets: Targets = field(default_factory=Targets)
    learning_rate: float = 0.1
    requests_a_minute: int = 600
    dashboard: Opening = CLOSED
    issuer: str = ""
    audience: str = ""


class Application:
    """Deliveries by the short way, everything else through Flask."""

    def __init__(self, parts: Parts) -> None:
        self.verify = parts.verify
        self.intake = DeliveryIntake(parts.url)
        self._engine: Engine = make_blocking_engine(parts.url)
        self._loop = SharedLoop()
        self._worker: Worker | None = None
        if parts.worker is not None:
            self._worker = self._loop.run(_started(parts.worker), _START_SECONDS)
        self._webhook = WebhookRoute(self.intake, self.verify)
        self._pages = make_pages(self.readiness, self._loop)
        self._reports = make_engine(parts.url)
        self._folding = self._loop.run(_folding(self._reports))
        intake = MetricsIntake(self._reports, kept=self._folding.wake)
        self._database = Patience(self._ask_database)
        self._workflows = self._signed(parts)
        tokens = SqlApiTokens(self._reports)
        gate = Gate(parts.tokens, tokens, self._loop.run, self._workflows)
        metrics.add_to(self._pages, gate, intake, self._loop)
        otlp.add_to(self._pages, gate, intake, self._loop)
        files.add_to(self._pages, gate, self._reports, self._loop)
        performance.add_to(self._pages, gate, self._reports, self._loop, parts.targets)
        improvements = Improvements(self._reports).operations()
        ratings = Ratings(self._reports, parts.learning_rate).operations()
        operations = (*improvements, *ratings)
        serve.add_to(self._pages, operations, gate, self._loop, Rates(parts.requests_a_minute))
        docs.add_to(self._pages, operations)
        opened = parts.dashboard
        sources = Sources(self._reports, parts.targets, parts.learning_rate, opened.day_cap)
        self._sign_in = open_dashboard(self._pages, opened, sources, self._loop)
        reader = StandingReader(self._reports, opened.day_cap)
        standing = StandingCollector(lambda: self._loop.run(reader.read()), self.intake)
        observed.add_to(self._pages, standing)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        if environ["PATH_INFO"] == PATH:
            return self._webhook(environ, start_response)
        return self._pages(environ, start_response)  # type: ignore[arg-type] # narrower than the library's own type

    def readiness(self) -> Mapping[str, str]:
        """Whether the database answers and, where the worker is in here, holds its lease."""
        parts = {"database": self._database.answer(_READY_SECONDS)}
        if self._worker is not None:
            parts["worker"] = "ok" if self._worker.alive else "has lost its lease"
        return parts

    def close(self) -> None:
        """Stop the worker, write what waits, and let everything go."""
        if self._worker is not None:
            self._loop.run(self._worker.stop())
        self.intake.close()
        self._loop.run(self._folding.stop())
        if self._workflows is not None:
            self._loop.run(self._workflows.close())
        if self._sign_in is not None:
            self._loop.run(self._sign_in.close())
        self._loop.run(self._reports.dispose())
        self._loop.close()
        self._engine.dispose()
        log.info("this web process has stopped")

    def _signed(self, parts: Parts) -> Workflows | None:
        """Workflows come with a token for our address, so that there must be one."""
        if not parts.audience:
            return None
        tokens = ActionsTokens(parts.issuer, parts.audience)
        return Workflows(parts.issuer, tokens, SqlProofs(self._reports))

    def _ask_database(self) -> str:
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1 FROM delivery LIMIT 1"))
        except UserError as error:
            log.warning("not ready: %s", error)
            # The page is public: what is wrong in detail stands in the log.
            return "cannot be used"
        return "ok"


async def _started(make: Callable[[], Worker]) -> Worker:
    worker = make()
    await worker.start()
    # Give way once, so that what it has begun runs before the first request comes.
    await asyncio.sleep(0)
    return worker


async def _folding(engine: AsyncEngine) -> Folding:
    made = Folding(engine)
    made.start()
    return made
