"""Calls that nobody has made: they suit the function, and find the ways through it."""

import textwrap

import pytest

from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.equivalence import FunctionRef, Recording, Replayed
from tests.adapters.sandbox.projects import HERE, tree

SOURCES = {
    "annotated": """
        from dataclasses import dataclass

        @dataclass
        class Line:
            name: str
            cents: int

        def f(lines: list[Line], rate: float | None = None) -> dict[str, int]:
            found: dict[str, int] = {}
            for line in lines:
                found[line.name] = found.get(line.name, 0) + line.cents
            return found
        """,
    "by a constant": """
        def f(code):
            if code == "XK-77":
                return "special"
            return code.lower()
        """,
    "by use": """
        def f(graph, start):
            todo, seen = [start], []
            while todo:
                node = todo.pop()
                if node not in seen:
                    seen.append(node)
                    todo.extend(graph.get(node, []))
            return seen
        """,
    "by keys": """
        def f(rows):
            return sorted(row["price"] * row["count"] for row in rows)
        """,
    "raises": """
        def f(text):
            if not text.isdigit():
                raise ValueError(text)
            return int(text)
        """,
}
SHELF = """
class Shelf:
    def __init__(self, size: int = 3) -> None:
        self.size = size
        self.books: list[str] = []

    def put(self, book: str) -> None:
        self.books.append(book)

    def f(self, book: str) -> int:
        if book in self.books:
            return self.books.index(book)
        return -1
"""


async def answers(sandbox: ProcessSandbox, source: str, function: str = "f") -> Replayed:
    files = {"shop.py": textwrap.dedent(source)}
    async with sandbox.open(tree(files), HERE) as workspace:
        found = await workspace.invent(Recording((FunctionRef("shop.py", function),), 0, b""))
        assert found.why == ""
        return await workspace.replay(found, [(1, 99)])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("annotated", "{'"),
        ("by a constant", "'special'"),
        ("by use", "['"),
        ("by keys", "["),
        ("raises", "raises ValueError"),
    ],
)
async def test_likely_arguments_are_found(sandbox: ProcessSandbox, name: str, says: str) -> None:
    seen = await answers(sandbox, SOURCES[name])
    results = [one.result for one in seen.observations.values()]
    assert seen.changed_lines_hit
    assert len(results) > 50
    assert any(says in result for result in results)
    misused = sum("TypeError" in result or "AttributeError" in result for result in results)
    assert misused < len(results) / 10


async def test_a_method_is_called_on_objects_with_a_history(sandbox: ProcessSandbox) -> None:
    seen = await answers(sandbox, SHELF, "Shelf.f")
    results = {one.result for one in seen.observations.values()}
    assert {"-1", "0"} <= results


async def test_what_cannot_be_imported_says_why(sandbox: ProcessSandbox) -> None:
    files = {"shop.py": "import nothing_of_the_kind\n\n\ndef f(x):\n    return x\n"}
    async with sandbox.open(tree(files), HERE) as workspace:
        found = await workspace.invent(Recording((FunctionRef("shop.py", "f"),), 0, b""))
    assert found.calls == 0
    assert "nothing_of_the_kind" in found.why
