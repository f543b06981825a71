"""The notice that a person must look, which says exactly what to do."""

from bot.domain.improvement import Improvement
from bot.domain.messages.standing import what_frees
from bot.domain.messages.text import TITLE_LIMIT, bare, fenced, fitting, prose, shortened


def held_title(improvement: Improvement) -> str:
    """The title of an issue about a merge that needs a person."""
    return shortened(
        f"Needs you: {bare(improvement.reason)} (pull request {improvement.pull_request})",
        TITLE_LIMIT,
    )


def held_notice(improvement: Improvement) -> str:
    """Why it is held, and what to do; for a merge, the commands that take it back by hand."""
    parts = [f"**A person must look.** {prose(improvement.reason)}", what_frees(improvement)]
    if improvement.merge_sha and not improvement.revert_sha:
        parts += [
            f"It was merged with #{improvement.pull_request}. By hand:",
            _by_hand(improvement),
        ]
    return fitting(parts)


def freed_notice(improvement: Improvement) -> str:
    """What the issue says once nothing needs a person any more."""
    return fitting((f"It goes on: {improvement.state}. {prose(improvement.reason)}",))


def _by_hand(improvement: Improvement) -> str:
    return fenced(
        f"git fetch && git switch --create revert-{improvement.pull_request} origin/HEAD\n"
        f"git revert {improvement.merge_sha[:12]}  # with `-m 1` if it is a merge commit\n"
        f"git push --set-upstream origin revert-{improvement.pull_request}",
        "console",
    )
