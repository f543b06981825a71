"""Issues, comments, labels and reactions."""

from collections import Counter

from tests.fakes.github.shapes.basic import Json, app, node_id, person, when
from tests.fakes.github.shapes.repositories import address
from tests.fakes.github.state import Comment, Issue, Label, Person, Reaction, Repository

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def association(repo: Repository, who: Person) -> str:
    """How somebody is tied to a repository."""
    if who.login == repo.owner.login:
        return "OWNER"
    level = repo.permissions.get(who.login, "none")
    return "COLLABORATOR" if level not in {"none", "read"} else "NONE"


def label(web: str, repo: Repository, one: Label) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("Label", one.id),
        "url": f"{address(web, repo)}/labels/{one.name}",
        "name": one.name,
        "description": one.description,
        "color": one.color,
        "default": False,
    }


def labels(web: str, repo: Repository, issue: Issue) -> list[Json]:
    return [label(web, repo, repo.labels[name.lower()]) for name in issue.labels]


def reactions(url: str, given: list[Reaction]) -> Json:
    """How many of each there are."""
    counts = Counter(reaction.content for reaction in given)
    return {"url": url, "total_count": len(given), **{name: counts[name] for name in REACTIONS}}


def reaction(web: str, one: Reaction) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("Reaction", one.id),
        "user": person(web, one.by),
        "content": one.content,
        "created_at": when(one.at),
    }


def page(web: str, repo: Repository, issue: Issue) -> str:
    """The page of an issue or pull request."""
    return f"{web}/{repo.full_name}/{'pull' if issue.pull else 'issues'}/{issue.number}"


def comment(web: str, repo: Repository, issue: Issue, one: Comment) -> Json:
    url = f"{address(web, repo)}/issues/comments/{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("IssueComment", one.id),
        "url": url,
        "html_url": f"{page(web, repo, issue)}#issuecomment-{one.id}",
        "issue_url": f"{address(web, repo)}/issues/{issue.number}",
        "user": person(web, one.author),
        "created_at": when(one.created_at),
        "updated_at": when(one.updated_at),
        "author_association": association(repo, one.author),
        "body": one.body,
        "reactions": reactions(f"{url}/reactions", one.reactions),
        "performed_via_github_app": app(web, one.app) if one.app else None,
    }


def issue(web: str, repo: Repository, one: Issue) -> Json:
    """An issue, or a pull request as the issues API shows it."""
    url = f"{address(web, repo)}/issues/{one.number}"
    kind = "PullRequest" if one.pull else "Issue"
    made: Json = {
        "id": one.id,
        "node_id": node_id(kind, one.pull.id if one.pull else one.id),
        "url": url,
        "repository_url": address(web, repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": page(web, repo, one),
        "number": one.number,
        "title": one.title,
        "user": person(web, one.author),
        "labels": labels(web, repo, one),
        "state": one.state,
        "state_reason": one.state_reason,
        "locked": False,
        "active_lock_reason": None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(one.comments),
        "created_at": when(one.created_at),
        "updated_at": when(one.updated_at),
        "closed_at": when(one.closed_at),
        "closed_by": person(web, one.closed_by),
        "author_association": association(repo, one.author),
        "body": one.body,
        "reactions": reactions(f"{url}/reactions", one.reactions),
        "performed_via_github_app": app(web, one.app) if one.app else None,
    }
    if one.pull:
        made["draft"] = one.pull.draft
        made["pull_request"] = {
            "url": f"{address(web, repo)}/pulls/{one.number}",
            "html_url": made["html_url"],
            "diff_url": f"{made['html_url']}.diff",
            "patch_url": f"{made['html_url']}.patch",
            "merged_at": when(one.pull.merged_at),
        }
    return made
