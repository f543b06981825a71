"""Reads a pull request of ours as it is at this moment."""

from bot.adapters.github.checking import Rules, read_checks, read_rules
from bot.adapters.github.client import Access, expect
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import Identity, unmarked
from bot.adapters.github.people import read_permission
from bot.domain.pulls import PullSnapshot, PullState

_POLLS = (0.5, 1, 2)
"""Seconds between looks while GitHub works out whether something can be merged."""

_REVIEWED = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
_IN_QUEUE = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { isInMergeQueue }
  }
}
"""


class PullReader:
    """The pull requests that we opened in one repository; those of others are not there."""

    def __init__(self, access: Access, identity: Identity) -> None:
        self.access = access
        self.identity = identity

    async def raw(self, number: int) -> Fields | None:
        """What GitHub says of it, None if it is not ours or not there."""
        pull = await self.anyones(number)
        return pull if pull and self.identity.wrote(pull) else None

    async def anyones(self, number: int) -> Fields | None:
        """The same, whoever wrote it."""
        answer = await self.access.get(f"pulls/{number}")
        found = expect(answer, 200, 404)
        return found if answer.status == 200 else None

    async def on_branch(self, branch: str) -> Fields | None:
        """Our first pull request from that branch, whatever has become of it."""
        return next(iter(await self._from(branch)), None)

    async def _from(self, branch: str) -> list[Fields]:
        """All that we opened from that branch of this repository, oldest first."""
        head = f"{self.access.owner}:{branch}"
        found = [
            pull
            async for pull in self.access.pages("pulls", head=head, state="all")
            if self.identity.wrote(pull) and pull.text("head", "ref") == branch
            # A fork may have a branch of that name.
            and pull.number("head", "repo", "id") in (pull.number("base", "repo", "id"), None)
        ]
        return sorted(found, key=_number)

    async def listed(self, since: str = "") -> list[Fields]:
        """Our pull requests as issues, oldest first; perhaps only those changed since."""
        asked = {"creator": self.identity.login, "state": "all", "direction": "asc"}
        if since:
            asked["since"] = since
        found = [
            issue
            async for issue in self.access.pages("issues", **asked)
            if issue.at("pull_request") and self.identity.wrote(issue)
        ]
        return sorted(found, key=_number)

    async def numbers(self, branch: str = "") -> list[int]:
        """Which pull requests are ours, perhaps only those from one branch, oldest first."""
        return [_number(one) for one in await (self._from(branch) if branch else self.listed())]

    async def snapshot(self, number: int) -> PullSnapshot | None:
        """Everything that a decision looks at, None if it is not ours or not there."""
        pull = await self.raw(number)
        if pull is None:
            return None
        shown = _plain(pull)
        if shown.state is not PullState.OPEN:
            return shown
        pull = await self._with_mergeability(number, pull)
        return await self._in_full(pull, await read_rules(self.access, shown.base))

    async def is_in_queue(self, number: int) -> bool:
        """Whether the merge queue has it."""
        owner, _, name = self.access.name.partition("/")
        found = await self.access.query(_IN_QUEUE, owner=owner, name=name, number=number)
        return found.expect().flag("repository", "pullRequest", "isInMergeQueue")

    async def commits(self, number: int) -> list[Fields]:
        """The commits on its branch, oldest first."""
        return [one async for one in self.access.pages(f"pulls/{number}/commits")]

    async def _with_mergeability(self, number: int, pull: Fields) -> Fields:
        """GitHub begins to work it out when it is asked, and says null meanwhile."""
        for seconds in _POLLS:
            if pull.maybe("mergeable") is not None:
                break
            await self.access.client.sleep(seconds)
            pull = await self.raw(number) or pull
        return pull

    async def _in_full(self, pull: Fields, rules: Rules) -> PullSnapshot:
        number = _number(pull)
        plain = _plain(pull)
        approvals, requested = await self._reviews(number, plain.head_sha)
        foreign = [
            commit.sha("sha")
            for commit in await self.commits(number)
            if not self.identity.committed(commit)
        ]
        is_queued = bool(pull.at("auto_merge")) or (
            rules.has_queue and await self.is_in_queue(number)
        )
        return PullSnapshot(
            number=number,
            branch=plain.branch,
            base=plain.base,
            head_sha=plain.head_sha,
            state=plain.state,
            title=plain.title,
            body=plain.body,
            draft=plain.draft,
            labels=plain.labels,
            checks=await read_checks(self.access, plain.head_sha),
            mergeable=pull.maybe("mergeable"),
            foreign_commits=tuple(foreign),
            approvals=approvals,
            changes_requested=requested,
            created_at=plain.created_at,
            required=rules.required,
            required_approvals=rules.approvals,
            queued=is_queued,
        )

    async def _reviews(self, number: int, head: str) -> tuple[int, tuple[str, ...]]:
        """How many approve the present head, and who asks for changes: the latest word of each.

        Only people who may write count, as for GitHub itself: else any stranger could say no.
        """
        latest: dict[str, Fields] = {}
        async for review in self.access.pages(f"pulls/{number}/reviews"):
            person = review.text("user", "login")
            if person and review.text("state") in _REVIEWED and not self.identity.wrote(review):
                latest[person] = review
        approvals, requested = 0, []
        for person, review in latest.items():
            said = review.text("state")
            if said == "DISMISSED" or not (await read_permission(self.access, person)).may_command:
                continue
            if said == "CHANGES_REQUESTED":
                requested.append(person)
            elif review.text("commit_id") == head:
                approvals += 1
        return approvals, tuple(sorted(requested))


def _plain(pull: Fields) -> PullSnapshot:
    """What the pull request itself says, without what others say of it."""
    is_merged = pull.flag("merged") or bool(pull.text("merged_at"))
    state = PullState(pull.text("state") or "closed")
    return PullSnapshot(
        number=_number(pull),
        branch=pull.text("head", "ref"),
        base=pull.text("base", "ref"),
        head_sha=pull.sha("head", "sha"),
        state=PullState.MERGED if is_merged else state,
        title=pull.text("title"),
        body=unmarked(pull.text("body")),
        # While it is open this is a trial merge of GitHub's.
        merge_sha=pull.sha("merge_commit_sha") if is_merged else "",
        draft=pull.flag("draft"),
        labels=frozenset(label.text("name") for label in pull.each("labels")),
        created_at=pull.moment("created_at"),
    )


def _number(thing: Fields) -> int:
    return thing.number("number") or 0
