"""Rate limits, counted per installation and resource, and switched on by tests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
CORE, GRAPHQL = "core", "graphql"


@dataclass
class Bucket:
    """What is left of one resource in this hour."""

    limit: int
    reset: datetime
    used: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def headers(self, resource: str) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(int(self.reset.timestamp())),
            "x-ratelimit-resource": resource,
        }


@dataclass
class Secondary:
    """The secondary limit hits: `status` is 403 or 429, until a moment."""

    until: datetime
    status: int
    retry_after: bool


@dataclass
class Limits:
    """Every bucket, by who asks."""

    limit: int = 5000
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    secondary: dict[str, Secondary] = field(default_factory=dict)

    def bucket(self, who: str, resource: str, now: datetime) -> Bucket:
        """The bucket of this hour."""
        found = self.buckets.get((who, resource))
        if found is None or now >= found.reset:
            found = self.buckets[who, resource] = Bucket(self.limit, now + HOUR)
        return found

    def exhaust(self, installation: int, now: datetime, resource: str = CORE) -> None:
        """Nothing is left for an installation in this hour."""
        bucket = self.bucket(f"installation {installation}", resource, now)
        bucket.used = bucket.limit

    def slow_down(
        self, installation: int, until: datetime, status: int = 403, *, retry_after: bool = True
    ) -> None:
        """An installation has asked too quickly, and is refused until then."""
        self.secondary[f"installation {installation}"] = Secondary(until, status, retry_after)

    def hit(self, who: str, now: datetime) -> Secondary | None:
        """The secondary limit that holds for somebody now."""
        found = self.secondary.get(who)
        return found if found and now < found.until else None
