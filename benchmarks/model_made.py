"""A scripted model on a socket that answers as models do, and a judge that knows what is right.

What the scripted model does with a conversation is drawn from the tables below, from a seed and
the conversation alone, so that a run can be repeated. The tables are assumptions, in the direction
of published findings: what is measured (a counterexample, a failed test, a time) helps to repair
an answer in less than half of the cases (Olausson et al., arXiv:2306.09896), and looking at one's
own answer again without any measurement hardly helps and sometimes breaks it (Huang et al.,
arXiv:2310.01798). `--sensitivity` shows what becomes of the result where they are otherwise.
"""

import ast
import hashlib
import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.model_problems import FILE, PROBLEMS, Level, Problem
from bot.domain.tree import Tree
from tests.fakes.model import Asked, FakeModel, Reply, document
from tests.fakes.sandbox import Behaviour, FakeSandbox

SECONDS = 0.01
"""What the slow function takes for the simulated judge."""
_WRONG = {Level.WRONG_GOOD: Level.GOOD, Level.WRONG_PARTLY: Level.PARTLY}
_BROKEN = {right: wrong for wrong, right in _WRONG.items()}
_NONSENSE = "I would use a set here."

Share = Mapping[Level | None, float]
"""How often which level is answered; None is no document."""


@dataclass(frozen=True)
class Manners:
    """How the scripted model answers: `repair` of what was shown to be wrong, `first` of the best.

    `hard` is how much rarer the best is in the third of tasks that are hard for it, and how much
    more frequent in the easy third: answers to one question are not independent.
    """

    repair: float = 0.4
    first: float = 0.12
    hard: float = 4.0

    def fresh(self, ease: float) -> Share:
        """Of a first answer."""
        return {
            Level.GOOD: self.first * ease,
            Level.PARTLY: 0.18 * ease,
            Level.WRONG_GOOD: 0.22,
            Level.WRONG_PARTLY: 0.14,
            Level.SLOW: 0.2,
            Level.SLIP: 0.06,
            Level.TRICK: 0.03,
            None: 0.05,
        }

    def mended(self, said: Level, ease: float) -> Share:
        """After a measurement of this answer."""
        fresh = _scaled(self.fresh(ease), 0.35)
        match said:
            case Level.WRONG_GOOD | Level.WRONG_PARTLY:
                rest = 1 - self.repair
                return _mixed({_WRONG[said]: self.repair, said: rest / 2}, _scaled(fresh, rest))
            case Level.SLIP:
                return _mixed({Level.GOOD: 0.5, Level.SLIP: 0.15}, fresh)
            case Level.GOOD:
                return {Level.GOOD: 0.7, Level.WRONG_GOOD: 0.2, Level.SLOW: 0.1}
            case Level.PARTLY:
                best = min(0.7, self.repair * 0.8)
                return _mixed({Level.GOOD: best, Level.PARTLY: 0.25}, fresh)
            case Level.SLOW | Level.TRICK:
                return _mixed({Level.SLOW: 0.3}, self.fresh(ease))

    def looked_again(self, said: Level, ease: float) -> Share:
        """Without any measurement."""
        match said:
            case Level.WRONG_GOOD | Level.WRONG_PARTLY:
                return _mixed({said: 0.75, _WRONG[said]: 0.1}, _scaled(self.fresh(ease), 0.15))
            case Level.GOOD | Level.PARTLY:
                better = {Level.GOOD: 0.1} if said is Level.PARTLY else {}
                return _mixed({said: 0.78, _BROKEN[said]: 0.12}, better)
            case Level.SLIP | Level.TRICK | Level.SLOW:
                return _mixed({said: 0.7}, _scaled(self.fresh(ease), 0.3))


def _scaled(share: Share, by: float) -> Share:
    return {level: weight * by for level, weight in share.items()}


def _mixed(one: Share, other: Share) -> Share:
    return Counter(dict(one)) + Counter(dict(other))  # type: ignore[arg-type]


@dataclass
class Scripted:
    """Answers one conversation after the other; the same one twice may be answered otherwise."""

    manners: Manners
    seed: int
    _times: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: Asked) -> Reply | str:
        problem = _problem(asked)
        said = json.dumps(asked.messages)
        self._times[said] += 1
        text = f"{self.seed} {self._times[said]} {said}"
        draw = random.Random(hashlib.sha256(text.encode()).digest())
        level = self._level(asked, problem, draw)
        if level is None:
            return _NONSENSE
        # Models seldom say the same twice to the letter.
        replacement = problem.texts[level].replace(":\n", f":  # way {draw.randint(1, 3)}\n", 1)
        why = "It looks each value up once and not again and again for each of the others."
        return document(replacement, file=FILE, function=problem.name, why=why, confidence=0.9)

    def _level(self, asked: Asked, problem: Problem, draw: random.Random) -> Level | None:
        ease = self._ease(problem)
        said = _said_before(asked, problem)
        if said is None or "This is attempt" in asked.last or "no proposal" in asked.last:
            share = self.manners.fresh(ease)
        elif "Look at your answer again" in asked.last:
            share = self.manners.looked_again(said, ease)
        else:
            share = self.manners.mended(said, ease)
        return draw.choices(list(share), list(share.values()))[0]

    def _ease(self, problem: Problem) -> float:
        """One of three degrees, the same for each answer of this seed to this problem."""
        draw = random.Random(f"{self.seed} {problem.name}")
        return draw.choice((1 / self.manners.hard, 1.0, 2.0))


def _problem(asked: Asked) -> Problem:
    first = asked.messages[1][1]
    return next(one for one in PROBLEMS if f"function: {one.name}\n" in first)


def _said_before(asked: Asked, problem: Problem) -> Level | None:
    """The level of its last answer in this conversation."""
    answers = [text for role, text in asked.messages if role == "assistant"]
    if not answers or not answers[-1].startswith("{"):
        return None
    tree = _plain(json.loads(answers[-1])["replacement"])
    return next((level for level, text in problem.texts.items() if _plain(text) == tree), None)


def _plain(text: str) -> str:
    """A text without its comments, but for one that silences a tool."""
    return ast.dump(ast.parse(text)) + ("noqa" if "noqa" in text else "")


class SimulatedSandbox(FakeSandbox):
    """Knows what each rewrite is worth without running it."""

    isolation = "simulated: nothing is run"

    def __init__(self) -> None:
        super().__init__()
        self._known = dict(_behaviours())

    def _behaviour(self, tree: Tree) -> Behaviour:
        return self._known[_plain(tree.text(FILE) or "")]


def _behaviours() -> list[tuple[str, Behaviour]]:
    found = []
    for problem in PROBLEMS:
        base = Behaviour(seconds=SECONDS)
        found.append((_plain(problem.source), base))
        for level, text in problem.texts.items():
            right = _WRONG.get(level, level)
            seconds = SECONDS / problem.speedups.get(right, 1.0)
            answers = ("1", "2", "wrong") if level in _WRONG else base.answers
            source = problem.source.replace(problem.slow, text)
            found.append((_plain(source), Behaviour(seconds=seconds, answers=answers)))
    return found


def scripted_server(manners: Manners, seed: int) -> FakeModel:
    """The scripted model on a socket of its own; to be entered."""
    return FakeModel(Scripted(manners, seed))
