"""How many wrong optimisations are caught, and how many right ones refused, by each method.

    python benchmarks/equivalence.py [--pairs N] [--only TEXT] [--methods NAMES] [--json]

Each pair of `equivalence_pairs` is judged by its own tests alone, by the calls that these make
(replayed as they are and changed), by calls that are made up alone, and by all together, as
`ironclaw compare` does it; the gate is counted apart. Before that every pair is checked: its tests
pass on both sides, and what it `shows` differs for the wrong ones. Where `crosshair` is installed
for this interpreter (`pip install crosshair-tool`), its `diffbehavior` is run beside them. A target
is missed, and 1 the exit code, where fewer than 95 % of the wrong ones are caught, more than 5 % of
the right ones are refused, or fewer than 80 % of the right ones are decided.
"""

import argparse
import asyncio
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from equivalence_pairs import RIGHT, WRONG, Pair, problem

from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.equivalence import Different, Equivalent, Recording, judge_equivalence
from bot.domain.gate import Refuse, check_rewrite
from bot.domain.outcomes import Verdict, judge_tests
from bot.domain.patch import changed_ranges
from bot.entrypoints.compare.layout import lay_out
from bot.learning.comparing import Pair as Laid
from bot.ports import SandboxSettings, Workspace

SETTINGS = SandboxSettings(python=sys.executable, timeout_seconds=120)
METHODS = ("tests", "recorded", "made up", "together", "crosshair")


@dataclass
class Row:
    """What one pair got of every method, and how long each took."""

    name: str
    is_right: bool
    verdicts: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    gate: tuple[str, ...] = ()


def main() -> int:
    options = arguments()
    pairs = chosen(options.pairs, options.only)
    for pair, is_right in pairs:
        if why := problem(pair, is_right=is_right):
            sys.exit(f"{pair.name}: {why}")
    rows = asyncio.run(everything(pairs, options.methods))
    print(json.dumps([vars(row) for row in rows], indent=1) if options.json else report(rows))
    figures = figures_of(rows, "together")
    return int(figures["caught"] < 0.95 or figures["refused"] > 0.05 or figures["decided"] < 0.8)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=0, metavar="N", help="only so many of them")
    parser.add_argument("--only", default="", metavar="TEXT", help="only those named like this")
    parser.add_argument(
        "--methods", nargs="+", default=METHODS, choices=METHODS, help="all of them without it"
    )
    parser.add_argument("--json", action="store_true", help="print every verdict as JSON")
    return parser.parse_args()


