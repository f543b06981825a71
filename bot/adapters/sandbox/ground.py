"""What a workspace stands on: its folders, the walls, the interpreter, and how a command is run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.adapters.sandbox import folders
from bot.adapters.sandbox.interpreter import Interpreter
from bot.adapters.sandbox.isolation import Isolation
from bot.adapters.sandbox.jail.job import Finished, Job, Limits, Mount
from bot.adapters.sandbox.launch import run
from bot.adapters.sandbox.views import View
from bot.ports import SandboxSettings

_FOLDERS = ("project", "home", "out", "tmp")
# A benchmark is disturbed by somebody who looks through /proc five times a second.
_QUIET_POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reach:
    """What a command may reach beside its workspace; nothing by default."""

    readable: Iterable[str] = ()
    writable: Iterable[str] = ()
    links: tuple[Mount, ...] = ()
    network: bool = False
    quiet: bool = False


_NOTHING = Reach()


@dataclass(frozen=True, slots=True)
class Ground:
    """The place and the rules for the commands of one workspace."""

    view: View
    isolation: Isolation
    interpreter: Interpreter
    settings: SandboxSettings = field(default_factory=SandboxSettings)

    def clear(self) -> None:
        """Empty folders, whatever the last command did to them."""
        for name in _FOLDERS:
            folders.remove(self.view.outside(name))
            self.view.outside(name).mkdir()
        self.view.outside("probes").mkdir(exist_ok=True)

    def environment(self, import_path: Sequence[str] = ()) -> dict[str, str]:
        """All that a command is told; nothing of what Ironclaw was told is in it."""
        view = self.view
        return {
            "PATH": f"{self.interpreter.scripts}:/usr/local/bin:/usr/bin:/bin",
            "HOME": view.inside("home"),
            "USER": "ironclaw",
            "LOGNAME": "ironclaw",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TMPDIR": view.inside("tmp"),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONNOUSERSITE": "1",
            "PYTHONPATH": ":".join([*import_path, view.inside("probes")]),
            "IRONCLAW_SANDBOX": view.folder.name,
        }

    async def run(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        seconds: float,
        reach: Reach = _NOTHING,
    ) -> Finished:
        """Run one command behind the walls, within the limits."""
        settings, interpreter = self.settings, self.interpreter
        readable = (*interpreter.readable, *reach.readable)
        limits = Limits(
            seconds=seconds,
            memory_mb=settings.memory_mb,
            processes=settings.max_processes,
            output_bytes=settings.max_output_bytes,
        )
        if reach.quiet:
            limits = replace(limits, poll_seconds=_QUIET_POLL_SECONDS)
        job = Job(
            level=self.isolation.level,
            argv=tuple(argv),
            env=env,
            cwd=self.view.inside("project"),
            mounts=(
                *self.view.mounts(readable, reach.writable),
                *interpreter.links,
                *reach.links,
            ),
            limits=limits,
            writable=(*self.view.grows(), *reach.writable),
            network=reach.network,
            bwrap=self.isolation.bwrap,
        )
        return await run(job, marker=self.view.folder.name)
