import pytest

from shop.database import Database
from shop.reports import SHOWN, buyers, get_customers, purchases
from shop.routes import Refused, Request
from shop.seed import MONTH


def test_everybody_is_named_once_in_the_order_of_their_first_purchase() -> None:
    rows = [("Ada", "Hill"), ("Ben", "Ford"), ("ada", "HILL"), ("Ben", "Ford"), ("Cleo", "Ley")]
    assert buyers(rows) == ["Ada Hill", "Ben Ford", "Cleo Ley"]


def test_a_name_may_lack_a_part() -> None:
    assert buyers([("Ada", ""), ("", "Ada"), ("", "")]) == ["Ada", ""]


def test_nobody_bought_anything() -> None:
    assert buyers([]) == []


def test_many_buyers() -> None:
    rows = [(f"First{n % 40}", f"Last{n // 40}") for n in range(200)]
    assert buyers(rows + rows[::-1]) == [f"{first} {last}" for first, last in rows]


def test_the_purchases_of_one_month(database: Database) -> None:
    counted = database.rows("SELECT count(*) FROM orders WHERE substr(at, 1, 7) = ?", (MONTH,))
    assert len(purchases(database, MONTH)) == counted[0][0] > 60
    assert purchases(database, "1999-01") == []


def test_the_report_counts_everybody_and_shows_the_first(database: Database) -> None:
    content = get_customers(database, Request(query={"month": MONTH})).content
    assert content["customers"] == 60
    assert content["first"] == buyers(purchases(database, MONTH))[:SHOWN]


@pytest.mark.parametrize("month", ["", "2025", "2025-1", "x", "2025-11-01"])
def test_a_report_needs_a_month(database: Database, month: str) -> None:
    with pytest.raises(Refused) as refused:
        get_customers(database, Request(query={"month": month}))
    assert refused.value.status == 400
