"""The sample service is sound, and slow in one place for a reason that the rules know."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.policy_file import parse_policy
from bot.adapters.rules.book import Rules
from bot.domain.callgraph import functions_behind
from bot.domain.finding import Severity
from bot.domain.patch import FileChange, Kept, Limits, Patch, check_limits
from bot.domain.policy import POLICY_PATH, Policy
from bot.domain.rules import Opportunity
from tests.examples.shop import SHOP, copied, run, sources

SLOW = "GET /reports/customers"


def test_its_own_tests_pass_anywhere(tmp_path: Path) -> None:
    done = run(copied(tmp_path / "a shop"), "-m", "pytest", "-q")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def policy() -> Policy:
    parsed = parse_policy((SHOP / POLICY_PATH).read_text(encoding="utf-8"))
    assert isinstance(parsed, Policy)
    return parsed


def test_its_policy_lets_the_whole_loop_run_by_itself() -> None:
    allowed = policy()
    assert allowed.landing.automatic
    assert allowed.watch.automatic_rollback
    assert set(allowed.landing.required_checks) == set(allowed.local.checks) == {"tests"}
    assert allowed.local.deploy
    assert allowed.watch.warm_up_seconds + allowed.watch.duration_seconds <= 30


# The slow place


class Counting(list[str]):
    """A list that counts how many elements its membership tests look at, at most."""

    looked_at = 0

    def __contains__(self, item: object) -> bool:
        self.looked_at += len(self)
        return super().__contains__(item)


def looked_at(people: int) -> int:
    """How many names are compared for so many customers, with the code as it stands."""
    module = ast.parse(sources()["shop/reports.py"])
    function = next(
        part for part in module.body if isinstance(part, ast.FunctionDef) and part.name == "buyers"
    )
    text = ast.unparse(function)
    assert text.count("seen = []") == 1
    seen = Counting()
    namespace: dict[str, Any] = {"counted": seen}
    text = text.replace("seen = []", "seen = counted")
    exec(text, namespace)  # noqa: S102 - the sample's own text
    rows = [(f"First{n}", "Last") for n in range(people)]
    assert len(namespace["buyers"](rows)) == people
    return seen.looked_at


def test_the_work_grows_with_the_square_of_the_customers() -> None:
    assert looked_at(1_000) == 1_000 * 999 // 2
    assert looked_at(2_000) == 2_000 * 1_999 // 2


def opportunities() -> list[Opportunity]:
    return [one for file, text in sources().items() for one in Rules().scan(file, text)]


def test_one_rule_sees_exactly_the_slow_place() -> None:
    urgent = [one.finding for one in opportunities() if one.finding.severity is Severity.HIGH]
    assert [(one.rule, one.file, one.function) for one in urgent] == [
        ("seen-as-list", "shop/reports.py", "buyers")
    ]
    assert len(opportunities()) <= 3


def test_the_slow_endpoint_leads_to_it() -> None:
    places = {(place.file, place.function) for place in functions_behind(SLOW, sources())}
    assert ("shop/reports.py", "buyers") in places
    others = {place.function for place in functions_behind("GET /search", sources())}
    assert "buyers" not in others


def test_the_rules_patch_is_small_and_takes_the_square_away(tmp_path: Path) -> None:
    (found,) = [one for one in opportunities() if one.finding.rule == "seen-as-list"]
    patch = Patch((FileChange(found.finding.file, found.before, found.after),))
    assert check_limits(patch, Limits(), policy().scan.paths) == Kept()
    assert patch.changed_lines() == 4
    assert "seen = set()" in found.after
    folder = copied(tmp_path / "patched")
    (folder / found.finding.file).write_text(found.after, encoding="utf-8")
    done = run(folder, "-m", "pytest", "-q")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("endpoint", "handler"),
    [
        ("GET /products/{id}", "get_product"),
        ("GET /search", "get_search"),
        ("POST /orders", "post_order"),
        (SLOW, "get_customers"),
        ("GET /healthz", "get_health"),
    ],
)
def test_every_route_is_read_from_its_decorator(endpoint: str, handler: str) -> None:
    nearest = [place for place in functions_behind(endpoint, sources()) if place.distance == 0]
    assert [place.function for place in nearest] == [handler]


def test_the_readme_shows_a_line_of_the_access_log() -> None:
    readme = (SHOP / "README.md").read_text(encoding="utf-8")
    (line,) = [text.strip() for text in readme.splitlines() if text.strip().startswith('{"at"')]
    assert set(json.loads(line)) == {"at", "endpoint", "ms", "status", "commit"}
