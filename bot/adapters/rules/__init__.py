"""Deterministic improvements of Python code, each with its side conditions and its proof."""

from bot.adapters.rules.book import Rules
from bot.adapters.rules.layout import formatting_of

__all__ = ["Rules", "formatting_of"]
