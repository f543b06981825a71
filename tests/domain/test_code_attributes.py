import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.callgraph import CallGraph
from bot.domain.code_attributes import function_of_attributes

SOURCES = {
    "shop/orders.py": """
def total(rows):
    def one(row):
        return row
    return sum(map(one, rows))

class Cart:
    def total(self):
        return 1
""",
    "shop/reports.py": "def build():\n    return 1\n",
}
FUNCTIONS = CallGraph(SOURCES).functions


def found(**attributes: object) -> list[tuple[str, float]]:
    named = {name.replace("_", "."): value for name, value in attributes.items()}
    answers = function_of_attributes(named, FUNCTIONS)
    return [(f"{one.place.file}:{one.place.function}", one.confidence) for one in answers]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            {"code_file_path": "/srv/app/shop/orders.py", "code_line_number": 3},
            [("shop/orders.py:total.<locals>.one", 0.99)],
        ),
        (
            {"code_filepath": "shop/orders.py", "code_lineno": "9", "code_function": "total"},
            [("shop/orders.py:Cart.total", 0.99)],
        ),
        (
            {"code_file_path": "C:\\app\\shop\\orders.py", "code_function_name": "Cart.total"},
            [("shop/orders.py:Cart.total", 0.95)],
        ),
        (
            {"code_filepath": "orders.py", "code_function": "total", "code_namespace": "Cart"},
            [("shop/orders.py:Cart.total", 0.95)],
        ),
        (
            {"code_function_name": "shop.reports.build"},
            [("shop/reports.py:build", 0.7)],
        ),
        (
            {"code_function": "build", "code_namespace": "shop.reports"},
            [("shop/reports.py:build", 0.7)],
        ),
        (
            {"code_function_name": "total"},
            [("shop/orders.py:total", 0.35), ("shop/orders.py:Cart.total", 0.35)],
        ),
        # The line is of another version of the file: the name decides.
        (
            {"code_filepath": "shop/orders.py", "code_lineno": 9, "code_function": "one"},
            [("shop/orders.py:total.<locals>.one", 0.95)],
        ),
        ({"code_file_path": "other/orders.py", "code_line_number": 3}, []),
        ({"code_file_path": "shop/orders.py", "code_line_number": 999}, []),
        ({"code_file_path": "shop/orders.py", "code_line_number": True}, []),
        ({"code_function_name": 7, "code_file_path": ["x"]}, []),
        ({}, []),
    ],
)
def test_attributes_name_a_function(
    attributes: dict[str, object], expected: list[tuple[str, float]]
) -> None:
    assert found(**attributes) == expected


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20))
KEYS = st.sampled_from(
    ["code.function", "code.function.name", "code.filepath", "code.file.path", "code.lineno"]
)


@given(st.dictionaries(KEYS, ANYTHING))
def test_any_attributes_are_borne(attributes: dict[str, object]) -> None:
    assert sum(one.confidence for one in function_of_attributes(attributes, FUNCTIONS)) <= 1
