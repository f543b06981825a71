"""How far one PostgreSQL carries: memory of a worker, time of a sweep, advances a second.

    python benchmarks/scale.py [--improvements 10000] [--workers 1 2 3] [--rounds 3]
                               [--seconds 20] [--json]

Makes a database (on TEST_DATABASE_URL if set, else a PostgreSQL of its own with fsync), a fake
GitHub in a process of its own with as many open pull requests, ten to a repository and twenty
repositories to an installation, and rows as the service itself would have written them, with as
many improvements that ended long ago. Then real `ironclaw worker` processes work on what is due.
Each number of workers has its turn in every round; figures are medians over the rounds, a ratio is
the median of the ratios within the rounds. Each round begins with everything due and workers that
know nothing. CPU is in milliseconds for each advance, of the workers, of the fake GitHub (which may
be what holds things up) and of PostgreSQL; other work on the machine hardly changes it. All is
removed at the end. Exits 1 where an advance failed.
"""

import argparse
import asyncio
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from intake import durable_postgresql
from sqlalchemy import insert, make_url

from bot.adapters.database import upgrade
from bot.adapters.database.engine import make_blocking_engine, make_engine
from bot.adapters.database.intake import DeliveryIntake
from bot.adapters.database.models import (
    EventRow,
    FeedbackRow,
    HostedRepositoryRow,
    ImprovementRow,
    table_of,
)
from bot.adapters.database.rows import event_row, feedback_row, improvement_row
from bot.adapters.engine import JobQueue
from bot.adapters.engine.client import system_engine
from bot.adapters.engine.routing import BATCH, Router
from bot.adapters.engine.timers import Timers
from bot.adapters.github.tokens import AppKey
from bot.bootstrap.hosted import Hosting
from bot.domain.deliveries import Delivery
from bot.domain.events import Feedback, FeedbackType, LearningEvent
from bot.domain.finding import Finding, Severity
from bot.domain.hosting import KnownRepository, Standing
from bot.domain.improvement import Improvement, State, improvement_id
from bot.domain.patch import FileChange, Patch
from bot.settings import read_settings

HERE = Path(__file__).parent
READY_SECONDS, STOP_SECONDS = 300, 90
TABLES = ("code_improvement", "learning_event", "feedback", "hosted_repository", "workflow_status")


def main() -> int:
    options = arguments()
    if options.sweep:
        print(json.dumps(asyncio.run(sweep())))
        return 0
    # So that all is removed then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found: dict[str, Any] = {"improvements": options.improvements, "load": os.getloadavg()[0]}
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-")))
        url = stack.enter_context(database(place))
        say(f"a GitHub with {options.improvements} open pull requests")
        town, host = stack.enter_context(github(place, options.improvements))
        say("rows for them")
        fill(url, town["pulls"])
        bench = Bench(place, url, town, host)
        say("one worker with nothing due, which also makes the engine's tables")
        found["idle"] = bench.idle()
        say("the sweeps")
        found["sweep"] = bench.sweeps()
        found["rounds"] = []
        for number in range(options.rounds):
            for workers in options.workers:
                one = bench.work(workers, options.seconds)
                found["rounds"].append(one)
                say(f"round {number + 1}: {workers} workers, {one['per_second']:.1f} a second")
    print(json.dumps(found, indent=1) if options.json else report(found))
    return 1 if any(one["failed"] for one in found["rounds"]) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--improvements", type=int, default=10_000, metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="how long one turn is measured")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    parser.add_argument("--sweep", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def say(text: str) -> None:
    print(f"[{datetime.now(UTC):%H:%M:%S}] {text}", file=sys.stderr, flush=True)


# What there is


