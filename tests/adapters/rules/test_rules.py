"""Every rule: where it fires and keeps the meaning, where it must stay away, and its proof."""

import copy
from typing import Any

import pytest

from bot.adapters.rules import Rules
from bot.domain.rules import Opportunity, RuleInfo
from bot.ports import Formatting
from tests.adapters.rules.fires import FIRES, IDS, Fires
from tests.adapters.rules.stays import STAYS

RULES = Rules()
INFOS = {info.id: info for info in RULES.infos()}


def scan(rule: str, source: str) -> list[Opportunity]:
    return RULES.scan("m.py", source, only=frozenset({rule}))


def outcome(source: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """What `f` returns, with the types of it, or the type of what it raises."""
    module: dict[str, Any] = {"__name__": "m"}
    exec(compile(source, "m.py", "exec"), module)  # noqa: S102 - the tables below are ours
    try:
        value = module["f"](*copy.deepcopy(arguments))
    except Exception as error:  # noqa: BLE001 - whatever it raises is compared
        return "raised", type(error)
    return repr(type(value)), value


@pytest.mark.parametrize("case", FIRES, ids=IDS)
def test_fires_and_keeps_the_meaning(case: Fires) -> None:
    found = scan(case.rule, case.source)
    assert found, "the rule did not fire"
    assert any(case.contains in one.after for one in found), found[0].after
    for one in found:
        for arguments in case.calls:
            assert outcome(one.after, arguments) == outcome(case.source, arguments), one.after


@pytest.mark.parametrize("case", FIRES, ids=IDS)
def test_what_was_improved_is_not_found_again(case: Fires) -> None:
    source = case.source
    for _ in range(10):
        found = scan(case.rule, source)
        if not found:
            return
        again = {one.finding.id for one in scan(case.rule, found[0].after)}
        assert found[0].finding.id not in again or len(again) < len(found)
        source = found[0].after
    pytest.fail("the rule keeps firing on its own result")


@pytest.mark.parametrize(
    ("rule", "why"), [(rule, why) for rule, texts in STAYS.items() for why in texts]
)
def test_stays_away(rule: str, why: str) -> None:
    source = STAYS[rule][why]
    compile(source, "m.py", "exec")
    assert [one.after for one in scan(rule, source)] == []


def test_every_rule_has_cases_on_both_sides() -> None:
    assert {case.rule for case in FIRES} == set(INFOS) == set(STAYS)
    for rule, texts in STAYS.items():
        assert len(texts) >= 2, rule


def test_there_are_enough_rules_with_distinct_names() -> None:
    infos = RULES.infos()
    assert len(infos) >= 15
    assert len(INFOS) == len(infos)


@pytest.mark.parametrize("info", INFOS.values(), ids=lambda info: info.id)
def test_a_rule_states_what_a_person_needs_to_judge_it(info: RuleInfo) -> None:
    assert info.id == info.id.lower()
    assert " " not in info.id
    assert info.title
    assert info.why.endswith(".")
    assert info.side_conditions
    assert all(info.side_conditions)
    assert info.risk.endswith(".")


@pytest.mark.parametrize("info", INFOS.values(), ids=lambda info: info.id)
def test_a_proof_does_the_same_work_before_and_after(info: RuleInfo) -> None:
    sizes = info.proof.sizes
    assert list(sizes) == sorted(set(sizes))
    assert len(sizes) >= 2
    for n in sizes[:2]:
        assert run(info.proof.setup, info.proof.before, n) == run(
            info.proof.setup, info.proof.after, n
        )


def run(setup: str, statement: str, n: int) -> Any:
    """What a proof's statement leaves in its name `result`."""
    names: dict[str, Any] = {"n": n}
    exec(compile(setup, "setup", "exec"), names)  # noqa: S102 - the rules' own text
    exec(compile(statement, "statement", "exec"), names)  # noqa: S102 - the rules' own text
    found = names["result"]
    return found.pattern if hasattr(found, "pattern") else getattr(found, "group", lambda: found)()


def test_the_line_length_of_the_project_decides_the_layout() -> None:
    source = (
        "def f(alpha, beta, gamma):\n"
        "    return sorted(alpha * beta * gamma * item for item in alpha if item != gamma)\n"
    )
    narrow, wide = (
        RULES.scan("m.py", source, formatting=Formatting(line_length=length))[0].after
        for length in (80, 120)
    )
    assert len(wide.splitlines()) == 2
    assert len(narrow.splitlines()) > 2
    assert all(len(line) <= 80 for line in narrow.splitlines())
