import pytest

from shop.catalogue import PAGE, Product, get_product, get_search, product, search, words
from shop.database import Database
from shop.routes import Refused, Request


def every_product(database: Database) -> list[Product]:
    rows = database.rows("SELECT id, name, price, stock FROM products ORDER BY id")
    return [Product(*row) for row in rows]


def test_a_product_has_a_name_a_price_and_a_stock(database: Database) -> None:
    response = get_product(database, Request(parameters={"id": "7"}))
    assert response.status == 200
    assert response.content["id"] == 7
    assert set(response.content) == {"id", "name", "price", "stock"}


@pytest.mark.parametrize("number", ["0", "999", "-1", "x", "", "²"])
def test_there_is_no_such_product(database: Database, number: str) -> None:
    with pytest.raises(Refused) as refused:
        get_product(database, Request(parameters={"id": number}))
    assert refused.value.status == 404


def test_the_words_of_a_name() -> None:
    assert words("Plain  Oak desk") == ["plain", "oak", "desk"]


@pytest.mark.parametrize(
    "text", ["lamp", "Chair", "DESK", " shelf ", "nordal", "nova", "c", "l", "no", "zebra"]
)
def test_search_finds_the_first_products_with_such_a_word(database: Database, text: str) -> None:
    start = text.strip().lower()
    expected = [
        one
        for one in every_product(database)
        if any(word.startswith(start) for word in one.name.lower().split())
    ]
    assert search(database, text) == expected[:PAGE]


def test_the_beginning_of_a_word_is_enough(database: Database) -> None:
    assert search(database, "sh") == search(database, "shelf")
    assert search(database, "nord") == sorted(
        search(database, "nordal") + search(database, "nordby"), key=lambda one: one.id
    )


@pytest.mark.parametrize("typed", ["n", "no", "nor", "nord", "nov", "nova", "d", "de", "la", "lam"])
def test_each_letter_that_is_typed_narrows_the_search(database: Database, typed: str) -> None:
    found = search(database, typed)
    assert 0 < len(found) <= PAGE
    assert all(any(word.startswith(typed) for word in words(one.name)) for one in found)


def test_search_shows_one_page(database: Database) -> None:
    response = get_search(database, Request(query={"q": "no"}))
    numbers = [one["id"] for one in response.content["products"]]
    assert len(numbers) == PAGE
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "  "}])
def test_searching_for_nothing_finds_nothing(database: Database, query: dict[str, str]) -> None:
    assert get_search(database, Request(query=query)).content == {"products": []}


def test_a_search_is_no_query_language(database: Database) -> None:
    assert search(database, "%") == []
    assert search(database, "' OR 1=1 --") == []


def test_a_product_by_number(database: Database) -> None:
    assert product(database, 3) == every_product(database)[2]
    assert product(database, 10_000) is None
