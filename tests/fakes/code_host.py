"""A code host in memory that keeps commits, branches and pull requests as a real one does."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.pulls import (
    Check,
    Conclusion,
    Deployment,
    HostedRepository,
    Merged,
    NotMerged,
    PullDraft,
    PullSnapshot,
    PullState,
    Queued,
    RequiredCheck,
    RevertBlocked,
    RevertOpened,
)
from bot.domain.tree import FileKind, Tree, TreeFile
from bot.ports import Clock, UserError

Files = Mapping[str, TreeFile]


@dataclass(frozen=True)
class FakeCommit:
    """One commit: its files, where it comes from, and whether the bot made it."""

    sha: str
    files: Files
    parents: tuple[str, ...] = ()
    ours: bool = False


@dataclass
class FakePull:
    """What the host keeps of a pull request."""

    number: int
    draft: PullDraft
    head_sha: str
    snapshot: PullSnapshot
    comments: dict[str, str] = field(default_factory=dict)
    reviews: dict[str, bool] = field(default_factory=dict)
    reverts: int | None = None
    queued: bool = False
    before: str = ""


@dataclass
class Fault:
    """An error to raise: before the call does anything, or when it has done everything."""

    error: Exception
    after: bool = False


class FakeCodeHost:
    """The port in memory; the plain methods below it are what people and CI do to it."""

    def __init__(
        self, files: Mapping[str, str | bytes], *, clock: Clock, name: str = "octo/sample"
    ) -> None:
        self.clock = clock
        self.name = name
        self.default_branch = "main"
        self.commits: dict[str, FakeCommit] = {}
        self.branches: dict[str, str] = {}
        self.pulls: dict[int, FakePull] = {}
        self.deployed: list[Deployment] = []
        self.check_results: dict[str, Conclusion] = {}
        self.required: tuple[RequiredCheck, ...] = ()
        self.required_approvals = 0
        self.app_ids: dict[str, int] = {}
        self.has_queue = False
        self.refuses_merge = ""
        self.deploy_failure = ""
        self.faults: dict[str, list[Fault]] = {}
        self.calls: list[str] = []
        self.branches["main"] = self._commit({}, files_of(files), ())

    # What the product calls.

    async def repository(self) -> HostedRepository:
        with self._call("repository"):
            head = self.branches[self.default_branch]
            return HostedRepository(self.name, self.default_branch, head, {})

    async def tree(self, sha: str) -> Tree:
        with self._call("tree"):
            return Tree(sha, dict(self._at(sha).files))

    async def open_pull_request(self, draft: PullDraft) -> PullSnapshot:
        with self._call("open_pull_request"):
            files = Tree(draft.base_sha, self._at(draft.base_sha).files).with_patch(draft.patch)
            return self._open(draft, files.files, None).snapshot

    async def pull_request(self, number: int) -> PullSnapshot | None:
        with self._call("pull_request"):
            return self._snapshot(number) if number in self.pulls else None

    async def pull_requests(self, branch: str = "") -> Sequence[PullSnapshot]:
        with self._call("pull_requests"):
            every = [self._snapshot(number) for number in sorted(self.pulls)]
            return [one for one in every if branch in ("", one.branch)]

    async def request_checks(self, number: int) -> None:
        with self._call("request_checks"):
            for name, conclusion in self.check_results.items():
                shown = self._snapshot(number)
                ended = {c.name for c in shown.checks if c.sha == shown.head_sha}
                if name not in ended:
                    self.set_check(number, name, conclusion)

    async def merge(self, number: int, sha: str) -> Merged | Queued | NotMerged:
        with self._call("merge"):
            if self.refuses_merge:
                return NotMerged(self.refuses_merge)
            if self.has_queue and self._snapshot(number).state is PullState.OPEN:
                self._pull(number).queued = True
                return Queued("it is in the merge queue")
            return self._merge(number, sha)

    async def stop_merging(self, number: int) -> None:
        with self._call("stop_merging"):
            self._pull(number).queued = False

    async def close(self, number: int, why: str) -> None:
        with self._call("close"):
            pull = self._pull(number)
            if pull.snapshot.state is PullState.OPEN:
                pull.snapshot = replace(pull.snapshot, state=PullState.CLOSED)
                pull.comments["closed"] = why

    async def comment(self, number: int, key: str, text: str) -> None:
        with self._call("comment"):
            self._pull(number).comments[key] = text

    async def open_revert(self, number: int, why: str) -> RevertOpened | RevertBlocked:
        with self._call("open_revert"):
            return self._open_revert(number, why)

    async def deploy(self) -> Deployment | None:
        with self._call("deploy"):
            sha = self.branches[self.default_branch]
            last = self.deployed[-1] if self.deployed else None
            if last is None or last.sha != sha or not last.successful:
                last = self.add_deployment(sha, self.deploy_failure)
            return last

    async def deployments(self) -> Sequence[Deployment]:
        with self._call("deployments"):
            return list(self.deployed)

    async def contains(self, sha: str, commit: str) -> bool:
        with self._call("contains"):
            return commit in self._history(sha)

    # What people, CI and bad luck do.

    def push(self, branch: str, files: Mapping[str, str | bytes | None]) -> str:
        """A person commits on a branch, making it if needed; None removes a file."""
        parent = self.branches.get(branch, self.branches[self.default_branch])
        old = self._at(parent).files
        kept = {path: file for path, file in old.items() if path not in files}
        new = files_of({path: data for path, data in files.items() if data is not None})
        self.branches[branch] = self._commit(kept, new, (parent,))
        return self.branches[branch]

    def label(self, number: int, label: str, *, on: bool = True) -> None:
        """A person puts a label on, or takes it off."""
        pull = self._pull(number)
        others = pull.snapshot.labels - {label}
        pull.snapshot = replace(pull.snapshot, labels=others | ({label} if on else set()))

    def review(self, number: int, person: str, *, approved: bool) -> None:
        """A person approves, or asks for changes."""
        self._pull(number).reviews[person] = approved

    def set_check(
        self, number: int, name: str, conclusion: Conclusion, source: str = "ci", sha: str = ""
    ) -> None:
        """CI reports how a check ended, on the head commit unless `sha` says another."""
        pull = self._pull(number)
        number_of_app = self.app_ids.get(source)
        check = Check(name, sha or self._head(pull), conclusion, source, app_id=number_of_app)
        same = (check.name, check.sha, check.source)
        others = [old for old in pull.snapshot.checks if (old.name, old.sha, old.source) != same]
        pull.snapshot = replace(pull.snapshot, checks=(*others, check))

    def leave_queue(self, number: int, *, merged: bool = True) -> None:
        """The merge queue merges it at last, or throws it out."""
        self._pull(number).queued = False
        if merged:
            self._merge(number, self._snapshot(number).head_sha)

    def draft(self, number: int, *, on: bool = True) -> None:
        """A person turns it into a draft, or back."""
        pull = self._pull(number)
        pull.snapshot = replace(pull.snapshot, draft=on)

    def add_deployment(self, sha: str, why: str = "") -> Deployment:
        """Somebody deploys a commit; it fails if there is a `why`."""
        number = str(len(self.deployed) + 1)
        self.deployed.append(Deployment(number, sha, self.clock.now(), not why, why))
        return self.deployed[-1]

    def fail_next(self, call: str, error: Exception, *, after: bool = False) -> None:
        """Let the next such call raise, before or after it has had its effect."""
        self.faults.setdefault(call, []).append(Fault(error, after))

    def text(self, branch: str, path: str) -> str | None:
        """A file's text at the head of a branch."""
        sha = self.branches[branch]
        return Tree(sha, self.commits[sha].files).text(path)

    # How it works.

    def _call(self, name: str) -> "_Call":
        self.calls.append(name)
        waiting = self.faults.get(name)
        return _Call(waiting.pop(0) if waiting else None)

    def _commit(
        self, old: Files, new: Files, parents: tuple[str, ...], *, ours: bool = False
    ) -> str:
        text = repr((sorted({**old, **new}.items()), parents, len(self.commits)))
        sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self.commits[sha] = FakeCommit(sha, {**old, **new}, parents, ours)
        return sha

    def _at(self, sha: str) -> FakeCommit:
        if sha not in self.commits:
            raise UserError(f"there is no commit {sha[:12]}", "name another")
        return self.commits[sha]

    def _pull(self, number: int) -> FakePull:
        if number not in self.pulls:
            raise UserError(f"there is no pull request #{number}")
        return self.pulls[number]

    def _history(self, sha: str) -> set[str]:
        found: set[str] = set()
        waiting = [sha] if sha in self.commits else []
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting.extend(self.commits[commit].parents)
        return found

    def _head(self, pull: FakePull) -> str:
        return self.branches.get(pull.draft.branch, pull.head_sha)

    def _open(self, draft: PullDraft, files: Files, reverts: int | None) -> FakePull:
        for pull in self.pulls.values():
            if pull.draft.branch == draft.branch:
                if self._snapshot(pull.number).state is not PullState.OPEN and draft.replaces:
                    return pull
                self._replace(pull, draft, files)
                made = self.commits[pull.head_sha]
                if made.files != files or made.parents != (draft.base_sha,):
                    raise UserError(f"the branch {draft.branch} holds another change")
                pull.snapshot = self._snapshot(pull.number)
                return pull
        if draft.branch in self.branches:
            raise UserError(f"the branch {draft.branch} is somebody else's")
        head = self._commit({}, files, (draft.base_sha,), ours=True)
        self.branches[draft.branch] = head
        number = max(self.pulls, default=0) + 1
        snapshot = PullSnapshot(
            number=number,
            branch=draft.branch,
            base=draft.base,
            head_sha=head,
            state=PullState.OPEN,
            title=draft.title,
            body=draft.body,
            labels=frozenset(draft.labels),
            created_at=self.clock.now(),
        )
        self.pulls[number] = FakePull(number, draft, head, snapshot, reverts=reverts)
        self.pulls[number].snapshot = self._snapshot(number)
        return self.pulls[number]

    def _replace(self, pull: FakePull, draft: PullDraft, files: Files) -> None:
        """Put a new commit in the place of ours, unless anybody has touched the branch."""
        head = self._head(pull)
        made = self.commits[pull.head_sha]
        same = made.files == files and made.parents == (draft.base_sha,)
        still_open = self._snapshot(pull.number).state is PullState.OPEN
        if still_open and not same and head == pull.head_sha == draft.replaces:
            pull.head_sha = self._commit({}, files, (draft.base_sha,), ours=True)
            self.branches[draft.branch] = pull.head_sha
            pull.draft = draft
            pull.snapshot = replace(pull.snapshot, title=draft.title, body=draft.body)

    def _snapshot(self, number: int) -> PullSnapshot:
        pull = self.pulls[number]
        stored = pull.snapshot
        if stored.state is not PullState.OPEN:
            return replace(stored, mergeable=None, foreign_commits=())
        if pull.draft.branch not in self.branches:
            return replace(stored, state=PullState.CLOSED, mergeable=None)
        head, main = self._head(pull), self.branches[pull.draft.base]
        foreign = self._history(head) - self._history(pull.draft.base_sha) - {pull.head_sha}
        return replace(
            stored,
            head_sha=head,
            mergeable=self._merged_files(pull.draft.base_sha, main, head) is not None,
            foreign_commits=tuple(sorted(foreign)),
            required=self.required,
            required_approvals=self.required_approvals,
            queued=pull.queued,
            approvals=sum(pull.reviews.values()),
            changes_requested=tuple(
                sorted(person for person, approved in pull.reviews.items() if not approved)
            ),
        )

    def _merge(self, number: int, sha: str) -> Merged | NotMerged:
        pull, shown = self._pull(number), self._snapshot(number)
        if shown.state is PullState.MERGED:
            return Merged(shown.merge_sha)
        if shown.state is PullState.CLOSED:
            return NotMerged("it was closed without merging")
        if shown.head_sha != sha:
            return NotMerged(f"its head is {shown.head_sha[:12]}, not {sha[:12]}")
        main = self.branches[pull.draft.base]
        files = self._merged_files(pull.draft.base_sha, main, sha)
        if files is None:
            return NotMerged(f"it conflicts with {pull.draft.base}; solve that on the branch")
        merge = self._commit({}, files, (main, sha), ours=True)
        self.branches[pull.draft.base] = merge
        pull.before = main
        pull.snapshot = replace(shown, state=PullState.MERGED, merge_sha=merge)
        return Merged(merge)

    def _open_revert(self, number: int, why: str) -> RevertOpened | RevertBlocked:
        pull = self._pull(number)
        for other in self.pulls.values():
            if other.reverts == number:
                return RevertOpened(self._snapshot(other.number))
        if pull.snapshot.state is not PullState.MERGED:
            return RevertBlocked(f"#{number} is not merged", "close it instead")
        main = self.branches[pull.draft.base]
        files = self._merged_files(pull.snapshot.merge_sha, main, pull.before)
        if files is None:
            return RevertBlocked("later commits change the same files", "revert it by hand")
        if files == self.commits[main].files:
            return RevertBlocked("it is undone already", "nothing is left to do")
        title = f'Revert "{pull.snapshot.title}"'
        draft = replace(
            pull.draft,
            branch=f"ironclaw/revert/{number}",
            base_sha=main,
            title=title,
            body=why,
            commit_message=title,
            labels=(),
        )
        try:
            return RevertOpened(self._open(draft, files, number).snapshot)
        except UserError as error:
            return RevertBlocked(str(error), "rename that branch")

    def _merged_files(self, base: str, ours: str, theirs: str) -> Files | None:
        """Take each side's changes, file by file; None when both change the same one."""
        old, one, other = (self._at(sha).files for sha in (base, ours, theirs))
        merged = {}
        for path in {*old, *one, *other}:
            sides = old.get(path), one.get(path), other.get(path)
            if sides[0] != sides[1] != sides[2] != sides[0]:
                return None
            chosen = sides[2] if sides[0] == sides[1] else sides[1]
            if chosen is not None:
                merged[path] = chosen
        return merged


class _Call:
    """Raises a fault when its time has come."""

    def __init__(self, fault: Fault | None) -> None:
        self._fault = fault

    def __enter__(self) -> None:
        if self._fault is not None and not self._fault.after:
            raise self._fault.error

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._fault is not None and self._fault.after and kind is None:
            raise self._fault.error


def files_of(files: Mapping[str, str | bytes]) -> dict[str, TreeFile]:
    """Regular files by path."""
    return {
        path: TreeFile(path, FileKind.REGULAR, data.encode() if isinstance(data, str) else data)
        for path, data in files.items()
    }
