"""What we keep of a pull request, as it lies in the repository."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from bot.domain.pulls import Check, Deployment, PullState
from bot.ports import UserError

PULLS = "refs/ironclaw/pulls/"
DEPLOYMENTS = "refs/ironclaw/deployments"


class Review(StrEnum):
    """What a person says of a pull request."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRecord:
    """One pull request: the commit we made, and all that is not to be seen from the branches."""

    number: int
    branch: str
    base: str
    base_sha: str
    head_sha: str
    title: str
    body: str
    created_at: datetime
    labels: tuple[str, ...] = ()
    state: PullState = PullState.OPEN
    merge_sha: str = ""
    closed_why: str = ""
    reverts: int | None = None
    checks: tuple[Check, ...] = ()
    comments: dict[str, str] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    version: Literal[1] = 1

    @property
    def ref(self) -> str:
        """Where the record lies."""
        return f"{PULLS}{self.number}"


_PULL = TypeAdapter(PullRecord)
_DEPLOYMENTS = TypeAdapter(tuple[Deployment, ...])


def pull_to_bytes(record: PullRecord) -> bytes:
    """The record as it is stored."""
    return _bytes(_PULL.dump_python(record, mode="json"))


def pull_from_bytes(data: bytes, ref: str) -> PullRecord:
    """The record that was stored; UserError for anything that we did not write."""
    try:
        record = _PULL.validate_json(data)
    except ValidationError as error:
        raise _damaged(ref) from error
    if record.ref != ref:
        raise _damaged(ref)
    return record


def deployments_to_bytes(deployments: tuple[Deployment, ...]) -> bytes:
    """The deployments as they are stored."""
    return _bytes(_DEPLOYMENTS.dump_python(deployments, mode="json"))


def deployments_from_bytes(data: bytes) -> tuple[Deployment, ...]:
    """The deployments that were stored; UserError for anything that we did not write."""
    try:
        return _DEPLOYMENTS.validate_json(data)
    except ValidationError as error:
        raise _damaged(DEPLOYMENTS) from error


def clean(text: str) -> str:
    """Text that can be stored: what is not Unicode becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _bytes(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _damaged(ref: str) -> UserError:
    return UserError(
        f"{ref} is not a record that this version of Ironclaw understands",
        f"update Ironclaw, or remove the record with `git update-ref -d {ref}`",
    )
