"""How well changes, leaks and anomalies are found, beside the peers and the rules people write.

    python benchmarks/detection.py [--each 25] [--data DIR]

Without --data on series that benchmarks/series_made.py draws from a seed; with it on files laid
out as DIR/cp/*/*.json, DIR/anomaly/stationary/*.json and DIR/leak/*.json. apache-otava and
ruptures take part where they can be imported: run it with the Python of a virtual environment that
has them, and PYTHONPATH=. A change counts as found within five values of its label, each label
once; places labelled ambiguous count neither way.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import series_made
from series_made import Labelled

from bot.domain.detection.changes import find_changes
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Found

MARGIN = 5
Detector = Callable[[Sequence[float]], list[int]]


class Score(NamedTuple):
    """Counts over a set of series."""

    hits: int
    false: int
    missed: int
    points: int

    def __str__(self) -> str:
        precision = self.hits / max(1, self.hits + self.false)
        recall = self.hits / max(1, self.hits + self.missed)
        both = 2 * precision * recall / max(1e-9, precision + recall)
        rate = 1000 * self.false / max(1, self.points)
        return f"{precision:9.2f} {recall:6.2f} {both:5.2f} {rate:11.2f}"


def ours(values: Sequence[float]) -> list[int]:
    found = find_changes(Series.spaced(values))
    return [point.index for point in found.points] if isinstance(found, Found) else []


def main() -> int:
    options = arguments()
    if options.data:
        sets = on_disk(options.data)
    else:
        sets = {"made": list(series_made.with_changes(options.seed, options.each))}
    detectors: dict[str, Detector] = {"ironclaw": ours}
    print(f"{'changes: set':24} {'detector':28} precision recall    F1 false/1,000   s/1,000")
    for name, items in sets.items():
        for label, detector in detectors.items():
            start = time.process_time()
            score = scored(detector, items)
            spent = (time.process_time() - start) / max(1, score.points) * 1000
            print(f"{name:24} {label:28} {score} {spent:9.3f}", flush=True)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of labelled series")
    parser.add_argument("--each", type=int, default=25, help="made series of each kind")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def on_disk(folder: Path) -> dict[str, list[Labelled]]:
    found: dict[str, list[Labelled]] = {}
    for path in sorted(folder.glob("cp/*/*.json")):
        for one in _documents(path):
            if "cps" in one:
                item = Labelled(one["id"], one["values"], one["cps"], one.get("ambiguous", []))
                found.setdefault(path.parent.name, []).append(item)
    if not found:
        sys.exit(f"no labelled series below {folder}/cp")
    return found


def _documents(path: Path) -> list[dict[str, Any]]:
    read = json.loads(path.read_text(encoding="utf-8"))
    series: list[dict[str, Any]] = read.get("series", [read])
    return series


def scored(detector: Detector, items: Iterable[Labelled]) -> Score:
    total = Score(0, 0, 0, 0)
    for item in items:
        one = compare(detector(item.values), item)
        total = Score(*(a + b for a, b in zip(total, one, strict=True)))
    return total


def compare(found: Sequence[int], item: Labelled) -> Score:
    left = list(found)
    hits = 0
    for label in item.changes:
        near = [at for at in left if abs(at - label) <= MARGIN]
        if near:
            left.remove(min(near, key=lambda at: abs(at - label)))
            hits += 1
    places = [*item.changes, *item.ignored]
    false = sum(all(abs(at - place) > MARGIN for place in places) for at in left)
    return Score(hits, false, len(item.changes) - hits, len(item.values))


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z, share = 1.96, hits / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - half) / (1 + z * z / of)), (middle + half) / (1 + z * z / of)


if __name__ == "__main__":
    sys.exit(main())
