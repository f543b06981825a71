"""Samples a second that are acknowledged durably, beside Prometheus, and the report over many.

    python benchmarks/ingest.py [--rounds 3] [--seconds 5] [--report 10000000] [--json]

Every server gets batches of 1,000 samples over four connections that are kept open: ours on SQLite
and on PostgreSQL as JSON (requests, and plain samples), as OTLP metrics (histograms and gauges) and
OTLP traces, all in protobuf; Prometheus the gauges by remote write, its own receiver. The servers
take turns within each round; figures are medians over the rounds. What a core carries is the
samples over the processor time that the server's processes used, PostgreSQL's among them. Ours
answer once all is on disk; Prometheus writes its log without waiting for the disk. It is compared
with only where `prometheus` is installed (`apt-get install prometheus`). Then so many requests of
24 hours are kept, and the report over them is timed: as a running service answers it (the median of
ten, from windows that have been counted), and as the command `ironclaw report`, which starts Python
first. A target is missed, and 1 the exit code, below 500,000 samples a second and core as JSON and
1,000,000 as OTLP, above 100 ms for the report, or with 200 MB of memory for the command.
"""

import argparse
import asyncio
import http.client
import json
import math
import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from intake import cpu_seconds, durable_postgresql, free_port, running
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.adapters.database import make_engine, store_factory, upgrade
from bot.adapters.database.repositories import SqlRepositories
from bot.adapters.signals.intake import Kept, MetricsIntake
from bot.domain.bottleneck import Targets
from bot.domain.hosting import KnownRepository
from bot.domain.reported import Batch, Requests
from bot.learning.performance_analyzer import read_report

REPOSITORY, TOKEN = "team/shop", "benchmark"
BATCH, SERIES, CONNECTIONS, BODIES = 1_000, 100, 4, 24
ROUTES = [f"GET /things/{{id}}/part{number}" for number in range(20)]
BOUNDS = [5.0, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]
REPORT_MS, REPORT_MIB = 100, 200
TARGETS = {"JSON": 500_000, "OTLP": 1_000_000}


@dataclass
class Kind:
    """A form of samples: where its batches go, and what they are."""

    name: str
    path: str
    headers: dict[str, str]
    bodies: Callable[[], list[bytes]]
    servers: tuple[str, ...] = ("sqlite", "postgresql")


@dataclass
class Found:
    """What was acknowledged meanwhile, and what it took."""

    samples: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    times: list[float] = field(default_factory=list)


def main() -> int:
    options = arguments()
    found: dict[str, Any] = {"load": os.getloadavg()[0]}
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-")))
        url, database = stack.enter_context(durable_postgresql(place))
        sqlite = f"sqlite:///{place}/ironclaw.db"
        servers = {"sqlite": stack.enter_context(ours(place, sqlite))}
        port, process = stack.enter_context(ours(place, url))
        servers["postgresql"] = (port, [*process, *database])
        if shutil.which("prometheus"):
            servers["prometheus"] = stack.enter_context(prometheus(place))
        found["taken in"] = rounds(servers, options)
        if options.report:
            say(f"keeping {options.report:,} requests")
            found["report"] = report_over(place, options.report)
    print(json.dumps(found, indent=1) if options.json else words(found))
    missed = any(one["missed"] for one in found["taken in"])
    return 1 if missed or found.get("report", {}).get("missed") else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--report", type=int, default=10_000_000, metavar="SAMPLES")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    return parser.parse_args()


def say(text: str) -> None:
    print(f"[{datetime.now(UTC):%H:%M:%S}] {text}", file=sys.stderr, flush=True)


# The servers


