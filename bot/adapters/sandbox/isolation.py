"""Which walls work here: tried once, strongest first."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.sandbox.jail import kernel
from bot.adapters.sandbox.jail.job import Job, Level, Limits
from bot.adapters.sandbox.launch import run_blocking
from bot.adapters.sandbox.views import View

# Ours come first: they are bubblewrap's with limits on tmpfs and on process numbers.
ORDER: tuple[Level, ...] = ("namespaces", "bubblewrap", "landlock", "limits")

_SAYS: dict[Level, str] = {
    "namespaces": "namespaces: own file system, processes and network (loopback only)",
    "bubblewrap": "bubblewrap: own file system, processes and network (loopback only)",
    "landlock": "landlock: files outside are out of reach, no network at all; processes are seen",
    "limits": "limits only: the code can read your files and use the network",
}


@dataclass(frozen=True, slots=True)
class Isolation:
    """The walls that are on, and why no stronger ones are."""

    level: Level
    bwrap: str = ""
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _SAYS[self.level] + "".join(f"; {why}" for why in self.refused)


def probe(levels: tuple[Level, ...] = ORDER, bwrap: str = "") -> Isolation:
    """The first of `levels` behind which a command runs and cannot see what it must not."""
    bwrap = bwrap or shutil.which("bwrap") or ""
    refused: list[str] = []
    for level in levels:
        why = _objection(level, bwrap)
        if not why:
            return Isolation(level, bwrap if level == "bubblewrap" else "", tuple(refused))
        refused.append(f"no {level} ({why})")
    return Isolation("limits", "", tuple(refused))


def _objection(level: Level, bwrap: str) -> str:
    if level != "limits" and not kernel.LINUX:
        return "not Linux"
    if level == "bubblewrap" and not bwrap:
        return "not installed"
    with tempfile.TemporaryDirectory(prefix="ironclaw-probe-") as folder:
        view = View(Path(folder), level)
        for name in ("project", "home", "out", "probes", "tmp"):
            view.outside(name).mkdir()
        hidden = Path(folder, "hidden")
        hidden.write_text("seen")
        # Where there are walls the file must not be there; without them the command must just run.
        test = "true" if level == "limits" else f"! cat '{hidden}' 2>/dev/null"
        job = Job(
            level=level,
            argv=("sh", "-c", f"cd '{view.inside('project')}' && touch ok && {test}"),
            env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
            cwd=view.inside("project"),
            mounts=view.mounts(()),
            limits=Limits(seconds=20),
            bwrap=bwrap,
        )
        finished = run_blocking(job)
    if finished.end == "exited" and finished.code == 0:
        return ""
    return finished.why or finished.output.strip()[-200:] or f"exit {finished.code}"
