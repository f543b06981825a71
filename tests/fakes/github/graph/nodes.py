"""Things by their GraphQL id."""

from tests.fakes.github.authentication import can_see
from tests.fakes.github.git.repository import HEADS
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request
from tests.fakes.github.shapes.basic import parse_node_id
from tests.fakes.github.state import Comment, Issue, Repository

Found = tuple[Repository, Repository | Issue | Comment | str]


def find_node(hub: Hub, request: Request, id: str) -> Found | None:
    """The thing of an id and its repository, if the caller sees it; a branch is its name."""
    kind, text = parse_node_id(id)
    for repo in hub.repositories.values():
        if can_see(request.actor, repo):
            found = _in(repo, kind, text)
            if found is not None:
                return repo, found
    return None


def _in(repo: Repository, kind: str, text: str) -> Repository | Issue | Comment | str | None:
    if kind == "Repository":
        return repo if text == str(repo.id) else None
    if kind == "Ref":
        prefix = f"{repo.id}:{HEADS}"
        return text.removeprefix(prefix) if text.startswith(prefix) else None
    for issue in repo.issues.values():
        if kind == "IssueComment":
            for one in issue.comments:
                if text == str(one.id):
                    return one
        elif kind == "PullRequest":
            if issue.pull and text == str(issue.pull.id):
                return issue
        elif kind == "Issue" and text == str(issue.id) and issue.pull is None:
            return issue
    return None
