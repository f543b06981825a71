"""How often the same code is called faster, and how often a known gain is found.

    python benchmarks/aa.py [--same 500] [--gains 80] [--jobs 2] [--keep FILE | --from FILE]

Takes real functions (`aa_functions.py`) on real inputs through the benchmark that judges every
candidate: recorded calls, old, new and old again in turns, in fresh processes in the sandbox, a
second measurement before a gain is claimed.

- Same code: two trees whose function is the same; in every second comparison the new text has a
  helper and constants more that nothing uses, as a real rewrite lies elsewhere in memory.
- Known gains of 5, 10, 20 and 50 %: the old code makes the same call 21, 11, 6 or 3 times, the new
  one 20, 10, 5 or 2 times. What may be claimed must exceed the policy's least gain (5 %), so for
  the smallest gain 1 % is asked for.

Beside it stand, on the same first measurements, what others do: the least time of each side and a
fixed 5 %, and the Mann-Whitney test at p < 0.05. Comparisons are drawn in a seeded order, `--jobs`
at a time, so that they disturb each other; the machine's load is printed. `--keep` writes every
time that was taken, `--from` judges such a file again. A target is missed, and 1 the exit code,
where 1 % or more of the same code is called faster, or less than 80 % of the gains of 10 % or 95 %
of those of 20 % are found.
"""

import argparse
import asyncio
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from aa_functions import FUNCTIONS, INPUTS, Function

from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.benchmark import Faster, Round, Slower, Timings, Unmeasured, confirm, judge_speed
from bot.domain.detection.ranks import mann_whitney, two_sided
from bot.domain.equivalence import FunctionRef, Recording
from bot.domain.tree import FileKind, Tree, TreeFile
from bot.learning.judging import measured
from bot.ports import SandboxSettings, Workspace

SETTINGS = SandboxSettings(python=sys.executable, timeout_seconds=300)
REF = FunctionRef("subject.py", "subject")
TIMES = {"5 %": (21, 20), "10 %": (11, 10), "20 %": (6, 5), "50 %": (3, 2)}
SAME = "same"
LEAST_GAIN = 0.05
ASKED = {"5 %": 0.01}
Z95 = 1.96


@dataclass
class Seen:
    """One comparison: the verdict, and the rounds of each measurement."""

    function: str
    kind: str
    verdict: str = ""
    speedup: float = 0.0
    seconds: float = 0.0
    measurements: list[list[tuple[float, float, float]]] = field(default_factory=list)


class Watched:
    """The sandbox, keeping the times that pass through it."""

    def __init__(self, sandbox: ProcessSandbox) -> None:
        self._sandbox = sandbox
        self.timings: list[Timings] = []

    @property
    def isolation(self) -> str:
        return self._sandbox.isolation

    def __getattr__(self, name: str) -> object:
        return getattr(self._sandbox, name)

    async def measure(
        self, old: Workspace, new: Workspace, recording: Recording, scale: int, seconds: float
    ) -> Timings:
        found = await self._sandbox.measure(old, new, recording, scale, seconds)
        self.timings.append(found)
        return found


def main() -> int:
    options = arguments()
    if options.again:
        rows = [Seen(**json.loads(line)) for line in options.again.read_text().splitlines()]
        for row in rows:
            row.measurements = [[tuple(three) for three in one] for one in row.measurements]
            row.verdict = judged(row)
    else:
        rows = asyncio.run(everything(options))
    print(report(rows))
    return int(missed(rows))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--same", type=int, default=500, help="comparisons of the same code")
    parser.add_argument("--gains", type=int, default=80, help="comparisons of each known gain")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="write every time to this file")
    parser.add_argument("--from", dest="again", type=Path, help="judge the times of such a file")
    return parser.parse_args()


def plan(same: int, gains: int, seed: int) -> list[tuple[Function, list[str]]]:
    """Each function with the kinds of its comparisons; all kinds are spread over all functions."""
    draw = random.Random(seed)
    found: dict[Function, list[str]] = {function: [] for function in FUNCTIONS}
    for kind, count in [(SAME, same), *((name, gains) for name in TIMES)]:
        functions = draw.sample(FUNCTIONS, len(FUNCTIONS))
        for number in range(count):
            found[functions[number % len(functions)]].append(kind)
    order = draw.sample(list(found.items()), len(found))
    return [(function, draw.sample(kinds, len(kinds))) for function, kinds in order if kinds]


