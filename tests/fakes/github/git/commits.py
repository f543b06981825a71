"""Commits: what git keeps of them, in its own form."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_PERSON = re.compile(r"(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<at>\d+) (?P<zone>[+-]\d{4})")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who, and when."""

    name: str
    email: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} +0000"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str

    @property
    def headline(self) -> str:
        return self.message.partition("\n")[0]


def text(
    tree: str, parents: tuple[str, ...], author: Signature, committer: Signature, message: str
) -> bytes:
    """A commit in git's form."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {author}", f"committer {committer}", "", message]
    return "\n".join(lines).encode()


def parse(sha: str, data: bytes) -> Commit:
    """What `text` came from."""
    head, _, message = data.decode("utf-8", "replace").partition("\n\n")
    fields = [line.partition(" ") for line in head.split("\n") if not line.startswith(" ")]
    values = {key: value for key, _, value in fields}
    parents = tuple(value for key, _, value in fields if key == "parent")
    author, committer = _signature(values["author"]), _signature(values["committer"])
    return Commit(sha, values["tree"], parents, author, committer, message)


def _signature(line: str) -> Signature:
    found = _PERSON.fullmatch(line)
    assert found, line
    at = datetime.fromtimestamp(int(found["at"]), UTC)
    return Signature(found["name"], found["email"], at)
