"""How well the router learns which model is best, beside other policies, by simulated users.

Each seed is one repository with one task: at each interaction the policy picks a model, and the
user's thumb comes from the model's true rating. `best` is the share of seeds whose preferred model
(the one that would be used without exploring) is the best one after so many interactions, `near`
the share within 0.05 of it, `picks` the share of seeds whose actual pick then is within 0.05;
`regret` is what was lost against always taking the best, in ratings, per interaction.
The peers see the same users: a moving average with fixed exploration, and plain Thompson sampling.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.domain.choosing import Candidate, NoModel, Rules, choose
from bot.domain.preferences import Sums, learned, rank

RATE, NEAR = 0.1, 0.05


@dataclass(frozen=True)
class Case:
    """True ratings; those after `drift` interactions; delay and loss of feedback; liars."""

    name: str
    ratings: tuple[float, ...]
    later: tuple[float, ...] = ()
    drift: int = 10**9
    delay: int = 0
    missing: float = 0.0
    liars: float = 0.0
    others: bool = False

    def at(self, step: int) -> tuple[float, ...]:
        """The true ratings at one interaction."""
        return self.later if step >= self.drift else self.ratings


CASES = (
    Case("2 models .80 .60", (0.80, 0.60)),
    Case("2 models .80 .65", (0.80, 0.65)),
    Case("2 models .80 .70", (0.80, 0.70)),
    Case("3 models .80 .65 .50", (0.80, 0.65, 0.50)),
    Case("3 models .85 .55 .45", (0.85, 0.55, 0.45)),
    Case("4 models .75 .70 .65 .60", (0.75, 0.70, 0.65, 0.60)),
    Case("6 models .80 .65 .60 .55 .50 .45", (0.80, 0.65, 0.60, 0.55, 0.50, 0.45)),
    Case("drift at 200: .80 .60 -> .50 .80", (0.80, 0.60), (0.50, 0.80), 200),
    Case("cold start with others' opinion .80 .65 .50", (0.80, 0.65, 0.50), others=True),
    Case("feedback 20 late, half missing .80 .60", (0.80, 0.60), delay=20, missing=0.5),
    Case("a tenth of ratings are lies .80 .60", (0.80, 0.60), liars=0.1),
)


class Ours:
    """The router's own decision."""

    def __init__(self, case: Case, chance: random.Random) -> None:
        count = len(case.ratings)
        self._sums = [Sums(str(n)) for n in range(count)]
        # Twenty users' opinion, each worth five, one in four of whom has it the wrong way round.
        voices = [(r, 1 - r) if chance.random() < 0.25 else (1 - r, r) for r in case.ratings]
        self._others = (
            [Sums(str(n), 100 * good, 100 * bad) for n, (bad, good) in enumerate(voices)]
            if case.others
            else []
        )
        self._chance = chance

    def pick(self) -> int:
        candidates = [
            Candidate(one, 0.0, self._chance.betavariate(one.alpha, one.beta))
            for one in rank(self._sums, self._others)
        ]
        found = choose(candidates, Rules(RATE), self._chance.random())
        assert not isinstance(found, NoModel)
        return int(found.model)

    def best(self) -> int:
        return int(rank(self._sums, self._others)[0].model)

    def learn(self, model: int, reward: float) -> None:
        self._sums[model] = learned(self._sums[model], reward, 0.1)


class Average:
    """A moving average of 0.1 and a fixed exploration of 0.1."""

    def __init__(self, case: Case, chance: random.Random) -> None:
        self._averages = [0.5] * len(case.ratings)
        self._chance = chance

    def pick(self) -> int:
        if self._chance.random() < RATE:
            return self._chance.randrange(len(self._averages))
        return self.best()

    def best(self) -> int:
        top = max(self._averages)
        return self._chance.choice([n for n, one in enumerate(self._averages) if one == top])

    def learn(self, model: int, reward: float) -> None:
        self._averages[model] += 0.1 * (reward - self._averages[model])


