"""Which functions a change of a file touches."""

import pytest

from bot.domain.suspects import Touch
from bot.domain.touching import touches

BEFORE = """\
import os

LIMIT = 3


class Shop:
    name = "shop"

    def total(self):
        def one(item):
            return item.price

        return sum(map(one, self.items))


def top(shop):
    return max(shop.items)
"""


def found(after: str, file: str = "a.py") -> set[str]:
    touched = list(touches(file, BEFORE, after))
    assert {one.file for one in touched} <= {file}
    return {one.function for one in touched}


@pytest.mark.parametrize(
    ("old", "new", "functions"),
    [
        ("", "", set()),
        ("LIMIT = 3", "LIMIT = 4", {""}),
        ("max(shop.items)", "min(shop.items)", {"top"}),
        ("sum(map", "sum(filter", {"Shop.total"}),
        ("item.price", "item.cost", {"Shop.total.<locals>.one"}),
        ('name = "shop"', 'name = "other"', {""}),
        ("def top(shop)", "def best(shop)", {"top", "best"}),
        ("import os\n", "import os\n\n\n# moved\n", {""}),
        ("LIMIT = 3\n", "\n\nLIMIT = 3\n", set()),
    ],
)
def test_only_what_has_other_lines_of_its_own_is_touched(
    old: str, new: str, functions: set[str]
) -> None:
    assert found(BEFORE.replace(old, new, 1)) == functions


def test_a_file_that_is_new_gone_or_no_python_is_touched_in_all_that_it_has() -> None:
    every = {"", "Shop.total", "Shop.total.<locals>.one", "top"}
    assert {one.function for one in touches("a.py", "", BEFORE)} == every
    assert {one.function for one in touches("a.py", BEFORE, "")} == every
    assert list(touches("a.sql", "1", "2")) == [Touch("a.sql", "")]
    assert found(BEFORE + "def broken(:\n") == {*every}
