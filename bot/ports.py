"""What the workflows and the learning components need from outside, in the product's own words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from bot.domain.action.ci_report import CiSays
from bot.domain.activity import Activity
from bot.domain.asked import Asked, Progress
from bot.domain.benchmark import Timings
from bot.domain.bottleneck import Targets
from bot.domain.code_attributes import Code
from bot.domain.confidence import Ending
from bot.domain.equivalence import FunctionRef, Recording, Replayed
from bot.domain.events import Feedback, LearningEvent
from bot.domain.hosting import (
    FailedDelivery,
    Installation,
    InstalledRepository,
    KnownRepository,
)
from bot.domain.improvement import Improvement, State
from bot.domain.ingested import IngestedFile
from bot.domain.jobs import Job
from bot.domain.measured import BenchmarkResult
from bot.domain.metrics import WINDOW, MetricType, Request, Window
from bot.domain.model.conversation import Answer, Question
from bot.domain.model.spending import (
    Booking,
    Caps,
    MaySpend,
    OverCap,
    Price,
    Purpose,
    Spent,
    Tokens,
)
from bot.domain.outcomes import TestRun, ToolRun
from bot.domain.policy import Policy, PolicyProblem
from bot.domain.preferences import Learner, Liking, Sums
from bot.domain.profile import Profile
from bot.domain.pulls import (
    Deployment,
    HostedRepository,
    Merged,
    NotMerged,
    PullDraft,
    PullSnapshot,
    Queued,
    RevertBlocked,
    RevertOpened,
)
from bot.domain.recall import Query, Recalled
from bot.domain.routes import RouteTable
from bot.domain.rules import Opportunity, Proof, RuleInfo
from bot.domain.talk import Comment, Issue, Permission, Rating, Reaction, StatusLine
from bot.domain.tree import Tree


class UserError(Exception):
    """Something that the user must mend; the text says what is wrong and `remedy` what to do."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.remedy = remedy


class TooManyError(UserError):
    """More than one user may give on one day; nothing was kept."""


class HostError(Exception):
    """The code host does not answer as it should at the moment; another look may go well."""


class HostBusyError(HostError):
    """The code host asks us to stay away until a moment; nothing was sent or changed since."""

    def __init__(self, until: datetime, why: str) -> None:
        super().__init__(why)
        self.until = until


class InstallationGoneError(Exception):
    """The code host lets us in no more: removed, suspended, or without this repository.

    Trying again is useless until the host says that this has changed.
    """


class Clock(Protocol):
    """The time; a port so that decisions can be tested at any moment."""

    def now(self) -> datetime:
        """The current time, UTC and aware."""
        ...


class CodeHost(Protocol):
    """Where the repository lives. Every create is idempotent by its natural key."""

    async def repository(self) -> HostedRepository:
        """Name, default branch and head commit; UserError if there is no such repository."""
        ...

    async def tree(self, sha: str) -> Tree:
        """Every file of one commit, without running any filter or hook."""
        ...

    async def open_pull_request(self, draft: PullDraft) -> PullSnapshot:
        """Open it, or return the one that is there for the same branch and content."""
        ...

    async def pull_request(self, number: int) -> PullSnapshot | None:
        """The current truth about a pull request, or None if there is none such."""
        ...

    async def pull_requests(self, branch: str = "") -> Sequence[PullSnapshot]:
        """Every pull request of ours, perhaps only those from one branch, oldest first."""
        ...

    async def request_checks(self, number: int) -> None:
        """See that the checks of the head commit run; where CI starts by itself, do nothing."""
        ...

    async def merge(self, number: int, sha: str) -> Merged | Queued | NotMerged:
        """Merge exactly `sha`; already merged is Merged with the merge's commit."""
        ...

    async def stop_merging(self, number: int) -> None:
        """Take back a merge that was Queued; nothing where none is, or where nothing waits."""
        ...

    async def close(self, number: int, why: str) -> None:
        """Close without merging, saying why."""
        ...

    async def comment(self, number: int, key: str, text: str) -> None:
        """Write a comment, or replace ours of the same `key`."""
        ...

    async def open_revert(self, number: int, why: str) -> RevertOpened | RevertBlocked:
        """Open a pull request that undoes the merge of `number`; one per merge."""
        ...

    async def deploy(self) -> Deployment | None:
        """Deploy the default branch's head, or return the deployment that is already there.

        None where deploying is somebody else's business.
        """
        ...

    async def deployments(self) -> Sequence[Deployment]:
        """Every known deployment, oldest first."""
        ...

    async def contains(self, sha: str, commit: str) -> bool:
        """Whether `commit` is `sha` or one of its ancestors."""
        ...


