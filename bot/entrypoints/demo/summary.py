"""What the demo tells at its end: outcomes, response times by phase, and where to look."""

from datetime import timedelta
from pathlib import Path

from rich.markup import escape

from bot.domain.improvement import Improvement, State
from bot.domain.metrics import percentile
from bot.entrypoints.demo.stage import Stage
from bot.ports import Ports

MEASURED = timedelta(seconds=20)
"""How long the service is measured before anything is looked for."""


async def summary(stage: Stage, ports: Ports, good: Improvement, bad: Improvement) -> None:
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
    stage.say(f"  the revert:         git -C {repository} show -m {bad.revert_sha[:12]}")
    stage.say(f"  the pull requests:  {escape(str(_write_texts(stage, await _texts(ports))))}")
    stage.say(f"  what it answered:   {escape(str(stage.access_log))}")


async def _show_endpoints(stage: Stage, ports: Ports, good: Improvement, bad: Improvement) -> None:
    """Percentiles of each endpoint in the phases of the story."""
    assert ports.metrics is not None  # noqa: S101 - the demo always has an access log
    now = ports.clock.now()
    warm = timedelta(seconds=ports.policy.watch.warm_up_seconds)
    end = bad.revert_deployed_at or now
    phases = [
        ("at first", good.created_at - MEASURED, good.created_at),
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
