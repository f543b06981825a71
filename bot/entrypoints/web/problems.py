"""What is answered when a request cannot be served, as RFC 9457 has it."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

PROBLEM_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """The status, and a sentence that says what to do about it."""

    status: HTTPStatus
    detail: str

    def body(self) -> bytes:
        """The problem document."""
        document = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
        }
        return json.dumps(document).encode()
