"""The job engine: a durable queue, workers that hold a lease, and what wakes them."""

from bot.adapters.engine.client import JobQueue
from bot.adapters.engine.jobs import Handle, Limits
from bot.adapters.engine.lease import has_worked_on, refuse_second_worker
from bot.adapters.engine.routing import Route
from bot.adapters.engine.worker import Chore, MayAct, Pace, Trade, Worker

__all__ = [
    "Chore",
    "Handle",
    "JobQueue",
    "Limits",
    "MayAct",
    "Pace",
    "Route",
    "Trade",
    "Worker",
    "has_worked_on",
    "refuse_second_worker",
]
