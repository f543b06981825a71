"""The commits between two as they came into the main line, and the functions that each touches."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.local.git import GitError, TooMuchOutputError, decode
from bot.adapters.local.history import is_sha
from bot.adapters.local.workshop import Workshop, user_error
from bot.domain.suspects import Change, Touch
from bot.domain.touching import touches
from bot.ports import UserError

MOST_COMMITS = 500
"""More than these are not looked at: whoever has so many between good and bad looks for a nearer
good one first."""
_MOST_FILES = 500
_MOST_BYTES = 1_000_000
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/~^@{}+-]{0,199}")
_PULL = re.compile(r"^Merge pull request #(\d{1,9})\b|\(#(\d{1,9})\)$")


class Changes:
    """Reads a checkout; nothing of it is run, and nothing written but to `state_dir`."""

    def __init__(self, path: Path, state_dir: Path) -> None:
        self._workshop = Workshop.open(path, state_dir)

    def commit(self, revision: str) -> str:
        """The full name of a commit; of what is checked out where none is named."""
        # Our folder has no HEAD of the user's.
        here = self._workshop.head()[1]
        if revision in ("", "HEAD") or revision.startswith(("HEAD~", "HEAD^")):
            revision = here + revision.removeprefix("HEAD")
        named = f"{revision}^{{commit}}"
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", named)
        sha = ""
        if _REVISION.fullmatch(revision):
            sha = decode(self._workshop.run(*asked, ok=(0, 1, 128)).out).strip()
        if not is_sha(sha):
            raise UserError(
                f"there is no commit {revision[:80]!r}", "Name one that `git log` shows."
            )
        return sha

    def sources(self, sha: str) -> dict[str, str]:
        """The texts of the Python files of a commit."""
        listed = self._read("ls-tree", "-r", "-z", "--name-only", sha)
        names = [name for name in decode(listed).split("\0") if name.endswith(".py")]
        return {name: text for name in names if (text := self._text(sha, name))}

    def between(self, good: str, bad: str) -> list[Change]:
        """What came after `good` up to `bad`, the latest first; UserError if that is too much."""
        limit = f"--max-count={MOST_COMMITS + 1}"
        form = "--format=%H%x00%P%x00%ct%x00%s"
        log = decode(self._read("log", "--first-parent", limit, form, bad, f"^{good}"))
        # A subject may hold other ends of lines than git's own.
        lines = log.split("\n")[:-1]
        if len(lines) > MOST_COMMITS:
            problem = f"there are more than {MOST_COMMITS} commits between them"
            raise UserError(problem, "Name a later good one, or an earlier bad one.")
        return [self._change(*line.split("\0", 3)) for line in lines]

    def _change(self, sha: str, parents: str, seconds: str, subject: str) -> Change:
        pull = _PULL.search(subject)
        number = int(pull[1] or pull[2]) if pull else None
        parent = parents.partition(" ")[0]
        at = datetime.fromtimestamp(int(seconds), UTC)
        return Change(sha, at, tuple(self._touches(parent, sha)), number)

    def _touches(self, parent: str, sha: str) -> Iterator[Touch]:
        since = (parent, sha) if parent else ("--root", sha)
        asked = ("diff-tree", "-r", "-z", "--no-commit-id", "--no-renames", "--name-only", *since)
        names = decode(self._read(*asked)).split("\0")[:-1]
        for name in names[:_MOST_FILES]:
            before = self._text(parent, name) if parent else ""
            yield from touches(name, before, self._text(sha, name))

    def _text(self, sha: str, name: str) -> str:
        """Empty for what is not there, too large or no text."""
        if not name.endswith(".py"):
            # What else it says does not matter: that it changed does.
            return sha
        asked = ("cat-file", "blob", f"{sha}:{name}")
        try:
            found = self._workshop.run(*asked, limit=_MOST_BYTES, ok=(0, 128))
            return found.out.decode() if found.code == 0 else ""
        except (UnicodeDecodeError, TooMuchOutputError):
            return ""

    def _read(self, *asked: str) -> bytes:
        try:
            return self._workshop.run(*asked).out
        except GitError as error:
            raise user_error(self._workshop, error) from error
        except TooMuchOutputError as error:
            remedy = "Name a nearer good commit, or look at a smaller repository."
            raise UserError("the repository is too large to be looked at", remedy) from error