class Forum(Protocol):
    """Where people and the bot talk beside a repository; every write is idempotent by its key."""

    async def read_comment(self, number: int, id: int) -> Comment | None:
        """A comment of this issue or pull request as it is now, None if it is gone."""
        ...

    async def comments(self, number: int, since: datetime | None = None) -> Sequence[Comment]:
        """Comments of an issue or pull request that were made or changed since, oldest first."""
        ...

    async def permission(self, person: str) -> Permission:
        """What a person may do at this moment; nobody known may do nothing."""
        ...

    async def react(self, comment: int, reaction: Reaction) -> None:
        """Put our sign under a comment."""
        ...

    async def ratings(self, number: int) -> Sequence[Rating]:
        """The thumbs that people have given a pull request."""
        ...

    async def label(self, number: int, *, add: Sequence[str], remove: Sequence[str] = ()) -> None:
        """Put labels on, making those that are not there, and take others off."""
        ...

    async def issue(self, key: str) -> Issue | None:
        """Our issue of that key, None if there never was one."""
        ...

    async def write_issue(self, key: str, title: str, text: str, *, is_open: bool = True) -> Issue:
        """Make our issue of that key say this, open or closed."""
        ...

    async def show_status(self, number: int, sha: str, key: str, line: StatusLine) -> None:
        """Say in our check run on a commit what the pull request waits for."""
        ...


class CiReports(Protocol):
    """What the repository's own CI keeps of what it has tried: untrusted, and decides nothing."""

    async def sandbox_report(self, sha: str) -> CiSays | None:
        """What the newest ended run on exactly this commit says, None if none says anything."""
        ...


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How the project is run: its interpreter or venv, its test command, and the limits."""

    python: str = ""
    test_command: str = ""
    timeout_seconds: float = 600
    memory_mb: int = 4096
    max_processes: int = 256
    max_output_bytes: int = 10_000_000


class Workspace(Protocol):
    """A clean copy of one tree in a temporary folder that is gone afterwards."""

    async def run_tests(self, *, only: Sequence[str] = ()) -> TestRun:
        """Run the test suite, or the tests with these node ids alone."""
        ...

    async def record(self, functions: Sequence[FunctionRef]) -> Recording:
        """Run the test suite and keep the calls of these functions."""
        ...

    async def invent(self, recording: Recording, seed: int = 0) -> Recording:
        """The same with calls that nobody has made: of likely arguments, and new ways taken."""
        ...

    async def run_tool(self, tool: str, paths: Sequence[str]) -> ToolRun:
        """Run `ruff`, `mypy` or `black` on these files with the project's own settings."""
        ...

    async def replay(self, recording: Recording, lines: Sequence[tuple[int, int]]) -> Replayed:
        """Answer the recorded calls; `lines` are the changed ranges (1-based, inclusive)."""
        ...


class Sandbox(Protocol):
    """Runs untrusted code with no secrets, within limits, and leaves nothing behind."""

    @property
    def isolation(self) -> str:
        """Which isolation is on here, for a person to read."""
        ...

    def open(self, tree: Tree, settings: SandboxSettings) -> AbstractAsyncContextManager[Workspace]:
        """Lay out `tree`; UserError if the project's environment cannot be had."""
        ...

    async def measure(
        self, old: Workspace, new: Workspace, recording: Recording, scale: int, seconds: float
    ) -> Timings:
        """Time the recorded calls on both trees, interleaved in fresh processes.

        `scale` multiplies the length of recorded collections and texts; `seconds` is the budget.
        """
        ...

    async def measure_proof(
        self, workspace: Workspace, proof: Proof, size: int, seconds: float
    ) -> Timings:
        """Time a rule's own proof at one size with the project's interpreter."""
        ...


@dataclass(frozen=True, slots=True)
class Formatting:
    """The project's own formatting of Python code."""

    line_length: int = 88
    skip_string_normalization: bool = True
    skip_magic_trailing_comma: bool = False


class RuleBook(Protocol):
    """The deterministic improvements."""

    def infos(self) -> tuple[RuleInfo, ...]:
        """Every rule's own statement about itself."""
        ...

    def scan(
        self,
        file: str,
        source: str,
        *,
        only: frozenset[str] = frozenset(),
        formatting: Formatting = Formatting(),
    ) -> list[Opportunity]:
        """Every opportunity in one file, each independent of the others; never raises."""
        ...


