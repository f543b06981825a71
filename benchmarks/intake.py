"""Webhook deliveries a second, acknowledged durably, beside Probot, which stores nothing.

    python benchmarks/intake.py [--rounds 5] [--seconds 4] [--connections 16 64]

Every server gets the same signed deliveries of 7 to 26 kB, each with an id of its own, from one
client process over connections that are kept open. The servers take turns within each round, so
that a slow moment of the machine hits all of them; figures are medians over the rounds, a ratio is
the median of the ratios within the rounds. Ours answer after the row is on disk (SQLite with
synchronous=FULL, PostgreSQL with fsync); Probot 14 verifies, parses and calls an empty handler. It
is installed by npm into a cache folder. The processor time of a delivery, beside Probot's, holds
also where others use the machine; that of PostgreSQL's processes is in it. What the databases have
written is on the disk and out of the page cache before each turn: where a virtual machine gets its
memory page by page, whoever writes files would pay for that, turn by turn more. Exits 1 where ours
is slower than Probot, or its p99 with 64 connections is not below 100 ms.
"""

import argparse
import fcntl
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import deliveries

from bot.adapters.database import upgrade
from tests.adapters.database import server as postgresql
from tests.adapters.database import supervisor

PATHS = {"probot": "/api/github/webhooks"}
OURS = "/webhooks/github"
PROBOT = "14.3.2"
WARM = 5_000
"""Deliveries before any is measured: node compiles what has run for a while."""
PROBOT_SERVER = """
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { createNodeMiddleware, Probot } from "probot";
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" } });
const probot = new Probot({ appId: 1, privateKey, secret: process.env.SECRET, logLevel: "fatal" });
const app = (app) => { app.onAny(() => {}); };
const middleware = await createNodeMiddleware(app, { probot });
const server = createServer((request, answer) => middleware(request, answer, () => {
  answer.writeHead(404).end(); }));
server.listen(Number(process.env.PORT), "127.0.0.1");
"""


