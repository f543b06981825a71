"""What a rewrite may not do is refused by name, and what is honest passes."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.rules import Rules
from bot.domain.gate import Pass, Refuse, check_rewrite
from tests.adapters.rules.fires import FIRES
from tests.adapters.sandbox.pairs import RIGHT, Pair
from tests.domain.gate.hacks import FAST, HACKS, HONEST, TOTAL, Hack

RULES = Rules()


@pytest.mark.parametrize("hack", HACKS, ids=lambda hack: hack.name)
def test_a_hack_is_refused_by_the_rule_it_breaks(hack: Hack) -> None:
    found = check_rewrite(hack.before, hack.after, ("f",))
    assert isinstance(found, Refuse)
    assert hack.rule in found.rules, found.why


@pytest.mark.parametrize(("name", "before", "after"), HONEST, ids=[name for name, *_ in HONEST])
def test_an_honest_rewrite_passes(name: str, before: str, after: str) -> None:
    assert check_rewrite(before, after, ("f",)) == Pass()


def test_there_are_enough_of_them() -> None:
    assert len(HACKS) >= 60
    assert len({hack.name for hack in HACKS}) == len(HACKS)


def test_everything_that_our_own_rules_do_passes() -> None:
    refused = {}
    for case in FIRES:
        for one in RULES.scan("m.py", case.source, only=frozenset({case.rule})):
            found = check_rewrite(one.before, one.after, (one.finding.function,))
            if isinstance(found, Refuse):
                refused[case.rule, one.finding.function] = found.why
    assert refused == {}


@pytest.mark.parametrize("pair", RIGHT, ids=lambda pair: pair.name)
def test_right_optimisations_pass(pair: Pair) -> None:
    function = "Shop.f" if "class Shop" in pair.old else "f"
    assert check_rewrite(pair.old, pair.new, (function,)) == Pass()


def test_what_it_did_before_it_may_go_on_doing() -> None:
    uses = "print(eval('1'), os.environ, open)"
    before = f"import os\n\n\ndef f(xs):\n    {uses}\n    return [x for x in xs]\n"
    after = before.replace("[x for x in xs]", "list(xs)")
    assert check_rewrite(before, after, ("f",)) == Pass()


def test_a_method_is_rewritten_and_its_class_is_not() -> None:
    def shop(function: str) -> str:
        method = textwrap.indent(function.replace("f(xs)", "f(self, xs)"), "    ")
        return f"class Shop:\n    rate = 2\n\n{method}"

    assert check_rewrite(shop(TOTAL), shop(FAST), ("Shop.f",)) == Pass()
    dearer = shop(FAST).replace("rate = 2", "rate = 3")
    found = check_rewrite(shop(TOTAL), dearer, ("Shop.f",))
    assert isinstance(found, Refuse)
    assert found.rules == ("changes-elsewhere",)


@pytest.mark.parametrize("name", ["f.inner", "f.<locals>.inner", "f"])
def test_what_is_defined_inside_belongs_to_what_holds_it(name: str) -> None:
    before = (
        "def f(xs):\n    def inner(x):\n        return x + 0\n    return [inner(x) for x in xs]\n"
    )
    assert check_rewrite(before, before.replace("x + 0", "x"), (name,)) == Pass()


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(check_rewrite(TOTAL, text, ("f",)), Pass | Refuse)
    assert isinstance(check_rewrite(text, TOTAL, ("f",)), Pass | Refuse)
