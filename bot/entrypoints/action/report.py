"""Mode `report`: what measurement files say, kept in the job and, where there is one, a server."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from bot.adapters.report_server import Declined, File, JobIdentity, ReportServer, Sent, Silent
from bot.adapters.signals.formats import Recognised, Refused, read
from bot.bootstrap.reporting import report_server
from bot.domain.action import inputs
from bot.domain.action.event import Event
from bot.domain.action.outcome import Annotation, Level, Outcome, Verdict
from bot.domain.action.sending import Stay, Unable, decide_sending
from bot.domain.messages.text import code, prose
from bot.entrypoints.action.reading import find
from bot.entrypoints.action.runner import Runner
from bot.entrypoints.ingest_report import document
from bot.entrypoints.regular_file import read_bytes
from bot.ports import UserError

_LATER = "The report file has all of it; run the job again when the server answers."


@dataclass(frozen=True, slots=True)
class _Read:
    """One file that could be read."""

    path: Path
    found: Recognised


@dataclass(frozen=True, slots=True)
class _Sending:
    """What came of the server's part; `words` has one for each file that was tried."""

    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()


async def report(wanted: inputs.Report, event: Event, folder: Path, runner: Runner) -> Outcome:
    """Read them all, then send what could be read; UserError where none can be."""
    files, documents, refused = await asyncio.to_thread(_read_all, wanted, folder)
    if not files:
        first = f" ({refused[0].text})" if refused else ""
        raise UserError(f"no file can be read{first}", "See what the step before writes.")
    sending = await _sent(wanted, event, runner, [one.path for one in files])
    headline = f"{len(files)} files read, {len(refused)} refused"
    if wanted.server:
        there = sum(word in ("kept", "known") for word in sending.words)
        headline += f", {there} at the server"
    details: dict[str, Any] = {"files": json.loads(json.dumps(documents))}
    if wanted.server:
        names = [one.path.name for one in files]
        words = [*sending.words, *["not sent"] * (len(names) - len(sending.words))]
        sent = [{"file": name, "became": word} for name, word in zip(names, words, strict=True)]
        details |= {"server": wanted.server, "sent": sent}
    return Outcome(
        mode=inputs.Mode.REPORT,
        verdict=Verdict.INCONCLUSIVE if refused or sending.annotations else Verdict.PASS,
        headline=headline,
        sections=("\n".join(map(_line, files)),),
        annotations=(*refused, *sending.annotations),
        details=details,
        notes=sending.notes,
    )


def _line(one: _Read) -> str:
    counts = f"{len(one.found.results)} results, {len(one.found.profiles)} profiles"
    return f"- {code(one.path.name)}: {prose(one.found.title)}, {counts}"


def _read_all(
    wanted: inputs.Report, folder: Path
) -> tuple[list[_Read], list[dict[str, Any]], list[Annotation]]:
    files, documents, refused = [], [], []
    for path in find(wanted.files, folder):
        data = read_bytes(path)
        found = data if isinstance(data, Refused) else read(data, path.name, kind=wanted.kind)
        documents.append(document(path.name, found, kept=False))
        if isinstance(found, Refused):
            said = f"{found.why}. {found.remedy}"
            refused.append(Annotation(Level.ERROR, f"not read: {path.name}", said))
        else:
            files.append(_Read(path, found))
    return files, documents, refused


async def _sent(
    wanted: inputs.Report, event: Event, runner: Runner, paths: Sequence[Path]
) -> _Sending:
    if not wanted.server:
        return _Sending()
    identity = JobIdentity(
        runner.variable("ACTIONS_ID_TOKEN_REQUEST_URL"),
        runner.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    )
    way = decide_sending(event, has_token=bool(wanted.server_token), may_ask=identity.is_known)
    if isinstance(way, Stay):
        return _Sending(notes=(way.why,))
    if isinstance(way, Unable):
        said = f"{way.problem}. {way.remedy}"
        return _Sending(annotations=(Annotation(Level.ERROR, "not sent", said),))
    connected = report_server(wanted.server, wanted.server_token, identity, runner.mask)
    async with connected as server:
        return await _each(wanted, event, server, paths)


async def _each(
    wanted: inputs.Report, event: Event, server: ReportServer, paths: Sequence[Path]
) -> _Sending:
    words: list[str] = []
    shown: list[Annotation] = []
    for path in paths:
        data = await asyncio.to_thread(read_bytes, path)
        if isinstance(data, Refused):
            words.append("refused")
            shown.append(Annotation(Level.ERROR, f"not sent: {path.name}", data.why))
            continue
        file = File(event.repository, path.name, data, event.sha, wanted.kind)
        match await server.send(file):
            case Sent(new):
                words.append("kept" if new else "known")
            case Declined(why):
                words.append("refused")
                shown.append(Annotation(Level.ERROR, f"not sent: {path.name}", why))
            case Silent(why):
                # Whoever waits for one would wait as long for each of the others.
                words.append("no answer")
                said = f"{wanted.server} does not take it: {why}. {_LATER}"
                shown.append(Annotation(Level.WARNING, f"not sent: {path.name}", said))
                break
            case other:
                assert_never(other)
    return _Sending(tuple(words), (), tuple(shown))