class LanguageModel(Protocol):
    """A server of language models. It answers with text alone and is given no tools."""

    @property
    def names(self) -> tuple[str, ...]:
        """The models that may be asked, the preferred one first."""
        ...

    async def ask(self, question: Question) -> Answer:
        """One answer, validated; nothing that a server does raises.

        It ends within a stated time, and what is read of an answer is bounded.
        """
        ...


class Ledger(Protocol):
    """What language models cost. Each call of it is a transaction of its own.

    Where it cannot be kept it raises, and then no model is asked.
    """

    async def reserve(self, booking: Booking, caps: Caps) -> MaySpend | OverCap:
        """Book the most that a call can cost, if all caps have room for it.

        What workers that ask at once have booked together is never above a cap.
        """
        ...

    async def settle(self, id: str, tokens: Tokens, amount: int, outcome: str) -> None:
        """Put what a booked call has really cost in the place of what was reserved, once."""
        ...

    async def spent(self, purpose: Purpose) -> Spent:
        """What is spent or reserved until now."""
        ...


class MetricsSource(Protocol):
    """Where the service's requests can be read."""

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        """The requests answered in [since, until), oldest first."""
        ...


class Measurements(Protocol):
    """What was read from files of profilers, benchmarks and load tests."""

    async def ingest(self, file: IngestedFile) -> bool:
        """Keep a file's content; False, and nothing kept, if the repository has these bytes."""
        ...

    async def benchmarks(
        self, repository: str, name: str = "", limit: int = 1000
    ) -> Sequence[BenchmarkResult]:
        """The latest `limit` results of a repository, oldest first; no name means all."""
        ...

    async def profiles(self, repository: str, limit: int = 100) -> Sequence[Profile]:
        """The latest `limit` profiles of a repository, oldest first."""
        ...

    async def keep_code(self, repository: str, code: Mapping[str, Code]) -> None:
        """Remember the code attributes that the spans of each endpoint carry."""
        ...

    async def endpoint_code(self, repository: str) -> Mapping[str, Code]:
        """The same by endpoint."""
        ...


class Learned(Protocol):
    """What was learned of users and models, as sums; in the store's transaction."""

    async def hold_learner(self, owner: str, alias: str) -> Learner:
        """The user, theirs alone to change until the transaction ends; made if not known yet."""
        ...

    async def learner(self, owner: str) -> Learner | None:
        """The user as they are known, or None."""
        ...

    async def save_learner(self, learner: Learner) -> None:
        """Replace what is known of a user who is held."""
        ...

    async def count_once(self, owner: str, key: str) -> bool:
        """Whether this key of this user is new; from now on it is not."""
        ...

    async def sums(self, owner: str, task_type: str = "") -> Sequence[tuple[str, Sums]]:
        """The task and the sums of each model, by task and model; no task means all."""
        ...

    async def put_sums(self, owner: str, task_type: str, sums: Sums, at: datetime) -> None:
        """Replace the sums of one model; its owner is held."""
        ...

    async def add_to_all(self, task_type: str, sums: Sums, at: datetime) -> None:
        """Add to what all users say of one model; whoever adds at once, nothing is lost."""
        ...

    async def activity(self, owner: str) -> Sequence[Activity]:
        """When a user did what; at most 28 counts for each task."""
        ...

    async def add_activity(self, owner: str, seen: Activity) -> None:
        """Count more of one activity."""
        ...

    async def likings(self, owner: str) -> Sequence[Liking]:
        """How each value of each setting was received, by name and value."""
        ...

    async def add_liking(self, owner: str, liking: Liking) -> None:
        """Add what one rating says of one setting."""
        ...

    async def forget(self, owner: str) -> None:
        """Remove all that is kept of a user."""
        ...