@contextmanager
def ours(place: Path, url: str) -> Iterator[tuple[int, list[int]]]:
    port, data = free_port(), Path(tempfile.mkdtemp(dir=place))
    upgrade(url, backup_dir=data)
    asyncio.run(let_in(url))
    environment = os.environ | {
        "DATABASE_URL": url,
        "GITHUB_WEBHOOK_SECRET": "benchmark",
        "IRONCLAW_INTAKE_TOKEN": TOKEN,
        "IRONCLAW_DATA_DIR": str(data),
        "PORT": str(port),
        "LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "bot.entrypoints.cli", "web"]
    with running(command, environment, port, stdout=subprocess.DEVNULL) as process:
        yield port, [process.pid]


async def let_in(url: str) -> None:
    engine = make_engine(url)
    await SqlRepositories(engine).save(KnownRepository(1, REPOSITORY, 1, datetime.now(UTC)))
    await engine.dispose()


@contextmanager
def prometheus(place: Path) -> Iterator[tuple[int, list[int]]]:
    port, config = free_port(), place / "prometheus.yml"
    config.write_text("global: {}\n")
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={place}/prometheus",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--log.level=error",
    ]
    with running(command, dict(os.environ), port) as process:
        time.sleep(2)
        yield port, [process.pid]


# The batches


def kinds() -> list[Kind]:
    mine = {"Authorization": f"Bearer {TOKEN}"}
    as_json = mine | {"Content-Type": "application/json"}
    otlp = mine | {"Content-Type": "application/x-protobuf", "X-Ironclaw-Repository": REPOSITORY}
    written = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    path = "/api/v1/learning/metrics"
    return [
        Kind("JSON requests", path, as_json, json_requests),
        Kind("JSON samples", path, as_json, json_samples),
        Kind("OTLP histograms", "/v1/metrics", otlp, lambda: otlp_metrics(histogram)),
        Kind("OTLP gauges", "/v1/metrics", otlp, lambda: otlp_metrics(gauge)),
        Kind("OTLP spans", "/v1/traces", otlp, otlp_spans),
        Kind("remote write", "/api/v1/write", written, remote_writes, ("prometheus",)),
    ]


def moments(chance: random.Random) -> list[float]:
    now = time.time()
    return sorted(now - chance.uniform(0, 60) for _ in range(BATCH))


def json_requests() -> list[bytes]:
    return [json_body(number, "requests", request) for number in range(BODIES)]


def json_samples() -> list[bytes]:
    return [json_body(number, "samples", sample) for number in range(BODIES)]


def json_body(seed: int, name: str, one: Callable[[random.Random, float], dict[str, Any]]) -> bytes:
    chance = random.Random(seed)
    items = [one(chance, at) for at in moments(chance)]
    return json.dumps({"repository": REPOSITORY, name: items}).encode()


def request(chance: random.Random, at: float) -> dict[str, Any]:
    return {
        "at": datetime.fromtimestamp(at, UTC).isoformat(),
        "endpoint": chance.choice(ROUTES),
        "ms": round(chance.lognormvariate(4, 0.5), 3),
        "failed": chance.random() < 0.01,
    }


def sample(chance: random.Random, at: float) -> dict[str, Any]:
    return {
        "metric_name": "process.memory",
        "metric_type": "memory_usage",
        "value": round(chance.gauss(200, 5), 3),
        "at": datetime.fromtimestamp(at, UTC).isoformat(),
        "unit": "MB",
        "endpoint": f"worker-{chance.randrange(SERIES)}",
    }


def otlp_metrics(point: Callable[[Any, random.Random], None]) -> list[bytes]:
    bodies = []
    for seed in range(BODIES):
        chance, export = random.Random(seed), ExportMetricsServiceRequest()
        scope = export.resource_metrics.add().scope_metrics.add()
        metric = scope.metrics.add()
        for number in range(BATCH):
            at = int((time.time() - 60 + 0.05 * number) * 1e9)
            point((metric, at, number % SERIES), chance)
        bodies.append(export.SerializeToString())
    return bodies


def histogram(where: tuple[Any, int, int], chance: random.Random) -> None:
    """A quarter of a minute of one endpoint, as an exporter with delta temporality sends it."""
    metric, at, series = where
    metric.name, metric.unit = "http.server.request.duration", "ms"
    metric.histogram.aggregation_temporality = 1
    counts = [chance.randrange(5) for _ in range(len(BOUNDS) + 1)]
    point = metric.histogram.data_points.add(
        start_time_unix_nano=at - 15 * 10**9,
        time_unix_nano=at,
        count=sum(counts),
        sum=100.0 * sum(counts),
        bucket_counts=counts,
        explicit_bounds=BOUNDS,
    )
    say_so(point, {"http.request.method": "GET", "http.route": f"/things/{series}"})


