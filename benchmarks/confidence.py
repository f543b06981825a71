"""How well the stated confidence agrees with what ends merged and kept.

    python benchmarks/confidence.py [--worlds 40] [--outcomes 1000] [--markdown]

Simulates worlds (seeded): repositories, rules and engines that differ in how often their
improvements are kept, evidence whose signs matter more or less than the stated prior says (each
factor drawn around it, and all in all the prior is too hopeful), two signs that matter only
together, a third that matters to some repositories alone, and an engine that becomes worse half
way. An outcome is known only when 25 more were offered. Each improvement is scored when it is
offered, from the outcomes known by then.

Prints the Brier score, the expected calibration error (ten bins) and the logarithmic loss, beside
- the stated prior alone,
- the base rate of the outcomes so far,
- the rule's own record by a Beta prior and fixed factors, as this program did it before,
- the true probability, which nobody can know: what is left is chance;
and how many of those scored 0.7 to 0.8 were kept, after few outcomes and after many. A target is
missed, and 1 the exit code, where that share is not in 0.70 to 0.80, or where the prior alone or
the base rate has the better Brier score.
"""

import argparse
import math
import random
import sys
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.confidence import PRIOR, UNTAUGHT, Belief, Case, Ending
from bot.domain.proving import signs_of

DELAY = 25
BINS = 10
RULES, REPOSITORIES, ENGINES = 24, 40, ("rules", "model-a", "model-b")
Z95 = 1.96


