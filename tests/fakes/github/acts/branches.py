"""Branches: every commit that arrives, however it does, comes through here."""

from typing import Any

from tests.fakes.github.answers import HttpError
from tests.fakes.github.git import Commit, MovedError, Signature
from tests.fakes.github.git.repository import HEADS, Contents
from tests.fakes.github.hub import Hub
from tests.fakes.github.people import WEB_FLOW
from tests.fakes.github.shapes.basic import when
from tests.fakes.github.state import Person, Repository

NOTHING = "0" * 40


def signature(hub: Hub, who: Person) -> Signature:
    """How somebody signs commits."""
    return Signature(who.login, who.email, hub.now())


def githubs(hub: Hub) -> Signature:
    """How GitHub signs what it commits for somebody."""
    return Signature("GitHub", WEB_FLOW, hub.now())


def push(
    hub: Hub,
    repo: Repository,
    branch: str,
    files: Contents,
    who: Person,
    message: str = "",
) -> Commit:
    """A person commits on a branch, making it from the default branch if needed."""
    old = repo.git.head(branch)
    start = old or repo.git.head(repo.default_branch)
    tree = repo.git.with_contents(repo.git.tree_of(start) if start else None, files)
    commit = repo.git.write_commit(
        tree,
        (start,) if start else (),
        signature(hub, who),
        message or f"Change {', '.join(files) or 'nothing'}",
    )
    with hub.effect("push", repo, who, branch=branch, sha=commit.sha):
        move(hub, repo, branch, old, commit.sha, who)
    return commit


def move(
    hub: Hub,
    repo: Repository,
    branch: str,
    old: str | None,
    new: str | None,
    who: Person,
    *,
    forced: bool = False,
) -> None:
    """Set, make or delete a branch, and everything that follows from that."""
    if repo.git.head(branch) != old:
        raise MovedError(branch)
    if new is None:
        repo.git.refs.delete(HEADS + branch)
    else:
        repo.git.refs.write(HEADS + branch, new)
    arrived(hub, repo, branch, old, new, who, forced=forced)


def arrived(
    hub: Hub,
    repo: Repository,
    branch: str,
    old: str | None,
    new: str | None,
    who: Person,
    *,
    forced: bool = False,
) -> None:
    """A branch has changed; tell of it, and let pull requests and workflows follow."""
    repo.pushed_at = hub.now()
    hub.emit("push", repo, who, **_event(hub, repo, branch, old, new, who, forced=forced))
    for listener in hub.on_branch:
        listener(hub, repo, branch, old, new, who)


def check_name(name: str) -> None:
    """Refuse what git would not take as a branch."""
    bad = ("..", "~", "^", ":", "\\", "?", "*", "[", " ", "//", "@{")
    if not name or any(part in name for part in bad) or name.endswith(("/", ".lock", ".")):
        raise HttpError(422, f"{HEADS}{name} is not a valid ref name.")


def _event(
    hub: Hub,
    repo: Repository,
    branch: str,
    old: str | None,
    new: str | None,
    who: Person,
    *,
    forced: bool,
) -> dict[str, Any]:
    found = repo.git.between(old, new) if old and new else []
    commits = [_pushed(hub, repo, one) for one in found[-20:]]
    head = repo.git.commit(new) if new else None
    page = f"{hub.web}/{repo.full_name}"
    return {
        "ref": HEADS + branch,
        "before": old or NOTHING,
        "after": new or NOTHING,
        "base_ref": None,
        "created": old is None,
        "deleted": new is None,
        "forced": forced,
        "compare": f"{page}/compare/{(old or NOTHING)[:12]}...{(new or NOTHING)[:12]}",
        "commits": commits,
        "head_commit": _pushed(hub, repo, head) if head else None,
        "pusher": {"name": who.login, "email": who.email},
    }


def _pushed(hub: Hub, repo: Repository, one: Commit) -> dict[str, Any]:
    """A commit as a push names it."""
    parent = one.parents[0] if one.parents else None
    files = repo.git.diff(parent, one.sha) if parent else []
    names = {
        kind: [file.path for file in files if file.status == kind]
        for kind in ("added", "removed", "modified")
    }
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "distinct": True,
        "message": one.message.rstrip("\n"),
        "timestamp": when(one.committer.at),
        "url": f"{hub.web}/{repo.full_name}/commit/{one.sha}",
        "author": _named(hub, one.author),
        "committer": _named(hub, one.committer),
        **names,
    }


def _named(hub: Hub, who: Signature) -> dict[str, Any]:
    known = hub.people.of(who.email)
    found = {"name": who.name, "email": who.email}
    return {**found, "username": known.login} if known else found
