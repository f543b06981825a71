"""Who we are on GitHub, and how we know our own things: by a hidden mark and by their author."""

from dataclasses import dataclass
from urllib.parse import quote

from bot.adapters.github.fields import Fields

_SIGNER = "web-flow"
"""The account in whose name GitHub itself commits and signs."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The App's slug, and the account that it acts as."""

    slug: str
    user_id: int
    app_id: int

    @property
    def login(self) -> str:
        """The name of that account."""
        return f"{self.slug}[bot]"

    def wrote(self, thing: Fields) -> bool:
        """Whether we are the author of a comment, an issue or a pull request."""
        return thing.number("user", "id") == self.user_id

    def committed(self, commit: Fields) -> bool:
        """Whether we made a commit: by its signed author, not by a name that anybody can set."""
        committer = commit.at("committer")
        by_us = commit.number("author", "id") == self.user_id
        through = committer.number("id") == self.user_id or committer.text("login") == _SIGNER
        return by_us and through and commit.flag("commit", "verification", "verified")


def mark(kind: str, key: str) -> str:
    """A line that GitHub does not show, to find again what was written under a key."""
    # Two dashes would end it.
    return f"<!-- ironclaw:{kind}:{quote(key, safe='/:').replace('-', '%2D')} -->"


def marked(kind: str, key: str, text: str) -> str:
    """A text under its mark; only the first line counts, so that nothing quoted does."""
    return f"{mark(kind, key)}\n{text}"


def has_mark(kind: str, key: str, text: str) -> bool:
    """Whether a text was written under this mark."""
    return text.partition("\n")[0].rstrip("\r") == mark(kind, key)


def unmarked(text: str) -> str:
    """The text without the mark of whatever kind, with the line ends that it was written with."""
    first, _, rest = text.replace("\r\n", "\n").partition("\n")
    is_mark = first.startswith("<!-- ironclaw:") and first.endswith(" -->")
    return rest if is_mark else text.replace("\r\n", "\n")
