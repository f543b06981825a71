"""The mutations, each through the same acts as the REST API and people."""

import base64
from collections.abc import Callable
from typing import Any

from tests.fakes.github.acts import branches, landing, merging, queueing
from tests.fakes.github.acts import issues as issue_acts
from tests.fakes.github.acts import pulls as pull_acts
from tests.fakes.github.answers import HttpError
from tests.fakes.github.authentication import allow, can_see
from tests.fakes.github.graph import views
from tests.fakes.github.graph.errors import TypedError, from_http, not_found
from tests.fakes.github.graph.nodes import find_node
from tests.fakes.github.graph.views import View
from tests.fakes.github.hub import Hub
from tests.fakes.github.routes.gitdata import check_workflows
from tests.fakes.github.routes.pulls import app_of
from tests.fakes.github.routing import Request
from tests.fakes.github.state import Comment, Issue, Repository

Input = dict[str, Any]
Mutation = Callable[[Hub, Request, Input], View]


class Target:
    """The pull request or issue that a mutation is about."""

    def __init__(self, hub: Hub, request: Request, id: str, needs: str) -> None:
        found = find_node(hub, request, id)
        if found is None or not isinstance(found[1], Issue):
            raise not_found(f"a node with the global id of '{id}'")
        self.repo, self.issue = found[0], found[1]
        allow(request.actor, self.repo, ((needs, "write"),))

    def view(self, hub: Hub, request: Request) -> View:
        show = views.pull if self.issue.pull else views.issue
        return show(hub, self.repo, self.issue, request.actor.by)


def _pull(hub: Hub, request: Request, given: Input, needs: str = "pull_requests") -> Target:
    target = Target(hub, request, given["pullRequestId"], needs)
    if target.issue.pull is None:
        raise not_found(f"a node with the global id of '{given['pullRequestId']}'")
    return target


def create_commit(hub: Hub, request: Request, given: Input) -> View:
    """One commit on the head that the caller expects; modes are always 100644."""
    repo, branch = _branch(hub, request, given["branch"])
    allow(request.actor, repo, (("contents", "write"),))
    head = repo.git.head(branch)
    if head is None:
        raise not_found(f"a branch named {branch}")
    if head != given["expectedHeadOid"]:
        expected = given["expectedHeadOid"]
        text = f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
        raise TypedError("STALE_DATA", text)
    changes = given.get("fileChanges") or {}
    contents = {one["path"]: None for one in changes.get("deletions") or []}
    before = repo.git.files(head)
    if missing := sorted(contents.keys() - before.keys()):
        raise TypedError(
            "UNPROCESSABLE", f"A path was requested for deletion which does not exist: {missing[0]}"
        )
    tree = repo.git.with_contents(repo.git.tree_of(head), contents)
    added = {
        one["path"]: base64.b64decode(one["contents"]) for one in changes.get("additions") or []
    }
    tree = repo.git.with_plain_files(tree, added)
    message = given["message"]
    text = "\n\n".join(part for part in (message["headline"], message.get("body")) if part)
    who = request.actor.by
    author, committer = branches.signature(hub, who), branches.githubs(hub)
    made = repo.git.write_commit(tree, (head,), author, text + "\n", committer)
    check_workflows(request, before, repo.git.files(made.sha))
    with hub.effect("commit on branch", repo, who, branch=branch, sha=made.sha):
        branches.move(hub, repo, branch, head, made.sha, who)
    return {"commit": views.commit(hub, repo, made), "ref": views.ref(hub, repo, branch)}


def _branch(hub: Hub, request: Request, given: Input) -> tuple[Repository, str]:
    if given.get("id"):
        found = find_node(hub, request, given["id"])
        if found is None or not isinstance(found[1], str):
            raise not_found(f"a node with the global id of '{given['id']}'")
        return found[0], found[1]
    name = given.get("repositoryNameWithOwner") or ""
    repo = hub.find(name)
    if repo is None or not can_see(request.actor, repo):
        raise not_found(f"a Repository with the name '{name}'")
    return repo, (given.get("branchName") or "").removeprefix("refs/heads/")


def revert(hub: Hub, request: Request, given: Input) -> View:
    target = _pull(hub, request, given)
    allow(request.actor, target.repo, (("contents", "write"),))
    made = pull_acts.revert(
        hub,
        target.repo,
        target.issue,
        request.actor.by,
        title=given.get("title") or "",
        body=given.get("body"),
        draft=bool(given.get("draft")),
        app=app_of(request),
    )
    shown = views.pull(hub, target.repo, made, request.actor.by)
    return {"pullRequest": target.view(hub, request), "revertPullRequest": shown}


def enable_auto_merge(hub: Hub, request: Request, given: Input) -> View:
    target = _pull(hub, request, given)
    landing.enable_auto_merge(
        hub,
        target.repo,
        target.issue,
        request.actor.by,
        method=(given.get("mergeMethod") or "MERGE").lower(),
        sha=given.get("expectedHeadOid") or "",
        title=given.get("commitHeadline") or "",
        message=given.get("commitBody") or "",
    )
    return _acted(hub, request, target)


