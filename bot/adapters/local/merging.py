"""Merges exactly the commit that was asked for, or says why not and what a person can do."""

from dataclasses import replace

from bot.adapters.local.branches import HEADS
from bot.adapters.local.git import GitError, printable
from bot.adapters.local.objects import Conflict, quarantine
from bot.adapters.local.pulls import Pulls, View
from bot.adapters.local.records import PullRecord
from bot.adapters.local.transaction import Change, MovedError, recover
from bot.domain.pulls import Merged, NotMerged, PullSnapshot, PullState

_ATTEMPTS = 5


def merge(pulls: Pulls, number: int, sha: str) -> Merged | NotMerged:
    """Merge `sha` if it is the head of an open pull request; merged already is merged."""
    with pulls.workshop.locked() as lock:
        recover(pulls.workshop)
        for _ in range(_ATTEMPTS):
            try:
                return _merge_once(pulls, lock, number, sha)
            except MovedError:
                continue  # somebody has committed meanwhile: merge with that instead
    return NotMerged("the branches keep moving; try again when it is calm")


def _merge_once(pulls: Pulls, lock: int, number: int, sha: str) -> Merged | NotMerged:
    view = pulls.look()
    record = view.record(number)
    pull = pulls.snapshot(view, record)
    if pull.state is PullState.MERGED:
        return Merged(pull.merge_sha)
    obstacle = _obstacle(pulls, view, pull, sha)
    if obstacle:
        return NotMerged(obstacle)
    try:
        return _write_merge(pulls, lock, view, record, sha)
    except GitError as error:
        return NotMerged(f"git cannot merge it ({error}); see what `git fsck` says")


def _obstacle(pulls: Pulls, view: View, pull: PullSnapshot, sha: str) -> str:
    if pull.state is PullState.CLOSED:
        return "it was closed without merging"
    if pull.head_sha != sha:
        return f"its head is {pull.head_sha[:12]}, not {sha[:12]}; check the new head first"
    ref = view.resolved(pull.base)
    if not view.sha(ref):
        return f"there is no branch {pull.base}; make it with `git branch {pull.base}`"
    folder = pulls.workshop.in_use(ref)
    if folder:
        # Moving it would make every file that changed look edited there.
        return (
            f"{ref.removeprefix(HEADS)} is checked out in {folder}; "
            f"run `git merge --no-ff {pull.branch}` there, or switch it to another branch"
        )
    return ""


def _write_merge(
    pulls: Pulls, lock: int, view: View, record: PullRecord, sha: str
) -> Merged | NotMerged:
    ref = view.resolved(record.base)
    with quarantine(pulls.workshop) as made:
        result = made.merged(view.sha(ref), sha)
        if isinstance(result, Conflict):
            return NotMerged(conflict_text(result, record))
        message = f"Merge pull request #{record.number} from {record.branch}\n\n{record.title}\n"
        commit = made.commit(result.tree, [view.sha(ref), sha], message, pulls.date())
        merged = replace(record, state=PullState.MERGED, merge_sha=commit.sha)
        moves = Change(ref, view.sha(ref), commit.sha), Change(HEADS + record.branch, sha)
        pulls.save(lock, view, made, merged, *moves)
    return Merged(commit.sha)


def conflict_text(conflict: Conflict, record: PullRecord) -> str:
    """Which files are in the way, and how a person gets past them."""
    return (
        f"it conflicts with {record.base} in {named(conflict.files)}; "
        f"run `git switch {record.branch} && git merge {record.base}`, solve it and commit"
    )


def named(files: tuple[str, ...]) -> str:
    """The first few files for a person to read."""
    shown = ", ".join(printable(file, 100) for file in files[:5])
    return shown if len(files) <= 5 else f"{shown} and {len(files) - 5} more"
