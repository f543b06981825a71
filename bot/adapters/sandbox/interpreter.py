"""Where the project's Python lives, found without running anything that the project brought."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.sandbox.jail.job import Mount
from bot.ports import UserError

_ASK = (
    "import sys, json; print(json.dumps([sys.executable, sys.base_prefix, sys.base_exec_prefix,"
    " '.'.join(map(str, sys.version_info[:3]))]))"
)
_REMEDY = "Give the path of an interpreter or of a virtual environment with --python."


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python and what must be seen for it to run: folders, and links on the way to it."""

    executable: str
    version: str
    readable: tuple[str, ...]
    links: tuple[Mount, ...] = ()
    note: str = ""

    @property
    def scripts(self) -> str:
        """The folder of the commands that are installed with it."""
        return str(Path(self.executable).parent)


def locate(python: str) -> Interpreter:
    """The interpreter that the user means by a path, a command or a venv's folder."""
    path = Path(python).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    found = shutil.which(str(path))
    if found is None:
        raise UserError(f"There is no Python at {python!r}.", _REMEDY)
    # The name counts: a venv is recognised by the place of its link, so it is not resolved.
    executable = _plain(found)
    venv = Path(executable).parent.parent
    if not (venv / "pyvenv.cfg").is_file():
        base = _ask(executable)
        return Interpreter(base[0], base[3], (base[1], base[2]))
    if (venv / ".git").exists() or venv in (Path("/"), Path.home(), *Path.home().parents):
        problem = f"{venv} holds more than a virtual environment, and all of it would be readable."
        raise UserError(problem, _REMEDY)
    base = _ask(os.path.realpath(executable))
    readable, links = _chain(executable, base[1])
    return Interpreter(executable, base[3], (str(venv), base[1], base[2], *readable), links)


def _plain(path: str) -> str:
    """The path without `..`, which would make two places of one."""
    plain = os.path.abspath(path)  # noqa: PTH100 - Path.absolute() keeps the dots
    if Path(plain).exists() and Path(plain).samefile(path):
        return plain
    folder, name = os.path.split(path)  # One of its folders is a link.
    return f"{os.path.realpath(folder)}/{name}"


def _ask(executable: str) -> list[str]:
    """Ask a bare interpreter; isolated and without site it runs nothing but its own code."""
    try:
        answer = subprocess.run(
            [executable, "-I", "-S", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            stdin=subprocess.DEVNULL,
        )
        values: list[str] = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise UserError(f"{executable} does not run as a Python: {error}", _REMEDY) from error
    return values


def _chain(executable: str, prefix: str) -> tuple[list[str], tuple[Mount, ...]]:
    """The folders and single links that lead from a venv's python to the real one."""
    folders: list[str] = []
    links: list[Mount] = []
    step = executable
    while Path(step).is_symlink():
        step = str(Path(step).parent / Path(step).readlink())
        home = Path(step).parent.parent
        if os.path.realpath(home) == os.path.realpath(prefix):
            folders.append(str(home))
        elif Path(step).is_symlink() and not step.startswith(("/usr/", "/bin/")):
            links.append(Mount("link", os.path.normpath(step), str(Path(step).readlink())))
    # A link beside the venv's own python is seen with the venv.
    own = str(Path(executable).parent)
    return folders, tuple(link for link in links if not link.target.startswith(own))
