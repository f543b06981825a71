"""Put a steady load on the shop, as its customers and its office would.

    python load.py --port-file FILE [--rate 40] [--seconds 60] [--seed 1]

Follows the port file from one instance to the next. Ends on SIGTERM, SIGINT or after `--seconds`,
and then prints how many requests were answered with which status.
"""

import argparse
import http.client
import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

THREADS = 8
REPORTS_AT_ONCE = 2
TIMEOUT = 10.0
LATE = 0.25
MIX = (("product", 45), ("search", 30), ("order", 19), ("report", 6))
REPORT = "/reports/customers?month=2025-11"


class Shop:
    """The instance that serves at the moment."""

    def __init__(self, port_file: Path) -> None:
        self._port_file = port_file
        self.answers: Counter[str] = Counter()
        self._lock = threading.Lock()

    def ask(self, method: str, target: str, content: object = None) -> dict[str, object]:
        """One request; an empty answer when nobody is there or it is refused."""
        body = None if content is None else json.dumps(content)
        try:
            port = int(self._port_file.read_text(encoding="utf-8"))
            status, answer = self._exchange(port, method, target, body)
        except (OSError, ValueError, http.client.HTTPException):
            self._count("no answer")
            return {}
        self._count(str(status))
        return answer if status < 400 else {}

    def _exchange(
        self, port: int, method: str, target: str, body: str | None
    ) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        try:
            connection.request(method, target, body)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def _count(self, what: str) -> None:
        with self._lock:
            self.answers[what] += 1


class Visitors:
    """What is asked for, drawn from what the shop is known to have."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self._shop = shop
        self._draw = random.Random(seed)
        self._words = ["lamp"]
        self._sizes = {"products": 1, "customers": 1}
        self._reports = threading.Semaphore(REPORTS_AT_ONCE)

    def look_around(self, stopped: threading.Event) -> None:
        """Wait for the shop to open, and learn what it sells."""
        while not stopped.is_set():
            health = self._shop.ask("GET", "/healthz")
            if health:
                break
            stopped.wait(0.2)
        else:
            return
        self._sizes = {name: max(1, int(str(health[name]))) for name in self._sizes}
        for _ in range(30):
            name = self._shop.ask("GET", self._product()).get("name", "")
            self._words += str(name).split()

    def draw(self) -> Callable[[], None]:
        """The next visit."""
        kinds, weights = zip(*MIX, strict=True)
        kind = self._draw.choices(kinds, weights)[0]
        if kind == "search":
            target = f"/search?q={quote(self._draw.choice(self._words))}"
            return lambda: self._get(target)
        if kind == "order":
            order = {
                "customer": self._draw.randint(1, self._sizes["customers"]),
                "product": self._draw.randint(1, self._sizes["products"]),
                "quantity": self._draw.randint(1, 3),
            }
            return lambda: self._order(order)
        target = self._product()
        return self._report if kind == "report" else lambda: self._get(target)

    def _product(self) -> str:
        return f"/products/{self._draw.randint(1, self._sizes['products'])}"

    def _get(self, target: str) -> None:
        self._shop.ask("GET", target)

    def _order(self, order: dict[str, int]) -> None:
        self._shop.ask("POST", "/orders", order)

    def _report(self) -> None:
        # The office is small: on a slow machine it waits for its reports before it wants more.
        if self._reports.acquire(blocking=False):
            try:
                self._get(REPORT)
            finally:
                self._reports.release()


class Pace:
    """Gives out visits at a steady rate; what is late by much is left out, never made up for."""

    def __init__(self, visitors: Visitors, rate: float) -> None:
        self._visitors = visitors
        self._gap = 1 / rate
        self._due = time.monotonic()
        self._lock = threading.Lock()

    def next(self) -> tuple[float, Callable[[], None]]:
        """When the next visit is due, and the visit."""
        with self._lock:
            now = time.monotonic()
            self._due = self._due + self._gap if self._due > now - LATE else now
            return self._due - now, self._visitors.draw()


def visit(pace: Pace, stopped: threading.Event) -> None:
    """One visitor after the other, until the end."""
    while not stopped.is_set():
        wait, go = pace.next()
        if wait <= 0 or not stopped.wait(wait):
            go()


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog="python load.py", description=__doc__.split("\n")[0])
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=40, help="requests a second")
    parser.add_argument("--seconds", type=float, help="how long (default: until stopped)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if given.seconds:
        end = threading.Timer(given.seconds, stopped.set)
        end.daemon = True
        end.start()
    shop = Shop(given.port_file)
    visitors = Visitors(shop, given.seed)
    visitors.look_around(stopped)
    pace = Pace(visitors, given.rate)
    threads = [threading.Thread(target=visit, args=(pace, stopped)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    stopped.wait()
    for thread in threads:
        thread.join()
    print(json.dumps(dict(shop.answers)))


if __name__ == "__main__":
    main()
