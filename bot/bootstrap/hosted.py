"""Chooses adapters for the repositories that a code host lets us into."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.comment_text import spoken_lines
from bot.adapters.database.asked import SqlAsked
from bot.adapters.database.engine import make_engine
from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.repositories import SqlRepositories
from bot.adapters.database.store import store_factory
from bot.adapters.engine import Chore, MayAct, Trade, Worker
from bot.adapters.engine.routing import Verdict
from bot.adapters.formatting import lay_out
from bot.adapters.github.app import GitHubApp
from bot.adapters.github.artifacts import GitHubCiReports
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.forum import GitHubForum
from bot.adapters.github.host import GitHubCodeHost
from bot.adapters.github.tokens import AppKey, Task
from bot.adapters.github.webhooks import Malformed as Unreadable
from bot.adapters.github.webhooks import translate
from bot.adapters.github.wire import TIMEOUT_SECONDS
from bot.adapters.policy_file import parse_policy
from bot.adapters.recall import FtsMemory
from bot.adapters.routes import read_routes
from bot.adapters.rules.book import Rules
from bot.adapters.rules.layout import formatting_of
from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.adapters.signals.prometheus import PrometheusRequests, Selection
from bot.adapters.signals.stored import StoredRequests
from bot.bootstrap.clock import SystemClock
from bot.bootstrap.models import model_access
from bot.domain.deliveries import Malformed, Routed
from bot.domain.events import about_repository
from bot.domain.hosting import KnownRepository
from bot.domain.jobs import Job
from bot.domain.limits import paused_by_person
from bot.domain.model.spending import caps_memo
from bot.domain.policy import POLICY_PATH, Engine, MetricsPolicy, Policy, PolicyProblem
from bot.ports import (
    Clock,
    Formatting,
    Hosted,
    Lookup,
    MetricsSource,
    ModelAccess,
    Operator,
    Ports,
    Queue,
    RuleBook,
    Sandbox,
    SandboxSettings,
    Service,
    UserError,
)
from bot.settings import Settings
from bot.workflows.asked import take_in
from bot.workflows.routing import jobs_for
from bot.workflows.sweep import sweep_deliveries, sweep_installations, wake_repositories
from bot.workflows.work import work

if TYPE_CHECKING:
    from bot.adapters.github.identity import Identity

_ASKED_SECONDS = 1.0
_WAKE_SECONDS, _SWEEP_SECONDS, _INSTALLATIONS_SECONDS = 5.0, 300.0, 3600.0
_POLICIES_KEPT = 200
_REMEDY = (
    "Run `ironclaw setup`, which creates it; of one that exists, set GITHUB_CLIENT_ID (or "
    "GITHUB_APP_ID) and GITHUB_PRIVATE_KEY, as its page shows."
)

Found = tuple[Policy | tuple[PolicyProblem, ...] | None, Formatting]


def app_key(settings: Settings) -> AppKey:
    """Who the App is; UserError where a setting of it is missing or its key cannot be read."""
    pem = settings.private_key()
    issuer = settings.github_client_id or settings.github_app_id
    if pem is None or not issuer:
        raise UserError("the GitHub App is not configured", _REMEDY)
    key = AppKey(issuer, pem.get_secret_value())
    key.check()
    return key


def make_worker(settings: Settings, key: AppKey) -> Worker:
    """A worker for the App with this key; made inside a running event loop."""
    url = settings.database_url.get_secret_value()
    return Worker(
        url, lambda queue, may_act: Hosting(settings, key, queue, may_act=may_act).trade()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a worker works with beside the App and the records."""

    sandbox: Sandbox
    rules: RuleBook
    clock: Clock
    metrics: MetricsSource | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    timeout: float = TIMEOUT_SECONDS


def _tools(settings: Settings) -> Tools:
    folder = settings.data_folder() / "environments"
    return Tools(sandbox=ProcessSandbox(folder), rules=Rules(), clock=SystemClock())


def metrics_source(
    settings: Settings, engine: AsyncEngine, repository: str, wanted: MetricsPolicy
) -> MetricsSource:
    """What services report to us, or the operator's Prometheus where the repository says so."""
    if settings.prometheus_url is None or not wanted.prometheus_labels:
        return StoredRequests(engine, repository)
    label, token = settings.prometheus_repository_label, settings.prometheus_token
    # Nobody reads what is another repository's.
    own = {label: repository} if label else {}
    selection = Selection(wanted.prometheus_histogram, wanted.prometheus_labels | own)
    return PrometheusRequests(
        settings.prometheus_url, selection, token=token.get_secret_value() if token else ""
    )