async def everything(options: argparse.Namespace) -> list[Seen]:
    todo = plan(options.same, options.gains, options.seed)
    count = sum(len(kinds) for _, kinds in todo)
    rows: list[Seen] = []
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the beginning", flush=True)
    with tempfile.TemporaryDirectory(prefix="aa-") as folder:
        sandbox = ProcessSandbox(Path(folder) / "data")
        waiting = iter(todo)

        async def work() -> None:
            for function, kinds in waiting:
                async for row in compared(sandbox, function, kinds):
                    rows.append(row)
                    if options.keep:
                        with options.keep.open("a") as file:
                            file.write(json.dumps(asdict(row)) + "\n")
                    said = f"{row.verdict} {row.speedup:.3f}x in {row.seconds:.1f} s"
                    where = f"[{len(rows)}/{count}] {function.name}, {row.kind}"
                    print(f"{where}: {said}", file=sys.stderr, flush=True)

        await asyncio.gather(*(work() for _ in range(options.jobs)))
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    return rows


async def compared(
    sandbox: ProcessSandbox, function: Function, kinds: Sequence[str]
) -> AsyncIterator[Seen]:
    """Every comparison of one function; trees and recordings are used again."""
    async with AsyncExitStack() as stack:
        opened: dict[str, Workspace] = {}
        recorded: dict[str, Recording] = {}

        async def laid(text: str) -> Workspace:
            if text not in opened:
                place = sandbox.open(tree(function, text), SETTINGS)
                opened[text] = await stack.enter_async_context(place)
                recorded[text] = await opened[text].record([REF])
            return opened[text]

        for number, kind in enumerate(kinds):
            before, after = TIMES.get(kind, (1, 1))
            old = source(function, before)
            new = source(function, after, moved=True)
            if kind == SAME and number % 2:
                # The same text once more is a tree of its own, too.
                new = f"{old}\n"
            base, candidate = await laid(old), await laid(new)
            watched, row = Watched(sandbox), Seen(function.name, kind)
            began = time.perf_counter()
            found, _ = await measured(
                watched, base, candidate, recorded[old], ASKED.get(kind, LEAST_GAIN)
            )
            row.seconds = time.perf_counter() - began
            assert watched.timings, f"{function.name}: {recorded[old].why}"
            assert watched.timings[0].rounds, f"{function.name}: {watched.timings[0].why}"
            row.measurements = [
                [(r.old, r.new, r.again) for r in t.rounds] for t in watched.timings
            ]
            row.verdict = type(found).__name__
            row.speedup = found.speed.speedup if found.speed is not None else math.nan
            yield row


def source(function: Function, times: int, *, moved: bool = False) -> str:
    more = (
        "_MORE = {n: str(n) for n in range(100)}\n\n\ndef _unused(a, b=_MORE):\n    return b[a]\n"
    )
    return (
        f"{function.imports}\n{more if moved else ''}\n\n"
        "def subject(value):\n"
        f"    for _ in range({times - 1}):\n        {function.call}\n"
        f"    result = {function.call}\n"
        "    return type(result).__name__\n"
    )


def tree(function: Function, text: str) -> Tree:
    test = (
        f"{INPUTS}\nfrom subject import subject\n\n\n"
        f"def test_it():\n    assert subject({function.value}) is not None\n"
    )
    files = {"subject.py": text, "test_subject.py": test}
    return Tree.of(
        "0" * 40,
        (TreeFile(path, FileKind.REGULAR, data.encode()) for path, data in files.items()),
    )


def rounds_of(measurement: Sequence[Sequence[float]]) -> list[Round]:
    return [Round(*three) for three in measurement]


def judged(row: Seen) -> str:
    """The product's verdict on the times of a file."""
    asked = ASKED.get(row.kind, LEAST_GAIN)
    found = judge_speed(rounds_of(row.measurements[0]), asked)
    if isinstance(found, Faster):
        second = rounds_of(row.measurements[1]) if len(row.measurements) > 1 else []
        found = confirm(found, judge_speed(second, asked) if second else Unmeasured("not run"))
    return type(found).__name__


