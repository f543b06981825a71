"""An improvement's evidence as plain JSON values, for the record and for `--json`.

What no JSON number can say is null.
"""

import math
from typing import Any

from bot.domain.analysis.gain import Arrived, Gain, GainUnclear, NotArrived, Ratio
from bot.domain.benchmark import Benchmark, Faster, Peaks, Same, Slower, Speed, Unmeasured
from bot.domain.candidate import Evidence
from bot.domain.equivalence import Different, Equivalence, Equivalent, Undecided
from bot.domain.outcomes import TestsVerdict, ToolVerdict
from bot.domain.patch import Kept, Refused

Json = dict[str, Any]


def evidence_json(evidence: Evidence) -> Json:
    """The whole evidence of one candidate.

    `benchmark` is the measurement that decided: that of the recorded calls, or of longer inputs
    (`scale` says how much) where only those show a gain; `as_recorded` is always the former.
    """
    scaled = isinstance(evidence.at_scale, Faster) and not isinstance(evidence.benchmark, Faster)
    decisive = evidence.at_scale if scaled else evidence.benchmark
    return {
        "limits": _limits(evidence.limits),
        "tests": _tests(evidence.tests),
        **{name: _tool(verdict) for name, verdict in sorted(evidence.tools.items())},
        "equivalence": _equivalence(evidence.equivalence),
        "benchmark": {
            **_benchmark(decisive),
            "inputs": evidence.inputs,
            "scale": evidence.scale if scaled else 1,
        },
        "as_recorded": _benchmark(evidence.benchmark),
        "at_scale": {**_benchmark(evidence.at_scale), "scale": evidence.scale},
        "proof": {
            "covers": evidence.proof.covers,
            "sizes": [{"n": n, **_benchmark(found)} for n, found in evidence.proof.by_size],
        },
        "memory": _memory(evidence.peaks),
        "isolation": evidence.isolation,
    }


def _limits(limits: Kept | Refused) -> Json:
    match limits:
        case Kept():
            return {"verdict": "kept"}
        case Refused(rule, why):
            return {"verdict": "refused", "rule": rule, "why": why}


def _tests(tests: TestsVerdict) -> Json:
    return {
        "verdict": str(tests.verdict),
        "passed": tests.passed,
        "failed": tests.failed,
        "newly_failed": list(tests.newly_failed),
        "flaky": list(tests.flaky),
        "seconds": _number(tests.seconds),
        "why": tests.why,
    }


def _tool(tool: ToolVerdict) -> Json:
    return {"verdict": str(tool.verdict), "new": list(tool.new), "why": tool.why}


def _equivalence(found: Equivalence) -> Json:
    match found:
        case Equivalent(inputs):
            return {"verdict": "equivalent", "inputs": inputs, "counterexample": None, "why": ""}
        case Different(inputs, counterexample):
            return {
                "verdict": "different",
                "inputs": inputs,
                "counterexample": counterexample,
                "why": "",
            }
        case Undecided(inputs, why):
            return {
                "verdict": "inconclusive",
                "inputs": inputs,
                "counterexample": None,
                "why": why,
            }


def _benchmark(found: Benchmark) -> Json:
    match found:
        case Faster(speed):
            return {"verdict": "faster", **_speed(speed), "why": ""}
        case Same(speed):
            return {"verdict": "same", **_speed(speed), "why": ""}
        case Slower(speed):
            return {"verdict": "slower", **_speed(speed), "why": ""}
        case Unmeasured(why, speed):
            return {"verdict": "inconclusive", **_speed(speed), "why": why}


def _memory(peaks: Peaks | None) -> Json:
    """Bytes; null where nothing was measured."""
    if peaks is None:
        return {"peak_before": None, "peak_after": None}
    return {"peak_before": peaks.before, "peak_after": peaks.after}


def _speed(speed: Speed | None) -> Json:
    if speed is None:
        return {"speedup": None, "low": None, "high": None}
    return {
        "speedup": _number(speed.speedup),
        "low": _number(speed.low),
        "high": _number(speed.high),
    }


def _number(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


def gain_json(gain: Gain) -> Json:
    """Whether the promised gain arrived in production; the ratio is the time after over before."""
    match gain:
        case Arrived(seen, why):
            return {"verdict": "arrived", **_ratio(seen), "why": why}
        case NotArrived(seen, why):
            return {"verdict": "not arrived", **_ratio(seen), "why": why}
        case GainUnclear(why, seen):
            return {"verdict": "inconclusive", **_ratio(seen), "why": why}


def _ratio(seen: Ratio | None) -> Json:
    if seen is None:
        return {"ratio": None, "low": None, "high": None}
    return {"ratio": _number(seen.ratio), "low": _number(seen.low), "high": _number(seen.high)}
