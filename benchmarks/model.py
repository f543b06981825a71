"""What chain, best-of-n and tree get out of a model for the same money.

    python benchmarks/model.py [--seeds 20] [--budgets 0.0025,0.0035,0.006] [--real-sandbox 2]
                               [--sensitivity] [--markdown]

Simulated (the default, no key needed): a scripted model on a socket (`model_made.py`) is asked by
the real search through the real client, ledger and gate, about six functions; a judge that knows
each rewrite takes the sandbox's place. Each search may spend the same on one improvement: the cap
`dollars_per_improvement`, reserved before each call. The score of a seed is the mean over the
functions of log2 of the speed-up that the chosen rewrite holds, 0 where none does. Printed are the
means, the differences between searches over the same seeds with a 95 % bootstrap interval, what
was accounted, and how many rewrites were run, which costs time and no money.

`--real-sandbox N` does the same for N of the functions and one seed in the real sandbox: there what
is right and how fast is measured, and only the model's answers are scripted.

With OPENAI_API_KEY and IRONCLAW_MODELS (name=price/price; OPENAI_BASE_URL for another server) a
real model is asked about N functions (all without `--real-sandbox`) in the real sandbox: nothing is
simulated then.

1 is the exit code where tree is not shown better than best-of-n, or that not better than chain, at
the middle budget: the whole interval of the difference has to lie above zero.
"""

import argparse
import asyncio
import math
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from statistics import fmean

from benchmarks.model_made import Manners, SimulatedSandbox, scripted_server
from benchmarks.model_problems import FILE, PROBLEMS, Problem
from bot.adapters.database import make_engine, upgrade
from bot.adapters.database.ledger import SqlLedger
from bot.adapters.formatting import lay_out
from bot.adapters.model import OpenAIModel
from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.finding import Finding, Severity
from bot.domain.improvement import Improvement, State
from bot.domain.model.search import Standing
from bot.domain.model.spending import MICRO, Price
from bot.domain.policy import Engine, ModelPolicy, Policy, Search
from bot.domain.tree import Tree
from bot.learning.searching import search
from bot.learning.verification import Verification
from bot.ports import ModelAccess, Ports, Sandbox, SandboxSettings
from bot.settings import read_settings
from tests.fakes.clock import FixedClock
from tests.fakes.code_host import FakeCodeHost, files_of
from tests.fakes.store import Records, fake_stores
from tests.workflows.world import OneRule

MODEL, PRICE = "scripted", Price(0.25, 2)
ANSWER_TOKENS = 400
SEARCHES = (Search.TREE, Search.BEST_OF_N, Search.CHAIN)
PAIRS = ((Search.TREE, Search.BEST_OF_N), (Search.BEST_OF_N, Search.CHAIN))
RESAMPLED = 2_000


@dataclass(frozen=True)
class Result:
    """One search about one function: the gain in doublings, money in millionths, and runs."""

    gain: float
    cost: int
    calls: int
    runs: int
    tricks: int


@dataclass(frozen=True)
class Bench:
    """Who is asked, at which address, with which price, and who judges."""

    model: OpenAIModel
    ledger: SqlLedger
    prices: dict[str, Price]
    sandbox: Sandbox
    answer_tokens: int = ANSWER_TOKENS


async def one(bench: Bench, problem: Problem, kind: Search, budget: float, run: str) -> Result:
    """One search about one function within this many dollars."""
    files = {FILE: problem.source, "tests/test_work.py": problem.tests, "app/__init__.py": ""}
    stores, clock = fake_stores(Records()), FixedClock()
    allowed = ModelPolicy(
        engine=Engine.MODEL,
        search=kind,
        calls=100,
        answer_tokens=bench.answer_tokens,
        dollars_per_call=1.0,
        dollars_per_improvement=budget,
        dollars_per_day=100_000,
        tokens_per_day=0,
    )
    ports = Ports(
        stores=stores,
        host=FakeCodeHost(files, clock=clock),
        sandbox=bench.sandbox,
        rules=OneRule(),
        clock=clock,
        metrics=None,
        policy=replace(Policy(), model=allowed),
        settings=SandboxSettings(python=sys.executable),
        progress=lambda _: None,
        # The mark is the same each time, so that a run can be repeated.
        model=ModelAccess(bench.model, bench.ledger, bench.prices, None, lambda: "0123456789" * 2),
        lay_out=lay_out,
    )
    finding = Finding(
        run, "model-rewrite", FILE, 1, 1, problem.name, Severity.MEDIUM, "it takes time"
    )
    now = clock.now()
    improvement = Improvement(
        f"{run} {kind}", "bench", finding, State.FOUND, "", "0" * 40, now, now, engine="model"
    )
    async with Verification.of(ports, Tree("0" * 40, files_of(files))) as verification:
        found = await search(ports, improvement, verification, None)
    chosen = found.chosen
    holds = chosen is not None and chosen.standing is Standing.HOLDS
    gain = math.log2(chosen.speedup) if chosen is not None and holds else 0.0
    runs = sum(1 for each in found.attempts if each.was_run and not each.repeats)
    tricks = sum(each.standing is Standing.TRICK for each in found.attempts)
    return Result(gain, found.cost, found.calls, runs, tricks)


