"""One repository with its code host, its production and its records, all in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.adapters.policy_file import parse_policy
from bot.adapters.routes import read_routes
from bot.domain.benchmark import Round, Timings
from bot.domain.equivalence import FunctionRef, Observation, Recording, Replayed
from bot.domain.finding import Finding, Severity, fingerprint
from bot.domain.improvement import Improvement, State
from bot.domain.metrics import Request
from bot.domain.outcomes import RunEnd, TestOutcome, TestRun, ToolRun
from bot.domain.policy import LandingPolicy, Policy, WatchPolicy
from bot.domain.pulls import Conclusion, Deployment, PullSnapshot
from bot.domain.rules import Opportunity, Proof, RuleInfo
from bot.domain.tree import Tree
from bot.ports import (
    CiReports,
    Formatting,
    Forum,
    Operator,
    Ports,
    SandboxSettings,
    Store,
    StoreFactory,
    Workspace,
)
from bot.workflows.advance import advance
from bot.workflows.scan import Scan
from tests.fakes.clock import FixedClock
from tests.fakes.code_host import FakeCodeHost, Fault, _Call
from tests.fakes.memory import FakeMemory
from tests.fakes.store import Records, fake_stores

_CUT = ConnectionError("cut")
FILE = "app/shop.py"
SLOW = "def total(items):\n    return slow_sum(items)\n"
FAST = "def total(items):\n    return sum(items)\n"
CHECK = "tests"
FORMATTING = Formatting()
POLICY = Policy(
    landing=LandingPolicy(automatic=True, required_checks=(CHECK,)),
    watch=WatchPolicy(minimum_requests=50),
)
RULE = RuleInfo(
    "slow-sum",
    "Use sum()",
    Severity.HIGH,
    "sum() is faster.",
    ("the items are numbers",),
    "None is known.",
    Proof("pass", "pass", "pass", (), covers=False),
)


class OneRule:
    """Finds `slow_sum(`."""

    def infos(self) -> tuple[RuleInfo, ...]:
        return (RULE,)

    def scan(
        self,
        file: str,
        source: str,
        *,
        only: frozenset[str] = frozenset(),
        formatting: Formatting = FORMATTING,
    ) -> list[Opportunity]:
        if "slow_sum(items)" not in source or (only and RULE.id not in only):
            return []
        id = fingerprint(RULE.id, file, "total", "slow_sum(items)")
        found = Finding(id, RULE.id, file, 2, 2, "total", RULE.severity, "it sums by hand")
        return [Opportunity(found, source, source.replace("slow_sum", "sum"))]


@dataclass
class Workbench:
    """A workspace whose answers are the sandbox's script."""

    script: "ScriptedSandbox"
    tree: Tree

    @property
    def improved(self) -> bool:
        return FAST in (self.tree.text(FILE) or "")

    async def run_tests(self, *, only: Sequence[str] = ()) -> TestRun:
        fails = self.improved and self.script.breaks_tests
        outcome = TestOutcome.FAILED if fails else TestOutcome.PASSED
        return TestRun(RunEnd.COMPLETED, {"test_total": outcome})

    async def record(self, functions: Sequence[FunctionRef]) -> Recording:
        return Recording(tuple(functions), self.script.calls, b"")

    async def invent(self, recording: Recording, seed: int = 0) -> Recording:
        return recording

    async def run_tool(self, tool: str, paths: Sequence[str]) -> ToolRun:
        return ToolRun(RunEnd.COMPLETED, {})

    async def replay(self, recording: Recording, lines: Sequence[tuple[int, int]]) -> Replayed:
        answer = "wrong" if self.improved and self.script.changes_results else "6"
        return Replayed({0: Observation("total([1, 2, 3])", answer, "")}, changed_lines_hit=True)


@dataclass
class ScriptedSandbox:
    """The port without any process: what the candidate will be seen to do is set before."""

    speedup: float = 2.0
    calls: int = 1
    breaks_tests: bool = False
    changes_results: bool = False
    opened: int = 0

    @property
    def isolation(self) -> str:
        return "none, a script"

    @asynccontextmanager
    async def open(self, tree: Tree, settings: SandboxSettings) -> AsyncIterator[Workspace]:
        self.opened += 1
        try:
            yield Workbench(self, tree)
        finally:
            self.opened -= 1

    async def measure(
        self, old: Workspace, new: Workspace, recording: Recording, scale: int, seconds: float
    ) -> Timings:
        return Timings((Round(1.0, 1 / self.speedup, 1.0),) * 10)

    async def measure_proof(
        self, workspace: Workspace, proof: Proof, size: int, seconds: float
    ) -> Timings:
        return Timings((), why="no proof")


class TroubledHost(FakeCodeHost):
    """Fails once at its n-th call, before or after the effect; can leave deploying to others."""

    fail_at, fails_after, count, deploys = 0, False, 0, True

    def _call(self, name: str) -> _Call:
        self.count += 1
        if self.count == self.fail_at:
            self.calls.append(name)
            return _Call(Fault(_CUT, self.fails_after))
        return super()._call(name)

    async def deploy(self) -> Deployment | None:
        return await super().deploy() if self.deploys else None

    def shown(self, number: int) -> PullSnapshot:
        """A pull request as it is now, without a call that could fail."""
        return self._snapshot(number)

    async def request_checks(self, number: int) -> None:
        if number in self.pulls:
            await super().request_checks(number)


