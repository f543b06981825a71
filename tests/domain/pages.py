"""An example of every page that people read; `python -m tests.domain.pages` writes them down."""

from collections.abc import Mapping
from pathlib import Path

from bot.domain import messages
from bot.domain.analysis import Analysis, Measurement, Phase
from bot.domain.analysis.gain import Arrived, GainUnclear, NotArrived, Ratio
from bot.domain.commands import USAGE
from bot.domain.improvement import Improvement, State
from bot.domain.policy import LandingPolicy, Policy, PolicyProblem
from bot.domain.pulls import RequiredCheck
from tests.domain.samples import a_finding, a_rule, an_improvement, later

FOLDER = Path(__file__).with_name("shown")
EVIDENCE = {
    "tests": {"verdict": "passed", "passed": 12, "failed": 0, "newly_failed": []},
    "ruff": {"verdict": "passed", "why": "nothing new"},
    "equivalence": {"verdict": "equivalent", "inputs": 40, "why": ""},
    "benchmark": {"inputs": "40 recorded calls"},
    "as_recorded": {"verdict": "faster", "speedup": 1.6, "low": 1.5, "high": 1.7, "why": ""},
    "isolation": "namespaces",
}
WORSE = Analysis(
    Phase.FAILED,
    "p95 of GET /reports rose from 90.0 ms to 150.0 ms",
    (Measurement("p95_ms", "GET /reports", 90, 150, 400, 380, bad=True, why="worse"),),
)
FINE = Analysis(
    Phase.SUCCESSFUL,
    "nothing got worse over 380 requests",
    (Measurement("p50_ms", "GET /reports", 90, 60, 400, 380, bad=False),),
)
ARRIVED = Arrived(Ratio(0.67, 0.61, 0.73), "the service has become faster")
GAINS = (
    ARRIVED,
    NotArrived(Ratio(1.0, 0.98, 1.02), "the time saved is less than half of the 5% promised"),
    GainUnclear("the interval is too wide to tell", Ratio(0.9, 0.7, 1.1)),
    GainUnclear("8 requests before and 90 after, 20 needed on either side"),
)


def one(state: State, n: int = 0, **changes: object) -> Improvement:
    values: dict[str, object] = {
        "id": f"{n:012x}",
        "branch": "ironclaw/sorted-for-min/0123456789ab",
        "head_sha": "a" * 40,
        "pull_request": n + 1,
        "confidence": 0.82,
        "evidence": EVIDENCE,
        "updated_at": later(n),
    }
    return an_improvement(state, **(values | changes))


REASONS = {
    State.FOUND: "found",
    State.PROPOSED: "5 are open at once (`scan.max_open`)",
    State.OPEN: "required checks are running: tests",
    State.MERGED: "waiting for a deployment that contains the merge",
    State.WATCHING: "120 requests so far",
    State.KEPT: "nothing got worse over 900 requests",
    State.REJECTED: "2 tests newly fail",
    State.ABANDONED: "it was closed without merging",
    State.REVERTING: WORSE.why,
    State.REVERTED: f"{WORSE.why}; the service has recovered",
    State.HELD: "required checks did not pass: tests (failure)",
}
EACH = [one(state, n, reason=REASONS[state]) for n, state in enumerate(State)]
REVERTED = one(State.REVERTING, reason=WORSE.why, merge_sha="c" * 40, revert_pull_request=2)
STUCK = "cannot be reverted: later commits change the same files. revert it by hand"
MERGED = one(State.HELD, reason=STUCK, merge_sha="c" * 40)


def _standing(improvement: Improvement) -> str:
    line = messages.status_line(improvement)
    return f"# {line.title}\n\n({line.standing})\n\n{line.text}"


def pages() -> Mapping[str, str]:
    """Every page by its name."""
    finding, rule = a_finding(), a_rule()
    problems = (
        PolicyProblem(2, "landng", "there is no such key", "Did you mean `landing`?"),
        PolicyProblem(4, "scan.max_open", "900 is out of range", "Allowed: 0 to 100."),
    )
    return {
        "pull_request_title": messages.title(finding, rule),
        "pull_request_body": messages.pull_request_body(one(State.OPEN), rule),
        "commit_message": messages.commit_message(finding, rule, "1.60x"),
        "revert_body": messages.revert_body(REVERTED),
        "watch_comment": messages.watch_comment(REVERTED, WORSE),
        "watch_kept": messages.watch_comment(one(State.KEPT, reason=FINE.why), FINE, ARRIVED),
        "gains": "\n\n".join(messages.gain_line(gain) for gain in GAINS),
        "onboarding": messages.onboarding_body([finding, a_finding(rule="other"), finding]),
        "onboarding_nothing": messages.onboarding_body([]),
        "onboarding_policy": messages.POLICY_FILE,
        "expect_checks": messages.what_to_expect(
            [RequiredCheck("build"), RequiredCheck("lint", 1)],
            Policy(landing=LandingPolicy(automatic=True, required_checks=("lint", "types"))),
        ),
        "expect_no_checks": messages.what_to_expect([], Policy()),
        "expect_broken": messages.what_to_expect([], problems),
        "expect_removed": messages.what_to_expect([], None),
        "policy_issue": messages.policy_issue(problems),
        "policy_mended": messages.policy_mended(),
        "dashboard": messages.dashboard_body(EACH, "3 reverts in 7 days have paused it"),
        "dashboard_empty": messages.dashboard_body([], ""),
        "held_open": messages.held_notice(EACH[-1]),
        "held_merged_title": messages.held_title(MERGED),
        "held_merged": messages.held_notice(MERGED),
        "held_revert": messages.held_notice(
            one(State.HELD, reason="x", merge_sha="c" * 40, revert_pull_request=2)
        ),
        "freed": messages.freed_notice(REVERTED),
        "help": messages.help_reply(USAGE),
        "status": messages.status_reply(EACH[2]),
        "explain": messages.explain_reply(EACH[2]),
        "refusal": messages.refusal("`revert` does nothing here: the improvement is open."),
        "standing": "\n\n".join(map(_standing, EACH)),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / f"{name}.md").write_text(text.rstrip("\n") + "\n", encoding="utf-8")
