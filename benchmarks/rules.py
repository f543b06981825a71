"""Runs the proof of every rule at its sizes: what it gains, and whether it keeps its word.

    python benchmarks/rules.py [--seconds 0.02] [--repeats 9] [rule ...]

The two sides run interleaved and the order alternates, so that a slow moment of the machine hits
both; a ratio is the median over the repeats, its range the middle half. Compared is each rule's
own text before with its own text after. Exits 1 if a rule that says it covers every size above
the smallest does not gain there.
"""

import argparse
import statistics
import sys
import timeit
from collections.abc import Iterator
from typing import NamedTuple

from bot.adapters.rules import Rules
from bot.domain.rules import Proof, RuleInfo


class Row(NamedTuple):
    """Nanoseconds per run on both sides, and the ratio's median, lower and upper quartile."""

    n: int
    before: float
    after: float
    ratio: float
    low: float
    high: float


def main() -> int:
    options = arguments()
    infos = [one for one in Rules().infos() if not options.rule or one.id in options.rule]
    print(f"{'rule':26} {'n':>7} {'before ns':>12} {'after ns':>12} {'ratio':>9}  middle half")
    broken: list[str] = []
    for info in infos:
        for row in measure(info.proof, options.seconds, options.repeats):
            print(line(info, row), flush=True)
            if info.proof.covers and row.n > min(info.proof.sizes) and row.ratio <= 1:
                broken.append(f"{info.id} at n = {row.n}")
    for one in broken:
        print(f"no gain: {one}")
    return 1 if broken else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rule", nargs="*")
    parser.add_argument("--seconds", type=float, default=0.02, help="of one timing")
    parser.add_argument("--repeats", type=int, default=9)
    return parser.parse_args()


def measure(proof: Proof, seconds: float, repeats: int) -> Iterator[Row]:
    for n in proof.sizes:
        sides = [
            timeit.Timer(text, f"n = {n}\n{proof.setup}") for text in (proof.before, proof.after)
        ]
        runs = [loops(side, seconds) for side in sides]
        times: tuple[list[float], list[float]] = ([], [])
        for repeat in range(repeats):
            for side in (0, 1) if repeat % 2 else (1, 0):
                times[side].append(sides[side].timeit(runs[side]) / runs[side] * 1e9)
        ratios = [before / after for before, after in zip(*times, strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        yield Row(n, min(times[0]), min(times[1]), middle, low, high)


def loops(side: timeit.Timer, seconds: float) -> int:
    """How many runs fill the time, at least one."""
    side.timeit(1)
    return max(1, int(seconds / max(side.timeit(3) / 3, 1e-8)))


def line(info: RuleInfo, row: Row) -> str:
    mark = "covers" if info.proof.covers else ""
    figures = f"{row.before:12.0f} {row.after:12.0f} {row.ratio:8.2f}x"
    return f"{info.id:26} {row.n:7} {figures}  {row.low:.2f}-{row.high:.2f} {mark}"


if __name__ == "__main__":
    sys.exit(main())
