"""Shows on a pull request what the repository's own CI saw of its head; it decides nothing."""

from bot.domain.action.ci_comment import ci_comment
from bot.domain.events import LearningEvent
from bot.domain.improvement import Improvement
from bot.ports import HostError, Ports, UserError

SHOWN = "ci_report_shown"
_KEY = "ci-report"


async def show_ci_report(ports: Ports, improvement: Improvement, sha: str) -> None:
    """Once for each commit, as soon as there is a report; what cannot be read now is left."""
    if ports.ci_reports is None or improvement.pull_request is None:
        return
    async with ports.stores() as store:
        events = await store.events(improvement.id)
    if any(one.event_type == SHOWN and one.after_state.get("sha") == sha for one in events):
        return
    try:
        says = await ports.ci_reports.sandbox_report(sha)
        if says is None:
            return
        text = ci_comment(says, sha)
        await ports.host.comment(improvement.pull_request, _KEY, text)
    except (UserError, HostError) as error:
        ports.progress(f"cannot show what CI says of {improvement.id}: {error}")
        return
    async with ports.stores() as store:
        await store.record(
            LearningEvent(SHOWN, improvement.id, ports.clock.now(), {}, {"sha": sha})
        )
        await store.commit()
