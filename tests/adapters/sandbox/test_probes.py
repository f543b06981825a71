"""The parts of the probes by themselves: they run in other processes, and must be right there."""

import ast
import collections
import datetime as dt
import enum
import math
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.adapters.sandbox.probes.canon import Canon
from bot.adapters.sandbox.probes.lines import Lines
from bot.adapters.sandbox.probes.mutate import apply, changes
from bot.adapters.sandbox.probes.observe import Observer
from bot.adapters.sandbox.probes.scale import Scaled


class Colour(enum.Enum):
    RED = 1


class Point:
    def __init__(self, x: object) -> None:
        self.x = x


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: object) -> None:
        self.a = a


class StillWorld:
    """A world that nothing of these tests depends on."""

    def reset(self) -> None:
        return


def written(value: object) -> str:
    canon = Canon()
    return canon.finish(canon.text(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        (math.nan, math.inf),
        ("a", b"a"),
        ([1], (1,)),
        ({1: 2, 3: 4}, {3: 4, 1: 2}),
        ({1}, frozenset({1})),
        ([], collections.deque()),
        ({}, collections.OrderedDict()),
        (collections.defaultdict(int), collections.defaultdict(list)),
        (Point(1), Point(1.0)),
        (Slotted(1), Slotted(2)),
        (Colour.RED, 1),
        (iter([1, 2]), iter([2])),
        (dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
        ({}.keys(), {}.values()),
        (ValueError("a"), ValueError("b")),
        ([[1]] * 2, [[1], [1]]),
        (int, float),
        ([1 << 70_000], [1 << 70_001]),
        (range(3), range(4)),
    ],
)
def test_different_values_are_written_differently(one: object, other: object) -> None:
    assert written(one) != written(other)


def test_equal_values_are_written_alike() -> None:
    makes: list[Callable[[], object]] = [
        lambda: {"b", "a", "c"},
        lambda: [Point([1, {2: (3.5, None)}]), Slotted("x")],
        lambda: collections.Counter("hello"),
        lambda: math.nan,
        object,
        lambda: [print, len, Point, math],
        lambda: bytearray(b"abc"),
    ]
    for make in makes:
        assert written(make()) == written(make())
        assert "0x" not in written(make())


def test_cycles_and_depth_come_to_an_end() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    assert written(cycle) == "#0=[#0]"
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    assert "..." in written(deep)


def test_long_texts_keep_their_difference() -> None:
    assert written([0] * 5000) != written([0] * 4999 + [1])
    assert len(written([0] * 5000)) < 2000


def _observed(function: Callable[..., Any], *args: Any, late: bool = False) -> tuple[str, str]:
    observer = Observer(StillWorld(), "/nowhere", 0.5)  # type: ignore[arg-type]
    with _alarms():
        seen = observer.observe(function, (args, {}), late=late)
    return (seen.result, seen.effects) if seen else ("", "")


class _alarms:  # noqa: N801 - a context, not a class to be met
    """The alarm of replays, for the time of one call."""

    def __enter__(self) -> None:
        import signal  # noqa: PLC0415 - of no interest to the other tests

        from bot.adapters.sandbox.probes.world import too_long  # noqa: PLC0415

        self._before = signal.signal(signal.SIGALRM, too_long)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGALRM, self._before)


def _raises(x: int) -> None:
    raise ValueError(f"chosen {x}")


def _forever() -> None:
    while True:
        pass


def _lazily(xs: list[int]) -> Iterator[int]:
    yield from xs


async def _async(x: int) -> int:
    return x + 1


def test_observes_results_exceptions_and_what_is_done_to_arguments() -> None:
    assert _observed(lambda x: x, [1]) == ("#0", "")
    assert _observed(list, [1]) == ("[1]", "")
    assert _observed(lambda x: x.append(2), [1]) == ("None", "arguments: ([1, 2])")
    assert _observed(_raises, 3) == ("raises ValueError: ('chosen 3')", "")
    # What the interpreter words is the way's, not the answer's; a missing key is the answer's.
    assert _observed(lambda x: x[5], [1]) == ("raises IndexError", "")
    assert _observed(lambda x: x["k"], {}) == ("raises KeyError: ('k')", "")
    assert _observed(lambda: sys.stdout.write("hi")) == ("2", "printed: 'hi'")
    assert _observed(_async, 1) == ("2", "")


