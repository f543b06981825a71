"""A report that CI kept is read strictly, shown as text, and believed in nothing."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.domain.action.ci_comment import ci_comment
from bot.domain.action.ci_report import CiReport, UnreadableReport, read_ci_report
from bot.domain.action.outcome import Outcome, Verdict, document

SHA = "a" * 40
DETAILS: dict[str, Any] = {
    "tests": {"passed": 12, "newly_failed": ["tests/test_a.py::test_b"]},
    "functions": [
        {"file": "a.py", "function": "f", "answers": "alike on 3 inputs", "speed": "faster: 2x"}
    ],
}


def written(**changes: Any) -> bytes:
    made = document(Outcome("sandbox", Verdict.FAIL, "tests: one", details=DETAILS))
    return json.dumps({**made, **changes}).encode()


def test_what_the_action_writes_is_read_and_shown() -> None:
    says = read_ci_report(written())
    assert isinstance(says, CiReport)
    assert (says.verdict, says.headline, says.passed) == (Verdict.FAIL, "tests: one", 12)
    text = ci_comment(says, SHA)
    assert text.startswith("### ❌ CI on `aaaaaaaaaaaa`: tests: one")
    assert "12 tests passed, 1 newly failed" in text
    assert "- `tests/test_a.py::test_b`" in text
    assert "| `a.py: f` | alike on 3 inputs | faster: 2x |" in text
    assert "Only the required checks decide" in text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b" " * 1_000_001, "it is larger than 1,000,000 bytes"),
        (b"[]", "it is not of schema 1"),
        (written(schema=2), "it is not of schema 1"),
        (written(mode="gate"), "it is not of mode sandbox"),
        (written(verdict="great"), "it has no verdict that is known"),
        (written(verdict=["pass"]), "it has no verdict that is known"),
    ],
)
def test_what_is_none_is_refused_and_said_to_be(data: bytes, why: str) -> None:
    says = read_ci_report(data)
    assert says == UnreadableReport(why)
    assert "is not shown" in ci_comment(says, SHA)


def test_security_27_a_report_means_nothing_on_the_page() -> None:
    nasty = "\n# <!-- ironclaw:x --> </details> @octocat [a](http://b) | `x` ::error::y " * 50
    key = "ghp_" + "A1b2" * 9
    functions = [dict.fromkeys(("file", "function", "answers", "speed"), nasty)] * 40
    details = {"tests": {"newly_failed": [nasty] * 40}, "functions": functions}
    says = read_ci_report(written(headline=f"{key} {nasty}", details=details))
    assert isinstance(says, CiReport)
    text = ci_comment(says, SHA)
    assert key not in text
    assert len(text) < 65_536
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    kinds = Counter(one.type for one in (*tokens, *(x for t in tokens for x in t.children or ())))
    assert (kinds["heading_open"], kinds["table_open"], kinds["tr_open"]) == (1, 1, 11)
    assert not {"html_block", "html_inline", "link_open", "image"} & kinds.keys()
    said = [x.content for t in tokens for x in t.children or () if x.type == "text"]
    assert said
    assert not [one for one in said if "@octocat" in one]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, JSON, JSON)
def test_whatever_stands_in_it_is_read(tests: Any, functions: Any, headline: Any) -> None:
    details = {"tests": tests, "functions": functions}
    says = read_ci_report(written(details=details, headline=headline))
    assert isinstance(says, CiReport)
    assert ci_comment(says, SHA)
    assert isinstance(read_ci_report(json.dumps(tests).encode()), UnreadableReport)
