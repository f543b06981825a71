import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.callgraph import CodePlace, functions_behind

APP = """
from flask import Flask
app = Flask(__name__)

@app.route("/reports", methods=["GET"])
def reports():
    return Builder().build(rows())

@app.route("/items/<int:id>")
async def item(id):
    return load(id)

class Builder:
    def build(self, rows):
        return [self.line(row) for row in rows]

    def line(self, row):
        return format_row(row)

def rows():
    def local():
        return fetch()
    return local()
"""
LIBRARY = """
def format_row(row):
    return helper(row)

def helper(row):
    return deeper(row)

def deeper(row):
    return too_deep(row)

def too_deep(row):
    return row

def fetch():
    return fetch() or rows()
"""


def behind(endpoint: str, **sources: str) -> list[tuple[str, int]]:
    found = functions_behind(endpoint, {f"{name}.py": text for name, text in sources.items()})
    return [(f"{place.file}:{place.function}", place.distance) for place in found]


def test_a_handler_and_what_it_calls_through_files_and_classes() -> None:
    assert behind("GET /reports", app=APP, library=LIBRARY) == [
        ("app.py:reports", 0),
        ("app.py:Builder.build", 1),
        ("app.py:rows", 1),
        ("library.py:fetch", 2),
        ("app.py:Builder.line", 2),
        ("app.py:rows.<locals>.local", 2),
        ("library.py:format_row", 3),
        ("library.py:helper", 4),
    ]


@pytest.mark.parametrize("endpoint", ["/items/<int:id>", "GET /items/<int:id>"])
def test_a_handler_is_found_with_and_without_its_method(endpoint: str) -> None:
    assert behind(endpoint, app=APP) == [("app.py:item", 0)]


@pytest.mark.parametrize("endpoint", ["", "GET ", "GET /report", "GET /unknown"])
def test_what_no_handler_names_has_nothing_behind_it(endpoint: str) -> None:
    assert behind(endpoint, app=APP, other='@route("")\ndef f():\n    pass\n') == []


def test_calls_in_circles_end() -> None:
    circle = '@get("/x")\ndef a():\n    a()\n    b()\n\ndef b():\n    c()\n\ndef c():\n    a()\n'
    assert behind("/x", m=circle) == [("m.py:a", 0), ("m.py:b", 1), ("m.py:c", 2)]


@pytest.mark.parametrize(
    "broken", ["def f(:\n", "x = '\0'", "(" * 10_000, "-" * 100_000 + "1", "\ud800"]
)
def test_a_file_that_cannot_be_read_hides_no_other(broken: str) -> None:
    assert behind("/x", broken=broken, m='@get("/x")\ndef a():\n    pass\n') == [("m.py:a", 0)]


def test_a_warning_about_the_code_read_is_nobodys_business() -> None:
    escape = '@get("/x")\ndef a():\n    return "\\d" is 1\n'
    assert behind("/x", m=escape) == [("m.py:a", 0)]


NAMES = st.sampled_from("abcdef")
CALLS = st.dictionaries(NAMES, st.lists(NAMES, max_size=3), min_size=1)


@given(CALLS, NAMES)
def test_distances_are_those_of_a_walk_step_by_step(
    calls: dict[str, list[str]], start: str
) -> None:
    lines = []
    for name, called in calls.items():
        lines += ['@get("/x")'] if name == start else []
        lines += [f"def {name}():", *(f"    {other}()" for other in called), "    return 0", ""]
    source = "\n".join(lines)
    expected = {start: 0} if start in calls else {}
    for distance in range(1, 5):
        for name in [name for name, at in expected.items() if at == distance - 1]:
            for other in calls[name]:
                if other in calls:
                    expected.setdefault(other, distance)
    found = functions_behind("GET /x", {"m.py": source})
    assert {place.function: place.distance for place in found} == expected
    assert list(found) == sorted(found, key=lambda place: place.distance)
    assert all(isinstance(place, CodePlace) for place in found)