class Thompson:
    """Beta(1, 1), a sample of each, and nothing forgotten."""

    def __init__(self, case: Case, chance: random.Random) -> None:
        self._seen = [[1.0, 1.0] for _ in case.ratings]
        self._chance = chance

    def pick(self) -> int:
        drawn = [self._chance.betavariate(*one) for one in self._seen]
        return drawn.index(max(drawn))

    def best(self) -> int:
        means = [one[0] / sum(one) for one in self._seen]
        return means.index(max(means))

    def learn(self, model: int, reward: float) -> None:
        self._seen[model][0] += reward
        self._seen[model][1] += 1 - reward


POLICIES: dict[str, Callable[[Case, random.Random], Ours | Average | Thompson]] = {
    "ironclaw": Ours,
    "EMA 0.1, explore 0.1": Average,
    "Thompson": Thompson,
}
Row = dict[int, tuple[bool, bool, bool, float]]


def play(case: Case, policy: str, seed: int, points: tuple[int, ...]) -> Row:
    """One user, and what stands at each of the points."""
    chance = random.Random(f"{case.name}{policy}{seed}")
    order = list(range(len(case.ratings)))
    if not case.others:
        # Which of the models is the best must not be told by its place.
        chance.shuffle(order)
    mind = POLICIES[policy](case, chance)
    late: list[tuple[int, int, float]] = []
    lost, seen = 0.0, dict[int, tuple[bool, bool, bool, float]]()
    for step in range(max(points)):
        truth = [case.at(step)[place] for place in order]
        top, model = max(truth), mind.pick()
        lost += top - truth[model]
        reward = float(chance.random() < truth[model])
        if chance.random() < case.liars:
            reward = 1 - reward
        if chance.random() >= case.missing:
            late.append((step + case.delay, model, reward))
        while late and late[0][0] <= step:
            _, known, given = late.pop(0)
            mind.learn(known, given)
        if step + 1 in points:
            best = truth[mind.best()]
            near, pick = best > top - NEAR - 1e-9, truth[model] > top - NEAR - 1e-9
            seen[step + 1] = (best == top, near, pick, lost / (step + 1))
    return seen


def play_all(task: tuple[Case, str, range, tuple[int, ...]]) -> list[Row]:
    """Some seeds, in one process."""
    case, policy, seeds, points = task
    return [play(case, policy, seed, points) for seed in seeds]


def size(users: int) -> None:
    """What one decision costs, and what a million users' sums take."""
    chance = random.Random(1)
    known = [learned(Sums(str(n)), chance.random(), 0.1) for n in range(6)]
    begun = time.perf_counter()
    for _ in range(20_000):
        choose(
            [Candidate(p, 0.0, chance.betavariate(p.alpha, p.beta)) for p in rank(known)],
            Rules(RATE),
            chance.random(),
        )
    each = (time.perf_counter() - begun) / 20_000
    print(f"one decision among 6 models: {each * 1e6:.0f} µs; it reads 12 rows however long the")
    print(f"history is, and keeps nothing in memory, so {users:,} users cost rows alone")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--points", default="100,300,1000")
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    points = tuple(map(int, given.points.split(",")))
    print(f"{given.seeds} seeds each")
    with ProcessPoolExecutor(given.processes) as pool:
        for case in CASES:
            print(f"\n{case.name}\n{'':24}{'after':>6} {'best':>7} {'near':>7} {'picks':>7} regret")
            for policy in POLICIES:
                parts = [(case, policy, range(start, given.seeds, 8), points) for start in range(8)]
                rows = [row for part in pool.map(play_all, parts) for row in part]
                for point in points:
                    shares = [sum(row[point][n] for row in rows) / len(rows) for n in range(4)]
                    told = " ".join(f"{share:7.1%}" for share in shares[:3])
                    print(f"{policy:24}{point:6} {told} {shares[3]:.4f}", flush=True)
    size(1_000_000)


if __name__ == "__main__":
    main()
