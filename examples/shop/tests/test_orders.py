import json

import pytest

from shop.catalogue import product
from shop.database import Database
from shop.orders import place, post_order, read_order
from shop.routes import Refused, Request

GOOD = {"customer": 5, "product": 3, "quantity": 2}
AT = "2026-01-02T03:04:05+00:00"


def test_an_order_is_written_down(copy: Database) -> None:
    response = post_order(copy, Request(body=json.dumps(GOOD).encode()))
    rows = copy.rows(
        "SELECT customer, product, quantity FROM orders WHERE id = ?", (response.content["id"],)
    )
    assert response.status == 201
    assert rows == [(5, 3, 2)]


def test_an_order_takes_from_the_stock_and_adds_up(copy: Database) -> None:
    before = product(copy, 3)
    number = place(copy, 5, 3, 4, AT)
    after = product(copy, 3)
    assert before and after
    assert after.stock == before.stock - 4
    assert copy.rows("SELECT total, at FROM orders WHERE id = ?", (number,)) == [
        (4 * before.price, AT)
    ]


@pytest.mark.parametrize(
    ("customer", "number", "quantity", "status"),
    [(5_000, 3, 1, 404), (5, 5_000, 1, 409), (5, 3, 10_000_000, 409)],
)
def test_an_order_that_cannot_be_filled_changes_nothing(
    copy: Database, customer: int, number: int, quantity: int, status: int
) -> None:
    before = copy.rows("SELECT count(*), (SELECT sum(stock) FROM products) FROM orders")
    with pytest.raises(Refused) as refused:
        place(copy, customer, number, quantity, AT)
    assert refused.value.status == status
    assert copy.rows("SELECT count(*), (SELECT sum(stock) FROM products) FROM orders") == before


def test_an_order_is_read() -> None:
    assert read_order(GOOD) == (5, 3, 2)


@pytest.mark.parametrize(
    "content",
    [[], "x", None, {}, GOOD | {"quantity": 0}, GOOD | {"quantity": 101}, GOOD | {"product": "3"}],
)
def test_an_order_that_makes_no_sense(content: object) -> None:
    with pytest.raises(Refused) as refused:
        read_order(content)
    assert refused.value.status == 400
