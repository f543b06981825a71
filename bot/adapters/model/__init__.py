"""Language models behind any server that speaks OpenAI's chat completions."""

from bot.adapters.model.client import OpenAIModel

__all__ = ["OpenAIModel"]
