"""What is said of a function before and after a rewrite, and the exit code that goes with it."""

import math
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.benchmark import Benchmark, Faster, Peaks, Same, Slower, Speed, Unmeasured
from bot.domain.equivalence import Different, Equivalence, Equivalent, Undecided
from bot.domain.gate import Gate, Refuse

SCHEMA: Final = 1
EQUIVALENT, DIFFERENT, INCONCLUSIVE, REFUSED = 0, 4, 5, 6
"""How the program ends."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The three verdicts; where the gate refuses, nothing was run."""

    gate: Gate
    equivalence: Equivalence
    benchmark: Benchmark
    inputs: str = ""
    peaks: Peaks | None = None

    @property
    def exit_code(self) -> int:
        """0 equivalent, 4 different, 5 inconclusive, 6 refused."""
        if isinstance(self.gate, Refuse):
            return REFUSED
        match self.equivalence:
            case Equivalent():
                return EQUIVALENT
            case Different():
                return DIFFERENT
            case Undecided():
                return INCONCLUSIVE


def comparison_document(found: Comparison) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "schema": SCHEMA,
        "equivalence": _equivalence(found.equivalence),
        "benchmark": {**_benchmark(found.benchmark), "timed": found.inputs},
        "memory": {
            "peak_before": found.peaks.before if found.peaks else None,
            "peak_after": found.peaks.after if found.peaks else None,
        },
        "gate": _gate(found.gate),
    }


def _equivalence(found: Equivalence) -> dict[str, Any]:
    match found:
        case Equivalent(inputs):
            return {"verdict": "equivalent", "inputs": inputs, "counterexample": None, "reason": ""}
        case Different(inputs, example):
            return {
                "verdict": "different",
                "inputs": inputs,
                "counterexample": example,
                "reason": "",
            }
        case Undecided(inputs, why):
            return {
                "verdict": "inconclusive",
                "inputs": inputs,
                "counterexample": None,
                "reason": why,
            }


def _benchmark(found: Benchmark) -> dict[str, Any]:
    match found:
        case Faster(speed):
            return {"verdict": "faster", **_speed(speed), "reason": ""}
        case Same(speed):
            return {"verdict": "same", **_speed(speed), "reason": ""}
        case Slower(speed):
            return {"verdict": "slower", **_speed(speed), "reason": ""}
        case Unmeasured(why, speed):
            return {"verdict": "inconclusive", **_speed(speed), "reason": why}


def _speed(speed: Speed | None) -> dict[str, float | None]:
    values = (None,) * 3 if speed is None else (speed.speedup, speed.low, speed.high)
    names = ("speedup", "low", "high")
    return {
        name: None if value is None or not math.isfinite(value) else round(value, 4)
        for name, value in zip(names, values, strict=True)
    }


def _gate(found: Gate) -> dict[str, Any]:
    if isinstance(found, Refuse):
        return {"verdict": "refused", "rules": list(found.rules), "reason": found.why}
    return {"verdict": "pass", "rules": [], "reason": ""}
