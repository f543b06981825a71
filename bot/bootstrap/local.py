"""Chooses adapters for a repository on disk."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.adapters.database.engine import make_engine
from bot.adapters.database.migrate import upgrade
from bot.adapters.database.store import SqlStore, store_factory
from bot.adapters.formatting import lay_out
from bot.adapters.local.checking import CheckRunner
from bot.adapters.local.host import LocalCodeHost
from bot.adapters.policy_file import parse_policy
from bot.adapters.recall import FtsMemory
from bot.adapters.routes import read_routes
from bot.adapters.rules.book import Rules
from bot.adapters.rules.layout import formatting_of
from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.bootstrap.clock import SystemClock
from bot.bootstrap.models import check_model, model_access
from bot.domain.outcomes import RunEnd, TestRun
from bot.domain.policy import POLICY_PATH, Engine, Policy, Search
from bot.domain.pulls import Conclusion
from bot.domain.tree import Tree
from bot.ports import (
    Ports,
    RuleBook,
    Sandbox,
    SandboxSettings,
    Store,
    StoreFactory,
    UserError,
)
from bot.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class LocalChoices:
    """What a person chose on the command line; empty means the policy's or the default.

    `deploy_environment` is all that the deploy command sees; without it, a few plain variables.
    """

    path: Path
    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    python: str = ""
    test_command: str = ""
    deploy_environment: Mapping[str, str] | None = None
    engine: Engine | None = None
    search: Search | None = None


def rule_book() -> RuleBook:
    """The deterministic rules."""
    return Rules()


@asynccontextmanager
async def local_ports(
    choices: LocalChoices, settings: Settings, progress: Callable[[str], None]
) -> AsyncIterator[Ports]:
    """Every port for a repository on disk; the database is brought up to date first."""
    settings = outside(choices.path, settings)
    data = settings.data_folder()
    url = settings.database_url.get_secret_value()
    await asyncio.to_thread(upgrade, url, backup_dir=data / "backups")
    engine = make_engine(url)
    try:
        ports = await _local(choices, settings, store_factory(engine), progress)
        if ports.policy.model.engine is Engine.RULES:
            yield ports
            return
        check_model(settings)
        async with model_access(settings, engine, capped=False) as model:
            yield replace(ports, model=model)
    finally:
        await engine.dispose()


def ports_on(db_session: AsyncSession) -> Ports:
    """Every port for the repository in the current folder, with the records on this session.

    The policy is the default one: what the repository allows is read where a job starts.
    """
    settings = outside(Path.cwd(), read_settings())

    @asynccontextmanager
    async def stores() -> AsyncIterator[Store]:
        yield SqlStore(db_session)

    choices = LocalChoices(Path.cwd())
    host, sandbox = _host_and_sandbox(choices, settings.data_folder(), lambda _: None)
    return Ports(
        stores=stores,
        memory=FtsMemory(stores),
        host=host,
        sandbox=sandbox,
        rules=rule_book(),
        routes=read_routes,
        clock=SystemClock(),
        metrics=None,
        policy=Policy(),
        settings=SandboxSettings(),
        progress=lambda _: None,
        learning_rate=settings.learning_rate,
        exploration_rate=settings.exploration_rate,
        operator=settings.operator,
    )


async def _local(
    choices: LocalChoices,
    settings: Settings,
    stores: StoreFactory,
    progress: Callable[[str], None],
) -> Ports:
    host, sandbox = _host_and_sandbox(choices, settings.data_folder(), progress)
    tree = await host.tree((await host.repository()).head_sha)
    policy = _policy(tree, choices)
    sandbox_settings = _sandbox_settings(policy, choices)
    host.use(policy.local, _check_runner(sandbox, sandbox_settings))
    return Ports(
        stores=stores,
        memory=FtsMemory(stores),
        host=host,
        sandbox=sandbox,
        rules=rule_book(),
        routes=read_routes,
        clock=SystemClock(),
        metrics=None,
        policy=policy,
        settings=sandbox_settings,
        progress=progress,
        formatting=formatting_of(tree.text("pyproject.toml") or ""),
        lay_out=lay_out,
        learning_rate=settings.learning_rate,
        exploration_rate=settings.exploration_rate,
        # Whoever runs it on a checkout is the operator, and says all of it in the policy.
        operator=replace(settings.operator, merges=True, reverts=True, minimum_confidence=0.0),
    )


def _policy(tree: Tree, choices: LocalChoices) -> Policy:
    """The repository's policy with the person's choices over it; UserError if it is broken."""
    text = tree.text(POLICY_PATH)
    found = Policy() if text is None else parse_policy(text)
    if not isinstance(found, Policy):
        problems = "\n".join(str(problem) for problem in found)
        raise UserError(problems, f"Mend {POLICY_PATH} and commit it.")
    scan = replace(
        found.scan,
        paths=choices.paths or found.scan.paths,
        rules=choices.rules or found.scan.rules,
    )
    sandbox = replace(
        found.sandbox,
        test_command=choices.test_command or found.sandbox.test_command,
    )
    model = replace(
        found.model,
        engine=choices.engine or found.model.engine,
        search=choices.search or found.model.search,
    )
    return replace(found, scan=scan, sandbox=sandbox, model=model)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A repository on disk and what its commits are tried with, without any record kept."""

    host: LocalCodeHost
    sandbox: Sandbox
    settings: SandboxSettings
    policy: Policy


