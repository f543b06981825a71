"""Sends signed deliveries over connections that are kept open, and prints how long each took.

    python benchmarks/deliveries.py '[port, path, connections, seconds]'

Its own process, of the standard library alone: what it costs is the same for every server and as
little as may be, since it shares the machine with them.
"""

import hashlib
import hmac
import json
import random
import secrets
import selectors
import socket
import sys
import time
from typing import Any

SECRET = "benchmark"  # noqa: S105 - it guards nothing


class Client:
    """One connection, and what it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0.0
        self.answer = b""

    def send(self, head: bytes, body: bytes) -> None:
        self.sent = time.perf_counter()
        sent = self.socket.sendmsg((head, body))
        if sent < len(head) + len(body):
            self.socket.sendall((head + body)[sent:])


def load(port: int, path: str, connections: int, seconds: float) -> dict[str, Any]:
    """Keep every connection busy; times are from the first byte sent to the whole answer."""
    bodies = [payload(random.Random(number)) for number in range(64)]
    messages = [(head(path, body), body) for body in bodies]
    prefix = secrets.token_hex(8).encode()
    selector = selectors.DefaultSelector()
    times: list[float] = []
    wrong = sent = 0

    def send(client: Client) -> None:
        nonlocal sent
        sent += 1
        first, body = messages[sent % len(messages)]
        client.send(first % (b"%b-%012d" % (prefix, sent)), body)

    clients = [Client(port) for _ in range(connections)]
    begin = time.perf_counter()
    for client in clients:
        selector.register(client.socket, selectors.EVENT_READ, client)
        send(client)
    busy = connections
    while busy:
        for key, _ in selector.select(10):
            client = key.data
            client.answer += client.socket.recv(65536)
            if not complete(client.answer):
                continue
            now = time.perf_counter()
            times.append(now - client.sent)
            wrong += not client.answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202"))
            client.answer = b""
            if now - begin < seconds:
                send(client)
            else:
                busy -= 1
                selector.unregister(client.socket)
                client.socket.close()
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
    print(json.dumps(load(*json.loads(sys.argv[1]))))
