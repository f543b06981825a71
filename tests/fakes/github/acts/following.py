"""What follows from a changed branch: pull requests move or end, workflows start."""

from tests.fakes.github.acts import branches, checks, events, merging, queueing
from tests.fakes.github.hub import Hub
from tests.fakes.github.state import Issue, Job, Person, Repository


def branch_changed(
    hub: Hub, repo: Repository, branch: str, old: str | None, new: str | None, who: Person
) -> None:
    for issue in repo.pulls():
        pull = issue.pull
        if pull and pull.head_ref == branch and issue.state == "open" and pull.fork is None:
            if new is None:
                pull.head_deleted = True
                merging.close(hub, repo, issue, who)
            else:
                _synchronize(hub, repo, issue, new, who)
    if new is not None:
        _merged_by_hand(hub, repo, branch, new, who)
        checks.commit_arrived(hub, repo, branch, new)
        queue = branch.startswith("gh-readonly-queue/")
        event, before = "merge_group" if queue else "push", old or branches.NOTHING
        hub.start(Job(repo, event, branch, new, who, payload={"before": before, "after": new}))
    hub.settle(repo)


def _synchronize(hub: Hub, repo: Repository, issue: Issue, new: str, who: Person) -> None:
    pull = issue.pull
    assert pull
    before, pull.head_sha = pull.head_sha, new
    pull.base_sha = repo.git.head(pull.base_ref) or pull.base_sha
    issue.updated_at = hub.now()
    if who.kind != "Bot" and repo.permissions.get(who.login, "read") in {"none", "read"}:
        pull.auto_merge = None
    if pull.queue_entry:
        queueing.leave(hub, repo, issue, who, "the head has moved")
    events.pull(hub, repo, issue, "synchronize", who, before=before, after=new)
    hub.pull_opened(repo, issue)


def _merged_by_hand(hub: Hub, repo: Repository, branch: str, new: str, who: Person) -> None:
    """A pull request whose head the base has got is merged, whoever pushed it."""
    for issue in repo.pulls():
        pull = issue.pull
        if pull and pull.base_ref == branch and issue.state == "open":
            pull.known.clear()
            if pull.head_sha != pull.base_sha and repo.git.contains(new, pull.head_sha):
                merging.mark_merged(hub, repo, issue, who, new)
