"""Webhook deliveries a second, acknowledged durably, beside Probot, which stores nothing.

    python benchmarks/intake.py [--rounds 5] [--seconds 4] [--connections 16 64]

Every server gets the same signed deliveries of 7 to 26 kB, each with an id of its own, from one
client process over connections that are kept open. The servers take turns within each round, so
that a slow moment of the machine hits all of them; figures are medians over the rounds, a ratio is
the median of the ratios within the rounds. Ours answer after the row is on disk (SQLite with
synchronous=FULL, PostgreSQL with fsync); Probot 14 verifies, parses and calls an empty handler. It
is installed by npm into a cache folder. Exits 1 where ours is slower than Probot, or its p99 with
64 connections is not below 100 ms.
"""

import argparse
import fcntl
import hashlib
import hmac
import json
import os
import random
import secrets
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bot.adapters.database import upgrade
from tests.adapters.database import server as postgresql
from tests.adapters.database import supervisor

SECRET = "benchmark"  # noqa: S105 - it guards nothing
PATHS = {"probot": "/api/github/webhooks"}
OURS = "/webhooks/github"
PROBOT = "14.3.2"
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
    if options.load:
        print(json.dumps(load(*json.loads(options.load))))
        return 0
    results: dict[tuple[int, str], list[Result]] = {}
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="intake-")))
        servers = {
            "probot": stack.enter_context(probot(place)),
            "sqlite": stack.enter_context(ours(place, f"sqlite:///{place}/ironclaw.db")),
            "postgresql": stack.enter_context(
                ours(place, stack.enter_context(durable_postgresql(place)))
            ),
        }
        for number in range(options.rounds + 1):
            for connections in options.connections:
                for name, (port, process) in servers.items():
                    found = measure(name, port, process, connections, options.seconds)
                    if number:  # The first round warms up.
                        results.setdefault((connections, name), []).append(found)
    return report(results)


def report(results: dict[tuple[int, str], list[Result]]) -> int:
    print(f"{'connections':>11}  {'server':12}{'per second':>11}{'of Probot':>11}", end="")
    print(f"{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>8}")
    failed = False
    for (connections, name), rounds in results.items():
        peers = results[connections, "probot"]
        ratio = statistics.median(
            a.per_second / b.per_second for a, b in zip(rounds, peers, strict=True)
        )
        middle = Result(*(statistics.median(values) for values in zip(*rounds, strict=True)))
        print(f"{connections:11}  {name:12}{middle.per_second:11,.0f}{ratio:10.2f}x", end="")
        print(f"{middle.p50:9.1f}{middle.p99:9.1f}{middle.cpu:8.0f}")
        failed |= name != "probot" and (ratio < 1 or (connections == 64 and middle.p99 >= 100))
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--load", help=argparse.SUPPRESS)
    return parser.parse_args()


# The servers


