"""Reads the files that profilers, benchmarks and load tests write, known by their structure."""

from bot.adapters.signals.formats.limits import Limits, Meter
from bot.adapters.signals.formats.outcome import Recognised, Refused
from bot.adapters.signals.formats.reading import read
from bot.adapters.signals.formats.registry import KINDS

__all__ = ["KINDS", "Limits", "Meter", "Recognised", "Refused", "read"]
