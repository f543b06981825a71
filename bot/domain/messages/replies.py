"""Answers to commands; most are obeyed without a word."""

from collections.abc import Mapping

from bot.domain.improvement import Improvement
from bot.domain.messages.pull_request import evidence_table
from bot.domain.messages.standing import sentence, what_to_do
from bot.domain.messages.text import fitting, prose


def help_reply(usage: Mapping[str, str]) -> str:
    """Every command with what it does."""
    rows = "\n".join(f"| `/ironclaw {word}` | {what} |" for word, what in usage.items())
    return fitting(
        (
            f"| command | does |\n|---|---|\n{rows}",
            (
                "A command stands at the start of a comment, and is obeyed from people who may "
                "write to this repository. 👀 means that I have seen it, 👍 that it is done."
            ),
        )
    )


def status_reply(improvement: Improvement) -> str:
    """Where it stands and what can be done."""
    return fitting((sentence(improvement), what_to_do(improvement)))


def explain_reply(improvement: Improvement) -> str:
    """Why it was proposed, what was measured, and where it stands."""
    finding = improvement.finding
    return fitting(
        (
            f"**Found.** {prose(finding.description)}",
            finding.evidence and f"**Why here.** {prose(finding.evidence)}",
            f"**Confidence** {improvement.confidence:.2f} that it ends merged and kept.",
            evidence_table(improvement.evidence) if improvement.evidence else "",
            sentence(improvement),
        )
    )


def refusal(why: str) -> str:
    """Why a command is not obeyed, and how to learn more."""
    return fitting((prose(why), "`/ironclaw help` lists the commands."))