def disable_auto_merge(hub: Hub, request: Request, given: Input) -> View:
    target = _pull(hub, request, given)
    landing.disable_auto_merge(hub, target.repo, target.issue, request.actor.by)
    return _acted(hub, request, target)


def merge(hub: Hub, request: Request, given: Input) -> View:
    target = _pull(hub, request, given)
    allow(request.actor, target.repo, (("contents", "write"),))
    merging.merge(
        hub,
        target.repo,
        target.issue,
        request.actor.by,
        sha=given.get("expectedHeadOid") or "",
        method=(given.get("mergeMethod") or "MERGE").lower(),
        title=given.get("commitHeadline") or "",
        message=given.get("commitBody") or "",
    )
    return _acted(hub, request, target)


def _acted(hub: Hub, request: Request, target: Target) -> View:
    return {"actor": views.actor(request.actor.by), "pullRequest": target.view(hub, request)}


def enqueue(hub: Hub, request: Request, given: Input) -> View:
    target = _pull(hub, request, given)
    sha, who = given.get("expectedHeadOid") or "", request.actor.by
    entry = queueing.enter(hub, target.repo, target.issue, who, sha)
    return {"mergeQueueEntry": views.queue_entry(hub, target.repo, target.issue, entry, who)}


def dequeue(hub: Hub, request: Request, given: Input) -> View:
    target = Target(hub, request, given["id"], "pull_requests")
    entry = target.issue.pull.queue_entry if target.issue.pull else None
    if entry is None:
        raise TypedError("UNPROCESSABLE", "Pull request is not in the queue")
    shown = views.queue_entry(hub, target.repo, target.issue, entry, request.actor.by)
    with hub.effect("dequeue", target.repo, request.actor.by, number=target.issue.number):
        queueing.leave(hub, target.repo, target.issue, request.actor.by, "asked for")
    return {"mergeQueueEntry": shown}


def add_comment(hub: Hub, request: Request, given: Input) -> View:
    target = Target(hub, request, given["subjectId"], "issues")
    who, app = request.actor.by, app_of(request)
    made = issue_acts.comment(hub, target.repo, target.issue, who, given["body"], app)
    shown = views.comment(hub, target.repo, target.issue, made, who)
    edge = {"cursor": str(made.id), "node": shown}
    return {"commentEdge": edge, "subject": target.view(hub, request)}


def minimize(hub: Hub, request: Request, given: Input) -> View:
    found = find_node(hub, request, given["subjectId"])
    if found is None or not isinstance(found[1], Comment):
        raise not_found(f"a node with the global id of '{given['subjectId']}'")
    repo, one = found[0], found[1]
    allow(request.actor, repo, (("issues", "write"), ("pull_requests", "write")))
    with hub.effect("minimize comment", repo, request.actor.by, id=one.id):
        one.minimized = given["classifier"]
    issue = repo.issues[one.number]
    return {"minimizedComment": views.comment(hub, repo, issue, one, request.actor.by)}


def ready(hub: Hub, request: Request, given: Input) -> View:
    return _draft(hub, request, given, draft=False)


def to_draft(hub: Hub, request: Request, given: Input) -> View:
    return _draft(hub, request, given, draft=True)


def _draft(hub: Hub, request: Request, given: Input, *, draft: bool) -> View:
    target = _pull(hub, request, given)
    pull_acts.set_draft(hub, target.repo, target.issue, request.actor.by, draft=draft)
    return {"pullRequest": target.view(hub, request)}


def update_branch(hub: Hub, request: Request, given: Input) -> View:
    target = _pull(hub, request, given)
    allow(request.actor, target.repo, (("contents", "write"),))
    expected = given.get("expectedHeadOid") or ""
    pull_acts.update_branch(hub, target.repo, target.issue, request.actor.by, expected)
    return {"pullRequest": target.view(hub, request)}


MUTATIONS: dict[str, Mutation] = {
    "addComment": add_comment,
    "convertPullRequestToDraft": to_draft,
    "createCommitOnBranch": create_commit,
    "dequeuePullRequest": dequeue,
    "disablePullRequestAutoMerge": disable_auto_merge,
    "enablePullRequestAutoMerge": enable_auto_merge,
    "enqueuePullRequest": enqueue,
    "markPullRequestReadyForReview": ready,
    "mergePullRequest": merge,
    "minimizeComment": minimize,
    "revertPullRequest": revert,
    "updatePullRequestBranch": update_branch,
}


def resolver(hub: Hub, request: Request, mutation: Mutation) -> Callable[..., View]:
    """A mutation as the root of an operation has it."""

    def resolve(_info: object, **args: Input) -> View:
        given = args["input"]
        try:
            done = mutation(hub, request, given)
        except HttpError as error:
            raise from_http(error) from error
        return {**done, "clientMutationId": given.get("clientMutationId")}

    return resolve