def gauge(where: tuple[Any, int, int], chance: random.Random) -> None:
    metric, at, series = where
    metric.name, metric.unit = "process.memory.usage", "By"
    value = chance.gauss(2e8, 1e6)
    point = metric.gauge.data_points.add(time_unix_nano=at, as_double=value)
    say_so(point, {"http.route": f"/worker/{series}"})


def otlp_spans() -> list[bytes]:
    bodies = []
    for seed in range(BODIES):
        chance, export = random.Random(seed), ExportTraceServiceRequest()
        scope = export.resource_spans.add().scope_spans.add()
        for at in moments(chance):
            end = int(at * 1e9)
            span = scope.spans.add(
                trace_id=chance.randbytes(16),
                span_id=chance.randbytes(8),
                name="GET",
                kind=2,
                start_time_unix_nano=end - int(chance.lognormvariate(4, 0.5) * 1e6),
                end_time_unix_nano=end,
            )
            route = chance.choice(ROUTES).partition(" ")[2]
            say_so(span, {"http.request.method": "GET", "http.route": route})
        bodies.append(export.SerializeToString())
    return bodies


def say_so(point: Any, attributes: dict[str, str]) -> None:
    for key, value in attributes.items():
        point.attributes.add(key=key).value.string_value = value


def remote_writes() -> list[bytes]:
    """As many as can be sent: Prometheus takes no sample twice, and none out of order."""
    chance, start = random.Random(1), int(time.time() * 1000) - 3_000_000
    labels = [
        label("__name__", "process_memory_usage") + label("worker", str(number))
        for number in range(SERIES)
    ]
    bodies = []
    for number in range(3_000):
        series = []
        for own in labels:
            points = b""
            for step in range(BATCH // SERIES):
                at = start + number * 100 + step
                value = b"\x09" + double(chance.gauss(2e8, 1e6))
                points += part(2, value + b"\x10" + varint(at))
            series.append(part(1, own + points))
        bodies.append(snappy(b"".join(series)))
    return bodies


def label(name: str, value: str) -> bytes:
    return part(1, part(1, name.encode()) + part(2, value.encode()))


def part(number: int, body: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + varint(len(body)) + body


def varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes((value & 127 | 128,))
        value >>= 7
    return found + bytes((value,))


def double(value: float) -> bytes:
    return struct.pack("<d", value)


def snappy(body: bytes) -> bytes:
    """The format without its compression: everything is literal."""
    found = varint(len(body))
    for start in range(0, len(body), 65536):
        some = body[start : start + 65536]
        found += b"\xf4" + (len(some) - 1).to_bytes(2, "little") + some
    return found


# What is measured


def rounds(
    servers: dict[str, tuple[int, list[int]]], options: argparse.Namespace
) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], list[Found]] = {}
    for number in range(options.rounds):
        for kind in kinds():
            bodies = kind.bodies()
            for name in kind.servers:
                if name in servers:
                    one = measure(kind, bodies, *servers[name], options.seconds)
                    found.setdefault((kind.name, name), []).append(one)
                    say(f"round {number + 1}: {kind.name}, {name}: {per_core(one):,.0f} a core")
    return [row(kind, name, some) for (kind, name), some in found.items()]


def measure(
    kind: Kind, bodies: list[bytes], port: int, processes: list[int], seconds: float
) -> Found:
    found, before, begin = Found(), cpu_seconds(processes), time.perf_counter()
    left, lock = iter(range(10**9)), threading.Lock()
    # Only Prometheus takes none twice.
    most = len(bodies) if kind.servers == ("prometheus",) else 10**9

    def send() -> None:
        client = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() - begin < seconds:
            with lock:
                number = next(left)
            if number >= most:
                break
            sent = time.perf_counter()
            client.request("POST", kind.path, bodies[number % len(bodies)], kind.headers)
            answer = client.getresponse()
            text = answer.read()
            # Batches of several connections reach Prometheus out of order: it says so by 400.
            late = kind.servers == ("prometheus",) and answer.status == 400
            assert answer.status < 300 or late, f"{kind.name}: {answer.status} {text[:300]!r}"
            assert b"artial" not in text, text[:300]
            with lock:
                found.samples += 0 if late else BATCH
                found.times.append(time.perf_counter() - sent)

    count = 1 if kind.servers == ("prometheus",) else CONNECTIONS
    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - begin
    found.cpu = cpu_seconds(processes) - before
    return found


