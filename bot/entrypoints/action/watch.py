"""Mode `watch`: what was measured after a deployment beside what was before it."""

from dataclasses import asdict, replace
from pathlib import Path

from bot.domain.action import inputs
from bot.domain.action.event import Event
from bot.domain.action.outcome import Annotation, Level, Outcome, Verdict
from bot.domain.analysis.verdict import Phase
from bot.domain.messages.text import prose
from bot.domain.policy import WatchPolicy
from bot.domain.pulls import RevertOpened
from bot.domain.redaction import redact
from bot.entrypoints.watch.judging import Metric, judged
from bot.entrypoints.watch.series_file import read_series
from bot.ports import HostError, InstallationGoneError, UserError

_VERDICTS = {Phase.SUCCESSFUL: Verdict.PASS, Phase.FAILED: Verdict.FAIL}


async def watch(wanted: inputs.Watch, event: Event, folder: Path) -> Outcome:
    """Judge, and open the revert of the pull request that is named where it got worse."""
    metric = Metric(wanted.metric)
    files = [read_series(folder / name, metric) for name in (wanted.baseline, wanted.candidate)]
    policy = replace(WatchPolicy(), warm_up_seconds=wanted.warm_up_seconds)
    found = judged(files[0], files[1], metric, policy)
    verdict = _VERDICTS.get(found.phase, Verdict.INCONCLUSIVE)
    said, number = "", None
    if verdict is Verdict.FAIL and wanted.pull_request is not None:
        said, number = await _revert(wanted, event, found.reason)
    failed = [Annotation(Level.ERROR, "the deployment got worse", found.reason)]
    if said and number is None:
        failed.append(Annotation(Level.ERROR, "it is not reverted", said))
    return Outcome(
        mode=inputs.Mode.WATCH,
        verdict=verdict,
        headline=found.reason,
        sections=(prose(said),) if said else (),
        annotations=tuple(failed) if verdict is Verdict.FAIL else (),
        regressions=int(verdict is Verdict.FAIL),
        details={**asdict(found), "revert": number, "revert_said": said},
    )


async def _revert(wanted: inputs.Watch, event: Event, why: str) -> tuple[str, int | None]:
    """What came of it; the verdict stands, whatever keeps us from it."""
    from bot.bootstrap.workflow import workflow_host

    try:
        async with workflow_host(event.api_url, event.repository, wanted.common.token) as host:
            found = await host.open_revert(wanted.pull_request or 0, why)
    except (UserError, HostError, InstallationGoneError) as error:
        remedy = getattr(error, "remedy", "")
        return f"The revert could not be opened: {redact(str(error))}. {remedy}", None
    if isinstance(found, RevertOpened):
        return f"The revert is pull request {found.pull.number}.", found.pull.number
    return f"It cannot be reverted by itself: {found.why}. {found.what_to_do}", None
