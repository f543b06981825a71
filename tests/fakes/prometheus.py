"""A Prometheus that answers the one question that is asked of it, over a real socket.

It knows single observations of a histogram, and counts them as Prometheus' `increase` does between
scrapes that never fail. Redirects, statuses and foreign bodies can be set.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_QUERY = re.compile(
    r"sum by \((?P<by>[^)]*)\) "
    r"\(increase\((?P<name>[a-zA-Z0-9_:]+)_bucket\{(?P<labels>.*)\}\[(?P<span>\d+)s\]\)\)"
)
_PAIR = re.compile(r'([a-zA-Z0-9_]+)=("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True)
class Observation:
    """One answered request, `seconds` long."""

    at: float
    seconds: float
    labels: Mapping[str, str]


@dataclass
class FakePrometheus:
    """The server with its series; to be entered."""

    name: str = "http_server_request_duration_seconds"
    observations: list[Observation] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    authorization: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                fake.authorization.append(self.headers.get("Authorization", ""))
                length = int(self.headers.get("Content-Length", 0))
                form = parse_qs(self.rfile.read(length).decode())
                body = fake.answer({name: values[0] for name, values in form.items()})
                self.send_response(fake.status)
                for name, value in {"Content-Type": "application/json", **fake.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests have no use for it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def observe(self, at: float, seconds: float, **labels: str) -> None:
        """One request is answered."""
        self.observations.append(Observation(at, seconds, labels))

    def answer(self, asked: Mapping[str, str]) -> bytes:
        """What it says to a range query."""
        self.asked.append(asked)
        if self.body is not None:
            return self.body
        found = _QUERY.fullmatch(asked["query"])
        assert found, asked["query"]
        wanted = {name: json.loads(value) for name, value in _PAIR.findall(found["labels"])}
        by, span = found["by"].split(", "), float(found["span"])
        mine = [
            one
            for one in self.observations
            if found["name"] == self.name and wanted.items() <= one.labels.items()
        ]
        at, end, step = (float(asked[name]) for name in ("start", "end", "step"))
        series: dict[tuple[tuple[str, str], ...], list[list[float | str]]] = {}
        while at <= end + 1e-6:
            for key, count in _increase(mine, at - span, at, by).items():
                series.setdefault(key, []).append([at, str(count)])
            at += step
        matrix = [{"metric": dict(key), "values": values} for key, values in series.items()]
        data = {"resultType": "matrix", "result": matrix}
        return json.dumps({"status": "success", "data": data}).encode()


def _increase(
    observations: list[Observation], since: float, until: float, by: list[str]
) -> dict[tuple[tuple[str, str], ...], int]:
    """How many fell into each bucket, and into those below it, in (since, until]."""
    found: dict[tuple[tuple[str, str], ...], int] = {}
    for one in observations:
        kept = {name: value for name, value in one.labels.items() if name in by}
        for bound in (*map(str, BOUNDS), "+Inf"):
            key = tuple(sorted({**kept, "le": bound}.items()))
            hit = since < one.at <= until and one.seconds <= float(bound)
            found[key] = found.get(key, 0) + hit
    return found
