"""How probable it is that an improvement ends merged and kept, learned from how others ended.

A Bayesian probit regression that is updated outcome by outcome (assumed-density filtering with
independent weights; Graepel et al. 2010, "Web-Scale Bayesian Click-Through Rate Prediction").
Before any outcome it says what the stated prior says. What is known of one rule, engine or
repository alone is a weight of its own around zero: with few outcomes it stays near what holds for
all. What a model claims of itself is never an input.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, Final

from bot.domain.improvement import Improvement, State
from bot.domain.proving import Signs, signs_of

KEPT: Final = frozenset({State.KEPT})
NOT_KEPT: Final = frozenset({State.REVERTED, State.ABANDONED})
"""How an improvement that was offered ends: kept, or closed by a person or taken back."""
_NORMAL: Final = NormalDist()
_LOGIT: Final = 1.6
"""By this a logit is larger than the probit of the same probability (Amemiya 1981)."""
_LEAST, _MOST = 0.01, 0.99
_RETURN: Final = 0.01
"""The share of its way back to the prior that a weight goes before each outcome that it takes part
in, so that what was long ago weighs less (Graepel et al. 2010, section 3.4)."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What is believed of one weight, on the probit scale."""

    mean: float
    variance: float


def _prior(odds: float, spread: float) -> Weight:
    return Weight(math.log(odds) / _LOGIT, (spread / _LOGIT) ** 2)


PRIOR: Final[Mapping[str, Weight]] = MappingProxyType(
    {
        # Of the performance pull requests that agents opened 63 % were accepted in the field study
        # arXiv:2512.24630. Ours are measured, and some that are merged are taken back: 0.6.
        "offered": _prior(1.5, 0.6),
        # The other factors are judgement, in odds: wide, so that some dozens of outcomes move them.
        "tests not passed": _prior(0.2, 0.8),
        "tests passed": _prior(1.5, 0.5),
        "flaky tests": _prior(0.7, 0.5),
        "equivalent": _prior(1.8, 0.5),
        "inputs": _prior(1.2, 0.4),
        "not equivalent": _prior(0.4, 0.7),
        "no gain measured": _prior(0.5, 0.6),
        "gain": _prior(1.5, 0.5),
        "longer inputs only": _prior(0.8, 0.5),
        "tools silent": _prior(0.9, 0.4),
        "more memory": _prior(0.7, 0.5),
        "hot": _prior(1.2, 0.5),
    }
)
"""Each sign's weight before any outcome: a factor of the odds, and how far it may be off (as one
standard deviation of its logarithm)."""
_GROUPS: Final[Mapping[str, Weight]] = MappingProxyType(
    {"rule": _prior(1.0, 0.8), "engine": _prior(1.0, 0.5), "repository": _prior(1.0, 0.8)}
)


@dataclass(frozen=True, slots=True)
class Case:
    """One improvement that may be offered: whose it is, and the signs in its evidence.

    `evidence` is what `reporting.evidence_json` made, perhaps by an earlier version of this
    program; `hot` whether production speaks for the place.
    """

    repository: str
    rule: str
    engine: str
    evidence: Mapping[str, Any]
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How one that was offered ended."""

    case: Case
    kept: bool


def case_of(improvement: Improvement, evidence: Mapping[str, Any]) -> Case:
    """An improvement with the evidence that was found for it."""
    finding = improvement.finding
    return Case(
        improvement.repository, finding.rule, improvement.engine, evidence, bool(finding.evidence)
    )


@dataclass(frozen=True, slots=True)
class Belief:
    """What so many outcomes have taught."""

    weights: Mapping[str, Weight]
    outcomes: int = 0

    def confidence(self, case: Case) -> float:
        """The probability of *merged and kept*, 0.01 to 0.99."""
        mean, variance = self._total(_inputs(case))
        found = _NORMAL.cdf(mean / math.sqrt(1 + variance))
        return round(min(_MOST, max(_LEAST, found)), 3)

    def after(self, ending: Ending) -> "Belief":
        """The belief with one outcome more."""
        weights = dict(self.weights)
        _learn(weights, ending)
        return Belief(weights, self.outcomes + 1)

    def _total(self, inputs: Signs) -> tuple[float, float]:
        known = [(_known(self.weights, name), value) for name, value in inputs.items()]
        return (
            math.fsum(weight.mean * value for weight, value in known),
            math.fsum(weight.variance * value * value for weight, value in known),
        )


UNTAUGHT: Final = Belief(PRIOR)
"""The stated prior alone."""


def learn(endings: Iterable[Ending]) -> Belief:
    """What these outcomes teach, oldest first."""
    weights, count = dict(PRIOR), 0
    for ending in endings:
        _learn(weights, ending)
        count += 1
    return Belief(weights, count)


def _inputs(case: Case) -> Signs:
    """Every sign by name; groups stand as `rule/<name>` and the like."""
    groups = {"rule": case.rule, "engine": case.engine, "repository": case.repository}
    signs = signs_of(case.evidence)
    hot = {"hot": 1.0} if case.hot else {}
    return {"offered": 1.0, **signs, **hot, **{f"{k}/{v}": 1.0 for k, v in groups.items()}}


def _start(name: str) -> Weight:
    group, is_group, _ = name.partition("/")
    return _GROUPS[group] if is_group else PRIOR[name]


def _known(weights: Mapping[str, Weight], name: str) -> Weight:
    found = weights.get(name)
    return _start(name) if found is None else found


def _learn(weights: dict[str, Weight], ending: Ending) -> None:
    """Moment matching on one outcome (equations 8 to 11 of the paper)."""
    inputs = _inputs(ending.case)
    now = {name: _faded(_known(weights, name), _start(name)) for name in inputs}
    mean = math.fsum(now[name].mean * value for name, value in inputs.items())
    variance = 1 + math.fsum(now[name].variance * value**2 for name, value in inputs.items())
    spread, sign = math.sqrt(variance), 1.0 if ending.kept else -1.0
    margin = sign * mean / spread
    pull = _pull(margin)
    narrower = pull * (pull + margin)
    for name, value in inputs.items():
        weight = now[name]
        share = weight.variance * value / variance
        weights[name] = Weight(
            weight.mean + sign * spread * share * pull,
            weight.variance * (1 - share * value * narrower),
        )


def _faded(weight: Weight, start: Weight) -> Weight:
    """A little nearer to the prior, in precision and in precision times mean."""
    precision = (1 - _RETURN) / weight.variance + _RETURN / start.variance
    pulled = (1 - _RETURN) * weight.mean / weight.variance + _RETURN * start.mean / start.variance
    return Weight(pulled / precision, 1 / precision)


def _pull(margin: float) -> float:
    """The normal density over its integral up to the margin; -margin far below, its limit."""
    if margin < -30:
        return -margin
    return _NORMAL.pdf(margin) / _NORMAL.cdf(margin)
