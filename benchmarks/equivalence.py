"""How many wrong optimisations are caught, and how many right ones refused, by each method.

    python benchmarks/equivalence.py [--pairs N] [--json]

Each pair of `equivalence_pairs.py` is judged by its own tests alone, by the calls that these make
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
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from equivalence_pairs import RIGHT, WRONG, Pair

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
    pairs = [(pair, True) for pair in RIGHT] + [(pair, False) for pair in WRONG]
    if options.pairs:
        # Of both kinds as many, from all over the list.
        pairs = [*pairs[: len(RIGHT)][::2], *pairs[len(RIGHT) :][::2]][: options.pairs]
    for pair, is_right in pairs:
        check(pair, is_right=is_right)
    rows = asyncio.run(everything(pairs))
    print(json.dumps([vars(row) for row in rows], indent=1) if options.json else report(rows))
    figures = figures_of(rows, "together")
    return int(figures["caught"] < 0.95 or figures["refused"] > 0.05 or figures["decided"] < 0.8)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=0, metavar="N", help="only so many of them")
    parser.add_argument("--json", action="store_true", help="print every verdict as JSON")
    return parser.parse_args()


def check(pair: Pair, *, is_right: bool) -> None:
    """A pair that is not what it says would measure nothing."""
    for source in (pair.old, pair.new):
        module = type(sys)("target")
        exec(source, module.__dict__)  # noqa: S102 - our own texts
        sys.modules["target"] = module
        names: dict[str, Any] = {}
        exec(pair.tests, names)  # noqa: S102 - our own texts
        names["test_it"]()
    if not is_right:
        assert shown(pair.old, pair.shows) != shown(pair.new, pair.shows), pair.name


def shown(source: str, expression: str) -> str:
    names: dict[str, Any] = {"__name__": "target"}
    exec(source, names)  # noqa: S102 - our own texts
    try:
        return repr(eval(expression, names))  # noqa: S307 - our own texts
    except Exception as error:  # noqa: BLE001 - which one it is differs
        return repr(error)


async def everything(pairs: list[tuple[Pair, bool]]) -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory(prefix="equivalence-") as folder:
        sandbox = ProcessSandbox(Path(folder) / "data")
        for number, (pair, is_right) in enumerate(pairs):
            place = Path(folder) / str(number)
            row = await judged(sandbox, pair, place, Row(pair.name, is_right))
            rows.append(row)
            said = ", ".join(f"{method}: {verdict}" for method, verdict in row.verdicts.items())
            print(f"[{number + 1}/{len(pairs)}] {row.name}: {said}", file=sys.stderr, flush=True)
    return rows


async def judged(sandbox: ProcessSandbox, pair: Pair, place: Path, row: Row) -> Row:
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

        await timed(row, "tests", tests)
        await timed(row, "recorded", lambda: replayed(recorded, invent=False))
        await timed(row, "made up", lambda: replayed(nothing, invent=True))
        await timed(row, "together", lambda: replayed(recorded, invent=True))
    if importlib.util.find_spec("crosshair") is not None:
        await timed(row, "crosshair", lambda: asyncio.to_thread(crosshair, place, pair.function))
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
