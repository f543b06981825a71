"""A git repository on disk as a code host: pull requests are branches with a record."""

from bot.adapters.local.host import CheckRunner, LocalCodeHost

__all__ = ["CheckRunner", "LocalCodeHost"]
