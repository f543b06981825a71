"""Products, one by one and by the words of their names."""

from dataclasses import asdict, dataclass

from shop.database import Database
from shop.routes import Refused, Request, Response, route

PAGE = 10
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Product:
    """What is sold; the price in cents."""

    id: int
    name: str
    price: int
    stock: int


@route("GET", "/products/{id}")
def get_product(database: Database, request: Request) -> Response:
    """One product."""
    number = request.parameters["id"]
    found = product(database, int(number)) if number.isdecimal() else None
    if found is None:
        raise Refused(404, "there is no such product")
    return Response(200, asdict(found))


@route("GET", "/search")
def get_search(database: Database, request: Request) -> Response:
    """The first page of products that have such a word in their name."""
    found = search(database, request.query.get("q", ""))
    return Response(200, {"products": [asdict(one) for one in found]})


def product(database: Database, number: int) -> Product | None:
    """One product by its number."""
    rows = database.rows("SELECT id, name, price, stock FROM products WHERE id = ?", (number,))
    return Product(*rows[0]) if rows else None


def words(name: str) -> list[str]:
    """The words that a product is found by."""
    return name.lower().split()


def search(database: Database, text: str) -> list[Product]:
    """The first products, by number, that have a word which starts with `text`."""
    prefix = text.strip().lower()
    if not prefix:
        return []
    hits = database.rows(
        "SELECT DISTINCT product FROM words WHERE word >= ? AND word < ? ORDER BY product LIMIT ?",
        (prefix, prefix + _LAST, PAGE),
    )
    found = [product(database, number) for (number,) in hits]
    return [one for one in found if one is not None]
