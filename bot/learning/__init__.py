"""The five components: the product's public Python face."""

from bot.domain.events import FeedbackType
from bot.learning.code_improver import CodeImprover
from bot.learning.performance_analyzer import PerformanceAnalyzer
from bot.learning.preference_tracker import PreferenceTracker
from bot.learning.rollback_manager import RollbackManager
from bot.learning.sandbox import TestingSandbox

__all__ = [
    "CodeImprover",
    "FeedbackType",
    "PerformanceAnalyzer",
    "PreferenceTracker",
    "RollbackManager",
    "TestingSandbox",
]
