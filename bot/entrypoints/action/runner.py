"""The runner of GitHub Actions around this process: its files, and the lines that it reads."""

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bot.domain.action import text
from bot.domain.action.event import Event, read_event
from bot.domain.action.outcome import Annotation, Level

_MOST_EVENT: Final = 30_000_000
REPORT: Final = "ironclaw-report.json"


class Runner:
    """What the environment says that the runner is; outside Actions, files are simply not there."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._deaf_until = ""

    @property
    def event(self) -> Event:
        """Why this runs; what cannot be read is not known."""
        return read_event(self._environment, self._payload())

    def _payload(self) -> Any:
        file = self._environment.get("GITHUB_EVENT_PATH")
        if not file:
            return None
        try:
            with Path(file).open("rb") as opened:
                return json.loads(opened.read(_MOST_EVENT))
        except (OSError, ValueError, RecursionError):
            return None

    @property
    def temporary(self) -> Path:
        """A folder that is emptied after the job."""
        return Path(self._environment.get("RUNNER_TEMP") or tempfile.gettempdir())

    def write_outputs(self, values: Mapping[str, str]) -> None:
        """Each under a delimiter that nobody can know: a value cannot end itself."""
        lines = []
        for name, value in values.items():
            end = f"end_{secrets.token_hex(16)}"
            lines.append(f"{name}<<{end}\n{value}\n{end}\n")
        self._append("GITHUB_OUTPUT", "".join(lines))

    def write_summary(self, markdown: str) -> None:
        """Add to the job's page."""
        self._append("GITHUB_STEP_SUMMARY", markdown)

    def write_report(self, document: Mapping[str, Any]) -> Path:
        """The report file, whose name no earlier run of the job has."""
        folder = self.temporary / "ironclaw"
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f"{document['mode']}-", dir=folder)) / REPORT
        written = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
        place.write_text(written + "\n", encoding="utf-8")
        return place

    def annotate(self, annotations: tuple[Annotation, ...]) -> None:
        """Show lines beside the run."""
        for line in text.commands(annotations):
            print(line, flush=True)  # noqa: T201 - how a runner is spoken to

    def complain(self, problem: str, remedy: str = "") -> None:
        """Say what kept us from doing anything."""
        said = f"{problem}. {remedy}" if remedy else problem
        self.annotate((Annotation(Level.ERROR, "Ironclaw", said),))

    def mask(self, secret: str) -> None:
        """See that a text never stands in the log, also where nothing else is a command."""
        if not secret:
            return
        lines = [f"::add-mask::{secret}"]
        if self._deaf_until:
            word = secrets.token_hex(16)
            lines = [f"::{self._deaf_until}::", *lines, f"::stop-commands::{word}"]
            self._deaf_until = word
        # In one piece: nothing that is printed meanwhile comes between.
        print("\n".join(lines), flush=True)  # noqa: T201 - as above

    def variable(self, name: str) -> str:
        """What the environment says under this name."""
        return self._environment.get(name, "").strip()

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Nothing that is printed meanwhile is a command, whoever wrote it."""
        if not self._environment.get("GITHUB_ACTIONS"):
            yield
            return
        self._deaf_until = secrets.token_hex(16)
        print(f"::stop-commands::{self._deaf_until}", flush=True)  # noqa: T201 - as above
        try:
            yield
        finally:
            sys.stderr.flush()
            print(f"::{self._deaf_until}::", flush=True)  # noqa: T201 - as above
            self._deaf_until = ""

    def _append(self, variable: str, content: str) -> None:
        file = self._environment.get(variable)
        if file:
            with Path(file).open("a", encoding="utf-8", newline="\n") as opened:
                opened.write(content)


def here() -> Runner:
    """The runner that this process runs in."""
    return Runner(os.environ)
