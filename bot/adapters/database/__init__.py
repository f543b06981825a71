"""The records in SQLite or PostgreSQL: engine, store and migrations."""

from bot.adapters.database.engine import make_engine
from bot.adapters.database.migrate import current, head, upgrade
from bot.adapters.database.store import SqlStore, store_factory

__all__ = ["SqlStore", "current", "head", "make_engine", "store_factory", "upgrade"]