async def open_checkout(choices: LocalChoices, base: str, data: Path) -> Checkout:
    """The checkout with the policy of the commit `base`: a change does not choose its own."""
    host, sandbox = _host_and_sandbox(choices, data, lambda _: None)
    policy = _policy(await host.tree((await host.commit(base)).sha), choices)
    return Checkout(host, sandbox, _sandbox_settings(policy, choices), policy)


def _sandbox_settings(policy: Policy, choices: LocalChoices) -> SandboxSettings:
    return SandboxSettings(
        # Only a person names a program that is run to ask what it is, never a repository.
        python=choices.python,
        test_command=policy.sandbox.test_command,
        timeout_seconds=policy.sandbox.timeout_seconds,
        memory_mb=policy.sandbox.memory_mb,
        max_processes=policy.sandbox.max_processes,
    )


def process_sandbox(settings: Settings, progress: Callable[[str], None]) -> Sandbox:
    """A sandbox of local processes for code that belongs to no repository."""
    return ProcessSandbox(settings.data_folder() / "environments", on_progress=progress)


def _host_and_sandbox(
    choices: LocalChoices, data: Path, progress: Callable[[str], None]
) -> tuple[LocalCodeHost, ProcessSandbox]:
    sandbox = ProcessSandbox(data / "environments", on_progress=progress)
    host = LocalCodeHost(
        choices.path,
        clock=SystemClock(),
        run_check=_check_runner(sandbox, SandboxSettings()),
        state_dir=data / "local",
        deploy_environment=choices.deploy_environment,
    )
    return host, sandbox


def _check_runner(sandbox: Sandbox, settings: SandboxSettings) -> CheckRunner:
    async def run(tree: Tree, command: str) -> tuple[Conclusion, str]:
        async with sandbox.open(tree, replace(settings, test_command=command)) as workspace:
            return _conclusion(await workspace.run_tests())

    return run


def _conclusion(run: TestRun) -> tuple[Conclusion, str]:
    """A check passes only if it completed, something passed and nothing failed."""
    if run.end is RunEnd.TIMED_OUT:
        return Conclusion.TIMED_OUT, run.why
    if run.end is not RunEnd.COMPLETED:
        return Conclusion.ERROR, run.why
    counts = f"{len(run.passed())} passed, {len(run.failed())} failed"
    if run.failed():
        return Conclusion.FAILURE, counts
    return (Conclusion.SUCCESS if run.passed() else Conclusion.NEUTRAL), counts


def outside(path: Path, settings: Settings) -> Settings:
    """The settings with a data folder that does not lie in the repository's working tree.

    Only the default is moved: a folder that was named is used where it is.
    """
    folder = settings.ironclaw_data_dir
    if "ironclaw_data_dir" in settings.model_fields_set or not _holds(path.resolve(), folder):
        return settings
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    try:
        state = named if named.is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError:
        state = Path(tempfile.gettempdir())
    return settings.moved_to(state / "ironclaw")


def _holds(path: Path, folder: Path) -> bool:
    """Whether `folder` lies in the working tree that `path` is a part of, if it is of one."""
    for parent in (path, *path.parents):
        if (parent / ".git").exists():
            return folder.is_relative_to(parent)
    return False
