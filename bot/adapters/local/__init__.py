"""A git repository on disk as a code host: pull requests are branches with a record."""

from bot.adapters.local.checking import CheckRunner
from bot.adapters.local.host import LocalCodeHost
from bot.adapters.local.records import Review

__all__ = ["CheckRunner", "LocalCodeHost", "Review"]