def by_least(row: Seen) -> str:
    """The least time of each side, and a fixed 5 %."""
    rounds = rounds_of(row.measurements[0])
    ratio = min(r.old for r in rounds) / min(r.new for r in rounds)
    return "Faster" if ratio > 1.05 else "Slower" if ratio < 1 / 1.05 else "Same"


def by_ranks(row: Seen) -> str:
    """Mann-Whitney on the times as they are, at p < 0.05."""
    rounds = rounds_of(row.measurements[0])
    score = mann_whitney([r.old for r in rounds], [r.new for r in rounds])
    if two_sided(score) >= 0.05:
        return "Same"
    return "Faster" if score < 0 else "Slower"


def once(row: Seen) -> str:
    """The product's rule without its second measurement."""
    asked = ASKED.get(row.kind, LEAST_GAIN)
    return type(judge_speed(rounds_of(row.measurements[0]), asked)).__name__


RULES = {
    "ours": lambda row: row.verdict,
    "ours, not confirmed": once,
    "least time + 5 %": by_least,
    "Mann-Whitney": by_ranks,
}


def share(hits: int, count: int) -> str:
    """With its 95 % interval (Wilson 1927)."""
    if not count:
        return "-"
    p, z2 = hits / count, Z95**2
    middle = (p + z2 / (2 * count)) / (1 + z2 / count)
    half = Z95 * math.sqrt(p * (1 - p) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return f"{p:6.1%} ({max(0, middle - half):.1%} to {min(1, middle + half):.1%})"


def report(rows: Sequence[Seen]) -> str:
    same = [row for row in rows if row.kind == SAME]
    lines = [
        f"{len(same)} comparisons of the same code, {len({r.function for r in rows})} functions"
    ]
    lines.append(f"{'rule':22}{'called faster':>26}{'called slower':>26}")
    for name, rule in RULES.items():
        said = [rule(row) for row in same]
        counts = [share(said.count(word), len(same)) for word in ("Faster", "Slower")]
        lines.append(f"{name:22}" + "".join(f"{one:>26}" for one in counts))
    lines.append(f"\n{'found, by rule':22}" + "".join(f"{kind:>26}" for kind in TIMES))
    for name, rule in RULES.items():
        cells = []
        for kind in TIMES:
            said = [rule(row) for row in rows if row.kind == kind]
            cells.append(share(said.count("Faster"), len(said)))
        lines.append(f"{name:22}" + "".join(f"{one:>26}" for one in cells))
    seconds = sorted(row.seconds for row in rows)
    gained = sorted(row.seconds for row in rows if row.verdict == Faster.__name__)
    slower = [row for row in rows if row.kind != SAME and row.verdict == Slower.__name__]
    lines.append(f"\ngains called slower: {len(slower)}")
    lines.append(f"seconds: median {statistics.median(seconds):.1f}, {seconds[-1]:.1f} at most")
    if gained:
        lines.append(f"where a gain is claimed: median {statistics.median(gained):.1f}")
    lines.append(f"spread of old beside old: {spread(rows):.1%} in the middle comparison")
    wrong = (row for row in same if row.verdict == Faster.__name__)
    lines += [f"wrong: {row.function} is called {row.speedup:.2f} times as fast" for row in wrong]
    return "\n".join(lines)


def spread(rows: Sequence[Seen]) -> float:
    """The median over comparisons of how much old differs from old in a round."""
    every = [
        statistics.median(abs(math.log(r.old / r.again)) for r in rounds_of(row.measurements[0]))
        for row in rows
    ]
    return statistics.median(every)


def missed(rows: Sequence[Seen]) -> bool:
    def found(kind: str) -> float:
        said = [row.verdict for row in rows if row.kind == kind]
        return said.count(Faster.__name__) / max(1, len(said))

    return found(SAME) >= 0.01 or found("10 %") < 0.8 or found("20 %") < 0.95


if __name__ == "__main__":
    sys.exit(main())
