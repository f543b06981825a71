"""The benchmark of searches: its rewrites are what they say, and a run can be repeated."""

import contextlib

import pytest

from benchmarks.model import Result, ledger, one, scripted
from benchmarks.model_made import Manners, SimulatedSandbox
from benchmarks.model_problems import PROBLEMS, Level, Problem
from bot.domain.gate import Pass, check_rewrite
from bot.domain.policy import Search

REFUSED = {Level.SLIP, Level.TRICK}
WRONG = {Level.WRONG_GOOD, Level.WRONG_PARTLY}
TRIED = {
    "distinct": "distinct([2, 1, 2])",
    "tally": "tally(['', 'b', 'b'])",
    "common": "common([3, 1, 1, 9], [1, 3])",
    "windows": "windows([1, 2], 3), windows([1, 2, 3], 2)",
    "groups": "groups([('b', n) for n in range(60)] + [('a', 2), ('a', 1)])",
    "pairs": "pairs([1, 1, 3, 5], 4), pairs([2], 4)",
}
BUDGET = 0.0025


def answered(problem: Problem, text: str) -> str:
    """What the calls come to, in order too."""
    place: dict[str, object] = {}
    exec(text, place)  # noqa: S102 - our own text
    with contextlib.suppress(ZeroDivisionError):
        return repr(eval(TRIED[problem.name], place))  # noqa: S307
    return ""


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_every_rewrite_is_what_it_is_called(problem: Problem) -> None:
    assert set(problem.texts) == set(Level)
    right = answered(problem, problem.slow)
    for level, text in problem.texts.items():
        after = problem.source.replace(problem.slow, text)
        passes = check_rewrite(problem.source, after, (problem.name,)) == Pass()
        assert passes is (level not in REFUSED), level
        if level not in REFUSED:
            assert (answered(problem, text) == right) is (level not in WRONG), level


async def played(kind: Search) -> list[Result]:
    async with ledger() as books, scripted(books, SimulatedSandbox(), Manners(), 3) as bench:
        return [await one(bench, each, kind, BUDGET, each.name) for each in PROBLEMS[:2]]


@pytest.mark.parametrize("kind", Search)
async def test_a_run_can_be_repeated_and_keeps_to_its_cap(kind: Search) -> None:
    first = await played(kind)
    assert first == await played(kind)
    for result in first:
        assert 0 < result.cost <= BUDGET * 1_000_000
        assert result.calls > 2
        assert (result.runs == 1) or kind is not Search.CHAIN
