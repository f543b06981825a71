"""One run of the Action: reads its inputs, does what they ask for, shows what came of it.

What a mode needs is imported when it is asked for: `gate` and `watch` run on Python's own library
alone, so that they begin within a second and need no network.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.adapters.signals.formats import KINDS
from bot.domain.action import inputs, outcome, text
from bot.domain.action.event import Event
from bot.domain.action.outcome import Outcome
from bot.domain.messages.text import plain
from bot.domain.redaction import redact
from bot.entrypoints import stopping
from bot.entrypoints.action.runner import Runner
from bot.ports import HostError, InstallationGoneError, UserError

_FORK = (
    "This pull request comes from a fork, where the workflow may not write: the result stands here "
    "and in the report file, and there is no comment."
)
_STOPPED, _COMMENT_SECONDS = 130, 60


def run(environment: Mapping[str, str]) -> int:
    """The exit code; every error is a sentence beside the run."""
    runner = Runner(environment)
    wanted = inputs.read_inputs(environment, KINDS)
    if isinstance(wanted, inputs.Problems):
        for problem in wanted.problems:
            runner.complain(problem)
        return outcome.WRONG_INPUT
    runner.mask(wanted.common.token)
    if isinstance(wanted, inputs.Report):
        runner.mask(wanted.server_token)
    event = runner.event
    try:
        with runner.deaf():
            found = _bounded(wanted, event, runner)
        return _show(found, wanted.common, event, runner)
    except (UserError, HostError, InstallationGoneError) as error:
        runner.complain(*_said(error, getattr(error, "remedy", "")))
    except TimeoutError:
        after = f"it took longer than {wanted.common.timeout_seconds:,} s"
        runner.complain(after, "Raise `timeout-seconds`, or give it less to do.")
    except OSError as error:
        runner.complain(*_said(error, "Look at the file or disk that it names."))
    except KeyboardInterrupt:
        runner.complain("it was stopped")
        return _STOPPED
    except Exception as error:
        if environment.get("IRONCLAW_DEBUG"):
            raise
        problem = f"something that should not happen: {type(error).__name__}: {error}"
        runner.complain(*_said(problem, "Set IRONCLAW_DEBUG=1 to see where, and report it."))
    return outcome.BROKEN


def _said(problem: object, remedy: str) -> tuple[str, str]:
    return redact(str(problem)), redact(remedy)


def _bounded(wanted: inputs.Request, event: Event, runner: Runner) -> Outcome:
    folder = Path(wanted.common.folder).absolute()
    if not folder.is_dir():
        raise UserError(f"there is no folder {wanted.common.folder}", "See `working-directory`.")

    async def work() -> Outcome:
        async with asyncio.timeout(wanted.common.timeout_seconds):
            return await _done(wanted, event, runner, folder)

    return stopping.run(work())


async def _done(wanted: inputs.Request, event: Event, runner: Runner, folder: Path) -> Outcome:
    data = runner.temporary / "ironclaw" / "data"
    match wanted:
        case inputs.Gate():
            from bot.entrypoints.action.gate import gate

            return await asyncio.to_thread(gate, wanted, folder)
        case inputs.Report():
            from bot.entrypoints.action.report import report

            return await report(wanted, event, folder, runner)
        case inputs.Watch():
            from bot.entrypoints.action.watch import watch

            return await watch(wanted, event, folder)
        case inputs.Sandbox():
            from bot.entrypoints.action.sandbox import sandbox

            return await sandbox(wanted, event, folder, data)
        case inputs.Improve():
            from bot.entrypoints.action.improve import improve_here

            return await improve_here(wanted, event, folder, data)


def _show(found: Outcome, common: inputs.Common, event: Event, runner: Runner) -> int:
    notes = [*found.notes, *_notes(event, common)]
    place = runner.write_report(outcome.document(found))
    if common.comment and not event.is_fork:
        notes += _comment(found, common, event, notes)
    if common.summary:
        runner.write_summary(text.summary(found, notes))
    with runner.deaf():
        said = f"Ironclaw {found.mode}: {found.verdict}: {plain(found.headline)}"
        print(said)  # noqa: T201 - what a person reads in the log
        for note in notes:
            print(f"Note: {plain(note)}")  # noqa: T201 - what a person reads in the log
    if common.annotations:
        runner.annotate(found.annotations)
    runner.write_outputs(outcome.outputs(found, str(place)))
    return outcome.exit_code(found.verdict, common.fail_on)


def _notes(event: Event, common: inputs.Common) -> Sequence[str]:
    """What is not done here, and why."""
    if event.is_fork and common.comment:
        return (_FORK,)
    return ()


def _comment(
    found: Outcome, common: inputs.Common, event: Event, notes: Sequence[str]
) -> Sequence[str]:
    """Write it to the pull request; what keeps us from it is a note, never the verdict."""
    from bot.bootstrap.workflow import workflow_host

    if event.pull_request is None:
        return ()
    written = text.comment(found, notes, event.run_url)
    key = f"{text.COMMENT_KEY}/{found.mode}"

    async def write(number: int) -> None:
        async with workflow_host(event.api_url, event.repository, common.token) as host:
            await asyncio.wait_for(host.comment(number, key, written), _COMMENT_SECONDS)

    try:
        stopping.run(write(event.pull_request))
    except (UserError, HostError, InstallationGoneError, OSError, TimeoutError) as error:
        return (f"There is no comment, since GitHub did not let us write it: {redact(str(error))}",)
    return ()


def main() -> int:
    """Run as the environment of this process asks."""
    return run(os.environ)
