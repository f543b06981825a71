"""The whole loop on the sample service: only the load and the planted code are scripted."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.adapters.signals.access_log import AccessLog
from bot.bootstrap.local import LocalChoices, local_ports
from bot.domain.finding import Finding, Severity, fingerprint
from bot.domain.improvement import Improvement, State
from bot.domain.patch import FileChange, Patch
from bot.entrypoints.demo.stage import Stage, fresh_folder, load, production, run_in_shop, sample
from bot.entrypoints.demo.summary import MEASURED, summary
from bot.learning.code_improver import CodeImprover, Proposal
from bot.learning.performance_analyzer import PerformanceAnalyzer
from bot.ports import Ports, UserError
from bot.settings import Settings
from bot.workflows.advance import STEPS, advance
from bot.workflows.scan import Scan

_TICK = 0.3


async def run_demo(folder: Path, settings: Settings) -> int:
    """Play the whole demo in this folder; 0 if both improvements ended as they should."""
    stage = Stage(fresh_folder(folder))
    stage.chapter("1. A small shop goes into production, under load")
    try:
        async with production(stage), _ports(stage, settings) as ports:
            return await _play(stage, ports)
    finally:
        run_in_shop(stage, "deploy.py", "stop")


async def _play(stage: Stage, ports: Ports) -> int:
    first = await ports.host.deploy()
    if first is None or not first.successful:
        raise UserError(f"the sample service does not start: {first and first.why}", "Look at it.")
    stage.say(f"deployed {first.sha[:12]}; measuring for {MEASURED.seconds} seconds")
    async with load(stage):
        await asyncio.sleep(MEASURED.seconds)
        stage.chapter("2. Ironclaw measures it, and looks where the slow endpoint is in the code")
        measured = ports.clock.now()
        good = await _improve_slowest(stage, ports, measured)
        stage.chapter("4. A change that passes every test, but hurts in production")
        await asyncio.sleep(ports.policy.watch.warm_up_seconds)
        bad = await _improve_planted(stage, ports)
        await _record(ports, measured, ports.clock.now())
        await summary(stage, ports, good, bad)
    return 0 if good.state is State.KEPT and bad.state is State.REVERTED else 1


async def _record(ports: Ports, since: datetime, until: datetime) -> PerformanceAnalyzer:
    """Keep what production answered in this time."""
    name = (await ports.host.repository()).name
    analyzer = PerformanceAnalyzer(None, repository=name, ports=ports)
    assert ports.metrics is not None  # noqa: S101 - the demo always has an access log
    await analyzer.record_requests(await ports.metrics.requests(since, until))
    return analyzer


async def _improve_slowest(stage: Stage, ports: Ports, now: datetime) -> Improvement:
    repository = await ports.host.repository()
    analyzer = await _record(ports, now - MEASURED, now)
    report = await analyzer.analyze_performance(hours=1)
    stage.say(f"health {report.overall_health_score:.0f} of 100 over {report.samples} samples")
    for bottleneck in report.bottlenecks:
        stage.say(f"  slow: [bold]{bottleneck.endpoint}[/bold], {bottleneck.description}")
    scan = Scan(ports)
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
    return [folder for folder in (sample() / "planted").iterdir() if folder.is_dir()]


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


@asynccontextmanager
async def _ports(stage: Stage, settings: Settings) -> AsyncIterator[Ports]:
    choices = LocalChoices(
        path=stage.repository, python=sys.executable, deploy_environment=stage.environment
    )
    own = settings.moved_to(stage.folder / "ironclaw")
    async with local_ports(choices, own, lambda _: None) as ports:
        yield replace(ports, metrics=AccessLog(stage.access_log))