class Store(Measurements, Learned, Protocol):
    """The records, in one transaction until `commit`."""

    async def save(self, improvement: Improvement) -> None:
        """Insert, or replace the value that this one was moved from, by id.

        StaleError when the stored one is another: somebody else has moved it meanwhile.
        """
        ...

    async def improvement(self, id: str) -> Improvement | None:
        """One improvement by id."""
        ...

    async def improvements(
        self, repository: str = "", states: frozenset[State] = frozenset()
    ) -> Sequence[Improvement]:
        """Improvements of a repository in any of the states, oldest first; empty means all."""
        ...

    async def touching(
        self,
        repository: str,
        *,
        pulls: Collection[int] = (),
        commits: Collection[str] = (),
        branches: Collection[str] = (),
    ) -> Sequence[Improvement]:
        """Improvements that have one of these pull requests, commits or branches, oldest first.

        A pull request, a head, a merge or a revert of theirs alike.
        """
        ...

    async def endings(self, limit: int) -> Sequence[Ending]:
        """How the latest `limit` improvements that were offered ended, oldest first.

        Of all repositories: what is learned of one rule or engine holds for the others, too.
        """
        ...

    async def due(self, now: datetime) -> Sequence[str]:
        """Ids of improvements whose `look_again_at` has come, most overdue first."""
        ...

    async def record(self, event: LearningEvent) -> None:
        """Append one event; events are never changed."""
        ...

    async def events(self, subject: str = "", limit: int = 1000) -> Sequence[LearningEvent]:
        """The latest `limit` events about one subject, oldest first; empty means all."""
        ...

    async def rename(self, before: str, after: str) -> None:
        """Give the improvements of a repository the name that it goes by now."""
        ...

    async def happened(
        self, repository: str, kinds: Collection[str], since: datetime
    ) -> Sequence[LearningEvent]:
        """Events of these types about a repository or its improvements, oldest first."""
        ...

    async def add_feedback(self, feedback: Feedback) -> None:
        """Keep one rating."""
        ...

    async def feedback(self, user_id: str = "", task_type: str = "") -> Sequence[Feedback]:
        """Ratings of a user and task, oldest first; empty means all."""
        ...

    async def add_windows(self, repository: str, windows: Sequence[Window]) -> None:
        """Add five-minute windows to what is there, and to the hours and days around them."""
        ...

    async def windows(
        self,
        repository: str,
        since: datetime,
        until: datetime,
        span: timedelta = WINDOW,
        kind: MetricType | None = None,
    ) -> Sequence[Window]:
        """Windows of this length that start in [since, until), oldest first.

        `span` is one of `metrics.SPANS`; `kind` perhaps the one type that is wanted.
        """
        ...

    async def commit(self) -> None:
        """Make everything since the last commit durable."""
        ...


class Memory(Protocol):
    """What became of earlier improvements, found again by what their code does and says."""

    async def recall(self, query: Query, k: int = 5) -> Sequence[Recalled]:
        """The outcomes of the query's repository that are most like it, the best first."""
        ...


class StoreFactory(Protocol):
    """Opens a store for one unit of work."""

    def __call__(self) -> AbstractAsyncContextManager[Store]:
        """A store that is rolled back on exit unless committed."""
        ...


class Queue(Protocol):
    """Where jobs wait for a worker; none is lost, and those of one key are done in turn."""

    async def enqueue(self, jobs: Sequence[Job], *, cause: str = "") -> None:
        """See that these are done after now; the same job for the same cause is done once."""
        ...


class Repositories(Protocol):
    """The repositories that a code host lets us into; each call is a transaction of its own."""

    async def save(self, repository: KnownRepository) -> None:
        """Insert, or replace the one with the same host's number."""
        ...

    async def by_id(self, host_id: int) -> KnownRepository | None:
        """The one with this number."""
        ...

    async def by_name(self, full_name: str) -> KnownRepository | None:
        """The one that goes by this name now."""
        ...

    async def of_installation(self, installation_id: int) -> Sequence[KnownRepository]:
        """All that one installation gave us, by name."""
        ...

    async def due(self, now: datetime) -> Sequence[KnownRepository]:
        """Those whose `look_again_at` has come, most overdue first."""
        ...


class Memos(Protocol):
    """Small things to remember by name, such as how far a list has been read."""

    async def read(self, name: str) -> Any:
        """The value last written, None if there is none."""
        ...

    async def write(self, name: str, value: Any) -> None:
        """Remember `value`, which is plain JSON."""
        ...


class AskedJobs(Protocol):
    """What was asked for over HTTP; each call is a transaction of its own."""

    async def waiting(self, limit: int = 100) -> Sequence[Asked]:
        """Those that no queue holds yet, the oldest first."""
        ...

    async def by_id(self, id: str) -> Asked | None:
        """The one of this id."""
        ...

    async def put(self, id: str, state: Progress, now: datetime, result: Any, why: str) -> None:
        """Write where it stands; what is over stays as it is."""
        ...


