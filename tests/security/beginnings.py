"""A story up to the moment at which somebody interferes."""

from datetime import timedelta

from bot.domain.improvement import State
from tests.fakes.github.state import Pull
from tests.story.town import IMPROVEMENT, ONBOARDING, POLICY, REPO, Town
from tests.workflows.world import CHECK

ASKING = POLICY.replace("automatic: true", "automatic: false")
"""The policy under which a person must approve."""
WHILE = timedelta(minutes=3)
"""Time for several looks; what may be merged is merged at the first."""


async def to_the_pull_request(place: Town, policy: str = POLICY) -> tuple[int, Pull]:
    """Up to an open pull request of ours; CI says nothing before a test says so."""

    def agree() -> bool:
        asked = [one for one in place.pulls(ONBOARDING) if one.state == "open"]
        for one in asked:
            place.fake.push(REPO, ONBOARDING, {".github/ironclaw.yml": policy})
            place.fake.merge_as_person(REPO, one.number)
        return bool(asked)

    place.outside.append(agree)
    place.production.check = bool  # type: ignore[method-assign] # CI is silent
    place.production.slower = 1.0
    await wait_for(place, State.OPEN)
    (issue,) = place.pulls(IMPROVEMENT)
    assert issue.pull
    return issue.number, issue.pull


async def wait_for(place: Town, state: State) -> None:
    """Let time go by until the one improvement is in this state."""

    async def there() -> bool:
        return [one.state for one in await place.improvements()] == [state]

    await place.run(there, at_most=timedelta(hours=3))


def pass_checks(place: Town) -> None:
    """CI finds every head of ours good."""
    for one in place.pulls(IMPROVEMENT):
        assert one.pull
        place.fake.report_check(place.production.repo, one.pull.head_sha, CHECK, "success")


def assert_at_rest(place: Town) -> None:
    """Nothing was given up, and nothing waits."""
    assert place.queue.parked == []
    assert [*place.queue.waiting, *place.unrouted] == []
