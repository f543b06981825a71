"""Where the figures of a running service come from."""

from bot.adapters.signals.access_log import AccessLog
from bot.adapters.signals.stored import StoredRequests

__all__ = ["AccessLog", "StoredRequests"]
