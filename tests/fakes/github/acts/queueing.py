"""The merge queue: one group at a time, each a merge on the base that must pass the same checks."""

from typing import Any

from tests.fakes.github.acts import branches, events, mergeability, merging
from tests.fakes.github.answers import HttpError
from tests.fakes.github.git.repository import HEADS
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes.checks import simple_commit
from tests.fakes.github.state import Issue, Person, QueueEntry, Repository


def enter(hub: Hub, repo: Repository, issue: Issue, who: Person, sha: str = "") -> QueueEntry:
    """Put a pull request at the end of its base's queue."""
    pull = issue.pull
    assert pull
    if not mergeability.rules(repo, pull.base_ref).merge_queue:
        raise HttpError(422, "Merge queue is not enabled on this branch")
    if issue.state != "open" or pull.draft:
        raise HttpError(422, "Pull request is not in an open, ready state")
    if sha and sha != pull.head_sha:
        raise HttpError(422, "Head sha didn't match expected OID")
    if pull.queue_entry:
        raise HttpError(422, "Pull request is already in the queue")
    if not mergeability.compute(repo, pull) or mergeability.obstacles(repo, issue):
        raise HttpError(422, "Pull request is not mergeable")
    with hub.effect("enqueue", repo, who, number=issue.number):
        entry = pull.queue_entry = QueueEntry(hub.next_id(), who, hub.now())
        repo.queue.append(issue)
        events.pull(hub, repo, issue, "enqueued", who)
        settle(hub, repo)
    return entry


def leave(hub: Hub, repo: Repository, issue: Issue, who: Person, why: str) -> None:
    """Take a pull request out of the queue."""
    pull = issue.pull
    assert pull
    entry, pull.queue_entry = pull.queue_entry, None
    if issue in repo.queue:
        repo.queue.remove(issue)
    if entry and entry.branch and repo.git.head(entry.branch):
        reason = "merged" if pull.merged_at else "dequeued"
        _tell(hub, repo, entry, who, "destroyed", reason)
        branches.move(hub, repo, entry.branch, repo.git.head(entry.branch), None, who)
    reason = "MERGE" if pull.merged_at else "MANUAL"
    events.pull(hub, repo, issue, "dequeued", who, reason=reason)


def settle(hub: Hub, repo: Repository) -> None:
    """Let the first in the queue go on: be built, be merged, or be thrown out."""
    while repo.queue:
        issue = repo.queue[0]
        entry = issue.pull.queue_entry if issue.pull else None
        if entry is None:
            repo.queue.pop(0)
        elif issue.state != "open":
            leave(hub, repo, issue, entry.by, "it was closed")
            continue
        elif not entry.branch:
            if not _build(hub, repo, issue, entry):
                leave(hub, repo, issue, entry.by, "it conflicts")
                continue
            if not _settled(hub, repo, issue, entry):
                return
        elif not _settled(hub, repo, issue, entry):
            return


def _build(hub: Hub, repo: Repository, issue: Issue, entry: QueueEntry) -> bool:
    pull = issue.pull
    assert pull
    base = repo.git.head(pull.base_ref)
    assert base
    try:
        made = merging.commit_merge(hub, repo, issue, entry.by, base, "merge")
    except HttpError:
        return False
    entry.sha, entry.base = made.sha, base
    entry.branch = f"gh-readonly-queue/{pull.base_ref}/pr-{issue.number}-{base}"
    _tell(hub, repo, entry, entry.by, "checks_requested")
    branches.move(
        hub, repo, entry.branch, None, made.sha, hub.people.get("github-merge-queue[bot]")
    )
    return True


def _settled(hub: Hub, repo: Repository, issue: Issue, entry: QueueEntry) -> bool:
    """Whether the first entry is done with, one way or the other."""
    pull = issue.pull
    assert pull
    if pull.queue_entry is not entry:
        return True
    asked = mergeability.rules(repo, pull.base_ref).checks
    results = [mergeability.required_result(repo, entry.sha, *one) for one in asked]
    if any(result in {None, "pending"} for result in results):
        return False
    if any(result not in mergeability.PASSED for result in results):
        leave(hub, repo, issue, entry.by, "a required check failed")
    elif repo.git.head(pull.base_ref) != entry.base:
        branch, entry.branch = entry.branch, ""
        branches.move(hub, repo, branch, entry.sha, None, entry.by)
    else:
        repo.queue.remove(issue)
        merging.finish(hub, repo, issue, entry.by, new=entry.sha)
        leave(hub, repo, issue, entry.by, "merged")
    return True


def _tell(
    hub: Hub, repo: Repository, entry: QueueEntry, who: Person, action: str, reason: str = ""
) -> None:
    commit = repo.git.commit(entry.sha)
    assert commit
    base = entry.branch.removeprefix("gh-readonly-queue/").rpartition("/pr-")[0]
    group = {
        "head_sha": entry.sha,
        "head_ref": HEADS + entry.branch,
        "base_sha": entry.base,
        "base_ref": HEADS + base,
        "head_commit": simple_commit(commit),
    }
    more: dict[str, Any] = {"reason": reason} if reason else {}
    hub.emit("merge_group", repo, who, action=action, merge_group=group, **more)
