"""Right optimisations are found equivalent, and wrong ones different."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.equivalence import (
    Different,
    Equivalence,
    Equivalent,
    FunctionRef,
    Recording,
    Replayed,
    Undecided,
    judge_equivalence,
)
from bot.domain.outcomes import RunEnd
from bot.domain.patch import FileChange, changed_ranges
from bot.ports import Workspace
from tests.adapters.sandbox.pairs import RIGHT, WRONG, Pair
from tests.adapters.sandbox.projects import HERE, tree

#: All pairs are functions of one project, so that one run of the tests records them all.
EVERY = [*RIGHT, *WRONG]


def _files(sources: list[str]) -> dict[str, str]:
    files = {f"pairs/m{number}.py": source for number, source in enumerate(sources)}
    files["pairs/__init__.py"] = ""
    for number, pair in enumerate(EVERY):
        files[f"tests/test_m{number}.py"] = f"from pairs.m{number} import f\n\n\n{pair.tests}"
    return files


@asynccontextmanager
async def recorded(
    sandbox: ProcessSandbox,
) -> AsyncIterator[tuple[Workspace, Workspace, Recording]]:
    """All old functions, all new ones, and the calls that the tests of all make."""
    old, new = tree(_files([p.old for p in EVERY])), tree(_files([p.new for p in EVERY]))
    functions = [FunctionRef(f"pairs/m{number}.py", "f") for number in range(len(EVERY))]
    async with sandbox.open(old, HERE) as base, sandbox.open(new, HERE) as candidate:
        yield base, candidate, await base.record(functions)


def _passing(pairs: list[Pair], verdicts: dict[str, Equivalence]) -> list[str]:
    return [pair.name for pair in pairs if isinstance(verdicts[pair.name], Equivalent)]


async def test_no_right_optimisation_is_refused_and_no_wrong_one_passes(
    sandbox: ProcessSandbox,
) -> None:
    everywhere = [(1, 1000)]
    async with recorded(sandbox) as (base, candidate, recording):
        seen = [await base.replay(recording, everywhere) for _ in range(2)]
        seen.append(await candidate.replay(recording, everywhere))
    assert [replayed.why for replayed in seen] == ["", "", ""]
    verdicts = {
        pair.name: judge_equivalence(*(_part(replayed, recording, number) for replayed in seen))
        for number, pair in enumerate(EVERY)
    }
    assert _passing(WRONG, verdicts) == []
    assert _passing(RIGHT, verdicts) == [pair.name for pair in RIGHT]
    assert all(isinstance(verdicts[pair.name], Different) for pair in WRONG)


def _part(replayed: Replayed, recording: Recording, number: int) -> Replayed:
    """What one function answered; inputs are numbered by their calls, in thousands."""
    counts = [count for _, count in recording.by_function]
    first = sum(counts[:number])
    mine = range(first * 1000, (first + counts[number]) * 1000)
    answers = {n: seen for n, seen in replayed.observations.items() if n in mine}
    return Replayed(answers, replayed.changed_lines_hit)


async def test_the_tests_of_the_pairs_see_none_of_the_mistakes(sandbox: ProcessSandbox) -> None:
    async with sandbox.open(tree(_files([p.new for p in EVERY])), HERE) as workspace:
        run = await workspace.run_tests()
    assert run.end is RunEnd.COMPLETED, run
    assert not run.failed()


@pytest.mark.soak
async def test_each_pair_alone_is_judged_by_its_changed_lines(sandbox: ProcessSandbox) -> None:
    verdicts = {}
    async with recorded(sandbox) as (base, candidate, recording):
        for pair, function in zip(EVERY, recording.functions, strict=True):
            one = replace(recording, functions=(function,))
            before, after = changed_ranges(FileChange(function.file, pair.old, pair.new))
            first, again = [await base.replay(one, before) for _ in range(2)]
            verdicts[pair.name] = judge_equivalence(
                first, again, await candidate.replay(one, after)
            )
    assert _passing(WRONG, verdicts) == []
    assert _passing(RIGHT, verdicts) == [pair.name for pair in RIGHT]


async def test_a_change_that_no_call_reaches_is_undecided(sandbox: ProcessSandbox) -> None:
    files = {
        "m.py": "def f(x):\n    if x == 'never':\n        return 1\n    return 2\n",
        "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 2\n",
    }
    async with sandbox.open(tree(files), HERE) as workspace:
        recording = await workspace.record([FunctionRef("m.py", "f")])
        reached = await workspace.replay(recording, [(4, 4)])
        missed = await workspace.replay(recording, [(3, 3)])
    assert reached.changed_lines_hit
    assert not missed.changed_lines_hit
    assert isinstance(judge_equivalence(missed, missed, missed), Undecided)
