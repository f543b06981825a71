"""Merging by itself: once everything has passed, at once or through the queue."""

from tests.fakes.github.acts import events, mergeability, merging, queueing
from tests.fakes.github.answers import HttpError
from tests.fakes.github.hub import Hub
from tests.fakes.github.state import AutoMerge, Issue, Person, Repository


def enable_auto_merge(
    hub: Hub,
    repo: Repository,
    issue: Issue,
    who: Person,
    *,
    method: str,
    sha: str = "",
    title: str = "",
    message: str = "",
) -> None:
    """Merge once everything has passed; refused when there is nothing to wait for."""
    pull = issue.pull
    assert pull
    if not repo.allow_auto_merge:
        raise HttpError(422, "Pull request Auto merge is not allowed for this repository")
    if issue.state != "open":
        raise HttpError(422, "Pull request is closed")
    if sha and sha != pull.head_sha:
        raise HttpError(422, "Head sha didn't match expected OID")
    if pull.base_ref not in repo.rules:
        raise HttpError(422, "Protected branch rules not configured for this branch")
    mergeability.compute(repo, pull)
    state = mergeability.state(repo, issue)
    if state in {"clean", "unstable"}:
        raise HttpError(422, f"Pull request is in {state} status")
    with hub.effect("auto-merge", repo, who, number=issue.number):
        pull.auto_merge = AutoMerge(who, method, title, message, hub.now())
        events.pull(hub, repo, issue, "auto_merge_enabled", who)


def disable_auto_merge(hub: Hub, repo: Repository, issue: Issue, who: Person) -> None:
    pull = issue.pull
    assert pull
    if pull.auto_merge is None:
        raise HttpError(422, "Can't disable auto-merge for this pull request")
    with hub.effect("auto-merge off", repo, who, number=issue.number):
        pull.auto_merge = None
        events.pull(hub, repo, issue, "auto_merge_disabled", who, reason="manual")


def settle(hub: Hub, repo: Repository) -> None:
    """Merge what only waited for what has happened now."""
    for issue in repo.pulls():
        pull = issue.pull
        if pull and pull.auto_merge and issue.state == "open" and _ready(repo, issue):
            wish = pull.auto_merge
            if mergeability.rules(repo, pull.base_ref).merge_queue:
                pull.auto_merge = None
                queueing.enter(hub, repo, issue, wish.by)
            else:
                merging.finish(
                    hub,
                    repo,
                    issue,
                    wish.by,
                    method=wish.method,
                    title=wish.title,
                    message=wish.message,
                )
    queueing.settle(hub, repo)


def _ready(repo: Repository, issue: Issue) -> bool:
    pull = issue.pull
    assert pull
    able = not pull.draft and mergeability.compute(repo, pull)
    return able and not mergeability.obstacles(repo, issue) and not mergeability.behind(repo, pull)
