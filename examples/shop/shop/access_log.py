"""The access log: one line of JSON for each request that was answered."""

import json
import os
from datetime import UTC, datetime


class AccessLog:
    """Appends whole lines, so that two instances may write to one file while one takes over."""

    def __init__(self, path: str, commit: str) -> None:
        self._commit = commit
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) if path else None

    def write(self, endpoint: str, milliseconds: float, status: int) -> None:
        """Note one request."""
        if self._file is None:
            return
        line = {
            "at": datetime.now(UTC).isoformat(),
            "endpoint": endpoint,
            "ms": round(milliseconds, 3),
            "status": status,
            "commit": self._commit,
        }
        os.write(self._file, (json.dumps(line) + "\n").encode())
