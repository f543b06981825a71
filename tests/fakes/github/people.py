"""Accounts, made when they are first spoken of."""

from tests.fakes.github.git import Signature
from tests.fakes.github.state import NOREPLY, Person

WEB_FLOW = "noreply@github.com"


class People:
    """Every account by its login."""

    def __init__(self) -> None:
        self._known: dict[str, Person] = {}

    def get(self, login: str, kind: str = "") -> Person:
        """The account of a login, which is there from now on."""
        key = login.lower()
        if key not in self._known:
            kind = kind or ("Bot" if login.endswith("[bot]") else "User")
            self._known[key] = Person(len(self._known) + 101, login, kind)
        return self._known[key]

    def find(self, login: str) -> Person | None:
        return self._known.get(login.lower())

    def of(self, email: str) -> Person | None:
        """Whose commits have this address."""
        if email == WEB_FLOW:
            return self.get("web-flow")
        name, _, host = email.partition("@")
        return self.find(name.partition("+")[2]) if host == NOREPLY else None


def is_githubs(committer: Signature) -> bool:
    """Whether GitHub itself made the commit, which it then signs."""
    return committer.email == WEB_FLOW or "[bot]@" in committer.email
