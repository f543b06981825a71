"""What one repository allows in `.github/ironclaw.yml`; the defaults stand beside the fields."""

from dataclasses import dataclass, field
from enum import StrEnum

POLICY_PATH = ".github/ironclaw.yml"


class OnInconclusive(StrEnum):
    """What happens when a watched deployment cannot be judged after its extension."""

    HOLD = "hold"
    KEEP = "keep"
    REVERT = "revert"


class Engine(StrEnum):
    """Who writes improvements: the deterministic rules, a language model, or both."""

    RULES = "rules"
    MODEL = "model"
    BOTH = "both"


class Search(StrEnum):
    """How a model's answers are searched: `bot.domain.model.search` says what each does."""

    CHAIN = "chain"
    BEST_OF_N = "best-of-n"
    TREE = "tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPolicy:
    """Where improvements are looked for, and how many at a time."""

    enabled: bool = True
    """Turn looking for improvements off without removing the App."""
    paths: tuple[str, ...] = ()
    """Shell patterns of files that may be changed; empty means Python files but examples, docs."""
    deny: tuple[str, ...] = ()
    """Shell patterns of files that are never changed, besides tests, CI and packaging."""
    rules: tuple[str, ...] = ()
    """Only these rules; empty means all."""
    disabled_rules: tuple[str, ...] = ()
    """Never these rules."""
    max_open: int = 5
    """How many of our pull requests may be open at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxPolicy:
    """How a change is tried out, and what it may use meanwhile."""

    test_command: str = ""
    """The test suite's command; empty means `python -m pytest`."""
    timeout_seconds: int = 600
    """How long one run of the test suite may take."""
    memory_mb: int = 4096
    """How much memory everything in one run may use together."""
    max_processes: int = 256
    """How many processes one run may have at once."""
    repeats: int = 2
    """How often a test that seems newly failing is repeated on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchPolicy:
    """How large one improvement may be."""

    max_lines: int = 120
    """Added and removed lines."""
    max_bytes: int = 20_000
    """Size of the diff in bytes."""
    minimum_gain: float = 0.05
    """The gain that a benchmark must show, as a fraction of the time before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentPolicy:
    """An A/B test between two ways to ask a model, on what a person merges."""

    name: str = ""
    """What it is called, in small letters; empty means that there is none."""
    first: str = ""
    """One arm: a key of `model` and its value, like `search=tree` or `names=gpt-5-mini`."""
    second: str = ""
    """The other arm."""
    pairs: int = 1000
    """After so many pairs of outcomes it ends without a winner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPolicy:
    """Whether a language model writes improvements, how it is searched, and what it may cost."""

    engine: Engine = Engine.RULES
    """Who writes improvements; a model needs the operator's key."""
    search: Search = Search.TREE
    """How its answers are searched."""
    names: tuple[str, ...] = ()
    """Only these of the operator's models, the first first; empty means all."""
    prices: dict[str, str] = field(default_factory=dict)
    """Dollars per million tokens sent and received by model, where the operator states none."""
    calls: int = 6
    """How many answers there may be for one improvement, repaired ones not counted."""
    breadth: int = 2
    """How many answers to the same question a tree has at most."""
    depth: int = 3
    """How many questions a tree asks one after the other at most."""
    prompt_tokens: int = 8_000
    """The most that a first question may take, estimated at three bytes a token."""
    answer_tokens: int = 4_000
    """The most that one answer may take."""
    dollars_per_call: float = 0.25
    """The most that one answer may cost."""
    dollars_per_improvement: float = 1.0
    """The most that all answers for one improvement may cost."""
    dollars_per_day: float = 5.0
    """The most that all answers for this repository may cost in one day (UTC)."""
    tokens_per_day: int = 2_000_000
    """The most tokens, sent and received, for this repository in one day; 0 means no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingPolicy:
    """What must be true before one of our pull requests is merged."""

    automatic: bool = False
    """Merge without a person when everything below holds."""
    required_checks: tuple[str, ...] = ()
    """Checks that must have passed on the exact head, `name` or `name@app`, besides the host's."""
    neutral_passes: bool = False
    """Whether a required check that was skipped or ended as neutral counts as passed."""
    required_approvals: int = 0
    """Approving reviews that are needed."""
    minimum_confidence: float = 0.7
    """The confidence, 0 to 1, below which a person decides."""
    hold_label: str = "hold"
    """A label that keeps a pull request from being merged."""
    give_up_after_seconds: int = 86_400
    """How long to wait for checks and approvals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPolicy:
    """How a deployment is judged after a merge."""

    duration_seconds: int = 300
    """How long the deployment is watched after its warm-up."""
    warm_up_seconds: int = 60
    """How long after a deployment nothing is measured."""
    minimum_requests: int = 100
    """Below this many requests on either side nothing is called good."""
    error_threshold: float = 0.1
    """The error rate above which a deployment is bad whatever it was before."""
    error_tolerance: float = 0.005
    """How much the error rate may rise above the baseline's."""
    latency_tolerance: float = 0.1
    """How much slower requests may become, as a fraction of the baseline's time."""
    automatic_rollback: bool = True
    """Open and land the revert without a person."""
    on_inconclusive: OnInconclusive = OnInconclusive.HOLD
    """What to do when there is still not enough data after one extension."""
    deployment_deadline_seconds: int = 86_400
    """How long to wait for a deployment of what was merged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPolicy:
    """Where the service's requests are read that the watch judges."""

    prometheus_labels: dict[str, str] = field(default_factory=dict)
    """Labels of the service in the operator's Prometheus; empty means that it reports itself."""
    prometheus_histogram: str = "http_server_request_duration_seconds"
    """The histogram of its requests' durations there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsPolicy:
    """How much may happen by itself before a person is asked."""

    stopped: bool = False
    """Stop everything at once, the watch of deployments included."""
    pull_requests_per_day: int = 10
    """How many pull requests may be opened in 24 hours."""
    reverts_per_day: int = 5
    """How many reverts may be opened in 24 hours without a person."""
    cooldown_days: int = 30
    """How long a place is left alone after an improvement of it was closed or reverted."""
    pause_after_reverts: int = 3
    """How many reverts within the window below pause the repository until a person resumes."""
    pause_window_days: int = 7
    """The window in which reverts are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPolicy:
    """How the host on disk checks and deploys; a real code host has its own CI."""

    checks: dict[str, str] = field(default_factory=dict)
    """Check name to command, run in a clean copy of the exact head commit."""
    deploy: str = ""
    """The command that deploys the default branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything a repository allows."""

    version: int = 1
    """The version of this file's form."""
    scan: ScanPolicy = field(default_factory=ScanPolicy)
    sandbox: SandboxPolicy = field(default_factory=SandboxPolicy)
    patch: PatchPolicy = field(default_factory=PatchPolicy)
    model: ModelPolicy = field(default_factory=ModelPolicy)
    experiment: ExperimentPolicy = field(default_factory=ExperimentPolicy)
    landing: LandingPolicy = field(default_factory=LandingPolicy)
    watch: WatchPolicy = field(default_factory=WatchPolicy)
    metrics: MetricsPolicy = field(default_factory=MetricsPolicy)
    limits: LimitsPolicy = field(default_factory=LimitsPolicy)
    local: LocalPolicy = field(default_factory=LocalPolicy)


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """One thing wrong in the policy file: where, what, and how to mend it."""

    line: int
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{POLICY_PATH}:{self.line}: {self.key}: {self.problem}. {self.remedy}"