class Hosting:
    """What a worker has of the App: one client, one sandbox, and the records."""

    def __init__(
        self,
        settings: Settings,
        key: AppKey,
        queue: Queue,
        tools: Tools | None = None,
        *,
        may_act: MayAct = lambda: None,
    ) -> None:
        self._settings = settings
        self._tools = tools or _tools(settings)
        self._clock = self._tools.clock
        self._client = GitHubClient(
            key,
            self._clock,
            base_url=settings.github_api_url,
            pause=settings.github_write_pause_seconds,
            timeout=self._tools.timeout,
            sleep=self._tools.sleep,
            may_act=may_act,
        )
        self._app = GitHubApp(self._client, self._clock)
        self._engine = make_engine(settings.database_url.get_secret_value())
        self._stores = store_factory(self._engine)
        self._identity: Identity | None = None
        self._policies: dict[tuple[int, str], Found] = {}
        self._queue = queue
        self._models = AsyncExitStack()
        self._model: ModelAccess | None = None

    def trade(self) -> Trade:
        """What the worker does."""
        service = self.service
        return Trade(
            handle=lambda job: self._work(service, job),
            route=self._route,
            chores=(
                Chore("taking in what was asked", _ASKED_SECONDS, self._take_in),
                Chore("waking repositories", _WAKE_SECONDS, lambda: wake_repositories(service)),
                Chore(
                    "asking for lost deliveries", _SWEEP_SECONDS, lambda: sweep_deliveries(service)
                ),
                Chore(
                    "looking for installations",
                    _INSTALLATIONS_SECONDS,
                    lambda: sweep_installations(service),
                ),
            ),
            close=self._close,
            share_left=self._client.exchange.share_left,
        )

    @cached_property
    def service(self) -> Service:
        """Everything around all the repositories."""
        return Service(
            stores=self._stores,
            repositories=SqlRepositories(self._engine),
            memos=SqlMemos(self._engine),
            app=self._app,
            queue=self._queue,
            clock=self._clock,
            open=self._open,
            asked=SqlAsked(self._engine),
        )

    async def _take_in(self) -> None:
        await take_in(SqlAsked(self._engine), self._queue, self._clock.now)

    async def _work(self, service: Service, job: Job) -> None:
        await work(service, job)

    async def _route(self, event: str, body: bytes, _: Lookup) -> Verdict:
        found = await asyncio.to_thread(translate, event, body)
        if isinstance(found, Unreadable):
            return Malformed(found.why)
        async with self._stores() as store:
            return Routed(await jobs_for(store, found))

    async def _access(self) -> ModelAccess | None:
        """The operator's language model, made when a repository is first opened."""
        if self._model is None:
            chosen = model_access(self._settings, self._engine, capped=True)
            self._model = await self._models.enter_async_context(chosen)
        return self._model

    async def _close(self) -> None:
        await self._models.aclose()
        await self._client.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def _open(self, known: KnownRepository) -> AsyncIterator[Hosted]:
        if self._identity is None:
            self._identity = await self._app.identity()
        access = self._client.repository(known.installation_id, known.full_name, known.host_id)
        host = GitHubCodeHost(access, self._identity)
        repository = await host.repository()
        policy, formatting = await self._policy(host, known.host_id, repository.head_sha)
        allowed = policy if isinstance(policy, Policy) else Policy()
        ports = Ports(
            stores=self._stores,
            memory=FtsMemory(self._stores),
            host=host,
            sandbox=self._tools.sandbox,
            rules=self._tools.rules,
            clock=self._clock,
            metrics=self._tools.metrics
            or metrics_source(self._settings, self._engine, repository.name, allowed.metrics),
            policy=allowed,
            settings=SandboxSettings(
                python=self._settings.ironclaw_python,
                test_command=allowed.sandbox.test_command,
                timeout_seconds=allowed.sandbox.timeout_seconds,
                memory_mb=allowed.sandbox.memory_mb,
                max_processes=allowed.sandbox.max_processes,
            ),
            progress=lambda _: None,
            formatting=formatting,
            learning_rate=self._settings.learning_rate,
            exploration_rate=self._settings.exploration_rate,
            forum=GitHubForum(access, self._identity),
            ci_reports=GitHubCiReports(access.for_task(Task.RUNS)),
            operator=await self._operator(repository.name),
            spoken=spoken_lines,
            routes=read_routes,
            read_policy=parse_policy,
            model=None if allowed.model.engine is Engine.RULES else await self._access(),
            lay_out=lay_out,
        )
        yield Hosted(ports, policy, repository.head_sha, repository.default_branch, repository.name)

    async def _operator(self, repository: str) -> Operator:
        """What the operator allows, less what a person has paused."""
        async with self._stores() as store:
            events = await store.events(about_repository(repository))
        return replace(self._settings.operator, stopped=paused_by_person(events))

    async def _remember_caps(self, id: int, policy: object) -> None:
        """What the dashboard puts beside what was spent: it reads no repository."""
        if not isinstance(policy, Policy):
            return
        caps = {
            "dollars_per_day": policy.model.dollars_per_day,
            "dollars_per_improvement": policy.model.dollars_per_improvement,
            "tokens_per_day": policy.model.tokens_per_day,
        }
        memos = SqlMemos(self._engine, self._clock.now)
        if await memos.read(caps_memo(id)) != caps:
            await memos.write(caps_memo(id), caps)

    async def _policy(self, host: GitHubCodeHost, id: int, sha: str) -> Found:
        """What the policy file says at this commit of the default branch, and the formatting."""
        known = self._policies.get((id, sha))
        if known is not None:
            return known
        tree = await host.tree(sha)
        text = tree.text(POLICY_PATH)
        policy = None if text is None else parse_policy(text)
        found = (
            policy if policy is None or isinstance(policy, Policy) else tuple(policy),
            formatting_of(tree.text("pyproject.toml") or ""),
        )
        await self._remember_caps(id, policy)
        if len(self._policies) >= _POLICIES_KEPT:
            self._policies.clear()
        self._policies[id, sha] = found
        return found
