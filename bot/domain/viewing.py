"""Who looks at the dashboard, what they may see and do there, and how long that is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

SESSION: Final = timedelta(hours=8)
"""As long as GitHub's token of a person is good; after it they sign in again."""
LOOK_EVERY: Final = timedelta(minutes=5)
"""How old what is known of a person's repositories may be before GitHub is asked again."""
SIGNED_IN: Final = "/signed-in"
"""The path that GitHub sends people back to who sign in."""
UNSEEN_AT_MOST: Final = timedelta(minutes=15)
"""How old it may be where GitHub does not answer; after that nothing is shown."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person at the dashboard: the repositories that they may see and change, in small letters.

    `sees` None means every one, which is true of whoever runs the server alone. `login` is their
    name at the code host, empty for the operator, whom the host does not know.
    """

    name: str
    login: str = ""
    sees: frozenset[str] | None = frozenset()
    changes: frozenset[str] = frozenset()

    @property
    def is_operator(self) -> bool:
        """Whether all is theirs."""
        return self.sees is None

    def may_see(self, repository: str) -> bool:
        """Whether they may know that there is such a repository."""
        return self.sees is None or repository.lower() in self.sees

    def may_change(self, repository: str) -> bool:
        """Whether actions are offered to them; asked again when one is taken."""
        return self.sees is None or repository.lower() in (self.sees & self.changes)


OPERATOR: Final = Viewer("the operator", sees=None)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in; `token` is sealed, `repositories` are the host's numbers.

    Of each repository it is known whether the person may write to it, as of `looked_at`.
    """

    id: str
    login: str
    token: str = field(repr=False)
    repositories: Mapping[int, bool] = field(hash=False)
    looked_at: datetime
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the person counts."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The host is to be asked; `may_wait` says that the old answer counts where it is silent."""

    may_wait: bool


@dataclass(frozen=True, slots=True)
class Over:
    """They have to sign in again."""

    why: str


def decide_session(session: Session, now: datetime) -> Known | LookAgain | Over:
    """Whether a session counts at this moment."""
    if now >= session.expires_at or now < session.created_at - LOOK_EVERY:
        return Over("the session has expired")
    age = now - session.looked_at
    return Known() if age < LOOK_EVERY else LookAgain(may_wait=age < UNSEEN_AT_MOST)


def way_back(path: str) -> str:
    """A path of this site to return to; the start for whatever could lead to another one."""
    local = path.startswith("/") and not path.startswith(("//", "/\\"))
    # A browser takes out tabs and line feeds before it reads an address.
    return path if local and path.isprintable() and "\\" not in path and len(path) < 500 else "/"
