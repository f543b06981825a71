import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.improvement import TRANSITIONS, State
from bot.domain.pulls import Conclusion, Merged, NotMerged, PullState, Queued
from bot.workflows.advance import STEPS
from tests.workflows.test_obey import ANN, Talking
from tests.workflows.world import CHECK, FILE, SLOW, TroubledHost

GIVE_UP = 900
HOLDABLE = frozenset(STEPS) | {State.HELD}
MERGED = frozenset({State.MERGED, State.WATCHING, State.KEPT, State.REVERTING, State.REVERTED})


class StrictHost(TroubledHost):
    """Checks at the moment of each merge that it may happen at all."""

    async def merge(self, number: int, sha: str) -> Merged | Queued | NotMerged:
        pull = self.shown(number)
        if pull.state is PullState.OPEN:
            passed = {c.conclusion for c in pull.checks if (c.name, c.sha) == (CHECK, sha)}
            assert passed == {Conclusion.SUCCESS}, "merged without its required check"
            assert pull.head_sha == sha == self.pulls[number].head_sha, "merged another commit"
            assert "hold" not in pull.labels, "merged although a person holds it"
        return await super().merge(number, sha)


class LifeCycle(RuleBasedStateMachine):
    """People, CI, production and crashes do what they like; a small model says what may follow."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world = Talking()
        self.world.allow(landing={"give_up_after_seconds": GIVE_UP})
        self.world.host.__class__ = StrictHost
        self.went_wrong = False
        self.answered = False
        self.held_by_person = False
        self.rebuilt = False
        self.asked_back = False
        self.did(self.world.find())

    def did(self, work: Coroutine[None, None, object]) -> None:
        self.runner.run(work)

    def teardown(self) -> None:
        """However it stands, it comes to an end by itself."""
        self.world.host.fail_at = 0
        self.answered |= not self.world.production.silent
        with self.runner:
            self.did(self.world.run(steps=300))
        assert self.world.now().state not in STEPS
        self.consistent()

    # What happens.

    @rule()
    def wake(self) -> None:
        before, crashes, expected = self.world.now(), self.world.crashes, self.expected()
        self.answered |= before.state is State.WATCHING and not self.world.production.silent
        self.did(self.world.step())
        after = self.world.now()
        if self.world.crashes > crashes:
            assert after == before
        else:
            assert after.state in expected, (before.state, after.state, after.reason)
        self.rebuilt |= (before.state, after.state) == (State.HELD, State.FOUND)

    @rule(seconds=st.sampled_from([1, 40, 400, GIVE_UP + 1]))
    def time_passes(self, seconds: int) -> None:
        self.world.later(seconds)

    @rule(conclusion=st.sampled_from([Conclusion.SUCCESS, *Conclusion]))
    def ci_reports(self, conclusion: Conclusion) -> None:
        self.world.host.check_results[CHECK] = conclusion
        for number in self.world.host.pulls:
            self.world.host.set_check(number, CHECK, conclusion)

    @rule()
    def ci_is_down(self) -> None:
        self.world.host.check_results.clear()

    @rule(on=st.booleans())
    @precondition(lambda self: self.world.host.pulls)
    def a_person_holds(self, on: bool) -> None:
        self.world.host.label(1, "hold", on=on)

    @rule()
    def a_person_moves_the_lines(self) -> None:
        text = self.world.host.text("main", FILE) or ""
        if SLOW in text:
            self.world.host.push("main", {FILE: "# one line more\n" + text})

    @rule(word=st.sampled_from(["hold", "resume", "revert", "status", "nonsense"]))
    @precondition(lambda self: self.world.host.pulls)
    def a_person_commands(self, word: str) -> None:
        before = self.world.now()
        comment = self.world.people.say(1, ANN, f"/ironclaw {word}")
        try:
            self.did(self.world.read(comment.id))
        except ConnectionError:
            self.did(self.world.read(comment.id))
        after = self.world.now()
        held = before.state is State.HELD
        match word:
            case "hold" if before.state in HOLDABLE:
                assert after.state is State.HELD
                self.held_by_person = True
            case "resume" if held:
                assert after.state is self.resumed(before.merge_sha, before.revert_pull_request)
                self.held_by_person = False
            case "revert" if before.merge_sha and before.revert_pull_request is None:
                ends = before.state in (State.REVERTING, State.REVERTED)
                assert after.state is (before.state if ends else State.REVERTING)
                self.asked_back = True
            case _:
                assert after == before

    def resumed(self, merge_sha: str, revert: int | None) -> State:
        if revert is not None:
            return State.REVERTING
        if merge_sha:
            return State.MERGED
        return State.OPEN if self.world.now().pull_request else State.FOUND

    @rule(author=st.sampled_from(["bob", "nobody"]), word=st.sampled_from(["hold", "revert"]))
    @precondition(lambda self: self.world.host.pulls)
    def somebody_else_commands(self, author: str, word: str) -> None:
        before = self.world.now()
        comment = self.world.people.say(1, author, f"/ironclaw {word}")
        with suppress(ConnectionError):
            self.did(self.world.read(comment.id))
        assert self.world.now() == before

    @rule()
    @precondition(lambda self: self.world.now().state is State.OPEN)
    def a_person_closes(self) -> None:
        self.world.host.fail_at = 0
        self.did(self.world.host.close(1, "no"))

    @rule()
    @precondition(lambda self: self.world.now().state is State.OPEN)
    def a_person_commits(self) -> None:
        if self.world.now().branch in self.world.host.branches:
            self.world.host.push(self.world.now().branch, {"other.py": "x = 1\n"})

    @rule()
    def a_person_changes_the_same_file(self) -> None:
        self.world.host.push("main", {FILE: "def total(items):\n    return 0\n"})

    @rule(slower=st.sampled_from([1.0, 2.0]), failing=st.sampled_from([0, 2]))
    def the_improvement_is(self, slower: float, failing: int) -> None:
        if self.world.host.deployed:
            return
        self.world.production.slower, self.world.production.failing = slower, failing

    @rule(silent=st.booleans())
    def metrics_are_missing(self, silent: bool) -> None:
        self.world.production.silent = silent

    @rule(why=st.sampled_from(["", "no space left"]))
    def deployments_fail(self, why: str) -> None:
        self.world.host.deploy_failure = why
        self.went_wrong |= bool(why)

    @rule(calls=st.integers(1, 3), after=st.booleans())
    def the_network_breaks(self, calls: int, after: bool) -> None:
        self.world.host.fail_at = self.world.host.count + calls
        self.world.host.fails_after = after

    # What may follow.

    def expected(self) -> set[State]:
        """The states that one step from here may lead to, by the truth of this moment."""
        improvement = self.world.now()
        match improvement.state:
            case State.FOUND:
                return {State.PROPOSED}
            case State.PROPOSED:
                return {State.HELD if self.branch_is_foreign() else State.OPEN}
            case State.OPEN:
                return {self.expected_of_open()}
            case State.HELD:
                return self.expected_of_held()
            case State.MERGED:
                failing = self.world.host.deploy_failure
                return {State.REVERTING, State.WATCHING} if failing else {State.WATCHING}
            case State.WATCHING:
                worse = self.harmful()
                after = {State.WATCHING, State.HELD, State.KEPT}
                return after | {State.REVERTING} if worse else after
            case State.REVERTING:
                return {State.REVERTING, State.REVERTED, State.HELD}
            case other:
                return {other}

    def branch_is_foreign(self) -> bool:
        """Whether somebody has committed to the branch that is to be made anew."""
        if not self.world.host.pulls:
            return False
        shown = self.world.host.shown(1)
        return shown.state is PullState.OPEN and bool(shown.foreign_commits)

    def expected_of_held(self) -> set[State]:
        improvement = self.world.now()
        if improvement.revert_pull_request is not None:
            return {State.HELD, State.REVERTING}
        if improvement.merge_sha or not self.world.host.pulls:
            return {State.HELD}
        if improvement.pull_request is None:
            return {State.HELD}
        found = self.expected_of_open()
        if found is State.ABANDONED or self.world.host.shown(1).state is PullState.MERGED:
            return {found}
        if self.held_by_person:
            return {State.HELD}
        if found is State.HELD and self.conflicts_only() and not self.rebuilt:
            there = SLOW in (self.world.host.text("main", FILE) or "")
            return {State.FOUND if there else State.ABANDONED}
        return {found}

    def conflicts_only(self) -> bool:
        pull = self.world.host.shown(1)
        apart = pull.foreign_commits or "hold" in pull.labels
        failed = set(self.conclusions()) - {Conclusion.SUCCESS, Conclusion.PENDING}
        return pull.mergeable is False and not apart and not failed

    def conclusions(self) -> list[Conclusion]:
        host = self.world.host
        pull = host.shown(1)
        found = [c.conclusion for c in pull.checks if (c.name, c.sha) == (CHECK, pull.head_sha)]
        if not found and CHECK in host.check_results:
            return [host.check_results[CHECK]]
        return found

    def expected_of_open(self) -> State:
        due = self.world.now().look_again_at
        pull = self.world.host.shown(1)
        now = max(self.world.clock.now(), due or self.world.clock.now())
        if pull.state is not PullState.OPEN:
            return State.MERGED if pull.state is PullState.MERGED else State.ABANDONED
        if pull.foreign_commits or "hold" in pull.labels or pull.mergeable is False:
            return State.HELD
        if pull.head_sha != self.world.now().head_sha:
            return State.HELD
        checks = set(self.conclusions())
        if checks - {Conclusion.SUCCESS, Conclusion.PENDING}:
            return State.HELD
        if checks == {Conclusion.SUCCESS}:
            return State.MERGED
        assert pull.created_at is not None
        return State.HELD if (now - pull.created_at).total_seconds() > GIVE_UP else State.OPEN

    def harmful(self) -> bool:
        return self.world.production.slower > 1 or self.world.production.failing > 0

    # What is always so.

    @invariant()
    def consistent(self) -> None:
        improvement, host = self.world.now(), self.world.host
        pulls, merges, reverts = self.world.effects()
        assert pulls <= 1
        assert reverts <= 1
        assert merges <= pulls + reverts
        if improvement.state in MERGED:
            assert host.pulls[1].snapshot.merge_sha == improvement.merge_sha != ""
        if improvement.state is State.KEPT:
            assert self.answered, "kept without a single measurement"
        if improvement.state in (State.REVERTING, State.REVERTED):
            why = self.harmful() or self.went_wrong or self.asked_back
            assert why, "taken back for nothing"
        if improvement.state is State.REVERTED:
            assert host.pulls[2].snapshot.state is PullState.MERGED
            assert improvement.revert_sha
        assert improvement.reason
        walked = [State.FOUND, *map(State, self.world.story())]
        assert all(b in TRANSITIONS[a] for a, b in pairwise(walked))
        assert walked[-1] is improvement.state


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
