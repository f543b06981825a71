"""Reads commits and how they follow each other."""

import re
from dataclasses import dataclass

from bot.adapters.local.git import GitError, decode
from bot.adapters.local.workshop import Workshop, user_error
from bot.ports import UserError

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FOREIGN_SHOWN = "50"


@dataclass(frozen=True, slots=True)
class Commit:
    """What of a commit matters here; `date` is the committer's, in git's raw form."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    committer: str
    date: str


def is_sha(text: str) -> bool:
    """Whether this is a whole object name: nothing else is ever given to git as one."""
    return _SHA.fullmatch(text) is not None


def find_commit(workshop: Workshop, name: str) -> Commit:
    """A commit by its full name, or that of a branch or tag; what is checked out without one."""
    if not name:
        return read_commit(workshop, workshop.head()[1])
    refs = workshop.refs()
    for folder in ("heads", "remotes/origin", "tags"):
        known = refs.get(f"refs/{folder}/{name}")
        if known is not None:
            return read_commit(workshop, known.sha)
    return read_commit(workshop, name)


def read_commit(workshop: Workshop, sha: str) -> Commit:
    """One commit; UserError if there is none of that name."""
    if not is_sha(sha):
        raise UserError(f"{sha[:80]!r} is no commit's full name", "give all of its hex digits")
    try:
        answer = workshop.run("cat-file", "commit", sha)
    except GitError as error:
        if workshop.user.partial:
            raise user_error(workshop, error) from error
        raise UserError(f"there is no commit {sha[:12]}", "fetch it, or name another") from error
    header = decode(answer.out.partition(b"\n\n")[0]).split("\n")
    fields = [line.partition(" ")[::2] for line in header]
    committer = next(value for key, value in fields if key == "committer")
    who, _, date = committer.rpartition("> ")
    return Commit(
        sha,
        next(value for key, value in fields if key == "tree"),
        tuple(value for key, value in fields if key == "parent"),
        f"{who}>",
        date,
    )


def contains(workshop: Workshop, sha: str, commit: str) -> bool:
    """Whether `commit` is `sha` or one of its ancestors; one that is not there is not."""
    if not (is_sha(sha) and is_sha(commit)):
        return False
    return workshop.run("merge-base", "--is-ancestor", commit, sha, ok=(0, 1, 128)).code == 0


def foreign_commits(workshop: Workshop, base: str, ours: str, head: str) -> tuple[str, ...]:
    """The commits between `base` and `head` besides `ours`, newest first."""
    if head == ours:
        return ()
    answer = workshop.run(
        *("rev-list", f"--max-count={_FOREIGN_SHOWN}", head, f"^{base}"), ok=(0, 128)
    )
    found = tuple(sha for sha in decode(answer.out).split() if sha != ours)
    # A branch that was moved back, or whose history is not here, was not moved by us either.
    return found or (head,)


def merged_as(workshop: Workshop, base: str, head: str, main: str) -> str:
    """The commit by which `head` came into `main`: `head` itself if that was moved on to it.

    Nothing if `main` does not have it.
    """
    if not contains(workshop, main, head):
        return ""
    answer = workshop.run("rev-list", "--first-parent", main, f"^{base}", limit=1 << 28)
    line = decode(answer.out).split()
    if head in line or not line:
        return head
    # Once in, it stays in: the oldest commit of the main line that has it is found by halving.
    has, lacks = 0, len(line)
    while lacks - has > 1:
        middle = (has + lacks) // 2
        if contains(workshop, line[middle], head):
            has = middle
        else:
            lacks = middle
    return line[has]
