"""A clean copy of one tree, and the commands that run in it."""

import asyncio
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.adapters.sandbox import completions, packages, recordings, survey, testrun, tools
from bot.adapters.sandbox.ground import Ground, Reach
from bot.adapters.sandbox.interpreter import locate
from bot.adapters.sandbox.jail.job import Finished, Mount
from bot.adapters.sandbox.layout import write_tree
from bot.adapters.sandbox.recordings import Chosen
from bot.adapters.sandbox.survey import Survey
from bot.domain.equivalence import FunctionRef, Recording, Replayed
from bot.domain.outcomes import RunEnd, TestRun, ToolRun
from bot.domain.tree import Tree
from bot.ports import UserError

_PROBES = Path(__file__).with_name("probes")
_REPORT = "report.jsonl"
_REPORT_BYTES = 200_000_000
_SURVEY_SECONDS = 60
_TOOL_SECONDS = 300
_NOTHING, _QUIET = Reach(), Reach(quiet=True)


class ProcessWorkspace:
    """One tree's copy; before every run that could find traces of another it is made anew."""

    def __init__(self, ground: Ground, tree: Tree, chosen: Chosen) -> None:
        self._ground = ground
        self._chosen = chosen
        self._tree = tree
        self._packages = packages.find(tree)
        self._survey = Survey(frozenset(), ())
        self._completions: dict[str, Path] = {}
        #: Held by whoever uses the folders: one run at a time, or one measurement.
        self.turn = asyncio.Lock()
        self.left_out: dict[str, str] = {}

    async def prepare(self) -> None:
        """Lay the probes out and ask the interpreter what it has."""
        probes = self._ground.view.outside("probes")
        await asyncio.to_thread(self._lay_out)
        await asyncio.to_thread(shutil.copytree, _PROBES, probes / "ironclaw_probes")
        python = self._ground.interpreter.executable
        argv = (python, "-c", survey.PROGRAM, self.inside("probes"), *survey.MODULES)
        writable = Mount("rw", self.inside("probes"), str(probes))
        finished = await self._run(argv, seconds=_SURVEY_SECONDS, reach=Reach(links=(writable,)))
        found = survey.parse(finished.output)
        if found is None:
            problem = finished.why or finished.output.strip()[-1000:]
            raise UserError(
                f"{python} does not run in the sandbox: {problem}",
                "Name another interpreter or virtual environment with --python.",
            )
        self._survey = found
        self._completions = await asyncio.to_thread(
            completions.find, self._tree, self._packages, found.sites
        )

    async def run_tests(self, *, only: Sequence[str] = ()) -> TestRun:
        """Run the test suite, or the tests with these node ids alone."""
        async with self.turn:
            return await self._run_tests(only)

    async def record(self, functions: Sequence[FunctionRef]) -> Recording:
        """Run the test suite and keep the calls of these functions."""
        view = self._ground.view
        async with self.turn:
            settings = recordings.record_settings(
                functions, view.inside("project"), view.inside("out")
            )
            run = await self._run_tests((), ("ironclaw_probes.record",), record=settings)
            data = self.result(recordings.RECORDING, recordings.MOST_BYTES)
        return recordings.read_recording(data, functions, run.why)

    async def invent(self, recording: Recording, seed: int = 0) -> Recording:
        """The same with calls that nobody has made: of likely arguments, and new ways taken."""
        settings = recordings.invent_settings(
            recording, seed, self.inside("project"), self.inside("out"), self._packages.folders
        )
        async with self.turn:
            await self.renew()
            finished = await self.run_probe("invent", settings, seconds=recordings.INVENT_SECONDS)
            data = self.result(recordings.INVENTED, recordings.MOST_BYTES)
        why = "" if finished.code == 0 else finished.why or finished.output.strip()[-500:]
        return recordings.read_recording(data, recording.functions, why) if data else recording

    async def run_tool(self, tool: str, paths: Sequence[str]) -> ToolRun:
        """Run `ruff`, `mypy` or `black` on these files with the project's own settings."""
        known = tools.TOOLS[tool]
        if known.needs_configuration and not known.configured(self._tree):
            return ToolRun(RunEnd.NOT_AVAILABLE, why="not configured")
        project, ours = self._ground.interpreter, None
        if tool not in self._survey.modules:
            if importlib.util.find_spec(tool) is None:
                return ToolRun(RunEnd.NOT_AVAILABLE, why="not installed")
            ours = await asyncio.to_thread(locate, sys.executable)
        runner = ours or project
        reach = Reach(ours.readable, links=ours.links) if ours else _NOTHING
        argv = tools.command(tool, self._tree, project.executable, runner.executable, paths)
        async with self.turn:
            await asyncio.to_thread(self._lay_out)
            finished = await self._run(argv, seconds=_TOOL_SECONDS, reach=reach)
        return tools.read(known, finished, finished.output, self.inside("project"))

    async def replay(self, recording: Recording, lines: Sequence[tuple[int, int]]) -> Replayed:
        """Answer the recorded calls; `lines` are the changed ranges (1-based, inclusive)."""
        if not recording.calls:
            return Replayed({}, changed_lines_hit=False, why=recording.why)
        only = self._chosen.of(recording)
        settings = recordings.replay_settings(
            recording, lines, only, self.inside("project"), self.inside("out")
        )
        async with self.turn:
            await self.renew(recording)
            seconds = 2 * recordings.LATER_SECONDS
            finished = await self.run_probe("replay", settings, seconds=seconds)
            answers = self.result(recordings.ANSWERS, recordings.MOST_BYTES)
        why = "" if finished.code == 0 else finished.why or finished.output.strip()[-500:]
        replayed = recordings.read_answers(answers.decode("utf-8", "replace"), why)
        self._chosen.keep(recording, replayed)
        return replayed

    def inside(self, name: str) -> str:
        """A folder of the workspace as its commands see it."""
        return self._ground.view.inside(name)

    def result(self, name: str, most: int) -> bytes:
        """A file that a probe has left in `out`, and at most so much of it."""
        return _read(self._ground.view.outside("out") / name, most)

    async def renew(self, recording: Recording | None = None) -> None:
        """Lay the tree out anew, with a recording where probes look for it."""
        await asyncio.to_thread(self._lay_out)
        if recording is not None:
            await asyncio.to_thread(self._put, recordings.RECORDING, recording.data)

    async def run_probe(
        self, probe: str, settings: str, *, seconds: float, name: str = ""
    ) -> Finished:
        """Run one of our programs in the project's interpreter; its files are in `out`.

        Several may run at once under names of their own, as long as nothing else does.
        """
        file = f"{name or probe}.json"
        await asyncio.to_thread(self._put, file, settings.encode())
        python = self._ground.interpreter.executable
        argv = (python, "-m", f"ironclaw_probes.{probe}", f"{self.inside('out')}/{file}")
        return await self._run(argv, seconds=seconds, reach=_QUIET)

    async def _run_tests(
        self, only: Sequence[str], plugins: Sequence[str] = (), record: str = ""
    ) -> TestRun:
        settings, view = self._ground.settings, self._ground.view
        if not settings.test_command and "pytest" not in self._survey.modules:
            why = f"pytest is not installed for {self._ground.interpreter.executable}"
            return TestRun(RunEnd.NOT_AVAILABLE, why=why)
        await asyncio.to_thread(self._lay_out)
        extra = {
            "PYTEST_ADDOPTS": testrun.pytest_options(("ironclaw_probes.report", *plugins)),
            "IRONCLAW_REPORT": f"{view.inside('out')}/{_REPORT}",
            "IRONCLAW_PROJECT": view.inside("project"),
            "IRONCLAW_PACKAGES": ",".join(sorted(self._packages.names)),
        }
        if only:
            self._put("only.json", json.dumps(list(only)).encode())
            extra["IRONCLAW_ONLY"] = f"{view.inside('out')}/only.json"
        if record:
            self._put("record.json", record.encode())
            extra["IRONCLAW_RECORD"] = f"{view.inside('out')}/record.json"
        argv = testrun.command(settings.test_command, self._ground.interpreter.executable)
        if only and not settings.test_command:
            # Files that hold none of them need not be collected; the root must not move with them.
            files = dict.fromkeys(test.partition("::")[0] for test in only)
            argv += [f"--rootdir={view.inside('project')}", *files]
        finished = await self._run(argv, env=extra, seconds=settings.timeout_seconds)
        report = self.result(_REPORT, _REPORT_BYTES).decode("utf-8", "replace")
        return testrun.read_report(report, finished, view.inside("project"), settings.test_command)

    async def _run(
        self,
        argv: Sequence[str],
        *,
        seconds: float,
        env: Mapping[str, str] | None = None,
        reach: Reach = _NOTHING,
    ) -> Finished:
        project = self._ground.view.inside("project")
        paths = [f"{project}/{folder}".rstrip("/") for folder in self._packages.folders]
        told = {**self._ground.environment(paths), **(env or {})}
        return await self._ground.run(argv, told, seconds, reach)

    def _put(self, name: str, data: bytes) -> None:
        """Hand a file in; what untrusted code may have put in its place is not followed."""
        place = self._ground.view.outside("out") / name
        place.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(place, flags, 0o644), "wb") as file:  # noqa: PTH123 - by descriptor
            file.write(data)

    def _lay_out(self) -> None:
        """The tree as it was given, whatever the last run did to it."""
        self._ground.clear()
        project = self._ground.view.outside("project")
        self.left_out = write_tree(self._tree, project)
        completions.add(self._completions, project)


def _read(path: Path, most: int) -> bytes:
    """A file that untrusted code wrote; links are not followed out of the sandbox."""
    if path.is_symlink() or not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(most)