def chosen(count: int, named: str) -> list[tuple[Pair, bool]]:
    """All pairs, or so many of both kinds from all over the lists."""
    kinds = [[(one, True) for one in RIGHT], [(one, False) for one in WRONG]]
    kinds = [[one for one in kind if named in one[0].name] for kind in kinds]
    if count:
        kinds = [kind[:: max(1, len(kind) * 2 // count)][: (count + 1) // 2] for kind in kinds]
    return [one for kind in kinds for one in kind]


async def everything(pairs: list[tuple[Pair, bool]], methods: Collection[str]) -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory(prefix="equivalence-") as folder:
        sandbox = ProcessSandbox(Path(folder) / "data")
        for number, (pair, is_right) in enumerate(pairs):
            place = Path(folder) / str(number)
            row = await judged(sandbox, pair, place, Row(pair.name, is_right), methods)
            rows.append(row)
            said = ", ".join(f"{method}: {verdict}" for method, verdict in row.verdicts.items())
            print(f"[{number + 1}/{len(pairs)}] {row.name}: {said}", file=sys.stderr, flush=True)
    return rows


async def judged(
    sandbox: ProcessSandbox, pair: Pair, place: Path, row: Row, methods: Collection[str]
) -> Row:
    place.mkdir()
    (place / "target.py").write_text(pair.old)
    (place / "new.py").write_text(pair.new)
    (place / "tests").mkdir()
    (place / "tests" / "test_target.py").write_text(pair.tests)
    laid = lay_out(place / "target.py", place / "new.py", pair.function, place / "tests")
    gate = check_rewrite(pair.old, pair.new, (pair.function,))
    row.gate = gate.rules if isinstance(gate, Refuse) else ()
    async with (
        sandbox.open(laid.before, SETTINGS) as base,
        sandbox.open(laid.after, SETTINGS) as candidate,
    ):
        nothing = Recording((laid.function,), 0, b"")
        recorded = await base.record([laid.function])

        async def tests() -> str:
            found = judge_tests(await base.run_tests(), await candidate.run_tests(), ())
            return "different" if found.verdict is Verdict.FAILED else "equivalent"

        async def replayed(start: Recording, *, invent: bool) -> str:
            calls = await candidate.invent(await base.invent(start), 1) if invent else start
            return await verdict(base, candidate, laid, calls)

        ways: dict[str, Callable[[], Awaitable[str]]] = {
            "tests": tests,
            "recorded": lambda: replayed(recorded, invent=False),
            "made up": lambda: replayed(nothing, invent=True),
            "together": lambda: replayed(recorded, invent=True),
        }
        if importlib.util.find_spec("crosshair") is not None:
            ways["crosshair"] = lambda: asyncio.to_thread(crosshair, place, pair.function)
        for method, judge in ways.items():
            if method in methods:
                await timed(row, method, judge)
    return row


async def timed(row: Row, method: str, judge: Callable[[], Awaitable[str]]) -> None:
    start = time.perf_counter()
    row.verdicts[method] = await judge()
    row.seconds[method] = time.perf_counter() - start


async def verdict(base: Workspace, candidate: Workspace, laid: Laid, calls: Recording) -> str:
    old, new = changed_ranges(laid.change)
    if not calls.calls:
        return "inconclusive"
    found = judge_equivalence(
        await base.replay(calls, old),
        await base.replay(calls, old),
        await candidate.replay(calls, new),
    )
    if isinstance(found, Equivalent):
        return "equivalent"
    return "different" if isinstance(found, Different) else "inconclusive"


def crosshair(place: Path, function: str) -> str:
    """Its exit code says whether it has seen a difference; no end within a minute says nothing."""
    command = [sys.executable, "-m", "crosshair", "diffbehavior"]
    names = [f"target.{function}", f"new.{function}"]
    limit = ["--per_condition_timeout", "15"]
    try:
        done = subprocess.run(
            [*command, *limit, *names], cwd=place, capture_output=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        return "inconclusive"
    return {0: "equivalent", 1: "different"}.get(done.returncode, "inconclusive")


def figures_of(rows: list[Row], method: str) -> dict[str, float]:
    right = [row.verdicts[method] for row in rows if row.is_right and method in row.verdicts]
    wrong = [row.verdicts[method] for row in rows if not row.is_right and method in row.verdicts]
    seconds = [row.seconds[method] for row in rows if method in row.seconds]
    return {
        "caught": wrong.count("different") / max(1, len(wrong)),
        "refused": right.count("different") / max(1, len(right)),
        "decided": right.count("equivalent") / max(1, len(right)),
        "seconds": statistics.median(seconds) if seconds else 0.0,
    }


def report(rows: list[Row]) -> str:
    right = sum(row.is_right for row in rows)
    lines = [
        f"{right} right and {len(rows) - right} wrong optimisations",
        f"{'method':12}{'caught':>9}{'refused':>9}{'decided':>9}{'seconds':>9}",
    ]
    for method in METHODS:
        if any(method in row.verdicts for row in rows):
            one = figures_of(rows, method)
            shares = "".join(f"{one[name]:9.1%}" for name in ("caught", "refused", "decided"))
            lines.append(f"{method:12}{shares}{one['seconds']:9.1f}")
    gated = [row for row in rows if row.gate]
    lines.append(
        f"the gate refuses {sum(row.is_right for row in gated)} right and "
        f"{sum(not row.is_right for row in gated)} wrong ones"
    )
    for row in rows:
        good = "equivalent" if row.is_right else "different"
        if row.verdicts["together"] != good:
            kind = "right" if row.is_right else "wrong"
            lines.append(f"missed: {row.verdicts['together']} ({kind}): {row.name}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
