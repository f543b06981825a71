"""The folder, the records and the server that the pages' commands find."""

import asyncio
import cProfile
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.improvement import State
from tests.adapters.database.values import improvement
from tests.adapters.engine.inside import deliver
from tests.entrypoints.web.api_calls import keep
from tests.entrypoints.web.test_metrics import let_in
from tests.test_agreements import ROOT

NAMED_IMPROVEMENTS = ("3f0c2a91b7de",)
NAMED_DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
_START = datetime(2026, 11, 1, tzinfo=UTC)
_OLD = """\
class Cart:
    def total(self, prices: list[int]) -> int:
        return total(prices)


def total(prices: list[int]) -> int:
    found = 0
    for price in prices:
        found += price
    return found
"""
_APP = """\
from flask import Flask

app = Flask(__name__)


@app.get("/users/<int:id>")
def user(id: int) -> str:
    return str(id)
"""


def make_project(folder: Path, home: Path) -> None:
    """Every file that a page's command reads."""
    for name, text in _texts().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    profile = cProfile.Profile()
    profile.runcall(sorted, range(10_000))
    profile.dump_stats(folder / "profile.prof")
    (home / "src/shop/.venv").mkdir(parents=True)


def fill(url: str) -> None:
    """A repository with an improvement and a delivery of the names that the pages use."""
    asyncio.run(let_in(url, "team/shop"))
    keep(url, *(improvement(id, state=State.OPEN) for id in NAMED_IMPROVEMENTS))
    deliver(url, (NAMED_DELIVERY, "push", b"{}"))


def _texts() -> dict[str, str]:
    bench = {"name": "sum", "unit": "ops", "value": 3}
    return {
        "latency.csv": _series([100.0 + n % 7 + (20 if n >= 60 else 0) for n in range(120)], 1),
        "memory.csv": _series([500.0 + n % 5 for n in range(400)], 5),
        "errors.csv": _series([float(n % 3) for n in range(120)], 1),
        "before.csv": _measured(0, 10.0),
        "after.csv": _measured(3600, 10.5),
        "benchmark.json": json.dumps({"results": [{"command": "sum", "times": [1.0, 1.1, 0.9]}]}),
        "results.json": json.dumps([bench]),
        "bench.json": json.dumps({"results": [{"command": "sum", "times": [1.0, 1.1, 0.9]}]}),
        "old.py": _OLD,
        "new.py": _OLD.replace("found = 0", "found = 1"),
        "tests/test_total.py": "from old import total\n\n\ndef test_total():\n    total([1, 2])\n",
        "app.py": _APP,
        ".github/ironclaw.yml": (ROOT / ".github/ironclaw.yml").read_text(encoding="utf-8"),
    }


def _series(values: list[float], minutes: int) -> str:
    rows = [
        f"{(_START + timedelta(minutes=n * minutes)).isoformat()},{value}"
        for n, value in enumerate(values)
    ]
    return "\n".join(["timestamp,value", *rows, ""])


def _measured(second: int, level: float) -> str:
    """Times and errors in one file: each metric reads the columns that are its own."""
    start = _START + timedelta(seconds=second)
    rows = [
        f"{(start + timedelta(seconds=n)).isoformat()},{level + n % 5},{n % 2},20"
        for n in range(600)
    ]
    return "\n".join(["timestamp,value,errors,requests", *rows, ""])
