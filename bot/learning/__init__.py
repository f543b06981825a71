"""The five components and the router: the product's public Python face."""

from bot.domain.events import FeedbackType
from bot.learning.code_improver import CodeImprover
from bot.learning.performance_analyzer import PerformanceAnalyzer
from bot.learning.preference_tracker import PreferenceTracker
from bot.learning.rollback_manager import RollbackManager
from bot.learning.router import ModelRouter
from bot.learning.sandbox import TestingSandbox

__all__ = [
    "CodeImprover",
    "FeedbackType",
    "ModelRouter",
    "PerformanceAnalyzer",
    "PreferenceTracker",
    "RollbackManager",
    "TestingSandbox",
]
