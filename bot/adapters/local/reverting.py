"""Undoes a merge by a pull request of its own, or says why that needs a person."""

from dataclasses import dataclass

from bot.adapters.local.git import GitError
from bot.adapters.local.history import Commit, contains, read_commit
from bot.adapters.local.merging import named
from bot.adapters.local.objects import Conflict, Quarantine, quarantine
from bot.adapters.local.pulls import Pulls, View
from bot.adapters.local.records import PullRecord, clean
from bot.adapters.local.transaction import IDENTITY, recover
from bot.domain.pulls import PullSnapshot, PullState, RevertBlocked, RevertOpened
from bot.ports import UserError


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to undo (`merged` back to `before`), and the commit to undo it on."""

    pull: PullSnapshot
    branch: str
    merged: Commit
    before: Commit
    onto: Commit


def open_revert(pulls: Pulls, number: int, why: str) -> RevertOpened | RevertBlocked:
    """The one pull request that undoes the merge of `number`."""
    with pulls.workshop.locked() as lock:
        recover(pulls.workshop)
        view = pulls.look()
        for record in view.records.values():
            if record.reverts == number:
                return RevertOpened(pulls.snapshot(view, record))
        try:
            plan = _plan(pulls, view, pulls.snapshot(view, view.record(number)))
            if isinstance(plan, RevertBlocked):
                return plan
            with quarantine(pulls.workshop) as made:
                return _write_revert(pulls, lock, view, made, plan, why)
        except GitError as error:
            return RevertBlocked(f"git cannot undo it ({error})", "see what `git fsck` says")


def _plan(pulls: Pulls, view: View, pull: PullSnapshot) -> _Plan | RevertBlocked:
    if pull.state is not PullState.MERGED:
        return RevertBlocked(f"#{pull.number} is not merged", "close it instead")
    main = view.sha(view.resolved(pull.base))
    if not contains(pulls.workshop, main, pull.merge_sha):
        return RevertBlocked(
            f"{pull.base} does not contain the merge {pull.merge_sha[:12]} any more",
            "nothing is to be undone there; see `git reflog` if that is a surprise",
        )
    branch = f"ironclaw/revert/{pull.number}"
    merged = read_commit(pulls.workshop, pull.merge_sha)
    was_moved_on = merged.sha == pull.head_sha or not merged.parents
    before = view.record(pull.number).base_sha if was_moved_on else merged.parents[0]
    onto = _cut_short(pulls, main, view.tip(branch)) or main
    read = (read_commit(pulls.workshop, sha) for sha in (before, onto))
    return _Plan(pull, branch, merged, *read)


def _cut_short(pulls: Pulls, main: str, tip: str) -> str:
    """What a former attempt, ended between its branch and its record, was built on."""
    if not tip:
        return ""
    commit = read_commit(pulls.workshop, tip)
    ours = commit.committer == IDENTITY and len(commit.parents) == 1
    return commit.parents[0] if ours and contains(pulls.workshop, main, commit.parents[0]) else ""


def _write_revert(
    pulls: Pulls, lock: int, view: View, made: Quarantine, plan: _Plan, why: str
) -> RevertOpened | RevertBlocked:
    result = made.merged_on(plan.merged.tree, plan.onto.tree, plan.before.tree)
    if isinstance(result, Conflict):
        return _conflicting(plan, result)
    if result.tree == plan.onto.tree:
        return RevertBlocked(
            f"#{plan.pull.number} is undone on {plan.pull.base} already",
            "nothing is left to do; mark it as reverted",
        )
    title = f'Revert "{plan.pull.title}"'
    message = f"{title}\n\nThis reverts commit {plan.merged.sha}.\n"
    head = made.commit(result.tree, [plan.onto.sha], message, plan.onto.date)
    record = PullRecord(
        number=view.next_number(),
        branch=plan.branch,
        base=plan.pull.base,
        base_sha=plan.onto.sha,
        head_sha=head.sha,
        title=title,
        body=clean(why),
        reverts=plan.pull.number,
        created_at=pulls.clock.now(),
    )
    try:
        return RevertOpened(pulls.open_on(lock, view, made, record, head))
    except UserError as error:
        return RevertBlocked(str(error), error.remedy)


def _conflicting(plan: _Plan, conflict: Conflict) -> RevertBlocked:
    parent = "-m 1 " if len(plan.merged.parents) > 1 else ""
    return RevertBlocked(
        f"later commits change the same lines of {named(conflict.files)}",
        f"run `git switch -c {plan.branch} {plan.pull.base}` and "
        f"`git revert {parent}{plan.merged.sha}`, solve the conflict, commit it and merge it",
    )
