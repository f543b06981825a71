"""Commits, comparisons, contents and archives."""

import base64

from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.git import Commit, trees
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import pulls as pull_shapes
from tests.fakes.github.shapes import repositories as shapes
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import Repository


def resolved(repo: Repository, name: str) -> str:
    """The commit of a name, or GitHub's refusal."""
    found = repo.git.resolve(name)
    if found is None:
        raise HttpError(422, f"No commit found for SHA: {name}")
    return found


def _shown(hub: Hub, repo: Repository, one: Commit) -> Json:
    return shapes.commit(hub.web, hub.people, repo, one)


@route("GET", "/repos/{owner}/{repo}/commits", "contents:read")
def commits(hub: Hub, request: Request) -> Page:
    repo = request.repo
    name = request.query.get("sha") or repo.default_branch
    sha = repo.git.resolve(name)
    if sha is None:
        raise not_found()
    return Page([_shown(hub, repo, one) for one in repo.git.log(sha)])


@route("GET", "/repos/{owner}/{repo}/commits/{sha}/pulls", "contents:read|pull_requests:read")
def pulls_of_commit(hub: Hub, request: Request) -> Page:
    repo, sha = request.repo, request.params["sha"]
    found = [
        issue
        for issue in repo.pulls()
        if issue.pull
        and (
            issue.pull.merge_sha == sha
            or any(
                one.sha == sha for one in repo.git.between(issue.pull.base_sha, issue.pull.head_sha)
            )
        )
    ]
    return Page([pull_shapes.simple(hub.web, repo, issue) for issue in found])


@route("GET", "/repos/{owner}/{repo}/commits/{ref+}", "contents:read")
def commit(hub: Hub, request: Request) -> Json:
    repo = request.repo
    sha = resolved(repo, request.params["ref"])
    one = repo.git.commit(sha)
    assert one
    files = repo.git.diff(one.parents[0], sha) if one.parents else []
    additions, deletions = (
        sum(getattr(file, name) for file in files) for name in ("additions", "deletions")
    )
    stats = {"additions": additions, "deletions": deletions, "total": additions + deletions}
    shown = [shapes.file_diff(hub.web, repo, sha, file) for file in files]
    return {**_shown(hub, repo, one), "stats": stats, "files": shown}


@route("GET", "/repos/{owner}/{repo}/compare/{ends+}", "contents:read")
def compare(hub: Hub, request: Request) -> Json:
    repo, git = request.repo, request.repo.git
    base_name, dots, head_name = request.params["ends"].partition("...")
    base, head = git.resolve(base_name), git.resolve(head_name)
    if not dots or base is None or head is None:
        raise not_found()
    start = git.merge_base(base, head)
    if start is None:
        raise HttpError(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = git.between(base, head), git.between(head, base)
    states = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    known = {sha: git.commit(sha) for sha in (base, start)}
    shown = {sha: _shown(hub, repo, one) for sha, one in known.items() if one}
    url = f"{shapes.address(hub.web, repo)}/compare/{base_name}...{head_name}"
    page = f"{hub.web}/{repo.full_name}/compare"
    return {
        "url": url,
        "html_url": f"{page}/{base_name}...{head_name}",
        "permalink_url": f"{page}/{base[:12]}...{head[:12]}",
        "diff_url": f"{page}/{base_name}...{head_name}.diff",
        "patch_url": f"{page}/{base_name}...{head_name}.patch",
        "base_commit": shown[base],
        "merge_base_commit": shown[start],
        "status": states.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [_shown(hub, repo, one) for one in ahead],
        "files": [shapes.file_diff(hub.web, repo, head, file) for file in git.diff(start, head)],
    }


@route("GET", "/repos/{owner}/{repo}/contents/{path+}", "contents:read")
def contents(hub: Hub, request: Request) -> Answer:
    repo, path = request.repo, request.params["path"].strip("/")
    ref = request.query.get("ref") or repo.default_branch
    sha = repo.git.resolve(ref)
    if sha is None:
        raise HttpError(404, f"No commit found for the ref {ref}")
    entry = repo.git.files(sha).get(path)
    if entry is None:
        return _folder(hub, request, sha, path, ref)
    data = repo.git.objects.read(entry.sha)[1]
    if "raw" in request.headers.get("accept", ""):
        return Answer(200, data, kind="application/vnd.github.raw; charset=utf-8")
    shown = _entry(hub, repo, path, entry, ref)
    return Answer(
        200, {**shown, "encoding": "base64", "content": base64.encodebytes(data).decode()}
    )


def _folder(hub: Hub, request: Request, sha: str, path: str, ref: str) -> Answer:
    repo = request.repo
    tree = repo.git.tree_of(sha)
    for part in path.split("/"):
        entry = trees.entries(repo.git.objects, tree).get(part)
        if entry is None or entry.kind != "tree":
            raise not_found()
        tree = entry.sha
    found = trees.entries(repo.git.objects, tree)
    return Answer(
        200,
        [_entry(hub, repo, f"{path}/{name}", entry, ref) for name, entry in sorted(found.items())],
    )


def _entry(hub: Hub, repo: Repository, path: str, entry: trees.Entry, ref: str) -> Json:
    api, page = shapes.address(hub.web, repo), f"{hub.web}/{repo.full_name}"
    folder = entry.kind == "tree"
    self = f"{api}/contents/{path}?ref={ref}"
    git = f"{api}/git/{entry.kind}s/{entry.sha}"
    html = f"{page}/{'tree' if folder else 'blob'}/{ref}/{path}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": 0 if folder else len(repo.git.objects.read(entry.sha)[1]),
        "url": self,
        "html_url": html,
        "git_url": git,
        "download_url": None if folder else f"{page}/raw/{ref}/{path}",
        "type": "dir" if folder else "file",
        "_links": {"self": self, "git": git, "html": html},
    }


@route("GET", "/repos/{owner}/{repo}/tarball/{ref+}", "contents:read")
def tarball(hub: Hub, request: Request) -> Answer:
    """A redirect, as GitHub gives one to its host of archives."""
    repo = request.repo
    sha = repo.git.resolve(request.params["ref"])
    if sha is None:
        raise not_found()
    token = request.headers.get("authorization", "").partition(" ")[2]
    address = f"{hub.web}/_codeload/{repo.full_name}/{sha}?token={token}"
    return Answer(302, b"", {"Location": address})


@route("GET", "/_codeload/{owner}/{repo}/{sha}", auth="any")
def archive(hub: Hub, request: Request) -> Answer:
    repo, sha = request.repo, request.params["sha"]
    folder = f"{repo.owner.login}-{repo.name}-{sha[:7]}"
    headers = {"Content-Disposition": f"attachment; filename={folder}.tar.gz"}
    return Answer(200, repo.git.tarball(sha, folder), headers, "application/x-gzip")
