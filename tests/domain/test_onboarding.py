import pytest

from bot.domain.onboarding import (
    ONBOARDING_BRANCH,
    Active,
    Ask,
    MendPolicy,
    OnboardingDecision,
    Refused,
    WaitForAnswer,
    decide_onboarding,
)
from bot.domain.policy import Policy, PolicyProblem
from bot.domain.pulls import PullSnapshot, PullState

PROBLEMS = (PolicyProblem(1, "a", "no such key", "Remove it."),)


def asked(state: PullState) -> PullSnapshot:
    return PullSnapshot(7, ONBOARDING_BRANCH, "main", "a" * 40, state)


@pytest.mark.parametrize("pull", [None, *map(asked, PullState)])
def test_the_policy_file_decides_whatever_was_asked(pull: PullSnapshot | None) -> None:
    found = decide_onboarding(Policy(), pull)
    assert isinstance(found, Active)
    assert found.policy == Policy()
    broken = decide_onboarding(PROBLEMS, pull)
    assert isinstance(broken, MendPolicy)
    assert broken.problems == PROBLEMS


@pytest.mark.parametrize(
    ("pull", "kind"),
    [
        (None, Ask),
        (asked(PullState.OPEN), WaitForAnswer),
        (asked(PullState.CLOSED), Refused),
        (asked(PullState.MERGED), Refused),
    ],
)
def test_without_a_policy_file_only_the_answer_counts(
    pull: PullSnapshot | None, kind: type[OnboardingDecision]
) -> None:
    found = decide_onboarding(None, pull)
    assert isinstance(found, kind)
    assert found.why
