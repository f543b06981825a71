from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from bot.domain.patch import Limits
from bot.domain.policy import (
    LandingPolicy,
    OnInconclusive,
    PatchPolicy,
    Policy,
    PolicyProblem,
    WatchPolicy,
)


def test_a_repository_that_says_nothing_allows_nothing_by_itself() -> None:
    policy = Policy()
    assert policy.landing.automatic is False
    assert policy.landing.required_checks == ()
    assert policy.watch.automatic_rollback is True
    assert policy.watch.on_inconclusive is OnInconclusive.HOLD
    assert policy.local.checks == {}


def test_defaults_are_those_that_the_product_states() -> None:
    assert LandingPolicy().minimum_confidence == 0.7
    assert (WatchPolicy().duration_seconds, WatchPolicy().error_threshold) == (300, 0.1)
    patch, limits = PatchPolicy(), Limits()
    assert (patch.max_lines, patch.max_bytes) == (limits.lines, limits.bytes)


def test_policies_share_nothing_and_cannot_be_changed() -> None:
    assert Policy().local.checks is not Policy().local.checks
    policy = Policy()
    sections = [getattr(policy, part.name) for part in fields(Policy) if part.name != "version"]
    assert len(sections) == 10
    for section in sections:
        assert is_dataclass(section)
        with pytest.raises(FrozenInstanceError):
            setattr(section, fields(section)[0].name, None)


def test_a_problem_says_where_what_and_how_to_mend_it() -> None:
    problem = PolicyProblem(3, "landing.automatic", "is 'yes'", "Write true or false.")
    assert str(problem) == (
        ".github/ironclaw.yml:3: landing.automatic: is 'yes'. Write true or false."
    )
