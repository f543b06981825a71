"""How often the watch reverts a harmless deployment, and how soon it sees a bad one.

    python benchmarks/watch.py [--quick] [--deployments 10000] [--seed 1] [--data DIR]

Simulates deployments (`watch_traffic.py`: documented shapes whose errors and slow moments cluster)
and judges each by the watch's own decision and by what others do (`watch_rules.py`), all in one
run on the same requests. Prints, beside the targets:

- harmless deployments: the share that is reverted within 5 and within 15 minutes,
- bad ones: the share found within 5 minutes and the median seconds, by traffic and by effect.

`--data DIR` adds real series: DIR/latency/*.csv.gz (traces: `start_ms,duration_us,...`) as further
shapes, and DIR/deploy/petshop.json (five-minute windows of a shop, with injected issues), judged
by the watch's rule for summaries. Needs numpy, which the project itself does not.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

try:
    import numpy as np
except ImportError:
    sys.exit("numpy is needed, which is no dependency: use a Python that has it.")

# Run from a checkout that need not be installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from watch_rules import POLICY, RULES, ours_errors, ours_latency
from watch_traffic import SHAPES, Shape, deployment, real_shapes

from bot.domain.analysis.replay import (
    Errors,
    Latency,
    replay_errors,
    replay_latency,
)
from bot.domain.analysis.summaries import (
    first_worse,
    usual_errors,
    usual_latency,
)
from bot.domain.policy import WatchPolicy

TRAFFIC = (10, 30, 100, 300, 1_000)
BEFORE = 6.0 * POLICY.duration_seconds
SHORT, LONG = 300.0, 900.0
EFFECTS: dict[str, dict[str, dict[str, float]]] = {
    "errors": {
        "to 2 %": {"errors": 0.02},
        "to 5 %": {"errors": 0.05},
        "to 10 %": {"errors": 0.10},
        "x3": {"times": 3.0},
    },
    "latency": {f"x{by}": {"slower": by} for by in (1.1, 1.2, 1.5, 2.0)},
}
_SUMMARIES = ("latency_average", "latency_p90", "latency_p95", "latency_p99")


def main() -> int:
    options = arguments()
    count = options.deployments or (600 if options.quick else 10_000)
    power = max(1, count // 250)
    shapes = SHAPES
    if options.data:
        shapes += real_shapes(options.data)
    began = time.process_time()
    same_as_the_product(options.seed)
    print(f"{count} harmless deployments over {len(shapes)} shapes, seed {options.seed}")
    harmless(shapes, count, options.seed)
    print(f"\nbad deployments, {power} of each shape: found within 5 minutes, median seconds")
    bad(shapes, power, options.seed)
    if options.data and (options.data / "deploy" / "petshop.json").exists():
        shop(options.data / "deploy" / "petshop.json")
    print(f"\n{time.process_time() - began:.0f} s of CPU")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="some 600 deployments")
    parser.add_argument("--deployments", type=int, help="harmless ones, over all shapes and rates")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="a folder of real series")
    return parser.parse_args()


def same_as_the_product(seed: int) -> None:
    """What numpy counts here is decided as `ironclaw watch` decides the same requests."""
    for number, shape in enumerate(SHAPES[:3]):
        draw = np.random.default_rng([seed, number])
        seen = deployment(draw, shape, 100, (BEFORE, SHORT), slower=1.5)
        rows = [
            Latency(at, ms)
            for at, ms in zip(seen.at.tolist(), seen.milliseconds.tolist(), strict=True)
        ]
        old, new = ([r for r in rows if (r.at < 0) is before] for before in (True, False))
        # Anchored at 0 as the watch's slices are, not at the first request.
        replayed = replay_latency([Latency(-BEFORE, 0.0), *old], new, _warm())
        mine = ours_latency(seen, BEFORE, SHORT)
        assert (mine is None) == (replayed.decided_after_seconds in {None, SHORT}), shape.name
        errors = [
            Errors(at, float(hit), 1.0)
            for at, hit in zip(seen.at.tolist(), seen.failed.tolist(), strict=True)
        ]
        found = replay_errors(
            [one for one in errors if one.at < 0], [one for one in errors if one.at >= 0], _warm()
        )
        assert (ours_errors(seen, BEFORE, SHORT) is None) == (found.phase != "failed"), shape.name


def _warm() -> WatchPolicy:
    return replace(POLICY, warm_up_seconds=0)


def harmless(shapes: tuple[Shape, ...], count: int, seed: int) -> None:
    each = math.ceil(count / len(shapes) / len(TRAFFIC))
    target = "target <= 0.5 % in 5 minutes, < 1 % in 15"
    print(f"reverted within 5 / 15 minutes, {each} of each shape and rate; {target}")
    worst: dict[tuple[str, str], float] = {}
    print(f"{'':22}" + "".join(f"{rate:>13}/min" for rate in TRAFFIC))
    table: dict[tuple[str, str, int], list[float]] = {}
    for number, shape in enumerate(shapes):
        for rate in TRAFFIC:
            draw = np.random.default_rng([seed, 1, number, rate])
            made = [deployment(draw, shape, rate, (BEFORE, LONG)) for _ in range(each)]
            for metric, rules in RULES.items():
                for name, rule in rules.items():
                    found = [rule(one, BEFORE, LONG) for one in made]
                    if name == "Kayenta":
                        found = [
                            rule(one, BEFORE, SHORT) or late
                            for one, late in zip(made, found, strict=True)
                        ]
                    times = [one if one is not None else math.inf for one in found]
                    table.setdefault((metric, name, rate), []).extend(times)
                    share = sum(one <= LONG for one in times) / each
                    key = (metric, name)
                    worst[key] = max(worst.get(key, 0.0), share)
    for metric, rules in RULES.items():
        for name in rules:
            cells = [_shares(table[metric, name, rate]) for rate in TRAFFIC]
            last = f"   worst shape in 15: {worst[metric, name]:.1%}"
            print(f"{metric:8} {name:13}" + "".join(f"{cell:>17}" for cell in cells) + last)
    together = [
        sum(min(pair) <= SHORT for pair in pairs) / len(pairs)
        for rate in TRAFFIC
        for pairs in [
            list(zip(table["errors", "ours", rate], table["latency", "ours", rate], strict=True))
        ]
    ]
    print("ours, both metrics, in 5 minutes: " + ", ".join(f"{one:.2%}" for one in together))


def _shares(times: list[float]) -> str:
    short = sum(one <= SHORT for one in times) / len(times)
    return f"{short:.2%} / {sum(one <= LONG for one in times) / len(times):.2%}"


def bad(shapes: tuple[Shape, ...], each: int, seed: int) -> None:
    print(f"{'':32}" + "".join(f"{rate:>10}/min" for rate in TRAFFIC))
    for metric, effects in EFFECTS.items():
        for effect, change in effects.items():
            cells = {name: [] for name in RULES[metric]}
            for rate in TRAFFIC:
                made = []
                for number, shape in enumerate(shapes):
                    draw = np.random.default_rng([seed, 2, number, rate])
                    made += [
                        deployment(draw, shape, rate, (BEFORE, SHORT), **change)
                        for _ in range(each)
                    ]
                for name, rule in RULES[metric].items():
                    cells[name].append(_power([rule(one, BEFORE, SHORT) for one in made]))
            for name, row in cells.items():
                print(
                    f"{metric:8} {effect:8} {name:14}" + "".join(f"{one:>14}" for one in row),
                    flush=True,
                )
    print("targets: errors to 10 % in a median of <= 60 s, latency x1.5 in >= 95 %, at >= 100/min")


def _power(found: list[float | None]) -> str:
    times = sorted(math.inf if one is None else one for one in found)
    middle = times[len(times) // 2]
    share = sum(math.isfinite(one) for one in times) / len(times)
    return f"{share:.0%} {'-' if math.isinf(middle) else f'{middle:.0f} s'}"


def shop(path: Path) -> None:
    """Issues found, and false alarms in the second half of what ran without any."""
    content = json.loads(path.read_text(encoding="utf-8"))
    half = {name: len(one["t"]) // 2 for name, one in content["baselines"].items()}
    usual = {name: _usual(one, half[name]) for name, one in content["baselines"].items()}
    alarms = windows = 0
    for name, one in content["baselines"].items():
        offs = [list(off)[half[name] :] for off in _offs(one, usual[name])]
        count = len(one["t"]) - half[name]
        alarms += sum(any(_worse_at(off, n) for off in offs) for n in range(count))
        windows += count
    found = 0
    for issue in content["issues"]:
        name = issue["traffic"] if issue["traffic"] in usual else "high_traffic"
        after = sum(t < issue["inject_t"] - 300 for t in issue["m"]["t"])
        offs = [off[after:] for off in _offs(issue["m"], usual[name])]
        found += any(first_worse(off) is not None for off in offs)
    issues = len(content["issues"])
    print(
        f"\nwindows of a real shop: {found} of {issues} issues found ({found / issues:.0%}), "
        f"{alarms} false in {windows} windows ({1000 * alarms / windows:.1f} per 1,000); "
        "targets >= 85 % at <= 2, >= 90 % at <= 10"
    )


def _worse_at(off: list[float], number: int) -> bool:
    return number > 0 and first_worse(off[number - 1 : number + 1]) is not None


def _rows(series: dict[str, list], last: int | None = None) -> Iterator[tuple[float, float]]:
    for available, count in list(
        zip(series["availability_average"], series["requests_sum"], strict=True)
    )[:last]:
        known = available is not None and count
        yield (round((100 - available) / 100 * count), count) if known else (0.0, 0.0)


def _usual(series: dict[str, list], half: int) -> list:
    times = [usual_latency([v for v in series[key][:half] if v]) for key in _SUMMARIES]
    return [*times, usual_errors(list(_rows(series, half)))]


def _offs(series: dict[str, list], usual: list) -> list[list[float]]:
    offs = [
        [one.off(value) if value else 0.0 for value in series[key]]
        for key, one in zip(_SUMMARIES, usual, strict=False)
    ]
    return [*offs, [usual[-1].off(*row) for row in _rows(series)]]


if __name__ == "__main__":
    sys.exit(main())
