"""Where a repository stands before it is worked on: asked, agreed, or refused."""

from dataclasses import dataclass

from bot.domain.improvement import BRANCH_PREFIX
from bot.domain.policy import Policy, PolicyProblem
from bot.domain.pulls import PullSnapshot, PullState

ONBOARDING_BRANCH = f"{BRANCH_PREFIX}onboarding"
"""Where the pull request that asks for leave lives; the branch is how it is known again."""


@dataclass(frozen=True, slots=True)
class Active:
    """The repository has a policy on its default branch, so it is worked on."""

    policy: Policy
    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Nobody has been asked yet: open the pull request that does."""

    why: str


@dataclass(frozen=True, slots=True)
class WaitForAnswer:
    """The pull request is open, and nothing is done before it is merged."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A person has said no; only a policy file on the default branch changes that."""

    why: str


@dataclass(frozen=True, slots=True)
class MendPolicy:
    """The policy file is there and cannot be obeyed: say so in an issue, and stop."""

    problems: tuple[PolicyProblem, ...]
    why: str


OnboardingDecision = Active | Ask | WaitForAnswer | Refused | MendPolicy


def decide_onboarding(
    policy: Policy | tuple[PolicyProblem, ...] | None, asked: PullSnapshot | None
) -> OnboardingDecision:
    """Decide by the default branch's policy file (None if there is none) and what was asked.

    The file is the answer: whoever writes it says yes, and whoever removes it says no.
    """
    if isinstance(policy, Policy):
        return Active(policy, "its policy file is on the default branch")
    if policy is not None:
        return MendPolicy(policy, f"its policy file has {len(policy)} problems")
    if asked is None:
        return Ask("it has no policy file, and nobody was asked yet")
    match asked.state:
        case PullState.OPEN:
            return WaitForAnswer(asked.number, f"pull request #{asked.number} asks for leave")
        case PullState.CLOSED:
            return Refused(f"pull request #{asked.number} was closed: that means no")
        case PullState.MERGED:
            return Refused("its policy file was merged and is gone again: that means no")
