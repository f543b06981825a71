"""Fill a database with made-up goods and people, the same ones every time.

`python -m shop.seed --rows 6000` makes one of the size that the shop has in production.
"""

import argparse
import os
import random
import sqlite3
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from shop.catalogue import words
from shop.database import connect, prepare

FILE = "shop.sqlite"
MONTH = "2025-11"
"""The month in which every customer bought something."""

ROWS = 6_000
STOCK = 100_000

_FIRST = (
    "Ada Alan Anna Bela Carl Cleo Dora Edda Emil Enid Erik Ezra Finn Gina Greta Hugo Ida Ines Ivo"
    " Jana Joan Kara Karl Lena Leon Lina Marc Mona Nils Nora Olaf Otto Paul Rosa Ruth Sara Theo Uma"
    " Vera Yves"
).split()
_LAST = [
    start + end
    for start, end in product(
        "Ash Birch Bridge Brook Clay Cross East Fair Glen Green Hart Hill Kings Long Marsh North"
        " Oak Red Stone West".split(),
        "berg bury by field ford ham ley man ton wood".split(),
    )
]
_CITIES = "Bergen Cork Delft Gent Graz Jena Lund Metz Porto Turku".split()
_BRANDS = "Nordal Nordby Nova".split()
_WHAT = "chair desk lamp shelf".split()
_HOW = [
    start + end
    for start, end in product(
        "amber brass cedar coral dusky frost hazel ivory linen maple north ochre plain quiet royal"
        " smoke".split(),
        "ette ine ish less like ly more wise".split(),
    )
]


def fill(connection: sqlite3.Connection, products: int, customers: int) -> None:
    """Write the goods, the people and two orders for each of them."""
    draw = random.Random(products * 1_000_003 + customers)
    names = [
        f"{draw.choice(_BRANDS)} {draw.choice(_HOW)} {draw.choice(_WHAT)}" for _ in range(products)
    ]
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO products VALUES (?, ?, ?, ?)",
        ((n, name, draw.randrange(500, 50_000), STOCK) for n, name in enumerate(names, 1)),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO words VALUES (?, ?)",
        ((word, n) for n, name in enumerate(names, 1) for word in words(name)),
    )
    connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", _people(draw, customers))
    connection.executemany(
        "INSERT INTO orders (customer, product, quantity, total, at) VALUES (?, ?, ?, ?, ?)",
        _orders(draw, products, customers),
    )
    connection.execute("COMMIT")


def _people(draw: random.Random, count: int) -> Iterator[tuple[int, str, str, str]]:
    everybody = list(product(_FIRST, _LAST))
    draw.shuffle(everybody)
    for n in range(count):
        first, last = everybody[n % len(everybody)]
        yield n + 1, first, last, draw.choice(_CITIES)


def _orders(
    draw: random.Random, products: int, customers: int
) -> Iterator[tuple[int, int, int, int, str]]:
    for month in ("2025-10", MONTH):
        buyers = list(range(1, customers + 1))
        draw.shuffle(buyers)
        # Some come twice.
        buyers += buyers[: customers // 10]
        for n, customer in enumerate(buyers):
            second = n * 28 * 86_400 // len(buyers)
            day, rest = divmod(second, 86_400)
            at = f"{month}-{day + 1:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}+00:00"
            quantity = draw.randrange(1, 4)
            yield customer, draw.randrange(products) + 1, quantity, quantity * 1_000, at


def main() -> None:
    """Make the database, replacing one that is there."""
    parser = argparse.ArgumentParser(prog="python -m shop.seed", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="how many products there are")
    parser.add_argument("--people", type=int, help="how many customers (default: by the rows)")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SHOP_DATA", "data")))
    given = parser.parse_args()
    people = given.people or max(1, given.rows * 5 // 6)
    given.data.mkdir(parents=True, exist_ok=True)
    for left in given.data.glob(f"{FILE}*"):
        left.unlink()
    file = str(given.data / FILE)
    prepare(file)
    connection = connect(file)
    fill(connection, given.rows, people)
    connection.execute("ANALYZE")
    connection.close()
    print(f"{given.rows} products and {people} customers in {file}")


if __name__ == "__main__":
    main()