@dataclass
class World:
    """What really decides whether an improvement is kept."""

    draw: random.Random
    factors: dict[str, float] = field(default_factory=dict)
    rules: list[float] = field(default_factory=list)
    repositories: list[float] = field(default_factory=list)
    picky: set[int] = field(default_factory=set)
    engines: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        draw = self.draw
        # On the scale of logits, where the prior's means are probits.
        self.factors = {
            name: 1.6 * weight.mean + draw.gauss(0, 0.6) for name, weight in PRIOR.items()
        }
        # The prior is too hopeful on the whole.
        self.factors["offered"] -= 0.3
        self.rules = [draw.gauss(0, 0.9) for _ in range(RULES)]
        self.repositories = [draw.gauss(0, 0.9) for _ in range(REPOSITORIES)]
        self.picky = set(draw.sample(range(REPOSITORIES), REPOSITORIES // 4))
        self.engines = {name: draw.gauss(0, 0.5) for name in ENGINES}

    def offer(self, share: float) -> tuple[Case, float]:
        """One improvement at this share of the way, and its true probability of being kept."""
        draw = self.draw
        rule = min(int(draw.expovariate(0.25)), RULES - 1)
        repository = min(int(draw.expovariate(0.12)), REPOSITORIES - 1)
        engine = draw.choices(ENGINES, (5, 3, 2))[0]
        evidence, hot = self.evidence(), draw.random() < 0.4
        case = Case(f"team/{repository}", f"rule-{rule}", engine, evidence, hot)
        signs = {"offered": 1.0, **signs_of(evidence), **({"hot": 1.0} if hot else {})}
        logit = sum(self.factors[name] * value for name, value in signs.items())
        logit += self.rules[rule] + self.repositories[repository] + self.engines[engine]
        if hot and signs.get("gain", 0) > 0.5:
            logit += 0.6
        if repository in self.picky and "tools silent" in signs:
            logit -= 0.8
        if engine == "model-b" and share > 0.5:
            logit -= 1.0
        return case, 1 / (1 + math.exp(-logit))

    def evidence(self) -> dict[str, object]:
        draw = self.draw
        low = 1.05 + draw.expovariate(2.5)
        equivalent = draw.random() < 0.85
        faster = draw.random() < 0.9
        peak = draw.choice((1.0, 1.0, 1.0, 1.1, 1.6))
        return {
            "tests": {
                "verdict": "passed" if draw.random() < 0.95 else "inconclusive",
                "flaky": ["t"] if draw.random() < 0.05 else [],
            },
            "equivalence": {
                "verdict": "equivalent" if equivalent else "inconclusive",
                "inputs": int(10 ** draw.uniform(0.5, 3.5)),
            },
            "benchmark": {
                "verdict": "faster" if faster else "inconclusive",
                "low": low,
                "scale": draw.choice((1, 1, 16)),
            },
            "memory": {"peak_before": 1000, "peak_after": int(1000 * peak)},
            "claimed": round(draw.uniform(0.8, 1.0), 2),
            **{
                tool: {"verdict": "passed" if draw.random() < 0.7 else "inconclusive"}
                for tool in ("ruff", "mypy", "black")
            },
        }


class Before:
    """A rule's record by a Beta prior of 6 and 4, and fixed factors on its odds."""

    def __init__(self) -> None:
        self._kept: Counter[str] = Counter()
        self._not: Counter[str] = Counter()

    def learn(self, ending: Ending) -> None:
        (self._kept if ending.kept else self._not)[ending.case.rule] += 1

    def confidence(self, case: Case) -> float:
        kept, not_kept = self._kept[case.rule], self._not[case.rule]
        mean = (6 + kept) / (10 + kept + not_kept)
        evidence = case.evidence
        benchmark, tests = evidence["benchmark"], evidence["tests"]
        odds = mean / (1 - mean)
        odds *= 1.5 if tests["verdict"] == "passed" else 0.2
        odds *= 2.0 if evidence["equivalence"]["verdict"] == "equivalent" else 0.4
        faster = benchmark["verdict"] == "faster"
        odds *= (1.5 if benchmark["low"] >= 1.2 else 1.2) if faster else 0.5
        odds *= 0.7 if tests["flaky"] else 1.0
        return min(0.99, max(0.01, odds / (1 + odds)))


class Rate:
    """The share of all outcomes so far, with the prior of a rule without any."""

    def __init__(self) -> None:
        self._kept, self._count = 6, 10

    def learn(self, ending: Ending) -> None:
        self._kept += ending.kept
        self._count += 1

    def confidence(self, _: Case) -> float:
        return self._kept / self._count


class Ours:
    """What the product says."""

    def __init__(self) -> None:
        self._belief: Belief = UNTAUGHT

    def learn(self, ending: Ending) -> None:
        self._belief = self._belief.after(ending)

    def confidence(self, case: Case) -> float:
        return self._belief.confidence(case)


class Prior:
    """What the product says before any outcome."""

    def learn(self, ending: Ending) -> None:
        del ending

    def confidence(self, case: Case) -> float:
        return UNTAUGHT.confidence(case)


RULES_OF: dict[str, Callable[[], Ours | Prior | Rate | Before]] = {
    "learned": Ours,
    "stated prior alone": Prior,
    "base rate": Rate,
    "record and factors": Before,
}
CHANCE = "true probability"


@dataclass(frozen=True)
class Scored:
    """One improvement: after how many outcomes it was scored, what each rule said, and its end."""

    number: int
    said: dict[str, float]
    kept: bool


def main() -> int:
    options = arguments()
    seeds = range(options.seed, options.seed + options.worlds)
    rows = [row for seed in seeds for row in world(seed, options.outcomes)]
    print(report(rows, options))
    return int(missed(rows))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--outcomes", type=int, default=1_000, help="improvements of each world")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", action="store_true", help="tables for the documentation")
    return parser.parse_args()


def world(seed: int, count: int) -> list[Scored]:
    draw = random.Random(seed)
    made, rules = World(draw), {name: make() for name, make in RULES_OF.items()}
    waiting: deque[Ending] = deque()
    rows = []
    for number in range(count):
        case, true = made.offer(number / count)
        said = {name: rule.confidence(case) for name, rule in rules.items()}
        ending = Ending(case, draw.random() < true)
        rows.append(Scored(max(0, number - DELAY), {**said, CHANCE: true}, ending.kept))
        waiting.append(ending)
        if len(waiting) > DELAY:
            known = waiting.popleft()
            for rule in rules.values():
                rule.learn(known)
    return rows


def brier(rows: Sequence[Scored], name: str) -> float:
    return math.fsum((row.said[name] - row.kept) ** 2 for row in rows) / len(rows)


def log_loss(rows: Sequence[Scored], name: str) -> float:
    right = (row.said[name] if row.kept else 1 - row.said[name] for row in rows)
    return -math.fsum(math.log(max(1e-9, one)) for one in right) / len(rows)


def bins(rows: Sequence[Scored], name: str) -> list[list[Scored]]:
    found: list[list[Scored]] = [[] for _ in range(BINS)]
    for row in rows:
        found[min(BINS - 1, int(row.said[name] * BINS))].append(row)
    return found


def mean(rows: Sequence[Scored], name: str) -> float:
    return math.fsum(row.said[name] for row in rows) / len(rows)


def kept(rows: Sequence[Scored]) -> float:
    return sum(row.kept for row in rows) / len(rows)


def calibration_error(rows: Sequence[Scored], name: str) -> float:
    gaps = (len(one) * abs(mean(one, name) - kept(one)) for one in bins(rows, name) if one)
    return math.fsum(gaps) / len(rows)


def scored_70_to_80(rows: Sequence[Scored], name: str = "learned") -> list[Scored]:
    return [row for row in rows if 0.7 <= row.said[name] < 0.8]


def interval(rows: Sequence[Scored]) -> str:
    """The share with its 95 % interval."""
    if not rows:
        return "none"
    share = kept(rows)
    half = Z95 * math.sqrt(max(share * (1 - share), 1e-9) / len(rows))
    return f"{share:.1%} of {len(rows):,} ({share - half:.1%} to {share + half:.1%})"


def report(rows: Sequence[Scored], options: argparse.Namespace) -> str:
    names = [*RULES_OF, CHANCE]
    head = ["rule", "Brier", "ECE", "log loss", "scored 0.7 to 0.8: kept"]
    table = [
        [
            name,
            f"{brier(rows, name):.4f}",
            f"{calibration_error(rows, name):.4f}",
            f"{log_loss(rows, name):.4f}",
            interval(scored_70_to_80(rows, name)),
        ]
        for name in names
    ]
    stages = [("0 to 24", 0, 25), ("25 to 99", 25, 100), ("100 to 399", 100, 400)]
    stages.append(("400 and more", 400, 10**9))
    growth_head = ["outcomes known", *(f"Brier, {name}" for name in names), "0.7 to 0.8: kept"]
    growth = []
    for name, first, last in stages:
        part = [row for row in rows if first <= row.number < last]
        if part:
            scores = [f"{brier(part, rule):.4f}" for rule in names]
            growth.append([name, *scores, interval(scored_70_to_80(part))])
    diagram_head = ["scored", "improvements", "mean score", "kept", ""]
    diagram = [
        [
            f"{number / BINS:.1f} to {(number + 1) / BINS:.1f}",
            f"{len(one):,}",
            f"{mean(one, 'learned'):.3f}",
            f"{kept(one):.3f}",
            bar(mean(one, "learned"), kept(one)),
        ]
        for number, one in enumerate(bins(rows, "learned"))
        if one
    ]
    show = markdown if options.markdown else aligned
    said = (
        f"{options.worlds} worlds of {options.outcomes:,} improvements, seeds from {options.seed}"
    )
    parts = [said, show(head, table), show(growth_head, growth), show(diagram_head, diagram)]
    return "\n\n".join([*parts, "bars: `#` up to what was kept, `|` (or `:`) where the score is"])


def bar(score: float, share: float, width: int = 40) -> str:
    cells = ["#" if place < round(share * width) else "." for place in range(width)]
    cells[min(width - 1, round(score * width))] = "|"
    return "".join(cells)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    # Between cells `|` has another meaning.
    bars = [[f"`{c.replace('|', ':')}`" if "|" in c else c for c in cells] for cells in rows]
    return "\n".join(map(line, (head, ["---"] * len(head), *bars)))


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *rows)
    )


def missed(rows: Sequence[Scored]) -> bool:
    share = kept(scored_70_to_80(rows))
    ours = brier(rows, "learned")
    return not 0.7 <= share <= 0.8 or ours >= min(
        brier(rows, "stated prior alone"), brier(rows, "base rate")
    )


if __name__ == "__main__":
    sys.exit(main())
