"""Pull requests as branches and records: opening them, reading them, noting things on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.adapters.local.branches import HEADS
from bot.adapters.local.git import GitError, printable
from bot.adapters.local.history import Commit, foreign_commits, merged_as, read_commit
from bot.adapters.local.objects import Conflict, MergedTree, Quarantine, quarantine
from bot.adapters.local.records import (
    PULLS,
    PullRecord,
    Review,
    clean,
    pull_from_bytes,
    pull_to_bytes,
)
from bot.adapters.local.transaction import IDENTITY, Change, change_refs, recover
from bot.adapters.local.trees import read_blobs
from bot.adapters.local.workshop import Ref, Workshop
from bot.domain.pulls import PullDraft, PullSnapshot, PullState
from bot.ports import Clock, UserError


@dataclass(frozen=True, slots=True)
class View:
    """The references and records of one moment."""

    refs: Mapping[str, Ref]
    records: Mapping[int, PullRecord]

    def record(self, number: int) -> PullRecord:
        """One record; UserError if there is none of that number."""
        record = self.records.get(number)
        if record is None:
            raise UserError(
                f"there is no pull request #{number}", "see `git for-each-ref refs/ironclaw`"
            )
        return record

    def on_branch(self, branch: str) -> PullRecord | None:
        """The pull request of that branch."""
        found = (record for record in self.records.values() if record.branch == branch)
        return next(found, None)

    def next_number(self) -> int:
        """A number that was never used."""
        return max(self.records, default=0) + 1

    def sha(self, ref: str) -> str:
        """What a reference holds, or nothing."""
        found = self.refs.get(ref)
        return found.sha if found else ""

    def tip(self, branch: str) -> str:
        """The branch's head commit, or nothing."""
        return self.sha(HEADS + branch)

    def resolved(self, branch: str) -> str:
        """The reference that moves when the branch does: another one if it is symbolic."""
        ref = HEADS + branch
        while (found := self.refs.get(ref)) and found.target:
            ref = found.target
        return ref


