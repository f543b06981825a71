"""Where the demo plays: the sample service's folder, repository, production and load."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.domain.improvement import Improvement
from bot.domain.messages import plain
from bot.entrypoints.demo.commit_folder import commit_folder
from bot.ports import UserError

ROWS = 6000
_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass
class Stage:
    """Where the demo's things lie."""

    folder: Path
    console: Console = field(default_factory=Console)
    began: float = field(default_factory=time.monotonic)

    @property
    def repository(self) -> Path:
        """The sample service's own repository."""
        return self.folder / "shop.git"

    @property
    def home(self) -> Path:
        """Its production."""
        return self.folder / "production"

    @property
    def environment(self) -> dict[str, str]:
        """What the service's own commands see: the same Python, and where its production is."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        return {"PATH": path, "SHOP_HOME": str(self.home), "LANG": "C.UTF-8"}

    @property
    def access_log(self) -> Path:
        """What production answers, line by line."""
        return self.home / "access.jsonl"

    def say(self, text: str) -> None:
        """One line of the story."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def tell(self, improvement: Improvement) -> None:
        """What has become of an improvement, and when."""
        seconds = f"{time.monotonic() - self.began:4.0f} s"
        reason = escape(plain(improvement.reason))
        self.say(f"  [dim]{seconds}[/dim] [cyan]{improvement.state:>10}[/cyan]  {reason}")

    def chapter(self, text: str) -> None:
        """A new part of the story."""
        self.say(f"\n[bold]{text}[/bold]")


@asynccontextmanager
async def production(stage: Stage) -> AsyncIterator[None]:
    """The sample service's repository and database, made afresh."""
    leave_out = shutil.ignore_patterns("planted", "production", "__pycache__", ".*_cache")
    await asyncio.to_thread(shutil.copytree, sample(), stage.folder / "shop", ignore=leave_out)
    await asyncio.to_thread(commit_folder, stage.folder / "shop", stage.repository)
    run_in_shop(stage, "-m", "shop.seed", "--data", str(stage.home / "data"), "--rows", str(ROWS))
    stage.say(f"its repository: {escape(str(stage.repository))}")
    yield


@asynccontextmanager
async def load(stage: Stage) -> AsyncIterator[None]:
    """Steady requests until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(stage.folder / "shop" / "load.py"),
        "--port-file",
        str(stage.home / "port"),
        "--seconds",
        "600",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def run_in_shop(stage: Stage, *arguments: str) -> None:
    folder = stage.folder / "shop"
    if not folder.is_dir():
        return
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=stage.environment,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UserError(f"{arguments} of the sample service failed: {done.stderr[-500:]}", "")


def fresh_folder(folder: Path) -> Path:
    """An empty folder for the demo; only one that a former demo made is cleared."""
    marker = folder / ".ironclaw-demo"
    if folder.exists() and any(folder.iterdir()):
        if not marker.exists():
            raise UserError(f"{folder} is not empty", "Name an empty or new folder.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.touch()
    return folder.resolve()


def sample() -> Path:
    for folder in (_PACKAGE / "_examples" / "shop", _PACKAGE.parent / "examples" / "shop"):
        if folder.is_dir():
            return folder
    raise UserError("the sample service is not installed", "Run the demo from a checkout.")
