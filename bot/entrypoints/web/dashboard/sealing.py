"""Secrets that leave this process: sealed for a while, or proved to be ours."""

import base64
import hashlib
import hmac
import json
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_BYTES: Final = 32


class Seal:
    """Two keys of one secret: one to seal with, one to sign forms with."""

    def __init__(self, secret: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(secret, b"ironclaw sealing")))
        self._signing = _derived(secret, b"ironclaw forms")

    def seal(self, value: Any) -> str:
        """Plain JSON as a text that says nothing and cannot be made by anybody else."""
        return self._fernet.encrypt(json.dumps(value).encode()).decode()

    def unseal(self, text: str, seconds: int | None = None) -> Any:
        """What was sealed, None if it is none of ours or older than so many seconds."""
        try:
            return json.loads(self._fernet.decrypt(text.encode(), ttl=seconds))
        except (InvalidToken, ValueError):
            return None

    def mark(self, *parts: str) -> str:
        """What proves that a form with these parts came from us."""
        whole = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
        return hmac.new(self._signing, whole, hashlib.sha256).hexdigest()

    def is_mark(self, given: str, *parts: str) -> bool:
        """Whether this is the mark of these parts."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.mark(*parts).encode())


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _BYTES, salt=None, info=purpose).derive(secret)
