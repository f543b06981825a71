"""Mode `report`: what measurement files say, kept in the job."""

import json
from pathlib import Path

from bot.adapters.signals.formats import Refused
from bot.domain.action import inputs
from bot.domain.action.outcome import Annotation, Level, Outcome, Verdict
from bot.domain.messages.text import code, prose
from bot.entrypoints.action.reading import find, read_file
from bot.entrypoints.ingest_report import document
from bot.ports import UserError


def report(wanted: inputs.Report, folder: Path) -> Outcome:
    """Read them all; UserError where none can be read."""
    lines, documents, refused = [], [], []
    for path in find(wanted.files, folder):
        found = read_file(path, wanted.kind)
        documents.append(document(path.name, found, kept=False))
        if isinstance(found, Refused):
            said = f"{found.why}. {found.remedy}"
            refused.append(Annotation(Level.ERROR, f"not read: {path.name}", said))
            continue
        counts = f"{len(found.results)} results, {len(found.profiles)} profiles"
        lines.append(f"- {code(path.name)}: {prose(found.title)}, {counts}")
    if not lines:
        first = f" ({refused[0].text})" if refused else ""
        raise UserError(f"no file can be read{first}", "See what the step before writes.")
    return Outcome(
        mode=inputs.Mode.REPORT,
        verdict=Verdict.INCONCLUSIVE if refused else Verdict.PASS,
        headline=f"{len(lines)} files read, {len(refused)} refused",
        sections=("\n".join(lines),),
        annotations=tuple(refused),
        details={"files": json.loads(json.dumps(documents))},
    )
