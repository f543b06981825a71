"""The whole loop on the sample service: only the load and the planted code are scripted."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from bot.adapters.signals.access_log import AccessLog
from bot.bootstrap import LocalChoices, local_ports
from bot.domain.finding import Finding, Severity, fingerprint
from bot.domain.improvement import Improvement, State
from bot.domain.messages import plain
from bot.domain.metrics import percentile
from bot.domain.patch import FileChange, Patch
from bot.entrypoints.commit_folder import commit_folder
from bot.learning.code_improver import CodeImprover, Proposal
from bot.learning.performance_analyzer import PerformanceAnalyzer
from bot.ports import Ports, UserError
from bot.settings import Settings, read_settings
from bot.workflows.advance import STEPS, advance
from bot.workflows.scan import Scan

ROWS = 6000
_MEASURE = timedelta(seconds=25)
_TICK = 0.3
_HERE = Path(__file__).resolve().parent.parent


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


async def run_demo(keep: Path | None) -> int:
    """Play the whole demo; 0 if both improvements ended as they should."""
    settings = read_settings()
    stage = Stage(_fresh_folder(keep or settings.data_folder() / "demo"))
    stage.chapter("1. A small shop goes into production, under load")
    try:
        async with _production(stage), _ports(stage, settings) as ports:
            return await _play(stage, ports)
    finally:
        _shop(stage, "deploy.py", "stop")


async def _play(stage: Stage, ports: Ports) -> int:
    first = await ports.host.deploy()
    if first is None or not first.successful:
        raise UserError(f"the sample service does not start: {first and first.why}", "Look at it.")
    stage.say(f"deployed {first.sha[:12]}; measuring for {_MEASURE.seconds} seconds")
    async with _load(stage):
        await asyncio.sleep(_MEASURE.seconds)
        stage.chapter("2. Ironclaw measures it, and looks where the slow endpoint is in the code")
        good = await _improve_slowest(stage, ports)
        stage.chapter("4. A change that passes every test, but hurts in production")
        await asyncio.sleep(ports.policy.watch.warm_up_seconds)
        bad = await _improve_planted(stage, ports)
        await _summary(stage, ports, good, bad)
    return 0 if good.state is State.KEPT and bad.state is State.REVERTED else 1


async def _improve_slowest(stage: Stage, ports: Ports) -> Improvement:
    analyzer = PerformanceAnalyzer(None, ports=ports)
    assert ports.metrics is not None  # noqa: S101 - the demo always has an access log
    now = ports.clock.now()
    await analyzer.record_requests(await ports.metrics.requests(now - _MEASURE, now))
    report = await analyzer.analyze_performance(hours=1)
    stage.say(f"health {report.overall_health_score:.0f} of 100 over {report.samples} samples")
    for bottleneck in report.bottlenecks:
        stage.say(f"  slow: [bold]{bottleneck.endpoint}[/bold], {bottleneck.description}")
    scan = Scan(ports, analyzer)
    repository = await ports.host.repository()
    findings = await scan.findings(await ports.host.tree(repository.head_sha))
    hot = [finding for finding in findings if finding.evidence]
    stage.say(f"{len(findings)} findings in the code, {len(hot)} behind a slow endpoint")
    stage.chapter("3. It proposes, verifies, merges, deploys and watches the most urgent one")
    for finding in hot or findings:
        id = await scan.keep(finding)
        if id is not None:
            improvement = await _drive(stage, ports, id)
            if improvement.state is State.KEPT:
                return improvement
    raise UserError("nothing that was found could be improved", f"Look into {stage.folder}.")


async def _improve_planted(stage: Stage, ports: Ports) -> Improvement:
    repository = await ports.host.repository()
    tree = await ports.host.tree(repository.head_sha)
    finding, patch = _planted(tree.text, next(iter(sorted(_planted_folders()))))
    stage.say(f"planted: {finding.description}")
    improver = CodeImprover(None, ports=ports)
    id = await improver.save_improvement(Proposal(finding, patch, "planted", 0.5))
    return await _drive(stage, ports, id)


async def _drive(stage: Stage, ports: Ports, id: str) -> Improvement:
    """Wake the improvement whenever it is due, until nothing moves it any more."""
    seen: tuple[State, bool] | None = None
    while True:
        improvement = await advance(ports, id)
        if improvement is None:
            raise UserError(f"improvement {id} is gone", "Run the demo again.")
        now = (improvement.state, improvement.suspected_at is not None)
        if now != seen:
            seen = now
            stage.tell(improvement)
        if improvement.state not in STEPS:
            return improvement
        due = improvement.look_again_at or ports.clock.now()
        await asyncio.sleep(max(0.0, (due - ports.clock.now()).total_seconds()) + _TICK)


def _planted_folders() -> list[Path]:
    return [folder for folder in (_sample() / "planted").iterdir() if folder.is_dir()]


def _planted(text_of: Any, folder: Path) -> tuple[Finding, Patch]:
    about: Mapping[str, str] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    before = text_of(about["file"])
    old = (folder / "before.py").read_text(encoding="utf-8")
    new = (folder / "after.py").read_text(encoding="utf-8")
    if before is None or before.count(old.rstrip("\n")) != 1:
        raise UserError(f"the planted change does not fit {about['file']}", "Mend examples/shop.")
    after = before.replace(old.rstrip("\n"), new.rstrip("\n"))
    line = before[: before.index(old.rstrip("\n"))].count("\n") + 1
    finding = Finding(
        id=fingerprint("planted", about["file"], about["function"], old),
        rule="planted",
        file=about["file"],
        line=line,
        end_line=line + old.count("\n"),
        function=about["function"],
        severity=Severity.MEDIUM,
        description=about["title"],
    )
    return finding, Patch((FileChange(about["file"], before, after),))


async def _summary(stage: Stage, ports: Ports, good: Improvement, bad: Improvement) -> None:
    stage.chapter("What happened")
    for improvement in (good, bad):
        colour = "green" if improvement.state is State.KEPT else "yellow"
        stage.say(
            f"[{colour}]{improvement.state}[/{colour}] {escape(improvement.finding.description)}"
        )
        stage.say(f"    {escape(improvement.reason)}")
    await _show_endpoints(stage, ports, good, bad)
    stage.chapter("Where to look")
    repository = escape(str(stage.repository))
    stage.say(f"  the history:        git -C {repository} log --graph --oneline main")
    stage.say(f"  the improvement:    git -C {repository} show {good.head_sha[:12]}")
    stage.say(f"  the revert:         git -C {repository} show {bad.revert_sha[:12] or '(none)'}")
    stage.say(f"  the pull requests:  {escape(str(_write_texts(stage, await _texts(ports))))}")
    stage.say(f"  what it answered:   {escape(str(stage.access_log))}")


async def _show_endpoints(stage: Stage, ports: Ports, good: Improvement, bad: Improvement) -> None:
    """Percentiles of each endpoint in the phases of the story."""
    assert ports.metrics is not None  # noqa: S101 - the demo always has an access log
    now = ports.clock.now()
    warm = timedelta(seconds=ports.policy.watch.warm_up_seconds)
    end = bad.revert_deployed_at or now
    phases = [
        ("at first", (good.deployed_at or now) - _MEASURE, good.deployed_at or now),
        ("improved", (good.deployed_at or now) + warm, bad.deployed_at or now),
        ("planted", (bad.deployed_at or now) + warm, end),
        ("reverted", end + warm, now),
    ]
    stage.say("\nmedian of each endpoint in milliseconds (requests):")
    for name, since, until in phases:
        requests = await ports.metrics.requests(since, until) if until > since else ()
        by_endpoint: dict[str, list[float]] = {}
        for request in requests:
            by_endpoint.setdefault(request.endpoint, []).append(request.milliseconds)
        cells = [
            f"{endpoint} {percentile(sorted(times), 0.5):.1f} ({len(times)})"
            for endpoint, times in sorted(by_endpoint.items())
            if endpoint != "GET /healthz"
        ]
        stage.say(f"  {name:>9}:  {', '.join(cells) or 'nothing measured'}")


async def _texts(ports: Ports) -> list[tuple[int, str, str]]:
    return [(p.number, p.title, p.body) for p in await ports.host.pull_requests()]


def _write_texts(stage: Stage, texts: list[tuple[int, str, str]]) -> Path:
    file = stage.folder / "pull-requests.md"
    parts = [f"# {number}: {title}\n\n{body}\n" for number, title, body in texts]
    file.write_text("\n\n".join(parts), encoding="utf-8")
    return file


@asynccontextmanager
async def _ports(stage: Stage, settings: Settings) -> AsyncIterator[Ports]:
    choices = LocalChoices(
        path=stage.repository, python=sys.executable, deploy_environment=stage.environment
    )
    own = settings.moved_to(stage.folder / "ironclaw")
    async with local_ports(choices, own, lambda _: None) as ports:
        yield replace(ports, metrics=AccessLog(stage.access_log))


@asynccontextmanager
async def _production(stage: Stage) -> AsyncIterator[None]:
    """The sample service's repository and database, made afresh."""
    leave_out = shutil.ignore_patterns("planted", "__pycache__", ".*_cache")
    await asyncio.to_thread(shutil.copytree, _sample(), stage.folder / "shop", ignore=leave_out)
    await asyncio.to_thread(commit_folder, stage.folder / "shop", stage.repository)
    _shop(stage, "-m", "shop.seed", "--data", str(stage.home / "data"), "--rows", str(ROWS))
    stage.say(f"its repository: {escape(str(stage.repository))}")
    yield


@asynccontextmanager
async def _load(stage: Stage) -> AsyncIterator[None]:
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


def _shop(stage: Stage, *arguments: str) -> None:
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


def _fresh_folder(folder: Path) -> Path:
    """An empty folder for the demo; only one that a former demo made is cleared."""
    marker = folder / ".ironclaw-demo"
    if folder.exists() and any(folder.iterdir()):
        if not marker.exists():
            raise UserError(f"{folder} is not empty", "Name an empty or new folder.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.touch()
    return folder.resolve()


def _sample() -> Path:
    for folder in (_HERE / "_examples" / "shop", _HERE.parent / "examples" / "shop"):
        if folder.is_dir():
            return folder
    raise UserError("the sample service is not installed", "Run the demo from a checkout.")
