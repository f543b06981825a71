import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.finding import fingerprint, layout_free

ANCHOR = "for item in items:\n        total += price(item, rates)"


def printed(anchor: str = ANCHOR, **changes: object) -> str:
    parts = {"rule": "r", "file": "app/a.py", "function": "Shop.total", "anchor": anchor}
    return fingerprint(**(parts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "anchor",
    [
        ANCHOR.replace("\n        ", "\n    "),
        ANCHOR.replace("\n", "\r\n"),
        f"  {ANCHOR}\n\n",
        ANCHOR.replace(", ", ","),
        ANCHOR.replace("price(item, rates)", "price(\n    item,\n    rates\n)"),
        ANCHOR.replace(" += ", "+="),
    ],
)
def test_a_fingerprint_survives_another_layout(anchor: str) -> None:
    assert printed(anchor) == printed()


def test_a_fingerprint_differs_by_everything_else() -> None:
    others = [
        printed(),
        printed(rule="other"),
        printed(file="app/b.py"),
        printed(function="Shop.sum"),
        printed(occurrence=1),
        printed(ANCHOR.replace("rates", "rate")),
        printed("notx"),
        printed("not x"),
    ]
    assert len(set(others)) == len(others)
    assert all(re.fullmatch("[0-9a-f]{12}", other) for other in others)


def test_parts_do_not_run_into_each_other() -> None:
    assert printed(file="a", function="b.c") != printed(file="a.b", function="c")


@given(st.text(), st.integers(0, 100))
def test_any_text_has_a_fingerprint(anchor: str, occurrence: int) -> None:
    once = printed(anchor, occurrence=occurrence)
    assert once == printed(f"\n\t{anchor}\n", occurrence=occurrence)
    assert layout_free(layout_free(anchor)) == layout_free(anchor)
