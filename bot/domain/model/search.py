"""Which question is asked next: pure decisions on what came of those before.

chain      One line of thought: every next question goes on from the answer before, without any
           measurement; the last answer alone is run.
best-of-n  Independent answers to the same question; each is run, and the best counts.
tree       The most promising answer that was run is gone on from, told what was measured of it;
           what the gate refuses as a trick, or what has had its turns, is not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.benchmark import Benchmark, Faster, Same, Slower, Unmeasured
from bot.domain.candidate import Evidence, Hold, Judgement, Propose, Reject
from bot.domain.equivalence import Different
from bot.domain.outcomes import Verdict
from bot.domain.patch import Refused
from bot.domain.policy import Search


class Standing(StrEnum):
    """What became of one attempt, the best first."""

    HOLDS = "holds"
    UNDECIDED = "undecided"
    NO_GAIN = "no-gain"
    DIFFERENT = "different"
    REFUSED = "refused"
    NO_DOCUMENT = "no-document"
    NOT_RUN = "not-run"
    TRICK = "trick"


TRICKS = frozenset(
    {"dynamic-code", "introspection", "reaches-outside", "monkeypatching", "detects-tests"}
    | {"special-cases-inputs", "hidden-characters", "another-file", "dot-folder"}
    | {"unsafe-path", "edits-tests", "edits-build", "denied-path"}
)
"""Rules of the gate whose breach is no slip: whoever does that is not told how to do it better."""

_WORTH = {
    Standing.HOLDS: 4.0,
    Standing.UNDECIDED: 3.0,
    Standing.NO_GAIN: 2.0,
    Standing.DIFFERENT: 2.5,
    Standing.REFUSED: 1.0,
    Standing.NO_DOCUMENT: 0.0,
    Standing.NOT_RUN: 0.0,
    Standing.TRICK: -1.0,
}
"""Where going on is likely to pay: what is wrong on one input is nearer to a gain than what is
right and no faster. A stated order, not a fitted one."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer of a model, or one rewrite of a rule, after it was looked at.

    `parent` is the number of the attempt that it went on from, None for a first one; `speedup` is
    what was measured, 1 where nothing was; `cost` is in millionths of a dollar; `was_run` is false
    where it was refused before that, or waits for it. What `repeats` another is not gone on from.
    """

    number: int
    engine: str
    parent: int | None
    standing: Standing
    why: str
    speedup: float = 1.0
    cost: int = 0
    was_run: bool = False
    repeats: bool = False

    @property
    def score(self) -> float:
        """How good it is; among those that hold, by what was measured alone."""
        gain = math.log2(self.speedup) if 0 < self.speedup < math.inf else 0.0
        return _WORTH[self.standing] + (gain if self.standing is Standing.HOLDS else gain / 100)


@dataclass(frozen=True, slots=True)
class Plan:
    """How far the search may go; `calls` counts answers of models over the whole search."""

    search: Search
    calls: int
    breadth: int
    depth: int


@dataclass(frozen=True, slots=True)
class AskAnew:
    """Ask the first question once more; `number` counts such questions from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class GoOn:
    """Go on from an attempt, with what was measured of it or without."""

    parent: int
    measured: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Run this attempt, which was not until now."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more is asked, and why."""

    why: str


Move = AskAnew | GoOn | Run | Stop


def next_move(plan: Plan, attempts: Sequence[Attempt]) -> Move:
    """What to do after these attempts, which are in the order of their numbers."""
    asked = [one for one in attempts if one.engine != "rules"]
    left = plan.calls - len(asked)
    match plan.search:
        case Search.CHAIN:
            return _chain(asked, left)
        case Search.BEST_OF_N:
            return AskAnew(len(asked) + 1) if left > 0 else _spent(plan)
        case Search.TREE:
            return _tree(plan, attempts, left)


def is_run_at_once(search: Search) -> bool:
    """Whether each answer is run as it comes."""
    return search is not Search.CHAIN


def best(attempts: Sequence[Attempt]) -> Attempt | None:
    """The attempt that counts: the best that holds, else the best that was looked at."""
    ranked = sorted(attempts, key=lambda one: (-one.score, one.number))
    return ranked[0] if ranked else None


def _chain(asked: Sequence[Attempt], left: int) -> Move:
    if not asked:
        return AskAnew(1)
    last = asked[-1]
    if left > 0 and last.standing in (Standing.NOT_RUN, Standing.REFUSED):
        return GoOn(last.number, measured=False)
    return left_to_run(asked) or Stop("the line of thought is at its end")


def left_to_run(attempts: Sequence[Attempt]) -> Run | None:
    """The last answer that waits, where none was run yet: also when a cap ends the questions."""
    waiting = [one.number for one in attempts if one.standing is Standing.NOT_RUN]
    asked = [one for one in attempts if one.engine != "rules"]
    return Run(waiting[-1]) if waiting and not any(one.was_run for one in asked) else None


def _tree(plan: Plan, attempts: Sequence[Attempt], left: int) -> Move:
    if left <= 0:
        return _spent(plan)
    first = [one for one in attempts if one.parent is None and one.engine != "rules"]
    if len(first) < plan.breadth:
        return AskAnew(len(first) + 1)
    open_ones = [one for one in attempts if _may_go_on(one, plan, attempts)]
    parent = best(open_ones)
    if parent is None:
        return Stop("nothing is left to go on from")
    return GoOn(parent.number, measured=True)


def _may_go_on(one: Attempt, plan: Plan, attempts: Sequence[Attempt]) -> bool:
    if one.standing in (Standing.TRICK, Standing.NO_DOCUMENT, Standing.NOT_RUN):
        return False
    if one.engine == "rules" or one.repeats:
        return False
    children = sum(other.parent == one.number for other in attempts)
    return children < plan.breadth and depth_of(one, attempts) < plan.depth


def depth_of(one: Attempt, attempts: Sequence[Attempt]) -> int:
    """How many questions led to it, 1 for a first one."""
    by_number = {other.number: other for other in attempts}
    depth, parent = 1, one.parent
    while parent is not None:
        depth, parent = depth + 1, by_number[parent].parent
    return depth


def _spent(plan: Plan) -> Stop:
    return Stop(f"{plan.calls} answers are enough (`model.calls`)")


def standing_of(judgement: Judgement, evidence: Evidence) -> Standing:
    """What the sandbox's judgement makes of an attempt."""
    if isinstance(evidence.limits, Refused):
        return standing_of_refusal(evidence.limits)
    match judgement:
        case Propose():
            return Standing.HOLDS
        case Hold():
            return Standing.UNDECIDED
        case Reject():
            wrong = isinstance(evidence.equivalence, Different)
            failed = evidence.tests.verdict is Verdict.FAILED
            return Standing.DIFFERENT if wrong or failed else Standing.NO_GAIN


def standing_of_refusal(refused: Refused) -> Standing:
    """A trick is not gone on from, a slip is."""
    return Standing.TRICK if refused.rule in TRICKS else Standing.REFUSED


def speedup_of(evidence: Evidence) -> float:
    """What was measured of it: in place if that shows a gain, else on longer inputs; else 1."""
    for found in (evidence.benchmark, evidence.at_scale):
        if isinstance(found, Faster):
            return found.speed.speedup
    return _measured(evidence.benchmark) or _measured(evidence.at_scale) or 1.0


def _measured(found: Benchmark) -> float:
    match found:
        case Faster(speed) | Same(speed) | Slower(speed):
            return speed.speedup
        case Unmeasured(_, speed):
            return speed.speedup if speed else 0.0
