from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.improvement import State
from bot.domain.policy import LimitsPolicy
from bot.domain.recall import (
    ALIKE,
    Outcome,
    Recalled,
    function_code,
    likeness,
    not_again,
    shapes,
    words,
)
from tests.domain.samples import NOW, a_finding

CODE = "def f(rows):\n    return [row for row in sorted(rows) if row > 3][0]\n"
PAST = Outcome("1", a_finding(), "rules", State.REVERTED, "slower", CODE, "", NOW)
POLICY = LimitsPolicy()
COOL = timedelta(days=POLICY.cooldown_days)


def said(outcome: Outcome, like: float = 1.0, rule: str = PAST.finding.rule) -> str:
    return not_again(rule, [Recalled(outcome, like)], POLICY, NOW + COOL / 2)


def test_what_was_closed_or_reverted_is_not_tried_again_on_like_code_before_its_time() -> None:
    assert "was reverted" in said(PAST)
    assert "was abandoned" in said(replace(PAST, state=State.ABANDONED), ALIKE)
    assert not_again(PAST.finding.rule, [Recalled(PAST, 1.0)], POLICY, NOW + COOL) == ""


@pytest.mark.parametrize("state", [State.KEPT, State.REJECTED])
def test_what_was_kept_or_rejected_in_the_sandbox_forbids_nothing(state: State) -> None:
    assert said(replace(PAST, state=state)) == ""


def test_other_code_or_another_rule_is_free() -> None:
    assert said(PAST, ALIKE - 0.01) == ""
    assert said(PAST, rule="another") == ""


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("row", "item").replace("f(", "g("),
        CODE.replace("(rows)", "(rows: list[int]) -> int", 1),
        CODE.replace("return [", "'''Says so.'''\n    return [\n        "),
        f"    {CODE}".replace("\n    ", "\n        "),
    ],
)
def test_names_layout_annotations_and_docstrings_have_no_part_in_the_shape(same: str) -> None:
    assert likeness(CODE, same) > 0.75
    assert "return" not in shapes(same)


def test_other_code_has_another_shape() -> None:
    assert likeness(CODE, "def f(rows):\n    return min(rows)\n") < 0.5
    assert likeness("def (", "def (") == 0.0


def test_a_function_is_taken_out_of_its_module() -> None:
    module = f"import os\n\n\nclass A:\n    def f(self):\n        return 1\n\n\n{CODE}"
    assert function_code(module, "f") == CODE.strip()
    assert function_code(module, "A.f").startswith("def f(self)")
    assert function_code(module, "gone") == module
    assert function_code("def (", "f") == "def ("


def test_names_are_taken_apart() -> None:
    assert words("read_all(HTTPServer2)") == ("read", "all", "http", "server", "2")


@given(st.text())
def test_any_text_has_words_and_shapes(text: str) -> None:
    assert all(word.isalnum() for word in words(text))
    assert all(one.isalnum() for one in shapes(text))
    assert 0 <= likeness(text, CODE) <= 1
