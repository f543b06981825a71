"""What the people in the office want to know."""

import re

from shop.database import Database
from shop.routes import Refused, Request, Response, route

SHOWN = 20
_MONTH = re.compile(r"\d{4}-\d{2}")


@route("GET", "/reports/customers")
def get_customers(database: Database, request: Request) -> Response:
    """Who bought something in a month, in the order of their first purchase."""
    month = request.query.get("month", "")
    if not _MONTH.fullmatch(month):
        raise Refused(400, "say which month, as in ?month=2025-11")
    names = buyers(purchases(database, month))
    return Response(200, {"month": month, "customers": len(names), "first": names[:SHOWN]})


def purchases(database: Database, month: str) -> list[tuple[str, str]]:
    """First and last name of the customer of every order of a month, oldest first."""
    return database.rows(
        "SELECT customers.first, customers.last FROM orders"
        " JOIN customers ON customers.id = orders.customer"
        " WHERE orders.at >= ? AND orders.at < ? ORDER BY orders.at, orders.id",
        (month, month + "~"),
    )


def buyers(rows: list[tuple[str, str]]) -> list[str]:
    """Everybody's name once: people have several accounts, and spell their name as they like."""
    seen = []
    names = []
    for first, last in rows:
        name = f"{first} {last}".strip().lower()
        if name not in seen:
            seen.append(name)
            names.append(name.title())
    return names