def test_observes_laziness() -> None:
    assert _observed(_lazily, [1, 2])[0] == "generator yields 1, 2, the end"
    late = _observed(_lazily, [1, 2], late=True)[0]
    assert late == "generator yields 1, 2, 2, the end"
    assert _observed(lambda xs: iter(list(xs)), [1, 2], late=True)[0] != late


def test_a_call_without_end_is_no_observation() -> None:
    assert _observed(_forever) == ("", "")


def test_observes_what_functions_that_are_made_do_and_not_how_they_are_called() -> None:
    def outer(step: int) -> Callable[[int], int]:
        def add(x: int) -> int:
            return x + step

        return add

    def other(step: int) -> Callable[[int], int]:
        return lambda y: step + y

    assert _observed(outer, 2) == _observed(other, 2)
    assert _observed(outer, 2) != _observed(outer, 3)


@pytest.mark.parametrize(
    ("function", "is_misuse"),
    [(str.encode, True), (len, False), (lambda text: text.encode("utf-8", "replace"), False)],
)
def test_half_a_letter_is_no_argument_of_what_writes_text_down(
    function: Callable[[str], Any], is_misuse: bool
) -> None:
    observer = Observer(StillWorld(), "/nowhere", 0.5)  # type: ignore[arg-type] # that is enough
    seen = observer.observe(function, (("a\ud800",), {}), late=False)
    assert seen is not None
    assert seen.misuse is is_misuse


def _values() -> tuple[tuple[Any, ...], dict[str, Any]]:
    people = [{"age": 1, "name": "a"}, {"age": 2, "name": "b"}]
    return ([1, 2, 3], people, "text", 4.5, (1, "x"), Point([7])), {"key": {"a": 1}, "none": None}


def test_changes_are_the_same_every_time_and_leave_the_structure() -> None:
    made = changes(_values(), 7, 200, iterables=True)
    assert made == changes(_values(), 7, 200, iterables=True)
    assert len(set(map(str, made))) == len(made) > 100
    changed = 0
    for number, change in enumerate(made):
        args, kwargs = apply(_values(), change, number)
        assert len(args) == 6
        assert kwargs.keys() == {"key", "none"}
        changed += written((args, kwargs)) != written(_values())
    assert changed > 0.8 * len(made)


def test_longer_arguments_have_new_items_unless_they_must_not() -> None:
    scaled = Scaled(3, vary=True)
    (numbers, text, table), _ = scaled.values((([1, 2], "ab", {"k": 1}), {}))
    assert len(set(numbers)) == 6
    assert text == "ababab"
    assert len(table) == 3
    assert scaled.longest == 6
    assert Scaled(3, vary=False).values((([1, 2],), {}))[0][0] == [1, 2, 1, 2, 1, 2]


SOURCE = """\
LIMIT = 3

# a comment
def f(x):
    if x:
        return [
            x,
            LIMIT,
        ]

    return None
"""


@pytest.mark.parametrize(
    ("lines", "x", "hit"),
    [
        ((5, 5), 0, True),  # the head of the if
        ((7, 7), 1, True),  # inside a statement of several lines
        ((7, 7), 0, False),
        ((10, 10), 1, True),  # a blank line belongs to what is before it
        ((11, 11), 1, False),
        ((4, 4), 1, True),  # the head of the function
        ((1, 1), 1, False),  # ran when the module was imported, which shows nothing
    ],
)
def test_knows_whether_changed_lines_ran(lines: tuple[int, int], x: int, *, hit: bool) -> None:
    place = "/nowhere/source.py"
    names: dict[str, Any] = {}
    exec(compile(SOURCE, place, "exec"), names)  # noqa: S102 - a file would do no better
    watched = Lines(place, ast.parse(SOURCE), [lines])
    before = sys.gettrace()
    watched.start()
    names["f"](x)
    watched.stop()
    assert watched.hit is hit
    assert sys.gettrace() is before
