"""Everything that can go wrong around a story, drawn from a seed."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.fakes.github.answers import HttpError
from tests.fakes.github.faults import Kind
from tests.fakes.github.state import Issue
from tests.story.town import IMPROVEMENT, REPO, REVERT, Town
from tests.workflows.world import CHECK, FAST, FILE, SLOW

KINDS: tuple[Kind, ...] = ("error-before", "error-after", "cut-before", "cut-after", "half-body")
TIMEOUTS: tuple[Kind, ...] = ("timeout-before", "timeout-after")
COMMANDS = ("hold", "resume", "retry", "ignore", "revert", "status", "rate 4", "approve {sha}")
_WEBHOOKS = ("lost", "dropped", "twice", "held")


@dataclass
class Chaos:
    """People, machines and networks that behave as the seed says; `done` tells what they did."""

    place: Town
    seed: int
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.left = self.random.randrange(10)
        self._files = 0
        place, chance = self.place, self.random
        place.production.slower = chance.choice((1.0, 3.0, 3.0))
        place.fake.faults.by_chance(self.seed, chance.choice((0.0, 0.01, 0.04)), KINDS)
        if chance.random() < 0.2:
            place.fake.faults.add(chance.choice(TIMEOUTS), nth=chance.randrange(1, 200))
        for _ in range(chance.randrange(8)):
            place.fake.webhooks.fault(chance.choice(_WEBHOOKS))
        record = place.fake.repository(REPO)
        how = chance.choice(("", "", "", "queue", "auto-merge"))
        if how:
            place.fake.set_required_checks(REPO, CHECK, merge_queue=how == "queue")
            record.allow_auto_merge = how == "auto-merge"
        place.outside += [place.agree, self.act]
        place.before_delivery = self.mix

    def mix(self) -> None:
        """Webhooks come in any order, and late."""
        webhooks = self.place.fake.webhooks
        if self.random.random() < 0.3:
            webhooks.shuffle(self.random.randrange(1000))
        if self.random.random() < 0.1:
            webhooks.release()
        if self.random.random() < 0.02:
            self.place.deaf = not self.place.deaf

    def act(self) -> bool:
        """Somebody does something now and then; whether that was now."""
        ours = [*self.place.pulls(IMPROVEMENT), *self.place.pulls(REVERT)]
        if not self.left or not ours or self.random.random() < 0.7:
            return False
        self.left -= 1
        name = self.random.choice(sorted(_ACTS))
        self.done.append(name)
        _ACTS[name](self, self.random.choice(ours))
        return True

    def calm(self) -> None:
        """Nothing goes wrong from now on, and what was broken is mended."""
        place = self.place
        place.fake.faults.clear()
        place.fake.webhooks.faults.clear()
        place.fake.webhooks.release()
        place.deaf, self.left = False, 0
        place.before_delivery = int
        place.fake.suspend_installation(REPO, on=False)
        place.production.deploys = True
        place.production.deployment = place.production.conclusion = "success"

    def command(self, issue: Issue) -> None:
        assert issue.pull
        text = self.random.choice(COMMANDS).format(sha=issue.pull.head_sha)
        self.done.append(text)
        self.place.fake.comment(REPO, issue.number, "ada", f"/ironclaw {text}")

    def label(self, issue: Issue) -> None:
        self.place.fake.label(REPO, issue.number, "hold", on="hold" not in issue.labels)

    def close(self, issue: Issue) -> None:
        if issue.pull and not issue.pull.merged_at:
            is_open = issue.state == "open"
            # GitHub does not open one again whose branch is gone.
            with suppress(HttpError):
                (self.place.fake.close if is_open else self.place.fake.reopen)(REPO, issue.number)

    def merge(self, issue: Issue) -> None:
        if issue.state == "open":
            # GitHub offers no button where there is a conflict.
            with suppress(Exception):
                self.place.fake.merge_as_person(REPO, issue.number)

    def commit(self, issue: Issue) -> None:
        assert issue.pull
        if issue.state == "open":
            self.place.fake.push(REPO, issue.pull.head_ref, {"foreign.txt": "mine\n"})

    def push(self, _: Issue) -> None:
        self._files += 1
        self.place.fake.push(REPO, "main", {f"other{self._files}.txt": "news\n"})

    def conflict(self, _: Issue) -> None:
        text = self.place.fake.files(REPO)[FILE]
        self.place.fake.push(REPO, "main", {FILE: f"import math\n\n\n{text}"})

    def undo(self, _: Issue) -> None:
        """A person takes the improvement out by hand."""
        text = self.place.fake.files(REPO)[FILE].replace(FAST, SLOW)
        self.place.fake.push(REPO, "main", {FILE: text})

    def review(self, issue: Issue) -> None:
        if issue.state == "open":
            state = self.random.choice(("APPROVED", "CHANGES_REQUESTED"))
            self.place.fake.set_permission(REPO, "bob", "write")
            self.place.fake.review(REPO, issue.number, "bob", state)

    def ci(self, _: Issue) -> None:
        """CI thinks otherwise from now on."""
        production = self.place.production
        production.conclusion = self.random.choice(("success", "failure", "cancelled", "neutral"))

    def rerun(self, issue: Issue) -> None:
        assert issue.pull
        conclusion = self.random.choice(("success", "failure", None))
        self.place.fake.report_check(REPO, issue.pull.head_sha, CHECK, conclusion)

    def deployments(self, _: Issue) -> None:
        """Deployments fail from now on, or work again, or do not come."""
        production = self.place.production
        production.deployment = self.random.choice(("success", "failure"))
        production.deploys = self.random.random() < 0.7

    def roll_back(self, _: Issue) -> None:
        """Somebody deploys an older commit."""
        before = self.place.production.running()
        if before:
            self.place.fake.deploy(REPO, self.random.choice(before)[1])

    def delete_branch(self, issue: Issue) -> None:
        assert issue.pull
        if self.place.fake.head(REPO, issue.pull.head_ref):
            self.place.fake.delete_branch(REPO, issue.pull.head_ref)

    def suspend(self, _: Issue) -> None:
        on = self.place.fake.installation(REPO).suspended_at is None
        self.place.fake.suspend_installation(REPO, on=on)

    def expire(self, _: Issue) -> None:
        self.place.fake.expire_tokens()

    def limit(self, _: Issue) -> None:
        hub = self.place.fake.hub
        self.place.fake.limits.exhaust(self.place.fake.installation(REPO).id, hub.now())


_ACTS: dict[str, Callable[[Chaos, Issue], Any]] = {
    name: act
    for name, act in vars(Chaos).items()
    if not name.startswith("_") and callable(act) and name not in {"mix", "act", "calm"}
}
WILD, CALM = timedelta(minutes=40), timedelta(hours=2, minutes=30)


async def live_through(place: Town, seed: int) -> Chaos:
    """A wild time, then a calm one in which everything comes to its end."""
    chaos = Chaos(place, seed)

    async def is_open() -> bool:
        return bool(place.pulls(IMPROVEMENT))

    await place.run(is_open, at_most=timedelta(hours=6))
    await place.run_for(WILD)
    chaos.calm()
    await place.run_for(CALM)
    return chaos
