"""Mode `improve`: the whole loop up to open pull requests, by the token of the workflow."""

import shutil
from pathlib import Path

from bot.bootstrap.local import LocalChoices, rule_book
from bot.bootstrap.workflow import taken_branches, workflow_host, workflow_ports
from bot.domain.action import inputs
from bot.domain.action.event import Event
from bot.domain.action.outcome import Annotation, Level, Outcome, Verdict
from bot.domain.improvement import Improvement, State
from bot.domain.messages.text import amount, cell, code, prose
from bot.entrypoints.improve.loop import Options, Result, improve
from bot.entrypoints.improve.report import document
from bot.entrypoints.progress import ConsoleProgress
from bot.ports import UserError


async def improve_here(wanted: inputs.Improve, event: Event, folder: Path, data: Path) -> Outcome:
    """Find, verify and open; UserError where that cannot be done."""
    unknown = sorted(set(wanted.rules) - {info.id for info in rule_book().infos()})
    if unknown:
        problem = f"unknown rule {', '.join(unknown)}"
        raise UserError(problem, "`ironclaw rules` lists them.")
    if wanted.python and not Path(wanted.python).is_dir() and not shutil.which(wanted.python):
        raise UserError(f"there is no Python at {wanted.python}", "See `python`.")
    choices = LocalChoices(folder, wanted.paths, wanted.rules, wanted.python, wanted.test_command)
    async with workflow_host(event.api_url, event.repository, wanted.common.token) as host:
        taken, count = await taken_branches(host)
        if count >= wanted.max_open:
            said = f"{count} pull requests are open, as many as `max` allows"
            return Outcome(inputs.Mode.IMPROVE, Verdict.PASS, said, improvements=count)
        with ConsoleProgress() as progress:
            async with workflow_ports(choices, host, data, progress.step) as ports:
                most = wanted.max_open - count
                options = Options(most, wanted.dry_run, lambda _: True, taken)
                result = await improve(ports, options, progress)
    return _outcome(result, count)


def _outcome(result: Result, before: int) -> Outcome:
    opened = [one for one in result.improvements if one.state is State.OPEN]
    said = (
        f"{amount(len(result.findings), 'finding')}, {amount(len(opened), 'pull request')} opened"
    )
    verdict = Verdict.PASS
    if result.base_problem:
        said, verdict = result.base_problem, Verdict.INCONCLUSIVE
    if result.not_opened:
        said += f", {len(result.not_opened)} could not be opened"
        verdict = Verdict.INCONCLUSIVE
    rows = ["| place | rule | state | why |", "|---|---|---|---|"]
    rows += [_row(one) for one in result.improvements]
    return Outcome(
        mode=inputs.Mode.IMPROVE,
        verdict=verdict,
        headline=said,
        sections=("\n".join(rows),) if result.improvements else (),
        annotations=tuple(map(_refused, result.not_opened)),
        improvements=before + len(opened),
        details=document(result),
    )


def _refused(one: Improvement) -> Annotation:
    place = one.finding
    title = f"not opened: {place.rule}"
    return Annotation(Level.ERROR, title, one.reason, place.file, place.line)


def _row(one: Improvement) -> str:
    place = code(f"{one.finding.file}:{one.finding.line}")
    number = f" {one.pull_request}" if one.pull_request else ""
    cells = (place, code(one.finding.rule), f"{one.state}{number}", prose(one.reason))
    return f"| {' | '.join(map(cell, cells))} |"
