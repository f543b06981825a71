"""What a repository is told before anything is done in it, and when its policy is broken."""

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.domain.finding import Finding
from bot.domain.messages.text import code, fitting, prose
from bot.domain.policy import POLICY_PATH, Policy, PolicyProblem
from bot.domain.pulls import RequiredCheck

ONBOARDING_TITLE = "Configure Ironclaw"
ONBOARDING_COMMIT = f"Configure Ironclaw\n\nWhoever merges {POLICY_PATH} allows what it says.\n"
POLICY_TITLE = "Fix the policy file of Ironclaw"
POLICY_FILE = """\
# What Ironclaw may do here. Whatever is left out has its default.
version: 1

landing:
  # Merge without a person once every required check has passed.
  automatic: false
  # Checks that must have passed, besides those that the branch's rules ask for.
  required_checks: []
"""
_RULES = 30


def onboarding_body(findings: Sequence[Finding]) -> str:
    """What merging this means, what closing it means, and what would come."""
    return fitting(
        (
            (
                f"Merging this adds `{POLICY_PATH}` and lets Ironclaw begin. **Nothing happens "
                "before that.** Close this pull request and nothing will ever happen."
            ),
            "## What to expect\n" + _expectation(findings),
            (
                "Each pull request is verified in a sandbox first, waits for your checks, and is "
                "watched after its deployment. What got worse is taken back by pull request."
            ),
            (
                "## How to steer\nEdit the file on this branch before you merge. By itself nothing "
                "is merged: `landing.automatic` is off."
            ),
        )
    )


def _expectation(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing to improve was found so far. New code is looked at as it comes."
    counts = Counter(finding.rule for finding in findings)
    rows = [f"| {code(rule)} | {number} |" for rule, number in counts.most_common(_RULES)]
    more = len(counts) - _RULES
    head = (
        f"{len(findings)} places could be better. Not all will hold in the sandbox, and at most "
        "five pull requests are open at once (`scan.max_open`).\n\n| rule | places |\n|---|---|"
    )
    return "\n".join([head, *rows, *([f"\nand {more} more rules"] if more > 0 else [])])


def what_to_expect(
    required: Iterable[RequiredCheck], offered: Policy | tuple[PolicyProblem, ...] | None
) -> str:
    """Which checks decide here, once the host has told, and what the file on the branch allows."""
    named: tuple[str, ...] = ()
    said: tuple[str, ...]
    match offered:
        case None:
            said = (f"`{POLICY_PATH}` is not on this branch any more: merged so, nothing begins.",)
        case Policy(landing=landing, scan=scan):
            who = "Ironclaw merges what has passed" if landing.automatic else "a person merges"
            said = (f"As the file is now, {who}; at most {scan.max_open} are open at once.",)
            named = landing.required_checks
        case problems:
            before = f"`{POLICY_PATH}` on this branch cannot be obeyed. Merged so, nothing begins:"
            said = (before, *_listed(problems))
    return fitting((_checks([*(check.name for check in required), *named]), *said))


def _checks(names: Iterable[str]) -> str:
    known = [code(name) for name in dict.fromkeys(names)]
    if known:
        listed = ", ".join(known[:_RULES]) + (", …" if len(known) > _RULES else "")
        return f"Checks that the branch's rules or the file ask for, and that must pass: {listed}."
    return (
        "The branch's rules ask for no check. Name at least one under `landing.required_checks`, "
        "for without one nothing is ever merged by itself."
    )


def _listed(problems: Iterable[PolicyProblem]) -> list[str]:
    return [
        f"- line {problem.line}, {code(problem.key)}: {prose(problem.problem)}. "
        f"{prose(problem.remedy)}"
        for problem in problems
    ]


def policy_issue(problems: Iterable[PolicyProblem]) -> str:
    """What is wrong in the policy file, line by line."""
    return fitting(
        (
            f"`{POLICY_PATH}` cannot be obeyed, so nothing is done here until it is mended:",
            *_listed(problems),
            "This issue closes itself once the file is right.",
        )
    )


def policy_mended() -> str:
    """What the issue says afterwards."""
    return f"`{POLICY_PATH}` is right again. Thank you."