@contextmanager
def ours(place: Path, url: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    port = free_port()
    data = Path(tempfile.mkdtemp(dir=place))
    upgrade(url, backup_dir=data)
    environment = os.environ | {
        "DATABASE_URL": url,
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "IRONCLAW_DATA_DIR": str(data),
        "PORT": str(port),
        "LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "bot.entrypoints.cli", "web"]
    with running(command, environment, port, stdout=subprocess.DEVNULL) as process:
        yield port, process


@contextmanager
def probot(_: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
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
    environment = os.environ | {"SECRET": SECRET, "PORT": str(port), "NODE_ENV": "production"}
    with running([node, str(folder / "server.js")], environment, port) as process:
        yield port, process


@contextmanager
def durable_postgresql(place: Path) -> Iterator[str]:
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
            yield f"postgresql://postgres@/postgres?host={folder}"
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


# The client, a process of its own


def measure(
    name: str, port: int, process: "subprocess.Popen[bytes]", connections: int, seconds: float
) -> Result:
    before = cpu_seconds(process.pid)
    order = json.dumps([port, PATHS.get(name, OURS), connections, seconds])
    command = [sys.executable, __file__, "--load", order]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["wrong"] == 0, f"{name} answered {found['wrong']} times with an error"
    times = sorted(found["times"])
    cpu = (cpu_seconds(process.pid) - before) / len(times) * 1e6
    return Result(
        len(times) / found["seconds"],
        times[len(times) // 2] * 1000,
        times[int(len(times) * 0.99)] * 1000,
        cpu,
    )


def cpu_seconds(pid: int) -> float:
    """Of a process and its children; what PostgreSQL's own processes use is not in it."""
    ticks = 0
    children = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    )
    for one in [pid, *map(int, children.stdout.split())]:
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def load(port: int, path: str, connections: int, seconds: float) -> dict[str, Any]:
    """Keep every connection busy; times are from the first byte sent to the whole answer."""
    bodies = [payload(random.Random(number)) for number in range(64)]
    heads = [head(path, body) for body in bodies]
    prefix = secrets.token_hex(8)
    selector = selectors.DefaultSelector()
    times: list[float] = []
    wrong = sent = 0

    def send(connection: socket.socket) -> None:
        nonlocal sent
        sent += 1
        number = sent % len(bodies)
        id = f"{prefix}-{sent:012}".encode()
        connection.sendall(heads[number] % id + bodies[number])

    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, [time.perf_counter(), b""])
    begin = time.perf_counter()
    for key in list(selector.get_map().values()):
        key.data[0] = time.perf_counter()
        send(key.fileobj)  # type: ignore[arg-type] # sockets were registered
    busy = connections
    while busy:
        for key, _ in selector.select(10):
            connection = key.fileobj  # type: ignore[assignment] # sockets were registered
            key.data[1] += connection.recv(65536)
            if not complete(key.data[1]):
                continue
            now = time.perf_counter()
            times.append(now - key.data[0])
            wrong += not key.data[1].startswith((b"HTTP/1.1 200", b"HTTP/1.1 202"))
            key.data[:] = [now, b""]
            if now - begin < seconds:
                send(connection)
            else:
                busy -= 1
                selector.unregister(connection)
                connection.close()
    return {"times": times, "wrong": wrong, "seconds": time.perf_counter() - begin}


def complete(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    lowered = head.lower()
    if b"chunked" in lowered:
        return body.endswith(b"0\r\n\r\n")
    length = lowered.partition(b"content-length:")[2].split(b"\r\n")[0]
    return len(body) >= int(length or 0)


def head(path: str, body: bytes) -> bytes:
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: GitHub-Hookshot/044aadd",
        "Accept: */*",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "X-GitHub-Delivery: %b",
        "X-GitHub-Event: pull_request",
        "X-GitHub-Hook-ID: 292430182",
        "X-GitHub-Hook-Installation-Target-ID: 79929171",
        "X-GitHub-Hook-Installation-Target-Type: integration",
        f"X-Hub-Signature-256: sha256={signature}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def payload(chance: random.Random) -> bytes:
    """As large and as shaped as what GitHub sends for a pull request."""

    def person() -> dict[str, Any]:
        login = f"person-{chance.randrange(10**6)}"
        links = ("html", "followers", "gists", "starred", "repos", "events", "received_events")
        urls = {f"{link}_url": f"https://api.example.com/users/{login}/{link}" for link in links}
        return {"login": login, "id": chance.randrange(10**8), "type": "User", **urls}

    def repository() -> dict[str, Any]:
        links = (
            *(
                "forks",
                "keys",
                "teams",
                "hooks",
                "events",
                "assignees",
                "branches",
                "tags",
                "blobs",
            ),
            *("refs", "trees", "statuses", "languages", "stargazers", "contributors", "merges"),
        )
        name = f"team/shop-{chance.randrange(10**6)}"
        urls = {f"{link}_url": f"https://api.example.com/repos/{name}/{link}" for link in links}
        return {"full_name": name, "id": chance.randrange(10**9), "owner": person(), **urls}

    document: dict[str, Any] = {
        "action": "synchronize",
        "number": chance.randrange(10**4),
        "pull_request": {
            "head": {"sha": f"{chance.getrandbits(160):040x}", "repo": repository()},
            "base": {"sha": f"{chance.getrandbits(160):040x}", "repo": repository()},
            "user": person(),
            "body": "",
        },
        "repository": repository(),
        "sender": person(),
        "installation": {"id": chance.randrange(10**7)},
    }
    size = chance.randrange(7_000, 26_000)
    words = ("the", "query", "is", "slow", "because", "it", "reads", "every", "row", "twice")
    missing = size - len(json.dumps(document))
    text: list[str] = []
    while missing > 0:
        text.append(chance.choice(words))
        missing -= len(text[-1]) + 1
    document["pull_request"]["body"] = " ".join(text)
    return json.dumps(document).encode()


if __name__ == "__main__":
    sys.exit(main())
