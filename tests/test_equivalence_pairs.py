"""The pairs that verification is measured on are alike, or differ in one point, as they say."""

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def pairs() -> Iterator[Any]:
    """The package of the benchmark; it is on no path of the product."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("equivalence_pairs")
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_every_right_pair_is_alike_and_every_wrong_one_differs(pairs: Any) -> None:
    found = [(one.name, pairs.problem(one, is_right=True)) for one in pairs.RIGHT]
    found += [(one.name, pairs.problem(one, is_right=False)) for one in pairs.WRONG]
    assert [(name, why) for name, why in found if why] == []


def test_there_are_enough_and_each_has_a_name_of_its_own(pairs: Any) -> None:
    assert len(pairs.RIGHT) >= 70
    assert len(pairs.WRONG) >= 80
    names = Counter(one.name for one in [*pairs.RIGHT, *pairs.WRONG])
    assert [name for name, count in names.items() if count > 1] == []


def test_a_pair_that_is_not_what_it_says_is_found_out(pairs: Any) -> None:
    wrong = pairs.WRONG[0]
    assert pairs.problem(wrong, is_right=True).startswith("what it shows is ")
    assert pairs.problem(replace(wrong, new=wrong.old), is_right=False) != ""
    assert pairs.problem(replace(wrong, shows=""), is_right=False) == "it shows nothing"
    failing = replace(wrong, new="def f(entries):\n    return None\n")
    assert pairs.problem(failing, is_right=False).startswith("its tests fail on the new side")
