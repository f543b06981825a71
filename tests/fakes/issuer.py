"""GitHub Actions' issuer of identity tokens, on a loopback port, with keys that can be changed."""

import json
import threading
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PATH: Final = "/_services/token"
REQUEST_TOKEN: Final = "token-that-lets-a-job-ask"
"""What a runner is given to ask with."""


class Key:
    """One key pair of the issuer, under the id that it is shown with."""

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self._key = rsa.generate_private_key(65537, 2048)

    @property
    def private(self) -> bytes:
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def shown(self) -> dict[str, Any]:
        """As it stands in the list of keys."""
        made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {**made, "kid": self.id, "alg": "RS256", "use": "sig"}


class FakeIssuer:
    """Shows its keys, and signs for workflows; it counts how often it is asked for the keys."""

    def __init__(self) -> None:
        self.keys = [Key()]
        self.away = False
        self.keys_at = ""
        self.said: dict[str, Any] = {}
        self.issued: list[str] = []
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def issuer(self) -> str:
        return f"{self.address}{PATH}"

    @property
    def request_url(self) -> str:
        """Where a job asks for a token; like GitHub's it has a query already."""
        return f"{self.address}/_services/request?api-version=2.0"

    @property
    def fetches(self) -> int:
        """How often somebody read the keys."""
        return sum(path.endswith("/jwks") for path in self.asked)

    def rotate(self, *, keep: bool = True) -> None:
        """Sign with a new key; the old one stays shown for a while, or not."""
        self.keys = [Key(), *(self.keys if keep else ())]

    def claims(self, audience: str, **changes: Any) -> dict[str, Any]:
        """What GitHub says of a workflow; a change to None takes a claim out."""
        now = int(datetime.now(UTC).timestamp())
        said = {
            "iss": self.issuer,
            "aud": audience,
            "sub": "repo:team/shop:ref:refs/heads/main",
            "exp": now + 300,
            "iat": now,
            "nbf": now - 300,
            "jti": str(uuid.uuid4()),
            "event_name": "push",
            "repository": "team/shop",
            "repository_id": "1",
            "repository_owner": "team",
            "repository_owner_id": "99",
            "ref": "refs/heads/main",
            "workflow_ref": "team/shop/.github/workflows/perf.yml@refs/heads/main",
        } | changes
        return {name: value for name, value in said.items() if value is not None}

    def token(self, audience: str, key: Key | None = None, **changes: Any) -> str:
        """One that it signs."""
        one = key or self.keys[0]
        claims = self.claims(audience, **changes)
        return jwt.encode(claims, one.private, "RS256", headers={"kid": one.id})

    def _answer(self, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if self.away:
            return 503, {"message": "away"}
        if path.startswith("/_services/request?"):
            return self._issue(path, authorization)
        if path == f"{PATH}/.well-known/openid-configuration":
            keys_at = self.keys_at or f"{self.issuer}/.well-known/jwks"
            return 200, {"issuer": self.issuer, "jwks_uri": keys_at}
        if path == f"{PATH}/.well-known/jwks":
            return 200, {"keys": [key.shown for key in self.keys]}
        return 404, {}

    def _issue(self, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
        """A token for whichever audience is asked for, with what `said` changes of its claims."""
        if authorization.lower() != f"bearer {REQUEST_TOKEN}":
            return 401, {"message": "who are you?"}
        (audience,) = parse_qs(urlsplit(path).query)["audience"]
        made = self.token(audience, **self.said)
        self.issued.append(made)
        return 200, {"count": len(made), "value": made}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer: Callable[[str, str], tuple[int, dict[str, Any]]] = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, document = answer(self.path, self.headers.get("Authorization", ""))
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """What was asked is in the record."""

        return Handler
