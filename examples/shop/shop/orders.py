"""Taking orders, as long as there is something in stock."""

from datetime import UTC, datetime

from shop.database import Database
from shop.routes import Refused, Request, Response, route

MOST = 100


@route("POST", "/orders")
def post_order(database: Database, request: Request) -> Response:
    """Place one order."""
    customer, product, quantity = read_order(request.json())
    number = place(database, customer, product, quantity, datetime.now(UTC).isoformat())
    return Response(201, {"id": number})


def read_order(content: object) -> tuple[int, int, int]:
    """Customer, product and quantity of an order that makes sense."""
    if not isinstance(content, dict):
        raise Refused(400, "an order is an object with customer, product and quantity")
    values = [content.get(name) for name in ("customer", "product", "quantity")]
    if not all(isinstance(value, int) and value > 0 for value in values):
        raise Refused(400, "customer, product and quantity are positive whole numbers")
    customer, product, quantity = values
    if quantity > MOST:
        raise Refused(400, f"at most {MOST} of a product are sold at once")
    return customer, product, quantity


def place(database: Database, customer: int, product: int, quantity: int, at: str) -> int:
    """Take the goods from the stock and write the order down; returns the order's number."""
    with database.changing() as connection:
        known = connection.execute("SELECT 1 FROM customers WHERE id = ?", (customer,)).fetchone()
        if known is None:
            raise Refused(404, "there is no such customer")
        taken = connection.execute(
            "UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ? RETURNING price",
            (quantity, product, quantity),
        ).fetchall()
        if not taken:
            raise Refused(409, "that is not in stock")
        cursor = connection.execute(
            "INSERT INTO orders (customer, product, quantity, total, at) VALUES (?, ?, ?, ?, ?)",
            (customer, product, quantity, quantity * taken[0][0], at),
        )
        return int(cursor.lastrowid or 0)
