"""Whether the shop is open, and how much there is in it."""

import os

from shop.database import Database
from shop.routes import Request, Response, route


@route("GET", "/healthz")
def get_health(database: Database, request: Request) -> Response:
    """Alive, and able to read the database."""
    del request
    sizes = database.rows("SELECT (SELECT max(id) FROM products), (SELECT max(id) FROM customers)")
    products, customers = sizes[0]
    commit = os.environ.get("SHOP_COMMIT", "")
    content = {"commit": commit, "products": products or 0, "customers": customers or 0}
    return Response(200, content)