class Pulls:
    """The pull requests of one repository."""

    def __init__(self, workshop: Workshop, clock: Clock) -> None:
        self.workshop = workshop
        self.clock = clock
        self._mergeable: dict[tuple[str, str], bool | None] = {}

    def look(self) -> View:
        """Read everything anew."""
        refs = self.workshop.refs()
        found = {ref: held.sha for ref, held in refs.items() if ref.startswith(PULLS)}
        data = read_blobs(self.workshop, sorted(set(found.values())))
        records = [pull_from_bytes(data[sha], ref) for ref, sha in found.items()]
        records.sort(key=lambda record: record.number)
        return View(refs, {record.number: record for record in records})

    def open(self, draft: PullDraft) -> PullSnapshot:
        """The pull request for this draft; a branch that holds anything else is left alone."""
        with self.workshop.locked() as lock:
            recover(self.workshop)
            view = self.look()
            base = read_commit(self.workshop, draft.base_sha)
            with quarantine(self.workshop) as made:
                tree = made.patched(base.tree, draft.patch)
                head = made.commit(tree, [base.sha], draft.commit_message, base.date)
                record = PullRecord(
                    number=view.next_number(),
                    branch=draft.branch,
                    base=draft.base,
                    base_sha=base.sha,
                    head_sha=head.sha,
                    title=clean(draft.title),
                    body=clean(draft.body),
                    labels=tuple(sorted({clean(label) for label in draft.labels})),
                    created_at=self.clock.now(),
                )
                return self.open_on(lock, view, made, record, head)

    def open_on(
        self, lock: int, view: View, made: Quarantine, record: PullRecord, head: Commit
    ) -> PullSnapshot:
        """Store a new record together with its branch, or give the one that is there for it."""
        known, tip = view.on_branch(record.branch), view.tip(record.branch)
        if known is not None:
            if not self._is_same(known.head_sha, head):
                raise _taken(record.branch, f"pull request #{known.number} with another change")
            return self.snapshot(view, known)
        if tip and not self._is_same(tip, head):
            raise _taken(record.branch, "commits that Ironclaw did not make")
        if tip:  # made by a former attempt that was cut short
            record = replace(record, head_sha=tip)
        else:
            self._check_name(view, record.branch)
        self.save(lock, view, made, record, Change(HEADS + record.branch, tip, record.head_sha))
        return self.snapshot(self.look(), record)

    def save(
        self, lock: int, view: View, made: Quarantine, record: PullRecord, *changes: Change
    ) -> None:
        """Store a record, hand over what was made, and change references, all together."""
        blob = made.blob(pull_to_bytes(record))
        made.release()
        change = Change(record.ref, view.sha(record.ref), blob)
        change_refs(self.workshop, lock, [*changes, change])

    def date(self) -> str:
        """The time now as git writes it."""
        return f"@{int(self.clock.now().timestamp())} +0000"

    def change(self, number: int, edit: Callable[[View, PullRecord], PullRecord]) -> None:
        """Store what `edit` makes of a record, if that is something new."""
        with self.workshop.locked() as lock:
            recover(self.workshop)
            view = self.look()
            old = view.record(number)
            new = edit(view, old)
            if new != old:
                with quarantine(self.workshop) as made:
                    self.save(lock, view, made, new)

    def snapshot(self, view: View, record: PullRecord) -> PullSnapshot:
        """The pull request as it stands, whoever brought it there."""
        tip = view.tip(record.branch)
        state, merge_sha = self._state(view, record)
        is_open = state is PullState.OPEN
        return PullSnapshot(
            number=record.number,
            branch=record.branch,
            base=record.base,
            head_sha=tip or record.head_sha,
            state=state,
            title=record.title,
            body=record.body,
            merge_sha=merge_sha,
            labels=frozenset(record.labels),
            checks=record.checks,
            mergeable=self._can_merge(view, record) if is_open else None,
            foreign_commits=(
                foreign_commits(self.workshop, record.base_sha, record.head_sha, tip)
                if is_open
                else ()
            ),
            approvals=sum(review is Review.APPROVED for review in record.reviews.values()),
            changes_requested=tuple(
                sorted(
                    person
                    for person, review in record.reviews.items()
                    if review is Review.CHANGES_REQUESTED
                )
            ),
            created_at=record.created_at,
        )

    def _state(self, view: View, record: PullRecord) -> tuple[PullState, str]:
        """A person may have merged with git, or deleted the branch: that counts as well."""
        if record.state is not PullState.OPEN:
            return record.state, record.merge_sha
        main = view.sha(view.resolved(record.base))
        merged = main and merged_as(self.workshop, record.base_sha, record.head_sha, main)
        if merged:
            return PullState.MERGED, merged
        return (PullState.OPEN if view.tip(record.branch) else PullState.CLOSED), ""

    def _can_merge(self, view: View, record: PullRecord) -> bool | None:
        sides = view.sha(view.resolved(record.base)), view.tip(record.branch)
        if not sides[0]:
            return None
        if sides not in self._mergeable:
            self._mergeable[sides] = self._tried(*sides)
        return self._mergeable[sides]

    def _tried(self, ours: str, theirs: str) -> bool | None:
        with quarantine(self.workshop) as made:
            try:
                result: MergedTree | Conflict = made.merged(ours, theirs)
            except GitError:
                return None
        return isinstance(result, MergedTree)

    def _is_same(self, sha: str, head: Commit) -> bool:
        """Whether a commit of ours makes the same of the same, whatever its message says."""
        return sha == head.sha or _essence(read_commit(self.workshop, sha)) == _essence(head)

    def _check_name(self, view: View, branch: str) -> None:
        if self.workshop.run("check-ref-format", HEADS + branch, ok=(0, 1)).code:
            raise UserError(f"{printable(branch)!r} is no name for a branch")
        _refuse_nested(view, branch)


def _essence(commit: Commit) -> tuple[str, tuple[str, ...], bool]:
    return commit.tree, commit.parents, commit.committer == IDENTITY


def _taken(branch: str, what: str) -> UserError:
    return UserError(
        f"the branch {branch} is already there and holds {what}",
        f"look at it, then rename it (`git branch -m {branch} <name>`) or delete it",
    )


def _refuse_nested(view: View, branch: str) -> None:
    """Git keeps branches as files in folders: `a` and `a/b` cannot both be there."""
    for ref in view.refs:
        name = ref.removeprefix(HEADS)
        if ref.startswith(HEADS) and (
            name.startswith(f"{branch}/") or branch.startswith(f"{name}/")
        ):
            raise UserError(
                f"the branch {branch} cannot be made while there is a branch {name}",
                f"rename it: `git branch -m {name} <name>`",
            )