@dataclass
class Production:
    """A request every two seconds, by what was deployed at its time.

    The improvement makes it so much slower, and every so many of its requests fail; `ill_since` is
    when it became as ill as that whatever is deployed, or slower by `ill_by`.
    """

    host: FakeCodeHost
    slower: float = 1.0
    failing: int = 0
    silent: bool = False
    ill_since: datetime | None = None
    ill_by: float = 0.0

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        first, found = int(since.timestamp()) // 2 * 2, []
        for second in range(first, int(until.timestamp()) + 1, 2):
            at = datetime.fromtimestamp(second, since.tzinfo)
            if since <= at < until and not self.silent:
                found.append(self._request(at, second // 2))
        return found

    def _request(self, at: datetime, number: int) -> Request:
        milliseconds = 50.0 + number % 7
        ill = self.ill_since is not None and at >= self.ill_since
        if not (ill or self._is_improved(at)):
            return Request(at, "GET /total", milliseconds, failed=False)
        failed = bool(self.failing) and number % self.failing == 0
        by = self.ill_by if ill and self.ill_by else self.slower
        return Request(at, "GET /total", milliseconds * by, failed)

    def _is_improved(self, at: datetime) -> bool:
        running = [one for one in self.host.deployed if one.successful and one.at <= at]
        if not running:
            return False
        shown = Tree("", self.host.commits[running[-1].sha].files).text(FILE)
        return FAST in (shown or "")


@dataclass
class World:
    """Everything around one improvement, and the worker that advances it."""

    policy: Policy = POLICY
    clock: FixedClock = field(default_factory=FixedClock)
    records: Records = field(default_factory=Records)
    sandbox: ScriptedSandbox = field(default_factory=ScriptedSandbox)
    crashes: int = 0
    operator: Operator = field(default_factory=lambda: Operator(merges=True))
    forum: Forum | None = None
    ci_reports: CiReports | None = None

    def __post_init__(self) -> None:
        self.host = TroubledHost({FILE: SLOW}, clock=self.clock)
        self.host.check_results[CHECK] = Conclusion.SUCCESS
        self.production = Production(self.host)
        self.stores: StoreFactory = fake_stores(self.records)

    def spoken(self, text: str) -> Sequence[str]:
        return text.splitlines()

    @property
    def ports(self) -> Ports:
        return Ports(
            stores=self.stores,
            memory=FakeMemory(self.stores),
            host=self.host,
            sandbox=self.sandbox,
            rules=OneRule(),
            clock=self.clock,
            metrics=self.production,
            policy=self.policy,
            settings=SandboxSettings(),
            progress=lambda _: None,
            operator=self.operator,
            forum=self.forum,
            ci_reports=self.ci_reports,
            spoken=self.spoken,
            routes=read_routes,
            read_policy=parse_policy,
        )

    def allow(self, **changes: Any) -> None:
        """Change what the repository allows, section by section: `watch={...}`."""
        for section, values in changes.items():
            new = replace(getattr(self.policy, section), **values)
            self.policy = replace(self.policy, **{section: new})

    async def find(self) -> str:
        """One look at the code; the improvement's id."""
        scan = Scan(self.ports)
        (finding,) = await scan.findings(await self.host.tree(self.host.branches["main"]))
        id = await scan.keep(finding)
        assert id is not None
        return id

    def now(self) -> Improvement:
        """The one improvement, as it is stored."""
        (improvement,) = self.records.improvements.values()
        return improvement

    async def step(self) -> Improvement:
        """Advance when its time has come; a crash is what a queue would repeat."""
        at = self.now().look_again_at
        if at is not None and at > self.clock.now():
            self.clock.set(at)
        try:
            await advance(self.ports, self.now().id)
        except ConnectionError:
            self.crashes += 1
        return self.now()

    async def run(self, until: frozenset[State] = frozenset(), steps: int = 200) -> Improvement:
        """Advance until nothing is due any more, or one of the states is reached."""
        if not self.records.improvements:
            await self.find()
        for _ in range(steps):
            if self.now().look_again_at is None or self.now().state in until:
                return self.now()
            await self.step()
        message = f"it never ends: {self.now()}"
        raise AssertionError(message)

    async def run_to(self, *states: State) -> Improvement:
        """Advance to one of these states, and fail if it is not reached."""
        found = await self.run(frozenset(states))
        assert found.state in states, found.reason
        return found

    def later(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def story(self) -> list[str]:
        """The states that it went through, as the events tell."""
        kinds = [event.event_type for event in self.records.events]
        return [k.removeprefix("improvement_") for k in kinds if k.startswith("improvement_")]

    def effects(self) -> tuple[int, int, int]:
        """How many pull requests, merges and reverts there are on the host."""
        pulls = self.host.pulls.values()
        merges = [c for c in self.host.commits.values() if c.ours and len(c.parents) == 2]
        reverts = [pull for pull in pulls if pull.reverts is not None]
        return len(pulls) - len(reverts), len(merges), len(reverts)


class TroubledStores:
    """Stores whose n-th commit fails, before or after it is durable."""

    def __init__(self, inner: StoreFactory, fail_at: int, *, after: bool) -> None:
        self._inner, self._left, self._after = inner, fail_at, after

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Store]:
        async with self._inner() as store:
            commit: Callable[[], Awaitable[None]] = store.commit

            async def troubled() -> None:
                self._left -= 1
                if self._left == 0 and not self._after:
                    raise _CUT
                await commit()
                if self._left == 0:
                    raise _CUT

            store.commit = troubled  # type: ignore[method-assign]
            yield store
