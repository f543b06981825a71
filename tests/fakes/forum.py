"""A forum in memory beside the code host in memory; the plain methods are what people do there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.talk import Comment, Issue, Permission, Rating, Reaction, StatusLine
from bot.ports import UserError
from tests.fakes.code_host import FakeCodeHost, Fault, _Call

BODY_LIMIT = 65_536
CHECK_TEXT_LIMIT = 65_535
TITLE_LIMIT = 256
CHECK_TITLE_LIMIT = 60


@dataclass
class FakeForum:
    """The port Forum with its state, its limits, and errors on demand."""

    host: FakeCodeHost
    permissions: dict[str, Permission] = field(default_factory=dict)
    said: dict[int, Comment] = field(default_factory=dict)
    reactions: dict[int, list[Reaction]] = field(default_factory=dict)
    thumbs: dict[int, list[Rating]] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    statuses: dict[tuple[int, str, str], StatusLine] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    silenced: str = ""
    fail_at: int = 0
    fails_after: bool = False

    # What the product calls.

    async def read_comment(self, number: int, id: int) -> Comment | None:
        with self._call("read_comment"):
            found = self.said.get(id)
            return found if found is not None and found.number == number else None

    async def comments(self, number: int, since: datetime | None = None) -> Sequence[Comment]:
        with self._call("comments"):
            found = [one for one in self.said.values() if one.number == number]
            return sorted(
                (one for one in found if since is None or one.at >= since),
                key=lambda one: (one.at, one.id),
            )

    async def permission(self, person: str) -> Permission:
        with self._call("permission"):
            return self.permissions.get(person, Permission.NONE)

    async def react(self, comment: int, reaction: Reaction) -> None:
        with self._call("react"):
            given = self.reactions.setdefault(comment, [])
            if reaction not in given:
                given.append(reaction)

    async def ratings(self, number: int) -> Sequence[Rating]:
        with self._call("ratings"):
            return list(self.thumbs.get(number, ()))

    async def label(self, number: int, *, add: Sequence[str], remove: Sequence[str] = ()) -> None:
        with self._call("label"):
            for label in add:
                self.host.label(number, label)
            for label in remove:
                self.host.label(number, label, on=False)

    async def issue(self, key: str) -> Issue | None:
        with self._call("issue"):
            return self.issues.get(key)

    async def write_issue(self, key: str, title: str, text: str, *, is_open: bool = True) -> Issue:
        with self._call("write_issue"):
            _keep_to(title, TITLE_LIMIT)
            _keep_to(text, BODY_LIMIT)
            known = self.issues.get(key)
            number = known.number if known else 1000 + len(self.issues)
            self.issues[key] = Issue(number, key, title, text, is_open)
            return self.issues[key]

    async def show_status(self, number: int, sha: str, key: str, line: StatusLine) -> None:
        with self._call("show_status"):
            _keep_to(line.title, CHECK_TITLE_LIMIT)
            _keep_to(line.text, CHECK_TEXT_LIMIT)
            self.statuses[number, sha, key] = line

    # What people do.

    def say(self, number: int, author: str, text: str, **changes: Any) -> Comment:
        """Somebody comments on an issue or a pull request."""
        id = len(self.said) + 1
        comment = Comment(id, number, author, text, self.host.clock.now())
        self.said[id] = replace(comment, **changes)
        return self.said[id]

    def tick(self, key: str, box: str, person: str) -> None:
        """A person ticks the box whose hidden name begins like that."""
        issue = self.issues[key]
        before = f"- [ ] <!-- ironclaw-do:{box}"
        assert before in issue.text, f"there is no box {box}"
        text = issue.text.replace(before, before.replace("[ ]", "[x]"))
        self.issues[key] = replace(issue, text=text, edited_by=person)

    def rate(self, number: int, author: str, reaction: Reaction, **changes: Any) -> None:
        """Somebody puts a thumb under a pull request."""
        rating = Rating(author, reaction, self.host.clock.now())
        rating = replace(rating, **changes)
        self.thumbs.setdefault(number, []).append(rating)

    def fail_next(self, call: str, error: Exception, *, after: bool = False) -> None:
        """Let the next such call raise, before or after it has had its effect."""
        self.faults.setdefault(call, []).append(Fault(error, after))

    def status(self, number: int) -> StatusLine:
        """The latest that our check run shows on a pull request."""
        return [line for key, line in self.statuses.items() if key[0] == number][-1]

    def _call(self, name: str) -> _Call:
        self.calls.append(name)
        if self.silenced:
            raise UserError(self.silenced, "Grant it.")
        if len(self.calls) == self.fail_at:
            return _Call(Fault(ConnectionError("cut"), self.fails_after))
        waiting = self.faults.get(name)
        return _Call(waiting.pop(0) if waiting else None)


def _keep_to(text: str, limit: int) -> None:
    if not text or len(text) > limit:
        message = f"{len(text)} characters, {limit} are allowed"
        raise ValueError(message)
