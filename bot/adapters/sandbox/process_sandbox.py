"""The sandbox of local processes: it opens workspaces and sweeps what former runs left behind."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property
from pathlib import Path

from bot.adapters.sandbox import folders, measuring
from bot.adapters.sandbox.environment import Builder
from bot.adapters.sandbox.ground import Ground
from bot.adapters.sandbox.interpreter import Interpreter, locate
from bot.adapters.sandbox.isolation import ORDER, Isolation, probe
from bot.adapters.sandbox.jail.job import Level
from bot.adapters.sandbox.recordings import Chosen
from bot.adapters.sandbox.views import View
from bot.adapters.sandbox.workspace import ProcessWorkspace
from bot.domain.benchmark import Timings
from bot.domain.equivalence import Recording
from bot.domain.rules import Proof
from bot.domain.tree import Tree
from bot.ports import SandboxSettings, Workspace


def _say_nothing(_: str) -> None:
    return


class ProcessSandbox:
    """Runs untrusted code in local processes behind the strongest walls that work here.

    `data_dir` keeps the environments that are built for projects. The two last arguments are for
    a machine whose temporary folder is no place for this, and for a person who insists on a level.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        on_progress: Callable[[str], None] = _say_nothing,
        folder: Path | None = None,
        levels: tuple[Level, ...] = ORDER,
        bwrap: str = "",
    ) -> None:
        self._data_dir = data_dir
        self._progress = on_progress
        self._folder = folder or Path(tempfile.gettempdir())
        self._levels = levels
        self._bwrap = bwrap
        self._chosen = Chosen()

    @property
    def isolation(self) -> str:
        """Which isolation is on here, for a person to read."""
        return str(self._isolation)

    def open(self, tree: Tree, settings: SandboxSettings) -> AbstractAsyncContextManager[Workspace]:
        """Lay out `tree`; UserError if the project's environment cannot be had."""
        return self._open(tree, settings)

    async def measure(
        self, old: Workspace, new: Workspace, recording: Recording, scale: int, seconds: float
    ) -> Timings:
        """Time the recorded calls on both trees, interleaved in fresh processes."""
        return await measuring.measure_calls(_ours(old), _ours(new), recording, scale, seconds)

    async def measure_proof(
        self, workspace: Workspace, proof: Proof, size: int, seconds: float
    ) -> Timings:
        """Time a rule's own proof at one size with the project's interpreter."""
        return await measuring.measure_proof(_ours(workspace), proof, size, seconds)

    @cached_property
    def _isolation(self) -> Isolation:
        """Looked at once; what former runs left is swept at the same moment."""
        folders.sweep(self._folder)
        return probe(self._levels, self._bwrap)

    @asynccontextmanager
    async def _open(self, tree: Tree, settings: SandboxSettings) -> AsyncIterator[Workspace]:
        isolation = await asyncio.to_thread(lambda: self._isolation)
        interpreter = await self._interpreter(tree, settings, isolation)
        async with folders.temporary_folder(self._folder) as folder:
            view = View(folder, isolation.level)
            workspace = ProcessWorkspace(
                Ground(view, isolation, interpreter, settings), tree, self._chosen
            )
            await workspace.prepare()
            yield workspace

    async def _interpreter(
        self, tree: Tree, settings: SandboxSettings, isolation: Isolation
    ) -> Interpreter:
        if settings.python:
            return await asyncio.to_thread(locate, settings.python)
        builder = Builder(self._data_dir, self._folder, isolation, self._progress)
        return await builder.interpreter(tree)


def _ours(workspace: Workspace) -> ProcessWorkspace:
    if not isinstance(workspace, ProcessWorkspace):
        raise TypeError("a sandbox measures the workspaces that it has opened")
    return workspace
