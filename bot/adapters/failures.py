"""Logs what failed: in one line where a person or time mends it, else with its traceback."""

import logging

from bot.adapters.database.errors import explain
from bot.ports import HostError, InstallationGoneError, UserError


def log_failure(
    log: logging.Logger, what: str, error: Exception, level: int = logging.WARNING
) -> None:
    """Say what failed and why; what nobody expects is an error at least."""
    reason = _reason(error)
    if reason is None:
        log.log(max(level, logging.ERROR), "%s: %s", what, _named(error), exc_info=error)
    else:
        log.log(level, "%s: %s", what, reason)


def _reason(error: Exception) -> str | None:
    """Why, None if nobody expects such an error."""
    # The engine's own library keeps the driver's error in its own.
    known = (
        error if isinstance(error, UserError) else explain(getattr(error, "orig", None) or error)
    )
    if known is not None:
        return f"{known}. {known.remedy}".strip()
    return _named(error) if isinstance(error, HostError | InstallationGoneError) else None


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
