"""What follows from a watch: keep, look again, extend, hold, or revert."""

from dataclasses import dataclass

from bot.domain.analysis import Analysis, Phase
from bot.domain.policy import OnInconclusive, WatchPolicy


@dataclass(frozen=True, slots=True)
class Keep:
    """The deployment is good."""

    why: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Not decided yet."""

    why: str


@dataclass(frozen=True, slots=True)
class Extend:
    """Watch once more as long: there was not enough data."""

    why: str


@dataclass(frozen=True, slots=True)
class Revert:
    """Undo it by a pull request."""

    why: str


@dataclass(frozen=True, slots=True)
class HoldForPerson:
    """A person must look; nothing is done by itself."""

    why: str


WatchDecision = Keep | LookAgain | Extend | Revert | HoldForPerson


def decide_after(analysis: Analysis, policy: WatchPolicy, *, extended: bool) -> WatchDecision:
    """Decide what one look at a deployment leads to."""
    match analysis.phase:
        case Phase.RUNNING:
            return LookAgain(analysis.why)
        case Phase.SUCCESSFUL:
            return Keep(analysis.why)
        case Phase.FAILED:
            if policy.automatic_rollback:
                return Revert(analysis.why)
            return HoldForPerson(f"{analysis.why}; `watch.automatic_rollback` is off")
        case Phase.INCONCLUSIVE:
            if not extended:
                return Extend(analysis.why)
            return _inconclusive(analysis.why, policy.on_inconclusive)


def _inconclusive(why: str, then: OnInconclusive) -> WatchDecision:
    match then:
        case OnInconclusive.HOLD:
            return HoldForPerson(f"inconclusive: {why}")
        case OnInconclusive.KEEP:
            return Keep(f"inconclusive, kept by policy: {why}")
        case OnInconclusive.REVERT:
            return Revert(f"inconclusive, reverted by policy: {why}")
