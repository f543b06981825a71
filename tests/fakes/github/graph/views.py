"""Things as GraphQL sees them: mappings, whose callables are answered when they are asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.fakes.github.acts import mergeability
from tests.fakes.github.git import Commit, Signature
from tests.fakes.github.git.repository import HEADS
from tests.fakes.github.graph.errors import TypedError, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.people import is_githubs
from tests.fakes.github.shapes import issues as issue_shapes
from tests.fakes.github.shapes.basic import node_id, when
from tests.fakes.github.state import Comment, Issue, Person, Pull, QueueEntry, Repository, Review

View = dict[str, Any]


def connection(items: Sequence[Any], show: Callable[[Any], View]) -> Callable[..., View]:
    """A list of which a query takes a part."""

    def part(_info: object, **args: Any) -> View:
        first, last, after = args.get("first"), args.get("last"), args.get("after")
        count = first if first is not None else last
        if count is None:
            text = "You must provide a `first` or `last` value to properly paginate the connection."
            raise TypedError("MISSING_PAGINATION_BOUNDARIES", text)
        if not 1 <= count <= 100:
            text = f"Requesting {count} records exceeds the `first` limit of 100 records."
            raise TypedError("EXCESSIVE_PAGINATION", text)
        start = int(after) if after else 0
        if first is None:
            start = max(0, len(items) - count)
        end = min(len(items), start + count)
        page = {
            "startCursor": str(start) if items else None,
            "endCursor": str(end) if items else None,
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
        }
        nodes = [show(item) for item in items[start:end]]
        return {"nodes": nodes, "totalCount": len(items), "pageInfo": page}

    return part


def actor(who: Person | None) -> View | None:
    if who is None:
        return None
    bare = who.login.removesuffix("[bot]") if who.kind == "Bot" else who.login
    id = node_id(who.kind, who.id)
    return {"__typename": who.kind, "id": id, "login": bare, "databaseId": who.id}


def commit(hub: Hub, repo: Repository, one: Commit | None) -> View | None:
    if one is None:
        return None
    signed = {"__typename": "GpgSignature", "isValid": True, "wasSignedByGitHub": True}
    return {
        "__typename": "Commit",
        "id": node_id("Commit", f"{repo.id}:{one.sha}"),
        "oid": one.sha,
        "message": one.message.rstrip("\n"),
        "messageHeadline": one.headline,
        "url": f"{hub.web}/{repo.full_name}/commit/{one.sha}",
        "committedDate": when(one.committer.at),
        "author": _git_actor(hub, one.author),
        "committer": _git_actor(hub, one.committer),
        "signature": signed if is_githubs(one.committer) else None,
    }


def _git_actor(hub: Hub, who: Signature) -> View:
    known = hub.people.of(who.email)
    user = actor(known) if known and known.kind == "User" else None
    return {"name": who.name, "email": who.email, "user": user}


def ref(hub: Hub, repo: Repository, branch: str) -> View | None:
    sha = repo.git.head(branch)
    if sha is None:
        return None
    return {
        "__typename": "Ref",
        "id": node_id("Ref", f"{repo.id}:{HEADS}{branch}"),
        "name": branch,
        "prefix": HEADS,
        "target": commit(hub, repo, repo.git.commit(sha)),
    }


def comment(hub: Hub, repo: Repository, issue: Issue, one: Comment, viewer: Person) -> View:
    page = issue_shapes.page(hub.web, repo, issue)
    return {
        "__typename": "IssueComment",
        "id": node_id("IssueComment", one.id),
        "databaseId": one.id,
        "fullDatabaseId": str(one.id),
        "author": actor(one.author),
        "body": one.body,
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
        "lastEditedAt": when(one.edited_at),
        "editor": actor(one.editor),
        "isMinimized": bool(one.minimized),
        "minimizedReason": one.minimized.lower() or None,
        "url": f"{page}#issuecomment-{one.id}",
        "viewerDidAuthor": one.author is viewer,
    }


def _label(repo: Repository, name: str) -> View:
    one = repo.labels[name.lower()]
    return {"id": node_id("Label", one.id), "name": one.name, "color": one.color}


def _common(hub: Hub, repo: Repository, one: Issue, viewer: Person) -> View:
    """What issues and pull requests share."""
    return {
        "number": one.number,
        "title": one.title,
        "body": one.body or "",
        "closed": one.state == "closed",
        "url": issue_shapes.page(hub.web, repo, one),
        "author": actor(one.author),
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
        "closedAt": when(one.closed_at),
        "lastEditedAt": when(one.edited_at),
        "editor": actor(one.editor),
        "labels": connection(one.labels, lambda name: _label(repo, name)),
        "comments": connection(one.comments, lambda item: comment(hub, repo, one, item, viewer)),
    }


def issue(hub: Hub, repo: Repository, one: Issue, viewer: Person) -> View:
    return {
        **_common(hub, repo, one, viewer),
        "__typename": "Issue",
        "id": node_id("Issue", one.id),
        "databaseId": one.id,
        "state": one.state.upper(),
    }


def queue_entry(hub: Hub, repo: Repository, one: Issue, entry: QueueEntry, viewer: Person) -> View:
    return {
        "__typename": "MergeQueueEntry",
        "id": node_id("MergeQueueEntry", entry.id),
        "position": repo.queue.index(one) + 1 if one in repo.queue else 1,
        "state": "AWAITING_CHECKS" if entry.branch else "QUEUED",
        "enqueuedAt": when(entry.at),
        "enqueuer": actor(entry.by),
        "headCommit": commit(hub, repo, repo.git.commit(entry.sha)) if entry.sha else None,
        "baseCommit": commit(hub, repo, repo.git.commit(entry.base)) if entry.base else None,
        "pullRequest": lambda _info: pull(hub, repo, one, viewer),
    }


def pull(hub: Hub, repo: Repository, one: Issue, viewer: Person) -> View:
    """A pull request; asking for its mergeability lets GitHub find it out."""
    mine = one.pull
    assert mine
    return {
        **_common(hub, repo, one, viewer),
        **_ends(hub, repo, mine),
        **_merge_state(hub, repo, one, mine, viewer),
        "__typename": "PullRequest",
        "id": node_id("PullRequest", mine.id),
        "databaseId": mine.id,
        "fullDatabaseId": str(mine.id),
        "state": "MERGED" if mine.merged_at else one.state.upper(),
        "isDraft": mine.draft,
        "additions": lambda _info: sum(file.additions for file in _files(repo, mine)),
        "deletions": lambda _info: sum(file.deletions for file in _files(repo, mine)),
        "changedFiles": lambda _info: len(_files(repo, mine)),
        "reviews": connection(mine.reviews, lambda item: _review(hub, repo, item)),
        "commits": connection(
            repo.git.between(mine.base_sha, mine.head_sha),
            lambda item: _pull_commit(hub, repo, mine, item),
        ),
    }


def _pull_commit(hub: Hub, repo: Repository, mine: Pull, one: Commit) -> View:
    id = node_id("PullRequestCommit", f"{mine.id}:{one.sha}")
    return {"id": id, "commit": commit(hub, repo, one)}


def _files(repo: Repository, mine: Pull) -> list[Any]:
    start = repo.git.merge_base(mine.base_sha, mine.head_sha) or mine.base_sha
    return repo.git.diff(start, mine.head_sha)


def _ends(hub: Hub, repo: Repository, mine: Pull) -> View:
    return {
        "headRefName": mine.head_ref,
        "headRefOid": mine.head_sha,
        "headRef": lambda _info: ref(hub, repo, mine.head_ref),
        "baseRefName": mine.base_ref,
        "baseRefOid": mine.base_sha,
        "baseRef": lambda _info: ref(hub, repo, mine.base_ref),
    }


def _merge_state(hub: Hub, repo: Repository, one: Issue, mine: Pull, viewer: Person) -> View:
    words = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
    can = mergeability.known(repo, mine)
    wish, entry = mine.auto_merge, mine.queue_entry
    queued = mergeability.rules(repo, mine.base_ref).merge_queue
    queue = {"id": node_id("MergeQueue", repo.id), "url": f"{hub.web}/{repo.full_name}/queue"}
    merged = repo.git.commit(mine.merge_sha) if mine.merge_sha else None

    def look(_info: object) -> str:
        return words[mergeability.look(repo, one, hub.lazy_reads)]

    return {
        "merged": mine.merged_at is not None,
        "mergedAt": when(mine.merged_at),
        "mergedBy": actor(mine.merged_by),
        "mergeCommit": commit(hub, repo, merged),
        "mergeable": look if can is None else words[can],
        "mergeStateStatus": lambda _info: mergeability.state(repo, one).upper(),
        "reviewDecision": _decision(repo, mine),
        "isMergeQueueEnabled": queued,
        "mergeQueue": queue if queued else None,
        "isInMergeQueue": entry is not None,
        "mergeQueueEntry": queue_entry(hub, repo, one, entry, viewer) if entry else None,
        "autoMergeRequest": wish
        and {
            "commitBody": wish.message,
            "commitHeadline": wish.title,
            "enabledAt": when(wish.at),
            "enabledBy": actor(wish.by),
            "mergeMethod": wish.method.upper(),
        },
    }


def _decision(repo: Repository, mine: Pull) -> str | None:
    if "CHANGES_REQUESTED" in mergeability.latest_reviews(mine).values():
        return "CHANGES_REQUESTED"
    asked = mergeability.rules(repo, mine.base_ref).approvals
    if not asked:
        return None
    return "APPROVED" if mergeability.approvals(mine) >= asked else "REVIEW_REQUIRED"


def _review(hub: Hub, repo: Repository, one: Review) -> View:
    return {
        "id": node_id("PullRequestReview", one.id),
        "author": actor(one.author),
        "body": one.body,
        "state": one.state,
        "submittedAt": when(one.at),
        "commit": commit(hub, repo, repo.git.commit(one.commit)),
    }


def repository(hub: Hub, repo: Repository, viewer: Person) -> View:
    def pulls(info: object, **args: Any) -> View:
        found = repo.pulls()
        for name, key in (("headRefName", "head_ref"), ("baseRefName", "base_ref")):
            if args.get(name):
                found = [one for one in found if getattr(one.pull, key) == args[name]]
        if args.get("states"):
            found = [one for one in found if _state(one) in args["states"]]
        return connection(found, lambda one: pull(hub, repo, one, viewer))(info, **args)

    def one_issue(number: int, *, of_pull: bool) -> Issue:
        found = repo.issues.get(number)
        if found is None or bool(found.pull) != of_pull:
            kind = "a PullRequest" if of_pull else "an Issue"
            raise not_found(f"{kind} with the number of {number}")
        return found

    queued = any(rules.merge_queue for rules in repo.rules.values())
    queue = {"id": node_id("MergeQueue", repo.id), "url": f"{hub.web}/{repo.full_name}/queue"}
    return {
        "__typename": "Repository",
        "id": node_id("Repository", repo.id),
        "databaseId": repo.id,
        "name": repo.name,
        "nameWithOwner": repo.full_name,
        "isArchived": repo.archived,
        "isPrivate": repo.private,
        "autoMergeAllowed": repo.allow_auto_merge,
        "mergeCommitAllowed": "merge" in repo.methods,
        "squashMergeAllowed": "squash" in repo.methods,
        "rebaseMergeAllowed": "rebase" in repo.methods,
        "url": f"{hub.web}/{repo.full_name}",
        "defaultBranchRef": ref(hub, repo, repo.default_branch),
        "ref": lambda _info, **args: ref(hub, repo, args["qualifiedName"].removeprefix(HEADS)),
        "issue": lambda _info, number: issue(hub, repo, one_issue(number, of_pull=False), viewer),
        "pullRequest": lambda _info, number: pull(
            hub, repo, one_issue(number, of_pull=True), viewer
        ),
        "pullRequests": pulls,
        "mergeQueue": lambda _info, branch="": queue if queued else None,
    }


def _state(one: Issue) -> str:
    return "MERGED" if one.pull and one.pull.merged_at else one.state.upper()
