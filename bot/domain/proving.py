"""What an improvement's recorded evidence says for and against it, as numbers by name.

The record is plain JSON that may be years old: what is not there or is no number says nothing.
"""

import math
from collections.abc import Mapping
from typing import Any

Signs = Mapping[str, float]
_TOOLS = ("ruff", "mypy", "black")
_MANY_INPUTS = 1_000.0
"""So many inputs answered alike count in full."""
_LARGE_GAIN = 2.0
"""So many times as fast counts in full."""
_MORE_MEMORY = 1.2
"""A peak above so much of the old one is a price that a reviewer sees."""


def signs_of(evidence: Mapping[str, Any]) -> Signs:
    """Each sign that is there, 0 to 1; what the engine claims of itself (`claimed`) is none."""
    return {
        name: value
        for name, value in {
            **_tests(_part(evidence, "tests")),
            **_equivalence(_part(evidence, "equivalence")),
            **_gain(_part(evidence, "benchmark")),
            "tools silent": _silent(evidence),
            "more memory": _memory(_part(evidence, "memory")),
        }.items()
        if value
    }


def _part(evidence: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = evidence.get(name)
    return found if isinstance(found, Mapping) else {}


def _tests(tests: Mapping[str, Any]) -> Signs:
    passed = tests.get("verdict") == "passed"
    return {
        "tests passed" if passed else "tests not passed": 1.0,
        "flaky tests": 1.0 if tests.get("flaky") else 0.0,
    }


def _equivalence(found: Mapping[str, Any]) -> Signs:
    if found.get("verdict") != "equivalent":
        return {"not equivalent": 1.0}
    inputs = max(0.0, _number(found.get("inputs")))
    return {"equivalent": 1.0, "inputs": min(1.0, math.log1p(inputs) / math.log1p(_MANY_INPUTS))}


def _gain(found: Mapping[str, Any]) -> Signs:
    """By the lower end of the interval: what is sure, not what was seen."""
    if found.get("verdict") != "faster":
        return {"no gain measured": 1.0}
    low = max(1.0, _number(found.get("low")))
    return {
        "gain": min(1.0, math.log(low) / math.log(_LARGE_GAIN)),
        "longer inputs only": 1.0 if _number(found.get("scale")) > 1 else 0.0,
    }


def _silent(evidence: Mapping[str, Any]) -> float:
    """The share of the tools that could not say anything."""
    verdicts = [_part(evidence, tool).get("verdict") for tool in _TOOLS]
    return sum(1 for verdict in verdicts if verdict != "passed") / len(_TOOLS)


def _memory(found: Mapping[str, Any]) -> float:
    before, after = _number(found.get("peak_before")), _number(found.get("peak_after"))
    return 1.0 if before > 0 and after > _MORE_MEMORY * before else 0.0


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.0
    return float(value)
