"""What else finds changes: the rules people write, apache-otava and ruptures."""

import importlib
import statistics
import sys
from collections.abc import Callable, Sequence
from typing import Any

Detector = Callable[[Sequence[float]], list[int]]


def rules() -> dict[str, Detector]:
    """Rules that are often written by hand."""
    return {"ratio to the last > 10 %": ratio, "three sigma, three in a row": three_sigma}


def ratio(values: Sequence[float]) -> list[int]:
    """A value more than 10 % from the one before it."""
    return [
        i
        for i in range(1, len(values))
        if abs(values[i] - values[i - 1]) > 0.1 * abs(values[i - 1])
    ]


def three_sigma(values: Sequence[float]) -> list[int]:
    """Three in a row on one side, more than three deviations from the 30 values before them."""
    found: list[int] = []
    for i in range(30, len(values) - 2):
        window = values[max(found[-1] if found else 0, i - 30) : i]
        if len(window) < 10:
            continue
        mean, sigma = statistics.fmean(window), statistics.stdev(window)
        off = [value - mean for value in values[i : i + 3]]
        if min(off) > 3 * sigma or max(off) < -3 * sigma:
            found.append(i)
    return found


def installed() -> dict[str, Detector]:
    """Those of the peers that can be imported; what is missing is said on standard error."""
    found: dict[str, Detector] = {}
    for name, make in (("otava.analysis", _otava), ("ruptures", _ruptures)):
        try:
            found |= make(importlib.import_module(name))
        except ImportError as error:
            print(f"not compared: {name} ({error})", file=sys.stderr)
    return found


def _otava(otava: Any) -> dict[str, Detector]:
    def run(p: float, magnitude: float) -> Detector:
        def detect(values: Sequence[float]) -> list[int]:
            points, _ = otava.compute_change_points(
                list(values), max_pvalue=p, min_magnitude=magnitude
            )
            return [point.index for point in points]

        return detect

    return {"otava as documented": run(0.01, 0.0), "otava p 1e-6, 5 %": run(1e-6, 0.05)}


def _ruptures(ruptures: Any) -> dict[str, Detector]:
    numpy = importlib.import_module("numpy")

    def detect(values: Sequence[float]) -> list[int]:
        array = numpy.asarray(values, dtype=float)
        search = ruptures.Pelt(model="rank", min_size=5, jump=1).fit(array)
        return list(search.predict(pen=3 * numpy.log(len(array))))[:-1]

    return {"ruptures PELT rank": detect}
