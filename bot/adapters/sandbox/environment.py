"""An environment for a project that names none: built once, kept by what it was built from."""

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.adapters.sandbox import folders, pip_settings, requirements
from bot.adapters.sandbox.ground import Ground, Reach
from bot.adapters.sandbox.interpreter import Interpreter, locate
from bot.adapters.sandbox.isolation import Isolation
from bot.adapters.sandbox.jail.job import Finished
from bot.adapters.sandbox.layout import write_tree
from bot.adapters.sandbox.requirements import Needs
from bot.adapters.sandbox.views import View
from bot.domain.tree import Tree
from bot.ports import SandboxSettings, UserError

_BUILD_SECONDS = 1800
_LAST_LINES = 15
_REMEDY = (
    "Name a virtual environment that has the project's dependencies and pytest with --python, "
    "or the command that runs the tests with --test-command."
)
# Projects that take their version from git have no git here.
_VERSION = "999.0.0"
_VERSIONS = {
    "SETUPTOOLS_SCM_PRETEND_VERSION": _VERSION,
    "PBR_VERSION": _VERSION,
    "PDM_BUILD_SCM_VERSION": _VERSION,
    "POETRY_DYNAMIC_VERSIONING_BYPASS": _VERSION,
}


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds environments below `data_dir`, in workspaces below `folder`."""

    data_dir: Path
    folder: Path
    isolation: Isolation
    progress: Callable[[str], None]

    async def interpreter(self, tree: Tree) -> Interpreter:
        """The kept environment of this project, or a new one; UserError if neither can be had."""
        base = await asyncio.to_thread(locate, os.path.realpath(sys.executable))
        venv = self.data_dir.absolute() / environment_key(base, tree)
        # Beside the environment: what is inside may have been written by the project's own build.
        ready = venv.with_suffix(".ready")
        async with _exclusive(venv.with_suffix(".lock")):
            if not (ready.exists() and venv.is_dir()):
                if problem := await self._build(venv, base, tree):
                    await asyncio.to_thread(folders.remove, venv)
                    return self._without(tree, problem)
                ready.touch()
        # Nothing in it is asked what it is: the project's build could have replaced it.
        readable = (str(venv), *base.readable)
        return Interpreter(str(venv / "bin" / "python"), base.version, readable, base.links)

    async def _build(self, venv: Path, base: Interpreter, tree: Tree) -> str:
        """Make the venv and install into it; answers what went wrong."""
        self.progress("building an environment for the project; it is kept for the next time")
        await asyncio.to_thread(folders.remove, venv)
        venv.mkdir(parents=True)
        async with folders.temporary_folder(self.folder) as folder:
            view = View(folder, self.isolation.level)
            ground = Ground(view, self.isolation, base, SandboxSettings(memory_mb=8192))
            ground.clear()
            write_tree(tree, view.outside("project"))
            made = await ground.run(
                [base.executable, "-m", "venv", str(venv)],
                ground.environment(),
                _BUILD_SECONDS,
                Reach(writable=(str(venv),)),
            )
            if made.end != "exited" or made.code:
                return _last_lines("python -m venv failed", made)
            return await self._install(ground, venv, tree)

    async def _install(self, ground: Ground, venv: Path, tree: Tree) -> str:
        problem = ""
        everything, tests = requirements.needs(tree), requirements.needs(tree, developers=False)
        for needed in dict.fromkeys((everything, tests)):
            installed = await self._pip(ground, venv, needed)
            if installed.end == "exited" and installed.code == 0:
                if problem:
                    self.progress("not everything for developers can be installed; tests' part can")
                return ""
            problem = problem or _last_lines("pip install failed", installed)
        return problem

    async def _pip(self, ground: Ground, venv: Path, needed: Needs) -> Finished:
        settings = pip_settings.environment(os.environ)
        arguments = needed.pip_arguments(ground.view.inside("project"))
        self.progress("pip install " + " ".join(arguments).replace(ground.view.inside(""), ""))
        env = ground.environment() | settings | _VERSIONS
        env |= {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
        reach = Reach(pip_settings.paths(settings), (str(venv),), network=True)
        argv = [str(venv / "bin" / "python"), "-m", "pip", "install", *arguments]
        return await ground.run(argv, env, _BUILD_SECONDS, reach)

    def _without(self, tree: Tree, problem: str) -> Interpreter:
        """Our own interpreter where that is all the project needs."""
        if requirements.needs(tree).depends or importlib.util.find_spec("pytest") is None:
            raise UserError(f"The project's environment could not be built.\n{problem}", _REMEDY)
        note = "no environment could be built, so Ironclaw's own interpreter runs the tests"
        self.progress(note)
        return replace(locate(sys.executable), note=note)


def environment_key(base: Interpreter, tree: Tree) -> str:
    """The name of the environment that this tree needs with this Python."""
    digest = hashlib.sha256(f"{base.executable} {base.version}".encode())
    for path, data in requirements.packaging_files(tree):
        digest.update(f"{path}\0{len(data)}\0".encode(errors="surrogateescape") + data)
    return digest.hexdigest()[:24]


def _last_lines(what: str, finished: Finished) -> str:
    lines = finished.output.strip().splitlines()[-_LAST_LINES:]
    return "\n".join([f"{what}{': ' if finished.why else ''}{finished.why}", *lines])


@asynccontextmanager
async def _exclusive(path: Path) -> AsyncIterator[None]:
    """One builder at a time for each environment, in whatever process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.2)
        yield
