"""What a deployment's measurements say: the phase of its watch, and whether the gain arrived.

From the bottom up: requests are counted in slices (`counts`), the baseline's slices give a level
(`level`), the candidate's give evidence against it (`evidence`), which a metric's judge weighs
(`judges`). `requests` does that for live requests, `replay` for recorded series.
"""

from bot.domain.analysis.requests import assess, is_bad
from bot.domain.analysis.verdict import Analysis, Measurement, Phase

__all__ = ["Analysis", "Measurement", "Phase", "assess", "is_bad"]