class HostApp(Protocol):
    """What we ask of the code host in our own name, before any repository is known."""

    async def installations(self) -> Sequence[Installation]:
        """Everywhere that we are installed."""
        ...

    async def repositories(self, installation: int) -> Sequence[InstalledRepository]:
        """Every repository that an installation lets us into; InstallationGoneError if it is."""
        ...

    async def failed_deliveries(self, since: datetime) -> Sequence[FailedDelivery]:
        """Deliveries since then of which no attempt was answered well, oldest first."""
        ...

    async def redeliver(self, delivery: FailedDelivery) -> bool:
        """Ask for it again; False when the host has it no more."""
        ...


class Lookup(Protocol):
    """Which improvements something at the code host concerns."""

    async def improvements(
        self,
        repository: str,
        *,
        pulls: Sequence[int] = (),
        commits: Sequence[str] = (),
        branch: str = "",
    ) -> Sequence[str]:
        """Ids of those that any of these names, oldest first; naming nothing finds nothing."""
        ...


_TARGETS: Final = Targets()


@dataclass(frozen=True, slots=True)
class Operator:
    """What whoever runs the service allows, whatever a repository says.

    `merges` and `reverts` say whether these happen without a person; `stopped` is why nothing at
    all may happen now, empty if it may; endpoints beyond `targets` are worth an improvement.
    """

    merges: bool = False
    reverts: bool = True
    minimum_confidence: float = 0.7
    stopped: str = ""
    targets: Targets = _TARGETS


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """A language model with what the operator pays for it at most.

    `prices` are the operator's own, by model; `everything_a_day` is in millionths of a dollar,
    None where there is no such cap; `mark` makes what nobody can guess.
    """

    model: LanguageModel
    ledger: Ledger
    prices: Mapping[str, Price]
    everything_a_day: int | None
    mark: Callable[[], str]


def _nothing_spoken(_: str) -> Sequence[str]:
    return ()


def _no_routes(_: Mapping[str, str]) -> RouteTable:
    return RouteTable(())


def _as_it_is(before: str, after: str, _: Formatting) -> str:
    del before
    return after


def _always_allowed(_: str) -> Policy:
    return Policy()


@dataclass(frozen=True, slots=True)
class Ports:
    """One adapter for every port, chosen by the composition root for one repository.

    `spoken` gives the lines of a comment that its author says in plain text, `routes` what a
    repository's Python files by path register as routes, `read_policy` what a policy file says.
    `lay_out` formats what is new in a Python text as the project does. `model` is None where the
    operator has no language model.
    """

    stores: StoreFactory
    host: CodeHost
    sandbox: Sandbox
    rules: RuleBook
    clock: Clock
    metrics: MetricsSource | None
    policy: Policy
    settings: SandboxSettings
    progress: Callable[[str], None]
    formatting: Formatting = Formatting()
    learning_rate: float = 0.1
    exploration_rate: float = 0.1
    forum: Forum | None = None
    ci_reports: CiReports | None = None
    operator: Operator = Operator()
    spoken: Callable[[str], Sequence[str]] = _nothing_spoken
    routes: Callable[[Mapping[str, str]], RouteTable] = _no_routes
    read_policy: Callable[[str], Policy | tuple[PolicyProblem, ...]] = _always_allowed
    memory: Memory | None = None
    model: ModelAccess | None = None
    lay_out: Callable[[str, str, Formatting], str] = _as_it_is

    @property
    def stopped(self) -> str:
        """Why nothing may be done now: the operator's switch, or the repository's."""
        if self.operator.stopped:
            return self.operator.stopped
        return "`limits.stopped` is on" if self.policy.limits.stopped else ""


@dataclass(frozen=True, slots=True)
class Hosted:
    """One repository on a code host, ready to be worked on.

    `policy` is what stands in its policy file: the problems if it cannot be obeyed, None if there
    is none. `ports.policy` holds the defaults then.
    """

    ports: Ports
    policy: Policy | tuple[PolicyProblem, ...] | None
    head_sha: str
    default_branch: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """Everything around all the repositories that a code host lets us into."""

    stores: StoreFactory
    repositories: Repositories
    memos: Memos
    app: HostApp
    queue: Queue
    clock: Clock
    open: Callable[[KnownRepository], AbstractAsyncContextManager[Hosted]]
    asked: AskedJobs | None = None


class StaleError(Exception):
    """Another worker has moved the improvement meanwhile; read again."""