@contextmanager
def database(place: Path) -> Iterator[str]:
    """A database of its own, without a table of the engine's yet."""
    with ExitStack() as stack:
        given = os.environ.get("TEST_DATABASE_URL")
        server = make_url(given or stack.enter_context(durable_postgresql(place))[0])
        plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
        name = f"ironclaw_scale_{secrets.token_hex(6)}"
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
            try:
                url = server.set(database=name, drivername="postgresql")
                text = url.render_as_string(hide_password=False)
                upgrade(text, backup_dir=place)
                yield text
            finally:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def github(place: Path, pulls: int) -> Iterator[tuple[dict[str, Any], "subprocess.Popen[str]"]]:
    command = [sys.executable, str(HERE / "scale_host.py"), str(place), str(pulls)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            while not (place / "town.json").exists():
                if process.poll() is not None:
                    sys.exit("the fake GitHub did not start")
                time.sleep(0.05)
            yield json.loads((place / "town.json").read_text()), process
        finally:
            process.kill()


def fill(url: str, pulls: Sequence[dict[str, Any]]) -> None:
    """Each pull request's improvement, and one more beside it that was kept long ago."""
    rows: dict[Any, list[dict[str, Any]]] = {}
    repositories = {one["repository"]: one for one in pulls}
    rows[HostedRepositoryRow] = [repository_row(one) for one in repositories.values()]
    for pull in pulls:
        opened, kept = improvement_of(pull), ended_beside(pull)
        for one in (opened, kept):
            rows.setdefault(ImprovementRow, []).append(improvement_row(one) | {"version": 4})
            rows.setdefault(EventRow, []).extend(map(event_row, events_of(one)))
        rows.setdefault(FeedbackRow, []).append(feedback_row(rating_of(kept)))
    engine = make_blocking_engine(url)
    with engine.begin() as connection:
        for table, every in rows.items():
            for start in range(0, len(every), 1000):
                connection.execute(insert(table_of(table)), every[start : start + 1000])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def repository_row(pull: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC)
    known = KnownRepository(
        host_id=pull["host_id"],
        full_name=pull["repository"],
        installation_id=pull["installation"],
        updated_at=now,
        default_branch="main",
        state=Standing.ACTIVE,
        look_again_at=now + timedelta(days=1),
    )
    return asdict(known) | {"state": known.state.value}


def improvement_of(pull: dict[str, Any]) -> Improvement:
    opened = datetime.fromisoformat(pull["opened"])
    id = pull["branch"].rpartition("/")[2]
    where = "shop/names.py"
    finding = Finding(id, "seen-as-list", where, 1, 2, "names", Severity.MEDIUM, "slow", "a list")
    return Improvement(
        id=improvement_id(pull["repository"], finding),
        repository=pull["repository"],
        finding=finding,
        state=State.OPEN,
        reason="tests is pending",
        base_sha=pull["base"],
        created_at=opened,
        updated_at=opened,
        patch=Patch((FileChange(where, "x = [1]\n" * 10, "x = {1}\n" * 10),)),
        confidence=0.9,
        evidence={"timings": [0.001 * number for number in range(100)]},
        branch=pull["branch"],
        head_sha=pull["head"],
        pull_request=pull["number"],
        look_again_at=opened + timedelta(days=30),
    )


def ended_beside(pull: dict[str, Any]) -> Improvement:
    """Its number and commits are nobody else's, and no worker will look at it again."""
    number = pull["number"] + 1000
    head, merge = secrets.token_hex(20), secrets.token_hex(20)
    branch = f"{pull['branch']}-before"
    old = (datetime.fromisoformat(pull["opened"]) - timedelta(days=60)).isoformat()
    before = improvement_of(
        pull | {"number": number, "head": head, "branch": branch, "opened": old}
    )
    at = before.created_at + timedelta(hours=3)
    merged = before.move(State.MERGED, "merged", at, merge_sha=merge)
    watched = merged.move(State.WATCHING, "deployed", at, deployed_at=at)
    return watched.move(State.KEPT, "no regression", at)


def events_of(one: Improvement) -> list[LearningEvent]:
    states = [State.FOUND, State.PROPOSED, State.OPEN]
    if one.state is State.KEPT:
        states += [State.MERGED, State.WATCHING, State.KEPT]
    return [
        LearningEvent(f"improvement_{state}", one.id, one.created_at, reason=state)
        for state in states
    ]


def rating_of(one: Improvement) -> Feedback:
    thumb = FeedbackType.THUMBS_UP
    return Feedback("ada", one.id, thumb, "rules", "code_improvement", one.updated_at)


# What is measured


class Bench:
    """The service's processes on one database and one GitHub."""

    def __init__(
        self, place: Path, url: str, town: dict[str, Any], host: "subprocess.Popen[str]"
    ) -> None:
        self.place = place
        self.url = url
        self.host = host
        self.pulls = town["pulls"]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")]),
            "DATABASE_URL": url,
            "IRONCLAW_DATA_DIR": str(place / "data"),
            "IRONCLAW_PYTHON": sys.executable,
            "GITHUB_API_URL": town["url"],
            "GITHUB_CLIENT_ID": town["client_id"],
            "GITHUB_PRIVATE_KEY": town["key"],
            "GITHUB_WRITE_PAUSE_SECONDS": "0",
            "LOG_LEVEL": "warning",
        }

    def idle(self) -> dict[str, float]:
        """A worker that has just begun, in MiB."""
        with self.workers(1) as (process,):
            self.until(lambda: self.rest() == 0)
            time.sleep(3)
            return memory(process.pid)

    def sweeps(self) -> dict[str, Any]:
        self.forget_jobs()
        command = [sys.executable, __file__, "--sweep"]
        before = self.scans()
        done = subprocess.run(
            command, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        time.sleep(1)
        return {"seconds": json.loads(done.stdout), "scans": self.scans(before)}

    def work(self, count: int, seconds: float) -> dict[str, Any]:
        """Let so many workers do what is due for so long, after they have begun to."""
        self.forget_jobs()
        self.ask("UPDATE code_improvement SET look_again_at = now() WHERE state = 'open'")
        # Else the first of them visits every repository, which is measured apart.
        self.ask("UPDATE hosted_repository SET look_again_at = now() + interval '1 day'")
        before = self.scans()
        with self.workers(count) as processes:
            self.until(lambda: self.done("SUCCESS") >= 20 * count)
            pids = [process.pid for process in processes]
            small = [memory(pid) for pid in pids]
            self.requests()
            start, cpu = time.perf_counter(), self.cpu(pids)
            first = self.done("SUCCESS")
            time.sleep(seconds)
            advances = self.done("SUCCESS") - first
            took, requests = time.perf_counter() - start, self.requests()
            used = {name: (self.cpu(pids)[name] - was) / took for name, was in cpu.items()}
            large = [memory(pid) for pid in pids]
        failed = self.done("ERROR") + self.done("DELAYED")
        return {
            "workers": count,
            "per_second": advances / took,
            "requests_per_advance": requests / max(1, advances),
            "advances": advances,
            "failed": failed,
            "cpu": used,
            "memory_before": small,
            "memory_after": large,
            "scans": self.scans(before),
        }

    @contextmanager
    def workers(self, count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
        log = self.place / "workers.log"
        argv = [sys.executable, "-m", "bot.entrypoints.cli", "worker"]
        with ExitStack() as stack:
            out = stack.enter_context(log.open("ab"))
            begun = log.stat().st_size
            processes = [
                stack.enter_context(
                    subprocess.Popen(
                        argv, env=self.environment, cwd=self.place, stdout=out, stderr=out
                    )
                )
                for _ in range(count)
            ]
            try:
                end = time.monotonic() + READY_SECONDS
                while log.read_bytes()[begun:].count(b"works as") < count:
                    if time.monotonic() > end or any(one.poll() for one in processes):
                        sys.exit(f"the workers did not start:\n{log.read_text()[-3000:]}")
                    time.sleep(0.05)
                yield processes
            finally:
                for one in processes:
                    one.terminate()
                for one in processes:
                    try:
                        one.wait(STOP_SECONDS)
                    except subprocess.TimeoutExpired:
                        one.kill()

    def until(self, happened: Callable[[], object]) -> None:
        end = time.monotonic() + READY_SECONDS
        while not happened():
            if time.monotonic() > end:
                log = (self.place / "workers.log").read_text()
                sys.exit(f"the workers do nothing:\n{log[-3000:]}")
            time.sleep(0.1)

    def done(self, status: str) -> int:
        """How many advances have come to this since the jobs were forgotten."""
        found = self.ask(
            "SELECT count(*) FROM dbos.workflow_status WHERE status = %s "
            "AND queue_partition_key LIKE 'improvement/%%'",
            status,
        )
        return int(found[0][0])

    def rest(self) -> int:
        """How many jobs are not done yet."""
        found = self.ask(
            "SELECT count(*) FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING')"
        )
        return int(found[0][0])

    def forget_jobs(self) -> None:
        """All but those of the sweep of installations, which is done once an hour."""
        self.ask(
            "DELETE FROM dbos.workflow_status "
            "WHERE coalesce(queue_partition_key, '') NOT LIKE 'installation/%'"
        )

    def scans(self, before: dict[str, int] | None = None) -> dict[str, int]:
        """Rows that were read by scanning a whole table."""
        rows = self.ask("SELECT relname, seq_tup_read FROM pg_stat_user_tables")
        now = {str(name): int(read) for name, read in rows if name in TABLES}
        return {name: read - before.get(name, 0) for name, read in now.items()} if before else now

    def requests(self) -> int:
        """How many the fake GitHub has answered since this was asked last."""
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.write("\n")
        self.host.stdin.flush()
        return int(self.host.stdout.readline())

    def cpu(self, workers: Sequence[int]) -> dict[str, float]:
        """Seconds used so far; those of PostgreSQL only where it runs on this machine."""
        asked = self.ask("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        servers = [int(pid) for (pid,) in asked]
        return {
            "workers": sum(map(cpu_seconds, workers)),
            "host": cpu_seconds(self.host.pid),
            "postgresql": sum(map(cpu_seconds, servers)),
        }

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(statement.encode(), values or None)
            return found.fetchall() if found.description else []


def memory(pid: int) -> dict[str, float]:
    """MiB: all that is resident, what is this process's own share of it, and the most so far."""
    found = {}
    for file in ("smaps_rollup", "status"):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("Rss", "Pss", "VmHWM"):
                found[name] = int(value.split()[0]) / 1024
    return found


def cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The sweeps, in a process of their own


async def sweep() -> dict[str, float]:
    """Seconds that each of the things takes that a worker does by the clock, and of its own CPU."""
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    key = settings.private_key()
    assert key is not None
    assert settings.github_client_id
    engine, system = make_engine(url), system_engine(url)
    queue = JobQueue(engine, system)
    hosting = Hosting(settings, AppKey(settings.github_client_id, key.get_secret_value()), queue)
    trade = hosting.trade()
    timers, router = Timers(engine, queue), Router(engine, queue, trade.route)
    repositories, deliveries, installations = (chore.act for chore in trade.chores)
    do = partial(asyncio.to_thread, execute, url)
    found: dict[str, float] = {}

    async def timed(name: str, act: Callable[[], Awaitable[object]]) -> object:
        begin, used = time.perf_counter(), time.process_time()
        result = await act()
        found[name] = time.perf_counter() - begin
        found[f"  {name}: CPU"] = time.process_time() - used
        return result

    await timed("connect", timers.wake_due)
    await timed("improvements, none due", timers.wake_due)
    await do("UPDATE code_improvement SET look_again_at = now() WHERE state = 'open'")
    count = await timed("improvements, all due", timers.wake_due)
    found["improvements woken at once"] = float(str(count))
    await timed("improvements, all due, again", timers.wake_due)
    await timed("repositories, none due", repositories)
    await do("UPDATE hosted_repository SET look_again_at = now()")
    await timed("repositories, all due", repositories)
    await timed("repositories, all due, again", repositories)
    await timed("lost deliveries", deliveries)
    await timed("installations", installations)
    await asyncio.to_thread(deliver, url)
    await timed(f"route {BATCH} deliveries", router.route_some)
    await trade.close()
    queue.close()
    await engine.dispose()
    return found


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def deliver(url: str) -> None:
    """A batch of what CI says of heads."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            b"SELECT repository, commit_hash FROM code_improvement WHERE state = 'open' LIMIT 100"
        ).fetchall()
    intake = DeliveryIntake(url)
    for number in range(BATCH):
        repository, sha = rows[number % len(rows)]
        run = {"head_sha": sha, "name": "tests", "status": "completed", "app": {"id": 15368}}
        document = {
            "action": "completed",
            "check_run": run,
            "repository": {"full_name": repository, "id": number},
            "installation": {"id": 1},
            "sender": {"login": "github-actions[bot]", "id": 1, "type": "Bot"},
        }
        body = json.dumps(document).encode()
        intake.keep(Delivery(f"d-{number}", "check_run", body, datetime.now(UTC)), 10)
    intake.close()


# What is said


def report(found: dict[str, Any]) -> str:
    lines = [f"{found['improvements']} open improvements, and as many ended ones", ""]
    lines += [f"{'a sweep of':34}{'seconds':>9}"]
    lines += [f"{name:34}{value:9.3f}" for name, value in found["sweep"]["seconds"].items()]
    head = f"{'workers':>7}{'advances/s':>12}{'of one':>8}{'requests':>10}{'ms: workers':>13}"
    lines += ["", head + f"{'host':>7}{'database':>10}{'MiB before':>12}{'after':>8}{'most':>8}"]
    idle = found["idle"]
    rounds = found["rounds"]
    for workers in dict.fromkeys(one["workers"] for one in rounds):
        mine = [one for one in rounds if one["workers"] == workers]
        lines.append(line(workers, mine, [one for one in rounds if one["workers"] == 1]))
    lines += ["", f"a worker with nothing to do: {idle['Rss']:.0f} MiB ({idle['Pss']:.0f} its own)"]
    scans = {name: read for one in rounds for name, read in one["scans"].items() if read}
    lines += ["rows read by scanning whole tables while working: " + (str(scans or "none"))]
    return "\n".join(lines)


def line(workers: int, mine: Sequence[dict[str, Any]], alone: Sequence[dict[str, Any]]) -> str:
    middle = statistics.median
    pairs = zip(mine, alone, strict=False)
    ratio = middle([a["per_second"] / max(b["per_second"], 1e-9) for a, b in pairs] or [0])
    cpu = {
        name: middle(1000 * one["cpu"][name] / max(one["per_second"], 1e-9) for one in mine)
        for name in mine[0]["cpu"]
    }
    before = middle(each["Rss"] for one in mine for each in one["memory_before"])
    after = middle(each["Rss"] for one in mine for each in one["memory_after"])
    most = max(each["VmHWM"] for one in mine for each in one["memory_after"])
    return (
        f"{workers:7}{middle(one['per_second'] for one in mine):12.1f}{ratio:7.2f}x"
        f"{middle(one['requests_per_advance'] for one in mine):10.1f}{cpu['workers']:13.1f}"
        f"{cpu['host']:7.1f}{cpu['postgresql']:10.1f}{before:12.0f}{after:8.0f}{most:8.0f}"
    )


if __name__ == "__main__":
    sys.exit(main())