def per_core(one: Found) -> float:
    return one.samples / max(one.cpu, 0.01)


def row(kind: str, server: str, some: list[Found]) -> dict[str, Any]:
    core = statistics.median(map(per_core, some))
    target = TARGETS.get(kind.split(" ", maxsplit=1)[0], 0)
    times = sorted(time for one in some for time in one.times)
    return {
        "kind": kind,
        "server": server,
        "per_second": statistics.median(one.samples / one.seconds for one in some),
        "per_core": core,
        "p99_ms": times[int(len(times) * 0.99)] * 1000 if times else math.nan,
        "missed": core < target,
    }


# The report


def report_over(place: Path, samples: int) -> dict[str, Any]:
    url, data = f"sqlite:///{place}/report.db", place / "report"
    upgrade(url, backup_dir=data)
    begin = time.perf_counter()
    asyncio.run(keep_many(url, samples))
    took = time.perf_counter() - begin
    environment = os.environ | {"DATABASE_URL": url, "IRONCLAW_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "bot.entrypoints.cli", "report", "--json", "--hours", "24"]
    times, most = [], 0
    for _ in range(3):
        begin = time.perf_counter()
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            document = json.loads(process.stdout.read())
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        times.append(time.perf_counter() - begin)
        most = max(most, usage.ru_maxrss)
    milliseconds, mib = asyncio.run(report_ms(url)), most / 1024
    return {
        "samples": document["samples"],
        "kept_per_second": samples / took,
        "report_ms": milliseconds,
        "missed": milliseconds > REPORT_MS or mib > REPORT_MIB,
        "command_seconds": statistics.median(times),
        "mib": mib,
        "file_mib": (place / "report.db").stat().st_size / 2**20,
    }


async def report_ms(url: str) -> float:
    """How long a service that runs already takes for it."""
    engine, times = make_engine(url), []
    for _ in range(10):
        begin = time.perf_counter()
        async with store_factory(engine)() as store:
            now = datetime.now(UTC)
            await read_report(store, REPOSITORY, now, timedelta(hours=24), Targets())
        times.append(time.perf_counter() - begin)
    await engine.dispose()
    return statistics.median(times) * 1000


async def keep_many(url: str, samples: int) -> None:
    """Requests of the last 24 hours, the older the earlier."""
    await let_in(url)
    engine, chance, now = make_engine(url), random.Random(1), datetime.now(UTC)
    intake, size = MetricsIntake(engine), 10_000
    since = (now - timedelta(hours=23, minutes=55)).timestamp()
    step = timedelta(hours=23, minutes=54).total_seconds() / samples
    took = [chance.lognormvariate(4, 0.5) for _ in range(size)]
    for first in range(0, samples, size):
        columns = Requests(
            [since + step * number for number in range(first, first + size)],
            [ROUTES[number % len(ROUTES)] for number in range(size)],
            took,
            [number % 100 == 0 for number in range(size)],
            [""] * size,
        )
        taken = await intake.add(Batch(REPOSITORY, columns))
        assert isinstance(taken, Kept), taken
    await engine.dispose()


def words(found: dict[str, Any]) -> str:
    lines = [f"{'kind':17}{'server':12}{'a second':>12}{'a core':>12}{'p99 ms':>9}"]
    peer = {one["kind"]: one["per_core"] for one in found["taken in"]}.get("remote write")
    for one in found["taken in"]:
        line = f"{one['kind']:17}{one['server']:12}{one['per_second']:12,.0f}"
        line += f"{one['per_core']:12,.0f}{one['p99_ms']:9.1f}"
        line += f"  {one['per_core'] / peer:.2f}x of Prometheus" if peer else ""
        lines.append(line + ("  below the target" if one["missed"] else ""))
    if "report" in found:
        lines += [
            "",
            "24 hours: " + json.dumps({k: round(v, 2) for k, v in found["report"].items()}),
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
