"""Trains the numbers in bot/domain/detection/memory/numbers.py from made series alone.

    python benchmarks/train_leaks.py [--seeds 8] [--each 20] [--jobs 2] [--write]

Needs scikit-learn and this project's packages on the path. Draws services of every
shape over 12 hours to ten days with growths of 10 to 150 %, takes the features that the detector
takes, with starts known and not, and fits gradient boosting. benchmarks/detection.py scores it on
other seeds.
"""

import argparse
import math
import multiprocessing
import random
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import memory_made
from sklearn.ensemble import GradientBoostingClassifier

from bot.domain.detection.memory.floor import floor_of
from bot.domain.detection.memory.shape import shape
from bot.domain.detection.series import Series

TARGET = Path(__file__).parent.parent / "bot/domain/detection/memory/numbers.py"
SPANS = (24, 24, 24, 168, 168, 12, 48, 72, 240)
Rows = list[dict[str, float]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=20, help="services of each shape and seed")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=2, help="processes that take the features")
    parser.add_argument("--write", action="store_true", help="write the module")
    options = parser.parse_args()
    with multiprocessing.Pool(options.jobs) as pool:
        seeds = [(seed, options.each) for seed in range(1, options.seeds + 1)]
        rows, labels, weights = joined(pool.starmap(examples, seeds))
    names = sorted(rows[0])
    model = GradientBoostingClassifier(
        n_estimators=220, max_depth=4, learning_rate=0.08, subsample=0.6, max_features=0.5,
        min_samples_leaf=8, random_state=1,
    )  # fmt: skip
    model.fit([[row[name] for name in names] for row in rows], labels, sample_weight=weights)
    text = module(model, names)
    print(f"{len(rows)} examples, {len(names)} features, {len(text)} bytes")
    for name, weight in sorted(
        zip(names, model.feature_importances_, strict=True), key=lambda pair: -pair[1]
    )[:12]:
        print(f"  {name:20} {weight:.3f}")
    if options.write:
        TARGET.write_text(text, encoding="utf-8")
    return 0


def joined(parts: list[tuple[Rows, list[int], list[float]]]) -> tuple[Rows, list[int], list[float]]:
    rows, labels, weights = zip(*parts, strict=True)
    return list(chain(*rows)), list(chain(*labels)), list(chain(*weights))


def examples(seed: int, each: int) -> tuple[Rows, list[int], list[float]]:
    rows: Rows = []
    labels: list[int] = []
    weights: list[float] = []
    for made in services(seed, each):
        series = Series.spaced(made.values, memory_made.STEP)
        for starts in (made.starts, None):
            if starts is not None and starts in ([], [0.0]) and len(rows) % 2:
                continue
            rows.append(shape(floor_of(series, starts), known=starts is not None))
            labels.append(int(made.leaks))
            weights.append(1.0 if made.leaks else 2.5)
    return rows, labels, weights


def services(seed: int, each: int) -> Iterator[memory_made.Memory]:
    for kind in (*memory_made.HEALTHY, *memory_made.LEAKING):
        rng = random.Random(f"train {seed} {kind}")
        leaks = kind in memory_made.LEAKING
        # The healthy ones are twice as many: the price of a false alarm is higher.
        for _ in range(each if leaks else each * 2 if kind == "mixed" else round(each * 1.4)):
            growth = math.exp(rng.uniform(math.log(0.1), math.log(1.5))) if leaks else 0.0
            yield memory_made.memory(rng, kind, rng.choice(SPANS), growth)


def module(model: GradientBoostingClassifier, names: list[str]) -> str:
    """The trees as lines: `feature threshold left right` for a branch, `value` for a leaf."""
    lines = []
    for (tree,) in model.estimators_:
        nodes = []
        inner = tree.tree_
        for i in range(inner.node_count):
            if inner.children_left[i] < 0:
                nodes.append(f"{model.learning_rate * inner.value[i][0][0]:.4g}")
            else:
                nodes.append(
                    f"{inner.feature[i]} {inner.threshold[i]:.5g} "
                    f"{inner.children_left[i]} {inner.children_right[i]}"
                )
        lines.append(";".join(nodes))
    prior = model.init_.class_prior_[1]
    names_text = "".join(f'    "{name}",\n' for name in names)
    wrapped = "\n".join(piece for line in lines for piece in _wrapped(line))
    return (
        '"""The trees of benchmarks/train_leaks.py, which writes this file."""\n\n'
        f"BASE = {math.log(prior / (1 - prior)):.6g}\n"
        f"NAMES = (\n{names_text})\n"
        f'TREES = """\\\n{wrapped}\n"""\n'
    )


def _wrapped(line: str) -> list[str]:
    """Lines of at most 96 characters; a tree ends with a bar."""
    found, rest = [], line + "|"
    while len(rest) > 96:
        cut = rest.rindex(";", 0, 96) + 1
        found.append(rest[:cut])
        rest = rest[cut:]
    return [*found, rest]


if __name__ == "__main__":
    sys.exit(main())
