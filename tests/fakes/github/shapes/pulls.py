"""Pull requests and reviews."""

from tests.fakes.github.shapes import issues
from tests.fakes.github.shapes.basic import Json, node_id, person, shown_person, when
from tests.fakes.github.shapes.repositories import address, full
from tests.fakes.github.state import Issue, Pull, Repository, Review

FORK = 1_000_000
"""What the number of a fork is beside that of its repository."""


def _end(web: str, repo: Repository, ref: str, sha: str) -> Json:
    return {
        "label": f"{repo.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": shown_person(web, repo.owner),
        "repo": full(web, repo),
    }


def _head(web: str, repo: Repository, pull: Pull) -> Json:
    shown = _end(web, repo, pull.head_ref, pull.head_sha)
    if pull.fork is None:
        return shown
    name = f"{pull.fork.login}/{repo.name}"
    other = {"id": repo.id + FORK, "full_name": name, "fork": True}
    return {
        **shown,
        "label": f"{pull.fork.login}:{pull.head_ref}",
        "user": shown_person(web, pull.fork),
        "repo": {**shown["repo"], **other, "owner": shown_person(web, pull.fork)},
    }


def auto_merge(web: str, pull: Pull) -> Json | None:
    if pull.auto_merge is None:
        return None
    return {
        "enabled_by": shown_person(web, pull.auto_merge.by),
        "merge_method": pull.auto_merge.method,
        "commit_title": pull.auto_merge.title,
        "commit_message": pull.auto_merge.message,
    }


def simple(web: str, repo: Repository, issue: Issue) -> Json:
    """A pull request as lists show it."""
    pull = issue.pull
    assert pull
    url = f"{address(web, repo)}/pulls/{issue.number}"
    issue_url = f"{address(web, repo)}/issues/{issue.number}"
    page = issues.page(web, repo, issue)
    urls = {
        "html": page,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "commits": f"{url}/commits",
        "review_comments": f"{url}/comments",
        "review_comment": f"{address(web, repo)}/pulls/comments{{/number}}",
        "statuses": f"{address(web, repo)}/statuses/{pull.head_sha}",
    }
    return {
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "url": url,
        **{f"{name}_url": address for name, address in urls.items()},
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "_links": {name: {"href": link} for name, link in {**urls, "self": url}.items()},
        "number": issue.number,
        "state": issue.state,
        "locked": False,
        "active_lock_reason": None,
        "title": issue.title,
        "user": person(web, issue.author),
        "body": issue.body,
        "labels": [
            {**label, "description": label["description"]}
            for label in issues.labels(web, repo, issue)
        ],
        "milestone": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": pull.draft,
        "head": _head(web, repo, pull),
        "base": _end(web, repo, pull.base_ref, pull.base_sha),
        "author_association": issues.association(repo, issue.author),
        "auto_merge": auto_merge(web, pull),
        "created_at": when(issue.created_at),
        "updated_at": when(issue.updated_at),
        "closed_at": when(issue.closed_at),
        "merged_at": when(pull.merged_at),
        "merge_commit_sha": pull.merge_sha,
    }


def with_merge_state(
    web: str, repo: Repository, issue: Issue, *, mergeable: bool | None, state: str
) -> Json:
    """A pull request as it is shown alone."""
    pull = issue.pull
    assert pull
    start = repo.git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
    files = repo.git.diff(start, pull.head_sha)
    return {
        **simple(web, repo, issue),
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": person(web, pull.merged_by),
        "comments": len(issue.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(repo.git.between(pull.base_sha, pull.head_sha)),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def minimal(web: str, repo: Repository, issue: Issue) -> Json:
    """A pull request as checks name it."""
    pull = issue.pull
    assert pull
    where = {"id": repo.id, "url": address(web, repo), "name": repo.name}
    return {
        "id": pull.id,
        "number": issue.number,
        "url": f"{address(web, repo)}/pulls/{issue.number}",
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": where},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": where},
    }


def review(web: str, repo: Repository, issue: Issue, one: Review) -> Json:
    page = f"{issues.page(web, repo, issue)}#pullrequestreview-{one.id}"
    url = f"{address(web, repo)}/pulls/{issue.number}"
    return {
        "id": one.id,
        "node_id": node_id("PullRequestReview", one.id),
        "user": person(web, one.author),
        "body": one.body,
        "state": one.state,
        "html_url": page,
        "pull_request_url": url,
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "submitted_at": when(one.at),
        "commit_id": one.commit,
        "author_association": issues.association(repo, one.author),
    }
