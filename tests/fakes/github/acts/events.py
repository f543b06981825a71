"""Events about pull requests, issues and comments."""

from typing import Any

from tests.fakes.github.acts import mergeability
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes import issues, pulls
from tests.fakes.github.state import Comment, Issue, Person, Repository, Review


def pull(hub: Hub, repo: Repository, issue: Issue, action: str, who: Person, **more: Any) -> None:
    """A pull request has changed."""
    assert issue.pull
    known = mergeability.known(repo, issue.pull)
    shown = pulls.with_merge_state(
        hub.web, repo, issue, mergeable=known, state=mergeability.state(repo, issue)
    )
    hub.emit(
        "pull_request",
        repo,
        who,
        action=action,
        number=issue.number,
        pull_request=shown,
        **more,
    )


def issue(hub: Hub, repo: Repository, one: Issue, action: str, who: Person, **more: Any) -> None:
    """An issue or pull request has changed in what both have."""
    if one.pull:
        pull(hub, repo, one, action, who, **more)
    else:
        shown = issues.issue(hub.web, repo, one)
        hub.emit("issues", repo, who, action=action, issue=shown, **more)


def comment(
    hub: Hub,
    repo: Repository,
    of: Issue,
    one: Comment,
    action: str,
    who: Person,
    **more: Any,
) -> None:
    hub.emit(
        "issue_comment",
        repo,
        who,
        action=action,
        issue=issues.issue(hub.web, repo, of),
        comment=issues.comment(hub.web, repo, of, one),
        **more,
    )


def review(hub: Hub, repo: Repository, of: Issue, one: Review, action: str) -> None:
    shown = {**pulls.review(hub.web, repo, of, one), "state": one.state.lower()}
    hub.emit(
        "pull_request_review",
        repo,
        one.author,
        action=action,
        review=shown,
        pull_request=pulls.simple(hub.web, repo, of),
    )
