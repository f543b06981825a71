"""The repositories that a code host lets us into, and how we stand with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """Only ACTIVE is improved; REFUSED by its people, SUSPENDED and GONE at the host."""

    NEW = "new"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    GONE = "gone"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class KnownRepository:
    """One repository; `host_id` stays when it is renamed or given to another owner."""

    host_id: int
    full_name: str
    installation_id: int
    updated_at: datetime
    default_branch: str = ""
    state: Standing = Standing.NEW
    why: str = ""
    look_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the App is installed; a suspended one lets us in no more."""

    id: int
    account: str
    suspended: bool = False
    permissions: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class InstalledRepository:
    """A repository that an installation lets us into; the id stays when the name changes."""

    id: int
    name: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A delivery that we have never answered well; `id` is that of its latest attempt."""

    id: int
    guid: str
    event: str
    at: datetime
