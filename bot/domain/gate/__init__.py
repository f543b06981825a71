"""What a rewrite may not do, decided on its text before anything of it runs."""

from bot.domain.gate.judge import Gate, Pass, Refusal, Refuse, check_rewrite

__all__ = ["Gate", "Pass", "Refusal", "Refuse", "check_rewrite"]