@asynccontextmanager
async def ledger() -> AsyncIterator[SqlLedger]:
    """A ledger in a file of its own, in which nothing is booked."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url, backup_dir=Path(folder))
        engine = make_engine(url)
        try:
            yield SqlLedger(engine)
        finally:
            await engine.dispose()


@asynccontextmanager
async def scripted(
    books: SqlLedger, sandbox: Sandbox, manners: Manners, seed: int
) -> AsyncIterator[Bench]:
    """A scripted model of this seed on a socket, which has not been asked yet."""
    with scripted_server(manners, seed) as fake:
        model = OpenAIModel((MODEL,), "no-key-at-all", fake.url)
        try:
            yield Bench(model, books, {MODEL: PRICE}, sandbox)
        finally:
            await model.close()


Table = dict[tuple[float, Search], list[list[Result]]]
"""By budget and search: for each seed the results of all functions."""


async def simulated(manners: Manners, seeds: Sequence[int], budgets: Sequence[float]) -> Table:
    """Every search about every function with every seed, by the simulated judge."""
    found: Table = {(budget, kind): [] for budget in budgets for kind in SEARCHES}
    async with ledger() as books:
        for seed, (budget, kind) in product(seeds, found):
            async with scripted(books, SimulatedSandbox(), manners, seed) as bench:
                row = [
                    await one(bench, problem, kind, budget, f"{seed} {budget} {problem.name}")
                    for problem in PROBLEMS
                ]
            found[budget, kind].append(row)
    return found


def score(row: Sequence[Result]) -> float:
    """Of one seed."""
    return fmean(each.gain for each in row)


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Of the mean of differences, by drawing seeds again."""
    draw = random.Random(1)
    means = sorted(fmean(draw.choices(differences, k=len(differences))) for _ in range(RESAMPLED))
    return means[RESAMPLED // 40], means[-RESAMPLED // 40 - 1]


def compared(found: Table, budget: float, better: Search, worse: Search) -> tuple[float, ...]:
    """The mean difference over the same seeds, and its interval."""
    pairs = zip(found[budget, better], found[budget, worse], strict=True)
    differences = [score(one) - score(other) for one, other in pairs]
    return fmean(differences), *interval(differences)


def show(found: Table, budgets: Sequence[float], *, markdown: bool) -> None:
    """The figures of each search, then the differences."""
    edge, bar = ("| ", " | ") if markdown else ("", "  ")
    heads = ("cap $", "search", "doublings", "holds", "accounted $", "answers", "runs", "tricks")
    print(edge + bar.join(f"{head:>11}" for head in heads) + edge[::-1].rstrip())
    if markdown:
        print("|---" * len(heads) + "|")
    for budget in budgets:
        for kind in SEARCHES:
            rows = found[budget, kind]
            every = [each for row in rows for each in row]
            cells = (
                f"{budget:.4f}",
                str(kind),
                f"{fmean(map(score, rows)):.2f}",
                f"{fmean(each.gain > 0 for each in every):.0%}",
                f"{fmean(each.cost for each in every) / MICRO:.5f}",
                f"{fmean(each.calls for each in every):.1f}",
                f"{fmean(each.runs for each in every):.1f}",
                str(sum(each.tricks for each in every)),
            )
            print(edge + bar.join(f"{cell:>11}" for cell in cells) + edge[::-1].rstrip())
    for budget in budgets:
        for better, worse in PAIRS:
            mean, low, high = compared(found, budget, better, worse)
            says = "holds" if low > 0 else ("is turned round" if high < 0 else "is not shown")
            print(
                f"cap ${budget:.4f}: {better} over {worse} {mean:+.2f} doublings "
                f"(95 % interval {low:+.2f} to {high:+.2f}): the order {says}"
            )


def holds(found: Table, budget: float) -> bool:
    """Whether the whole order is shown at this budget."""
    return all(compared(found, budget, *pair)[1] > 0 for pair in PAIRS)


async def in_sandbox(count: int, budget: float) -> Table:
    """Scripted answers in the real sandbox."""
    found: Table = {(budget, kind): [] for kind in SEARCHES}
    async with ledger() as books:
        with tempfile.TemporaryDirectory() as folder:
            for kind in SEARCHES:
                async with scripted(books, ProcessSandbox(Path(folder)), Manners(), 0) as bench:
                    row = [
                        await one(bench, problem, kind, budget, f"0 {problem.name}")
                        for problem in PROBLEMS[:count]
                    ]
                found[budget, kind].append(row)
    return found


async def of_a_real_model(count: int, budget: float) -> Table | None:
    """A real model in the real sandbox; None where the environment names none."""
    settings = read_settings()
    if settings.openai_api_key is None or not settings.models:
        return None
    found: Table = {(budget, kind): [] for kind in SEARCHES}
    key, base = settings.openai_api_key.get_secret_value(), settings.openai_base_url
    model = OpenAIModel(settings.models, key, base, secrets=settings.secret_values())
    async with ledger() as books:
        with tempfile.TemporaryDirectory() as folder:
            sandbox = ProcessSandbox(Path(folder))
            bench = Bench(model, books, dict(settings.model_prices), sandbox, 4_000)
            for kind in SEARCHES:
                row = [
                    await one(bench, problem, kind, budget, problem.name)
                    for problem in PROBLEMS[:count]
                ]
                found[budget, kind].append(row)
    await model.close()
    return found


SENSITIVITY = (
    ("as assumed", Manners()),
    ("measurements repair nothing more than a new try", Manners(repair=0.05)),
    ("they repair a fifth", Manners(repair=0.2)),
    ("they repair more than half", Manners(repair=0.6)),
    ("a weak model", Manners(first=0.04)),
    ("a strong model", Manners(first=0.4)),
    ("answers to one question independent", Manners(hard=1.0)),
)


def main() -> int:
    """Run what is asked for; 1 where the order does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--budgets", default="0.0025,0.0035,0.006")
    parser.add_argument("--real-sandbox", type=int, default=0)
    parser.add_argument("--sensitivity", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    chosen = parser.parse_args()
    budgets = [float(each) for each in chosen.budgets.split(",")]
    middle = budgets[len(budgets) // 2]
    count = chosen.real_sandbox or len(PROBLEMS)
    real = asyncio.run(of_a_real_model(count, 0.25))
    if real is not None:
        print(f"# A real model, the real sandbox, {count} functions; nothing is simulated")
        show(real, [0.25], markdown=chosen.markdown)
        return 0
    print(
        f"# Simulated: the model's answers and the judge's verdicts; {chosen.seeds} seeds, "
        f"{len(PROBLEMS)} functions.\n# Real: search, prompts, client, socket, gate, ledger, caps."
    )
    cases = SENSITIVITY if chosen.sensitivity else SENSITIVITY[:1]
    order = True
    for number, (name, manners) in enumerate(cases):
        print(f"\n## {name}: repair {manners.repair}, first {manners.first}, hard {manners.hard}")
        shown = budgets if number == 0 else [middle]
        found = asyncio.run(simulated(manners, range(chosen.seeds), shown))
        show(found, shown, markdown=chosen.markdown)
        order = order and (number > 0 or holds(found, middle))
    if chosen.real_sandbox:
        print(f"\n# Simulated: the model's answers alone; {count} functions, one seed: no interval")
        show(asyncio.run(in_sandbox(count, middle)), [middle], markdown=chosen.markdown)
    return 0 if order else 1


if __name__ == "__main__":
    sys.exit(main())
