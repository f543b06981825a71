"""How well changes, leaks and anomalies are found, beside the peers and the rules people write.

    python benchmarks/detection.py [--each 25] [--data DIR]

Without --data on series that benchmarks/series_made.py draws from a seed; with it on files laid
out as DIR/cp/*/*.json and DIR/leak/*.json, where the former are also shuffled to have stationary
ones. apache-otava and ruptures take part where they can be imported: run it with the Python of a
virtual environment that has them, and PYTHONPATH=. A change counts as found within five values of
its label, each label once; places labelled ambiguous count neither way.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import detection_peers
import memory_made
import series_made
from series_made import Labelled

from bot.domain.detection.changes import find_changes
from bot.domain.detection.leaks import Leak, find_leak
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
    detectors = {"ironclaw": ours, **detection_peers.rules(), **detection_peers.installed()}
    print(f"{'changes: set':24} {'detector':28} precision recall    F1 false/1,000   s/1,000")
    for name, items in sets.items():
        for label, detector in detectors.items():
            start = time.process_time()
            score = scored(detector, items)
            spent = (time.process_time() - start) / max(1, score.points) * 1000
            print(f"{name:24} {label:28} {score} {spent:9.3f}", flush=True)
    if options.data:
        real_leaks(options.data)
        false_alarms(shuffled(sets), detectors)
    else:
        made_leaks(options.seed, options.each)
        false_alarms(list(series_made.stationary(options.seed, 2 * options.each)), detectors)
    return 0


def shuffled(sets: dict[str, list[Labelled]]) -> list[Labelled]:
    """Every series in an order of chance: truly stationary, with the noise of the real one."""
    rng = random.Random(1)
    items = [item for many in sets.values() for item in many]
    return [
        Labelled(item.name, rng.sample(item.values, len(item.values)), [], []) for item in items
    ]


def false_alarms(items: Sequence[Labelled], detectors: dict[str, Detector]) -> None:
    """The share of stationary series in which anything is found."""
    print(f"\nfalse positives on {len(items)} stationary series")
    for label, detector in detectors.items():
        hits = sum(bool(detector(item.values)) for item in items)
        low, high = wilson(hits, len(items))
        print(f"  {label:28} {hits / len(items):6.2%}  ({low:.2%} to {high:.2%})", flush=True)


def made_leaks(seed: int, each: int) -> None:
    """Leaks and health of every made shape, beside the rules people write."""
    for hours, growth in ((24, 0.2), (24, 0.5), (24, 1.0), (168, 0.2)):
        made = list(memory_made.mixture(seed, each, hours, growth))
        print(f"\nleaks over {hours} hours, growth {growth:.0%}")
        for label, judge in (
            ("ironclaw, starts known", lambda one: leaks(one.values, one.starts)),
            ("ironclaw, starts unknown", lambda one: leaks(one.values, None)),
            ("last - first > 100 MB", lambda one: one.values[-1] - one.values[0] > 100),
            ("last - first > 10 %", lambda one: one.values[-1] > 1.1 * one.values[0]),
        ):
            told = [(one.shape, one.leaks, judge(one)) for one in made]
            print(f"  {label:26} {shares(told)}", flush=True)
            if label.startswith("ironclaw, starts known"):
                print(f"    {by_shape(told)}")


def real_leaks(folder: Path) -> None:
    """Recordings of real processes, each from its start."""
    told = [
        (one["kind"], one["leak"], leaks(one["mean"], starts), len(starts or ()))
        for path in sorted(folder.glob("leak/*.json"))
        for one in _documents(path)
        for starts in ([0.0], None)
    ]
    for label, number in (("starts known", 1), ("starts unknown", 0)):
        some = [one[:3] for one in told if one[3] == number]
        if some:
            print(f"\nleaks, recorded, {label:16} {shares(some)}\n    {by_shape(some)}")


def leaks(values: Sequence[float], starts: Sequence[float] | None) -> bool:
    return isinstance(find_leak(Series.spaced(values), starts), Leak)


def shares(told: Sequence[tuple[str, bool, bool]]) -> str:
    """Detected and false positives, each with its 95 % interval."""
    parts = []
    for name, wanted in (("detected", True), ("false", False)):
        some = [found for _, leaking, found in told if leaking is wanted]
        low, high = wilson(sum(some), len(some))
        parts.append(f"{name} {sum(some) / len(some):6.1%} ({low:.1%} to {high:.1%})")
    return ", ".join(parts)


def by_shape(told: Sequence[tuple[str, bool, bool]]) -> str:
    """The shapes that are judged wrongly, and how often."""
    kinds = sorted({(kind, leaking) for kind, leaking, _ in told})
    parts = []
    for kind, leaking in kinds:
        some = [found for other, same, found in told if (other, same) == (kind, leaking)]
        wrong = sum(found is not leaking for found in some)
        if wrong:
            parts.append(f"{kind} {wrong}/{len(some)} {'missed' if leaking else 'false'}")
    return "wrong: " + (", ".join(parts) or "none")


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
