"""What a code host delivered, as it came, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.jobs import Job


class DeliveryState(StrEnum):
    """RECEIVED waits for a worker; IGNORED woke nobody; PARKED needs a person."""

    RECEIVED = "received"
    ROUTED = "routed"
    IGNORED = "ignored"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery; `id` is the host's own, the same each time that it sends this one."""

    id: str
    event: str
    body: bytes
    received_at: datetime
    state: DeliveryState = DeliveryState.RECEIVED
    attempts: int = 0
    why: str = ""
    routed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """The jobs that a delivery asks for; none if it concerns nobody."""

    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True)
class Malformed:
    """No worker will ever understand this delivery."""

    why: str
