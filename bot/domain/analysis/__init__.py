"""What a deployment's measurements say: the phase of its watch."""

from bot.domain.analysis.requests import assess, is_bad
from bot.domain.analysis.verdict import Analysis, Measurement, Phase

__all__ = ["Analysis", "Measurement", "Phase", "assess", "is_bad"]