class Result(NamedTuple):
    """Of one server in one round."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def main() -> int:
    options = arguments()
    results: dict[tuple[int, str], list[Result]] = {}
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="intake-")))
        servers = {
            "probot": stack.enter_context(probot(place)),
            "sqlite": stack.enter_context(ours(place, f"sqlite:///{place}/ironclaw.db")),
        }
        url, database = stack.enter_context(durable_postgresql(place))
        port, process = stack.enter_context(ours(place, url))
        servers["postgresql"] = (port, [*process, *database])
        for name, (port, processes) in servers.items():
            left = float(WARM)
            while left > 0:
                warm = measure(name, port, processes, 64, options.seconds)
                left -= warm.per_second * options.seconds
        for _ in range(options.rounds):
            for connections in options.connections:
                for name, (port, processes) in servers.items():
                    leave_cache(place)
                    found = measure(name, port, processes, connections, options.seconds)
                    results.setdefault((connections, name), []).append(found)
    return report(results)


def report(results: dict[tuple[int, str], list[Result]]) -> int:
    print(f"{'connections':>11}  {'server':12}{'per second':>11}{'of Probot':>11}", end="")
    print(f"{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>8}{'of Probot':>11}")
    failed = False
    for (connections, name), rounds in results.items():
        pairs = list(zip(rounds, results[connections, "probot"], strict=True))
        speed = statistics.median(a.per_second / b.per_second for a, b in pairs)
        cost = statistics.median(a.cpu / b.cpu for a, b in pairs)
        middle = Result(*(statistics.median(values) for values in zip(*rounds, strict=True)))
        print(f"{connections:11}  {name:12}{middle.per_second:11,.0f}{speed:10.2f}x", end="")
        print(f"{middle.p50:9.1f}{middle.p99:9.1f}{middle.cpu:8.0f}{cost:10.2f}x")
        failed |= name != "probot" and (speed < 1 or (connections == 64 and middle.p99 >= 100))
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, nargs="+", default=[16, 64])
    return parser.parse_args()


# The servers


@contextmanager
def ours(place: Path, url: str) -> Iterator[tuple[int, list[int]]]:
    port = free_port()
    data = Path(tempfile.mkdtemp(dir=place))
    upgrade(url, backup_dir=data)
    environment = os.environ | {
        "DATABASE_URL": url,
        "GITHUB_WEBHOOK_SECRET": deliveries.SECRET,
        "IRONCLAW_DATA_DIR": str(data),
        "PORT": str(port),
        "LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "bot.entrypoints.cli", "web"]
    with running(command, environment, port, stdout=subprocess.DEVNULL) as process:
        yield port, [process.pid]


@contextmanager
def probot(_: Path) -> Iterator[tuple[int, list[int]]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        sys.exit("this compares with Probot, which needs node 20 or newer and npm: install them")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "ironclaw-benchmarks" / f"probot-{PROBOT}"
    if not (folder / "node_modules" / "probot").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        subprocess.run(
            [npm, "install", f"probot@{PROBOT}", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    (folder / "server.js").write_text(PROBOT_SERVER)
    port = free_port()
    environment = os.environ | {
        "SECRET": deliveries.SECRET,
        "PORT": str(port),
        "NODE_ENV": "production",
    }
    with running([node, str(folder / "server.js")], environment, port) as process:
        yield port, [process.pid]


@contextmanager
def durable_postgresql(place: Path) -> Iterator[tuple[str, list[int]]]:
    """A server that keeps its word: the one that the tests use does not wait for the disk."""
    shared = place / "postgresql"
    shared.mkdir()
    (shared / supervisor.OWNER).write_text(str(os.getpid()))
    lease = (shared / supervisor.LEASE).open("a")
    programs = postgresql.programs()
    command = [sys.executable, supervisor.__file__, str(shared), str(programs), "durable"]
    with lease, subprocess.Popen(command) as process:
        fcntl.flock(lease, fcntl.LOCK_SH)
        try:
            while not (shared / supervisor.READY).exists():
                if process.poll() is not None:
                    why = (shared / supervisor.FAILED).read_text()
                    sys.exit(f"PostgreSQL did not start: {why}")
                time.sleep(0.05)
            folder = (shared / supervisor.READY).read_text()
            yield f"postgresql://postgres@/postgres?host={folder}", [process.pid]
        finally:
            # It ends once nobody holds this, and is waited for.
            lease.close()


@contextmanager
def running(
    command: list[str], environment: dict[str, str], port: int, **more: Any
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(command, env=environment, **more) as process:
        try:
            wait_for(port, process)
            yield process
        finally:
            process.terminate()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None:
                sys.exit(f"{process.args!r} ended with {process.returncode}")
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def leave_cache(place: Path) -> None:
    """Have all below it written, and forgotten by the page cache."""
    os.sync()
    for file in place.rglob("*"):
        # Temporary files may go while this looks.
        with suppress(OSError):
            if file.is_file():
                with file.open("rb") as opened:
                    os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


# The client, a process of its own


def measure(name: str, port: int, processes: list[int], connections: int, seconds: float) -> Result:
    before = cpu_seconds(processes)
    order = json.dumps([port, PATHS.get(name, OURS), connections, seconds])
    command = [sys.executable, deliveries.__file__, order]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["wrong"] == 0, f"{name} answered {found['wrong']} times with an error"
    times = sorted(found["times"])
    cpu = (cpu_seconds(processes) - before) / len(times) * 1e6
    return Result(
        len(times) / found["seconds"],
        times[len(times) // 2] * 1000,
        times[int(len(times) * 0.99)] * 1000,
        cpu,
    )


def cpu_seconds(processes: list[int]) -> float:
    """Of these and of all that they have started."""
    ticks = 0
    left = list(processes)
    while left:
        process = left.pop()
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            left += map(int, children.read_text().split())
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
