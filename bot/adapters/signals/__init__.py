"""Where the figures of a running service come from."""

from bot.adapters.signals.access_log import AccessLog

__all__ = ["AccessLog"]
