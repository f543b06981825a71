"""Merging and closing."""

from tests.fakes.github.acts import branches, events, mergeability
from tests.fakes.github.answers import HttpError
from tests.fakes.github.git import Commit
from tests.fakes.github.hub import Hub
from tests.fakes.github.state import Issue, Person, Pull, Repository


def merge(
    hub: Hub,
    repo: Repository,
    issue: Issue,
    who: Person,
    *,
    sha: str = "",
    method: str = "merge",
    title: str = "",
    message: str = "",
) -> str:
    """Merge now, or refuse as GitHub does; gives the merge's commit."""
    pull = _mergeable(repo, issue, sha, method)
    if mergeability.rules(repo, pull.base_ref).merge_queue:
        raise HttpError(405, "Changes must be made through the merge queue")
    obstacles = mergeability.obstacles(repo, issue)
    if mergeability.behind(repo, pull):
        obstacles.append("The head branch is not up to date with the base branch.")
    if obstacles:
        raise HttpError(405, "\n".join(obstacles))
    return finish(hub, repo, issue, who, method=method, title=title, message=message)


def _mergeable(repo: Repository, issue: Issue, sha: str, method: str) -> Pull:
    pull = issue.pull
    assert pull
    if method not in repo.methods:
        noun = {"merge": "Merge commits are", "squash": "Squash merges are"}
        words = noun.get(method, "Rebase merges are")
        raise HttpError(405, f"{words} not allowed on this repository.")
    if issue.state != "open":
        raise HttpError(405, "Pull Request is not mergeable")
    if sha and sha != pull.head_sha:
        raise HttpError(409, "Head branch was modified. Review and try the merge again.")
    if pull.draft:
        raise HttpError(405, "Pull Request is still a draft")
    if not mergeability.compute(repo, pull):
        raise HttpError(405, "Pull Request is not mergeable")
    return pull


def finish(
    hub: Hub,
    repo: Repository,
    issue: Issue,
    who: Person,
    *,
    method: str = "merge",
    title: str = "",
    message: str = "",
    new: str = "",
) -> str:
    """Write the merge onto the base; `new` is one that the queue has made already."""
    pull = issue.pull
    assert pull
    base = repo.git.head(pull.base_ref)
    assert base
    new = new or commit_merge(hub, repo, issue, who, base, method, title, message).sha
    pull.method = method
    with hub.effect(
        "merge", repo, who, number=issue.number, head=pull.head_sha, sha=new, method=method
    ):
        mark_merged(hub, repo, issue, who, new)
        branches.move(hub, repo, pull.base_ref, base, new, who)
        if repo.delete_branch_on_merge and repo.git.head(pull.head_ref) == pull.head_sha:
            branches.move(hub, repo, pull.head_ref, pull.head_sha, None, who)
    return new


def commit_merge(
    hub: Hub,
    repo: Repository,
    issue: Issue,
    who: Person,
    base: str,
    method: str,
    title: str = "",
    message: str = "",
) -> Commit:
    """The commit that a merge by this method puts on a base."""
    pull = issue.pull
    assert pull
    if method == "rebase":
        return _rebased(hub, repo, pull, base)
    tree = repo.git.merged_tree(base, pull.head_sha)
    if tree is None:
        raise HttpError(405, "Pull Request is not mergeable")
    if method == "squash":
        title = title or f"{issue.title} (#{issue.number})"
        listed = repo.git.between(base, pull.head_sha)
        message = message or "\n\n".join(f"* {one.message.strip()}" for one in listed)
        parents: tuple[str, ...] = (base,)
    else:
        owner = repo.owner.login
        title = title or f"Merge pull request #{issue.number} from {owner}/{pull.head_ref}"
        message = message or issue.title
        parents = (base, pull.head_sha)
    text = f"{title}\n\n{message}".rstrip("\n") + "\n"
    author = branches.signature(hub, who)
    return repo.git.write_commit(tree, parents, author, text, branches.githubs(hub))


def _rebased(hub: Hub, repo: Repository, pull: Pull, base: str) -> Commit:
    """The head's commits one by one on the base."""
    tip = repo.git.commit(base)
    assert tip
    for one in repo.git.between(base, pull.head_sha):
        if len(one.parents) != 1:
            raise HttpError(405, "This branch can't be rebased")
        tree = repo.git.merged_tree(tip.sha, one.sha, one.parents[0])
        if tree is None:
            raise HttpError(405, "This branch can't be rebased")
        tip = repo.git.write_commit(
            tree, (tip.sha,), one.author, one.message, branches.githubs(hub)
        )
    return tip


def mark_merged(hub: Hub, repo: Repository, issue: Issue, who: Person, sha: str) -> None:
    """The pull request is over, and it went in."""
    pull = issue.pull
    assert pull
    pull.merged_at, pull.merged_by, pull.merge_sha = hub.now(), who, sha
    pull.auto_merge = None
    close(hub, repo, issue, who)


def close(hub: Hub, repo: Repository, issue: Issue, who: Person) -> None:
    """The issue or pull request is over."""
    if issue.state == "closed":
        return
    issue.state, issue.closed_at, issue.closed_by = "closed", hub.now(), who
    issue.updated_at = hub.now()
    if issue.pull:
        issue.pull.auto_merge = None
    else:
        issue.state_reason = issue.state_reason or "completed"
    events.issue(hub, repo, issue, "closed", who)
    hub.settle(repo)
