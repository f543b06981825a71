"""Whatever a document says, only the lines of the function asked for can differ."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model.conversation import ProposalDocument
from bot.domain.model.splice import splice
from bot.domain.model.target import Target, find_target
from bot.domain.patch import FileChange
from tests.fakes.model.hostile import FAST, FILE, FUNCTION, SOURCE

BODIES = ["# more", "x = 1", "\n\n\n", 'x = """\n  a\n"""', "\f", "def g():\n        pass"]
FUNCTIONS = st.builds(
    lambda body, text: FAST.replace("    return", f"    {body}\n    return").replace("The", text),
    st.sampled_from(BODIES),
    st.text(st.characters(exclude_characters='"\\\0', exclude_categories=["Cs"]), max_size=30),
)
ADDED = ["import abc", "import json", "from zlib import crc32", "from . import other"]
ADDED += ["_X = 1", "_Y: int = 2", "def _h():\n    return 1", "@_h\ndef _g():\n    pass"]
ADDED += ["from __future__ import annotations", "# alone", '_Z = """\nimport os\n"""']
ADDITIONS = st.lists(st.sampled_from(ADDED), max_size=6).map("\n".join)
LINES = SOURCE.split("\n")
TOP, REST = LINES[:11], LINES[20:]
"""What stands before and behind the function."""


def target(source: str = SOURCE) -> Target:
    found = find_target(FILE, FUNCTION, source)
    assert isinstance(found, Target)
    return found


def answer(replacement: str, additions: str = "") -> ProposalDocument:
    return ProposalDocument(FILE, FUNCTION, replacement, additions, "why", confidence=1.0)


@given(FUNCTIONS | st.text(max_size=200), ADDITIONS | st.text(max_size=100))
def test_security_26_lines_of_other_functions_never_change(text: str, additions: str) -> None:
    found = splice(answer(text, additions), target())
    if isinstance(found, FileChange):
        kept = found.after.split("\n")
        assert kept[-len(REST) :] == REST
        rest = iter(kept)
        assert all(line in rest for line in TOP)
        if not additions.strip():
            assert kept[: len(TOP)] == TOP


@given(st.sampled_from(BODIES), ADDITIONS)
def test_what_only_defines_is_taken(body: str, additions: str) -> None:
    text = FAST.replace("    return", f"    {body}\n    return")
    found = splice(answer(text, additions), target())
    assert isinstance(found, FileChange), found
    ast.parse(found.after)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_texts_of_several_lines_and_ends_of_lines_stay(newline: str) -> None:
    place = target(SOURCE.replace("\n", newline))
    text = '@staticmethod\ndef distinct(rows):\n    return """a\n b""", rows\n'
    found = splice(answer(text), place)
    assert isinstance(found, FileChange)
    assert found.after.count("\r\n") == (found.after.count("\n") if newline == "\r\n" else 0)
    method = next(
        node
        for node in ast.walk(ast.parse(found.after))
        if isinstance(node, ast.FunctionDef) and node.name == "distinct"
    )
    assert "'a\\n b'" in ast.unparse(method)
