"""What is faster is found faster, what is the same is not."""

import pytest

from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.benchmark import Faster, Slower, judge_speed, takes_too_much
from bot.domain.equivalence import FunctionRef
from bot.domain.rules import Proof
from tests.adapters.sandbox.projects import HERE, tree

SLOW = (
    "def distinct(xs):\n    seen = []\n    for x in xs:\n        if x not in seen:\n"
    "            seen.append(x)\n    return seen\n"
)
FAST = "def distinct(xs):\n    return list(dict.fromkeys(xs))\n"
TESTS = (
    "from shop import distinct\n\n\ndef test_few():\n    assert distinct([1, 1]) == [1]\n\n\n"
    "def test_many():\n    assert len(distinct(list(range(40)))) == 40\n"
)
FUNCTION = FunctionRef("shop.py", "distinct")


async def test_a_gain_is_found_at_the_scale_that_shows_it(sandbox: ProcessSandbox) -> None:
    old = tree({"shop.py": SLOW, "test_shop.py": TESTS})
    new = tree({"shop.py": FAST, "test_shop.py": TESTS})
    async with sandbox.open(old, HERE) as base, sandbox.open(new, HERE) as candidate:
        recording = await base.record([FUNCTION])
        timings = await sandbox.measure(base, candidate, recording, 16, 1.0)
    assert timings.inputs == "2 recorded calls, longest argument n=640, scaled x16"
    assert isinstance(judge_speed(timings.rounds), Faster)
    assert timings.peaks is not None
    assert 5_000 < timings.peaks.before < timings.peaks.after < 100_000


async def test_a_gain_that_is_paid_with_memory_shows_what_it_holds(
    sandbox: ProcessSandbox,
) -> None:
    hungry = FAST.replace("    return", "    copy = bytes(12 * 2**20)\n    return")
    tests = TESTS.replace("range(40)", "range(2000)").replace("== 40", "== 2000")
    old = tree({"shop.py": SLOW, "test_shop.py": tests})
    new = tree({"shop.py": hungry, "test_shop.py": tests})
    async with sandbox.open(old, HERE) as base, sandbox.open(new, HERE) as candidate:
        recording = await base.record([FUNCTION])
        timings = await sandbox.measure(base, candidate, recording, 1, 1.0)
    assert isinstance(judge_speed(timings.rounds), Faster)
    assert takes_too_much(timings.peaks)


async def test_calls_that_differ_at_scale_are_not_timed(sandbox: ProcessSandbox) -> None:
    other = FAST.replace("return list(dict.fromkeys(xs))", "return list(dict.fromkeys(xs))[:50]")
    old = tree({"shop.py": SLOW, "test_shop.py": TESTS})
    new = tree({"shop.py": other, "test_shop.py": TESTS})
    async with sandbox.open(old, HERE) as base, sandbox.open(new, HERE) as candidate:
        recording = await base.record([FUNCTION])
        timings = await sandbox.measure(base, candidate, recording, 64, 1.0)
    assert timings.rounds == ()
    assert "answered alike" in timings.why


async def test_a_proof_that_does_not_run_says_why(sandbox: ProcessSandbox) -> None:
    proof = Proof("", "nothing_of_this_name", "1", (1,), covers=False)
    async with sandbox.open(tree({}), HERE) as workspace:
        timings = await sandbox.measure_proof(workspace, proof, 1, 1.0)
    assert timings.rounds == ()
    assert "nothing_of_this_name" in timings.why


@pytest.mark.soak
async def test_the_same_code_is_never_found_faster(sandbox: ProcessSandbox) -> None:
    project = tree({"shop.py": SLOW, "test_shop.py": TESTS})
    found = []
    async with sandbox.open(project, HERE) as base, sandbox.open(project, HERE) as same:
        recording = await base.record([FUNCTION])
        for number in range(20):
            timings = await sandbox.measure(base, same, recording, 1 + number % 4, 4.0)
            found.append(judge_speed(timings.rounds))
    assert not [verdict for verdict in found if isinstance(verdict, Faster | Slower)]
