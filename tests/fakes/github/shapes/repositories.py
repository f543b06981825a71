"""Repositories and what git keeps in them."""

import base64
from typing import Any

from tests.fakes.github.git import Commit, Signature
from tests.fakes.github.git.diffs import FileDiff
from tests.fakes.github.people import People, is_githubs
from tests.fakes.github.shapes.basic import Json, links, node_id, person, shown_person, when
from tests.fakes.github.state import Person, Repository

_PLAIN = [
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "hooks",
    "languages",
    "merges",
    "stargazers",
    "subscribers",
    "subscription",
    "tags",
    "teams",
]
_ENDS = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "statuses": "/statuses/{sha}",
    "trees": "/git/trees{/sha}",
}


def address(web: str, repo: Repository) -> str:
    return f"{web}/repos/{repo.full_name}"


def simple(web: str, repo: Repository) -> Json:
    """What every form of a repository has."""
    return {
        "id": repo.id,
        "node_id": node_id("Repository", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": shown_person(web, repo.owner),
        "html_url": f"{web}/{repo.full_name}",
        "description": None,
        "fork": False,
        "url": address(web, repo),
        **links(address(web, repo), _PLAIN, **_ENDS),
    }


def full(web: str, repo: Repository) -> Json:
    """A repository with its settings."""
    open_issues = sum(issue.state == "open" for issue in repo.issues.values())
    counts = dict.fromkeys(
        ["forks", "forks_count", "stargazers_count", "watchers", "watchers_count"], 0
    )
    return {
        **simple(web, repo),
        "clone_url": f"{web}/{repo.full_name}.git",
        "git_url": f"git:{web.removeprefix('http:')}/{repo.full_name}.git",
        "ssh_url": f"git@localhost:{repo.full_name}.git",
        "svn_url": f"{web}/{repo.full_name}",
        "mirror_url": None,
        "default_branch": repo.default_branch,
        "homepage": None,
        "language": "Python",
        "license": None,
        "size": 1,
        "topics": [],
        "visibility": "private" if repo.private else "public",
        "archived": repo.archived,
        "disabled": False,
        "is_template": False,
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "has_downloads": False,
        "has_pull_requests": True,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        **counts,
        "created_at": when(repo.created_at),
        "updated_at": when(repo.pushed_at),
        "pushed_at": when(repo.pushed_at),
    }


def with_settings(web: str, repo: Repository) -> Json:
    """What `GET /repos/{owner}/{repo}` shows to somebody who may see the settings."""
    return {
        **full(web, repo),
        "network_count": 0,
        "subscribers_count": 0,
        "allow_auto_merge": repo.allow_auto_merge,
        "allow_merge_commit": "merge" in repo.methods,
        "allow_squash_merge": "squash" in repo.methods,
        "allow_rebase_merge": "rebase" in repo.methods,
        "allow_update_branch": False,
        "delete_branch_on_merge": repo.delete_branch_on_merge,
    }


def _who(one: Signature) -> Json:
    return {"name": one.name, "email": one.email, "date": when(one.at)}


def verification(commit: Commit) -> Json:
    """GitHub signs what it commits itself for an app or on its pages."""
    signed = is_githubs(commit.committer)
    return {
        "verified": signed,
        "reason": "valid" if signed else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----" if signed else None,
        "payload": f"tree {commit.tree}" if signed else None,
        "verified_at": when(commit.committer.at) if signed else None,
    }


def git_commit(web: str, repo: Repository, commit: Commit) -> Json:
    """A commit as the git data API shows it."""
    api, page = address(web, repo), f"{web}/{repo.full_name}"
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", f"{repo.id}:{commit.sha}"),
        "url": f"{api}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": _who(commit.author),
        "committer": _who(commit.committer),
        "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
        "message": commit.message.rstrip("\n"),
        "parents": [
            {
                "sha": sha,
                "url": f"{api}/git/commits/{sha}",
                "html_url": f"{page}/commit/{sha}",
            }
            for sha in commit.parents
        ],
        "verification": verification(commit),
    }


def commit(web: str, people: People, repo: Repository, one: Commit) -> Json:
    """A commit as the commits API shows it."""
    api, page = address(web, repo), f"{web}/{repo.full_name}"
    return {
        "sha": one.sha,
        "node_id": node_id("Commit", f"{repo.id}:{one.sha}"),
        "commit": {
            "author": _who(one.author),
            "committer": _who(one.committer),
            "message": one.message.rstrip("\n"),
            "tree": {"sha": one.tree, "url": f"{api}/git/trees/{one.tree}"},
            "url": f"{api}/git/commits/{one.sha}",
            "comment_count": 0,
            "verification": verification(one),
        },
        "url": f"{api}/commits/{one.sha}",
        "html_url": f"{page}/commit/{one.sha}",
        "comments_url": f"{api}/commits/{one.sha}/comments",
        "author": person(web, people.of(one.author.email)),
        "committer": person(web, people.of(one.committer.email)),
        "parents": [
            {"sha": sha, "url": f"{api}/commits/{sha}", "html_url": f"{page}/commit/{sha}"}
            for sha in one.parents
        ],
    }


def file_diff(web: str, repo: Repository, sha: str, one: FileDiff) -> Json:
    """A changed file."""
    page = f"{web}/{repo.full_name}"
    made: Json = {
        "sha": one.sha,
        "filename": one.path,
        "status": one.status,
        "additions": one.additions,
        "deletions": one.deletions,
        "changes": one.additions + one.deletions,
        "blob_url": f"{page}/blob/{sha}/{one.path}",
        "raw_url": f"{page}/raw/{sha}/{one.path}",
        "contents_url": f"{address(web, repo)}/contents/{one.path}?ref={sha}",
    }
    return made if one.patch is None else {**made, "patch": one.patch}


def ref(web: str, repo: Repository, name: str, sha: str) -> Json:
    """A git reference."""
    api = address(web, repo)
    return {
        "ref": name,
        "node_id": node_id("Ref", f"{repo.id}:{name}"),
        "url": f"{api}/git/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{api}/git/commits/{sha}"},
    }


def blob(web: str, repo: Repository, sha: str, data: bytes) -> Json:
    return {
        "sha": sha,
        "node_id": node_id("Blob", f"{repo.id}:{sha}"),
        "size": len(data),
        "url": f"{address(web, repo)}/git/blobs/{sha}",
        "content": base64.encodebytes(data).decode(),
        "encoding": "base64",
    }


def tree_entry(web: str, repo: Repository, path: str, entry: Any, size: int | None) -> Json:
    """One line of a tree."""
    mode = entry.mode.rjust(6, "0")
    made: Json = {"path": path, "mode": mode, "type": entry.kind, "sha": entry.sha}
    if entry.kind == "commit":
        return made
    made["url"] = f"{address(web, repo)}/git/{entry.kind}s/{entry.sha}"
    return made if size is None else {**made, "size": size}


def granted(repo: Repository, who: Person) -> Json:
    """What a person may do in a repository that they see."""
    level = repo.permissions.get(who.login, "read")
    writes, rules = level in ("write", "admin"), level == "admin"
    return {"admin": rules, "maintain": rules, "push": writes, "triage": writes, "pull": True}
