"""Chooses an adapter for every port: the only place where they meet."""

from bot.bootstrap.clock import SystemClock
from bot.bootstrap.hosted import make_worker
from bot.bootstrap.local import LocalChoices, local_ports, ports_on, rule_book
from bot.bootstrap.records import open_records

__all__ = [
    "LocalChoices",
    "SystemClock",
    "local_ports",
    "make_worker",
    "open_records",
    "ports_on",
    "rule_book",
]
