"""One look at one page: who looks, at which repository, and where its numbers are."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.database.overview import Overview
from bot.domain.bottleneck import Targets
from bot.domain.viewing import Viewer
from bot.entrypoints.web.problems import Problem
from bot.ports import StoreFactory

SPANS: Final = {"1": "hour", "24": "day", "168": "week", "720": "30 days"}
"""The spans that a person may choose, in hours."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What pages read; `day_cap` is the operator's for models, in millionths of a dollar."""

    engine: AsyncEngine
    targets: Targets
    learning_rate: float
    day_cap: int

    @property
    def overview(self) -> Overview:
        """The dashboard's own questions."""
        return Overview(self.engine)

    @property
    def stores(self) -> StoreFactory:
        """Everybody's."""
        return store_factory(self.engine)


@dataclass(frozen=True, slots=True)
class Look:
    """One request for a page; `repository` is empty where the viewer may see none."""

    viewer: Viewer
    sources: Sources
    repository: str
    repositories: tuple[str, ...]
    now: datetime
    query: Mapping[str, str] = field(hash=False, default_factory=dict)
    path: Mapping[str, str] = field(hash=False, default_factory=dict)

    @property
    def hours(self) -> int:
        """How far back is looked; a day unless one of the spans is asked for."""
        asked = self.query.get("hours", "")
        return int(asked) if asked in SPANS else 24

    @property
    def span(self) -> timedelta:
        """The same as a duration."""
        return timedelta(hours=self.hours)

    def link(self, path: str, **query: str | int) -> str:
        """A page about the same repository."""
        return f"{path}?{urlencode({'repository': self.repository, **query})}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: its template, its title, and what the template is given."""

    template: str
    title: str
    values: Mapping[str, Any] = field(hash=False, default_factory=dict)


Draw = Callable[[Look], Coroutine[Any, Any, Shown | Problem]]


@dataclass(frozen=True, slots=True)
class PageOf:
    """One page: its path, the name that the navigation has for it (or none), and what it shows."""

    path: str
    name: str
    draw: Draw
    in_navigation: bool = True
