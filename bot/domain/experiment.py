"""A/B tests between models, prompts or policies: who gets what, and when to stop.

The evidence is an e-process, so it may be looked at after every outcome: a difference where there
is none is claimed with probability `alpha` at most (Ville's inequality), whenever one stops.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

BETS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Stakes of the bets on a difference; their average is as good as the best but for a factor."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{0,99}")


@dataclass(frozen=True, slots=True)
class Experiment:
    """Two arms, `first` and `second`; at most `limit` pairs, then it ends without a winner."""

    name: str
    first: str
    second: str
    alpha: float = 0.05
    limit: int = 1000

    def __post_init__(self) -> None:
        """ValueError for what is no experiment."""
        if not _NAME.fullmatch(self.name) or self.first == self.second:
            message = "an experiment has a name of small letters, digits, . _ / - and two arms"
            raise ValueError(message)
        if not (0 < self.alpha < 1 and self.limit > 0):
            message = "alpha must lie between 0 and 1, and the limit above 0"
            raise ValueError(message)


def assigned(experiment: Experiment, unit: str) -> str:
    """The arm of a user, repository or task: always the same one, half of them each."""
    text = f"{experiment.name}\0{unit}".encode("utf-8", "surrogatepass")
    odd = hashlib.sha256(text).digest()[0] & 1
    return experiment.second if odd else experiment.first


@dataclass(frozen=True, slots=True)
class Tally:
    """What has come in: the outcomes of each arm, and those that still wait for a partner.

    `wealth` holds, for each bet on the second arm and then on the first, what 1 has become.
    """

    waiting_first: tuple[float, ...] = ()
    waiting_second: tuple[float, ...] = ()
    pairs: int = 0
    first_total: float = 0.0
    second_total: float = 0.0
    wealth: tuple[float, ...] = field(default=(1.0,) * (2 * len(BETS)))
    highest: float = 1.0
    favours_second: bool = False


def observed(tally: Tally, *, second: bool, reward: float) -> Tally:
    """The tally after one more outcome, 0 to 1. Outcomes are paired in the order of arrival.

    A pair's difference has mean 0 where the arms are alike, so each bet is fair.
    """
    if not 0 <= reward <= 1:
        message = f"an outcome of {reward}: it must be 0 to 1"
        raise ValueError(message)
    mine, theirs = (
        (tally.waiting_second, tally.waiting_first)
        if second
        else (tally.waiting_first, tally.waiting_second)
    )
    if not theirs:
        return _replaced(tally, second=second, mine=(*mine, reward), theirs=theirs)
    partner, rest = theirs[0], theirs[1:]
    ours, other = (reward, partner) if second else (partner, reward)
    left = _replaced(tally, second=second, mine=mine, theirs=rest)
    difference = ours - other
    signs = [*BETS, *(-bet for bet in BETS)]
    wealth = tuple(w * (1 + b * difference) for w, b in zip(left.wealth, signs, strict=True))
    half = len(BETS)
    for_second, for_first = sum(wealth[:half]) / half, sum(wealth[half:]) / half
    evidence = (for_second + for_first) / 2
    higher = evidence > left.highest
    return Tally(
        left.waiting_first,
        left.waiting_second,
        left.pairs + 1,
        left.first_total + other,
        left.second_total + ours,
        wealth,
        max(evidence, left.highest),
        for_second > for_first if higher else left.favours_second,
    )


def _replaced(
    tally: Tally, *, second: bool, mine: tuple[float, ...], theirs: tuple[float, ...]
) -> Tally:
    first_waits, second_waits = (theirs, mine) if second else (mine, theirs)
    return Tally(
        first_waits,
        second_waits,
        tally.pairs,
        tally.first_total,
        tally.second_total,
        tally.wealth,
        tally.highest,
        tally.favours_second,
    )


@dataclass(frozen=True, slots=True)
class Running:
    """Nothing can be said yet."""

    why: str


@dataclass(frozen=True, slots=True)
class Better:
    """One arm is better; the probability of saying so wrongly is `alpha` at most."""

    arm: str
    why: str


@dataclass(frozen=True, slots=True)
class NoDifference:
    """The limit is reached without one being shown better; it does not say that they are alike."""

    why: str


Result = Running | Better | NoDifference


def result_of(experiment: Experiment, tally: Tally) -> Result:
    """Whether to stop, and what was found; what was shown once stays shown."""
    known = f"{tally.pairs} pairs"
    if tally.pairs:
        first, second = tally.first_total / tally.pairs, tally.second_total / tally.pairs
        known += f", {first:.3f} against {second:.3f}"
    if tally.highest >= 1 / experiment.alpha:
        arm = experiment.second if tally.favours_second else experiment.first
        return Better(arm, f"{known}: evidence {tally.highest:.1f}")
    if tally.pairs >= experiment.limit:
        return NoDifference(f"{known}: the limit is reached")
    return Running(f"{known}: evidence {tally.highest:.1f} of {1 / experiment.alpha:.0f}")


def tally_of(outcomes: Iterable[tuple[bool, float]]) -> Tally:
    """The tally of outcomes in the order of arrival, each whether it is the second arm's."""
    tally = Tally()
    for second, reward in outcomes:
        tally = observed(tally, second=second, reward=reward)
    return tally
