"""Webhook deliveries: signed, logged, sent in order unless a fault says otherwise."""

import hashlib
import hmac
import http.client
import json
import random
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.github.hub import Hub

DEADLINE = 10.0
Sink = Callable[[dict[str, str], bytes], int]


@dataclass
class Delivery:
    """One attempt to deliver one event."""

    id: int
    guid: str
    event: str
    action: str | None
    app_id: int
    installation_id: int | None
    repository_id: int | None
    headers: dict[str, str]
    body: bytes
    delivered_at: datetime
    redelivery: bool = False
    status: str = "pending"
    status_code: int = 0
    duration: float = 0.0
    answer: str = ""

    @property
    def ok(self) -> bool:
        return self.status == "OK"

    @property
    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class DeliveryFault:
    """What happens to deliveries of an event (empty: of any), `times` often.

    `lost` is refused by a broken line and logged as failed; `dropped` never existed; `twice` comes
    two times; `held` waits until `release`.
    """

    kind: str
    event: str = ""
    action: str = ""
    times: int = 1


@dataclass
class Webhooks:
    """The queue and the log of deliveries; nothing is sent before `flush` or the sender thread."""

    hub: "Hub"
    url: str = ""
    sink: Sink | None = None
    log: list[Delivery] = field(default_factory=list)
    waiting: list[Delivery] = field(default_factory=list)
    held: list[Delivery] = field(default_factory=list)
    faults: list[DeliveryFault] = field(default_factory=list)
    guids: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        self._wake = threading.Condition(self.hub.lock)
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._sending = 0

    def add(
        self,
        event: str,
        payload: dict[str, Any],
        *,
        app_id: int,
        secret: str,
        installation_id: int | None,
        repository_id: int | None,
    ) -> None:
        """Queue an event, or do with it what the next matching fault says."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        guid = str(uuid.UUID(int=self.guids.getrandbits(128), version=4))
        made = Delivery(
            self.hub.next_id(),
            guid,
            event,
            payload.get("action"),
            app_id,
            installation_id,
            repository_id,
            self._headers(event, guid, app_id, body, secret),
            body,
            self.hub.now(),
        )
        self._queue(made)

    def again(self, id: int) -> bool:
        """Queue another attempt of a delivery; False when there is none such."""
        found = self.find(id)
        if found is not None:
            fields = {**vars(found), "id": self.hub.next_id(), "delivered_at": self.hub.now()}
            fields.update(redelivery=True, status="pending", status_code=0, duration=0.0)
            self._put(Delivery(**fields))
        return found is not None

    def find(self, id: int) -> Delivery | None:
        return next((one for one in self.log if one.id == id), None)

    def fault(self, kind: str, event: str = "", action: str = "", times: int = 1) -> None:
        """Let this happen to the next deliveries that match."""
        self.faults.append(DeliveryFault(kind, event, action, times))

    def release(self) -> None:
        """Queue what was held."""
        with self._wake:
            released, self.held = self.held, []
            for one in released:
                self._put(one)

    def shuffle(self, seed: int) -> None:
        """Bring what waits into another order."""
        with self._wake:
            random.Random(seed).shuffle(self.waiting)

    def flush(self) -> int:
        """Send everything that waits, from this thread; gives how many."""
        sent = 0
        while self._send_next():
            sent += 1
        return sent

    def start(self) -> None:
        """Send from a thread of its own from now on."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="webhook-sender", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until the sender thread has nothing left to send."""
        with self._wake:
            done = self._wake.wait_for(lambda: not self.waiting and not self._sending, timeout)
        assert done, f"{len(self.waiting)} deliveries still wait"

    def _queue(self, made: Delivery) -> None:
        match = next(
            (
                one
                for one in self.faults
                if one.times > 0
                and one.event in {"", made.event}
                and one.action in {"", made.action}
            ),
            None,
        )
        kind = match.kind if match else ""
        if match:
            match.times -= 1
        if kind == "held":
            self.held.append(made)
        elif kind == "lost":
            made.status, made.status_code = "failed to connect to host", 502
            self.log.append(made)
        elif kind != "dropped":
            self._put(made)
            if kind == "twice":
                self.again(made.id)

    def _put(self, made: Delivery) -> None:
        if made not in self.log:
            self.log.append(made)
        self.waiting.append(made)
        self._wake.notify_all()

    def _headers(
        self, event: str, guid: str, app_id: int, body: bytes, secret: str
    ) -> dict[str, str]:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        old = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/fa4e000",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(app_id),
            "X-GitHub-Hook-Installation-Target-ID": str(app_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": f"sha1={old}",
            "X-Hub-Signature-256": f"sha256={digest}",
        }

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopping or self.waiting)
                if self._stopping:
                    return
            self._send_next()

    def _send_next(self) -> bool:
        with self._wake:
            if not self.waiting:
                return False
            one = self.waiting.pop(0)
            self._sending += 1
        start = time.monotonic()
        status, code = self._send(one)
        with self._wake:
            one.status, one.status_code = status, code
            one.duration = round(time.monotonic() - start, 2)
            self._sending -= 1
            self._wake.notify_all()
        return True

    def _send(self, one: Delivery) -> tuple[str, int]:
        sink = self.sink or self._post
        if self.sink is None and not self.url:
            return "failed to connect to host", 502
        try:
            code = sink(one.headers, one.body)
        except TimeoutError:
            return "timed out", 504
        except (OSError, http.client.HTTPException):
            return "failed to connect to host", 502
        return ("OK" if 200 <= code < 300 else f"Invalid HTTP Response: {code}"), code

    def _post(self, headers: dict[str, str], body: bytes) -> int:
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=DEADLINE)
        try:
            connection.request("POST", address.path or "/", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()
