"""What a route gives back, and the errors that GitHub answers with."""

from dataclasses import dataclass, field
from typing import Any

DOCS = "https://docs.github.com/rest"


@dataclass
class Answer:
    """One HTTP answer; `body` is JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"


@dataclass
class Page:
    """A list of which a client sees one page; `key` wraps it in an object with a total."""

    items: list[Any]
    key: str = ""


class HttpError(Exception):
    """An error that the client is told about."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def answer(self) -> Answer:
        body: dict[str, Any] = {"message": self.message, "documentation_url": DOCS}
        if self.errors is not None:
            body["errors"] = self.errors
        body["status"] = str(self.status)
        return Answer(self.status, body, self.headers)


def not_found() -> HttpError:
    return HttpError(404, "Not Found")


def invalid(resource: str, field_name: str, message: str = "", code: str = "custom") -> HttpError:
    """A value that GitHub does not take."""
    error = {"resource": resource, "field": field_name, "code": code}
    if message:
        error["message"] = message
    return HttpError(422, "Validation Failed", errors=[error])
