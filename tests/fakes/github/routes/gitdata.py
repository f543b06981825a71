"""The git data API: references, commits, trees, blobs."""

import base64
import binascii
from datetime import datetime
from typing import Any

from tests.fakes.github.acts import branches
from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.git import Signature, trees
from tests.fakes.github.git.objects import NoObjectError
from tests.fakes.github.git.repository import HEADS
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import repositories as shapes
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import Repository

_BASE = "/repos/{owner}/{repo}/git"
WORKFLOWS = ".github/workflows/"


@route("GET", f"{_BASE}/ref/{{ref+}}", "contents:read")
def ref(hub: Hub, request: Request) -> Json:
    name = f"refs/{request.params['ref']}"
    sha = request.repo.git.refs.read(name)
    if sha is None:
        raise not_found()
    return shapes.ref(hub.web, request.repo, name, sha)


@route("GET", f"{_BASE}/matching-refs/{{ref+}}", "contents:read")
def matching_refs(hub: Hub, request: Request) -> Page:
    found = request.repo.git.refs.under(f"refs/{request.params['ref']}")
    return Page([shapes.ref(hub.web, request.repo, name, sha) for name, sha in found.items()])


@route("POST", f"{_BASE}/refs", "contents:write")
def create_ref(hub: Hub, request: Request) -> Answer:
    repo, name, sha = request.repo, request.required("ref"), request.required("sha")
    if not name.startswith("refs/") or name.count("/") < 2:
        raise HttpError(422, "Reference name must start with 'refs/' and contain a second slash")
    if repo.git.commit(sha) is None:
        raise HttpError(422, "Object does not exist")
    if repo.git.refs.read(name):
        raise HttpError(422, "Reference already exists")
    who = request.actor.by
    branches.check_name(name.removeprefix(HEADS))
    with hub.effect("ref", repo, who, ref=name, sha=sha):
        if name.startswith(HEADS):
            branches.move(hub, repo, name.removeprefix(HEADS), None, sha, who)
        else:
            repo.git.refs.write(name, sha)
    return Answer(201, shapes.ref(hub.web, repo, name, sha))


@route("PATCH", f"{_BASE}/refs/{{ref+}}", "contents:write")
def update_ref(hub: Hub, request: Request) -> Json:
    repo, name, sha = request.repo, f"refs/{request.params['ref']}", request.required("sha")
    old = repo.git.refs.read(name)
    if old is None:
        raise HttpError(422, "Reference does not exist")
    if repo.git.commit(sha) is None:
        raise HttpError(422, "Object does not exist")
    forward = repo.git.contains(sha, old)
    if not forward and not request.json.get("force"):
        raise HttpError(422, "Update is not a fast forward")
    check_workflows(request, repo.git.files(old), repo.git.files(sha))
    with hub.effect("ref update", repo, request.actor.by, ref=name, sha=sha):
        branch = name.removeprefix(HEADS)
        branches.move(hub, repo, branch, old, sha, request.actor.by, forced=not forward)
    return shapes.ref(hub.web, repo, name, sha)


@route("DELETE", f"{_BASE}/refs/{{ref+}}", "contents:write")
def delete_ref(hub: Hub, request: Request) -> Answer:
    repo, name = request.repo, f"refs/{request.params['ref']}"
    old = repo.git.refs.read(name)
    if old is None:
        raise HttpError(422, "Reference does not exist")
    with hub.effect("ref deletion", repo, request.actor.by, ref=name):
        branches.move(hub, repo, name.removeprefix(HEADS), old, None, request.actor.by)
    return Answer(204)


@route("GET", f"{_BASE}/commits/{{sha}}", "contents:read")
def commit(hub: Hub, request: Request) -> Json:
    found = request.repo.git.commit(request.params["sha"])
    if found is None:
        raise not_found()
    return shapes.git_commit(hub.web, request.repo, found)


@route("POST", f"{_BASE}/commits", "contents:write")
def create_commit(hub: Hub, request: Request) -> Answer:
    git, who = request.repo.git, request.actor.by
    tree = request.required("tree")
    parents = tuple(request.json.get("parents") or ())
    _kind(request.repo, tree, "tree")
    if any(git.commit(parent) is None for parent in parents):
        raise HttpError(422, "Parent SHA does not exist or is not a commit object")
    mine = branches.signature(hub, who)
    author = _signature(hub, request.json.get("author"), mine)
    committer = _signature(hub, request.json.get("committer"), author)
    with hub.effect("commit", request.repo, who, tree=tree) as detail:
        made = git.write_commit(tree, parents, author, request.required("message"), committer)
        detail["sha"] = made.sha
    return Answer(201, shapes.git_commit(hub.web, request.repo, made))


def _signature(hub: Hub, given: dict[str, Any] | None, default: Signature) -> Signature:
    if not given:
        return default
    at = datetime.fromisoformat(given["date"]) if given.get("date") else hub.now()
    return Signature(given["name"], given["email"], at)


def _kind(repo: Repository, sha: str, wanted: str) -> bytes:
    try:
        kind, data = repo.git.objects.read(sha)
    except NoObjectError as error:
        raise not_found() from error
    if kind != wanted:
        raise not_found()
    return data


@route("GET", f"{_BASE}/trees/{{sha+}}", "contents:read")
def tree(hub: Hub, request: Request) -> Json:
    repo, sha = request.repo, request.params["sha"]
    commit = repo.git.resolve(sha)
    sha = repo.git.tree_of(commit) if commit else sha
    _kind(repo, sha, "tree")
    deep = bool(request.query.get("recursive"))
    found = _deep(repo, sha) if deep else trees.entries(repo.git.objects, sha)
    lines = [
        shapes.tree_entry(hub.web, repo, path, entry, _size(repo, entry))
        for path, entry in sorted(found.items())
    ]
    url = f"{shapes.address(hub.web, repo)}/git/trees/{sha}"
    return {"sha": sha, "url": url, "tree": lines, "truncated": False}


def _deep(repo: Repository, sha: str, prefix: str = "") -> dict[str, trees.Entry]:
    """Every entry below a tree, with the folders."""
    found = {}
    for name, entry in trees.entries(repo.git.objects, sha).items():
        found[prefix + name] = entry
        if entry.kind == "tree":
            found.update(_deep(repo, entry.sha, f"{prefix}{name}/"))
    return found


def _size(repo: Repository, entry: trees.Entry) -> int | None:
    return len(repo.git.objects.read(entry.sha)[1]) if entry.kind == "blob" else None


@route("POST", f"{_BASE}/trees", "contents:write")
def create_tree(hub: Hub, request: Request) -> Answer:
    repo, objects = request.repo, request.repo.git.objects
    base = request.json.get("base_tree")
    files: dict[str, trees.Entry] = {}
    if base:
        known = repo.git.commit(base)
        base = known.tree if known else base
        _kind(repo, base, "tree")
        files = trees.flat(objects, base)
    before = dict(files)
    for line in request.required("tree"):
        sha = line.get("sha")
        if sha is None and "content" in line:
            sha = objects.write("blob", line["content"].encode())
        if sha is None:
            files.pop(line["path"], None)
        else:
            files[line["path"]] = trees.Entry(line["mode"], sha)
    check_workflows(request, before, files)
    with hub.effect("tree", repo, request.actor.by):
        made = repo.git.write_tree(files)
    request.params["sha"] = made
    return Answer(201, tree(hub, request))


def check_workflows(request: Request, old: trees.Flat, new: trees.Flat) -> None:
    """Workflows are changed only with a permission of their own."""
    touched = {
        path
        for path in {*old, *new}
        if path.startswith(WORKFLOWS) and old.get(path) != new.get(path)
    }
    one = request.actor.installation
    if one and touched and request.actor.permissions.get("workflows") != "write":
        name = min(touched)
        text = (
            "refusing to allow a GitHub App to create or update workflow "
            f"`{name}` without `workflows` permission"
        )
        raise HttpError(403, text, headers={"X-Accepted-GitHub-Permissions": "workflows=write"})


@route("GET", f"{_BASE}/blobs/{{sha}}", "contents:read")
def blob(hub: Hub, request: Request) -> Json:
    sha = request.params["sha"]
    data = _kind(request.repo, sha, "blob")
    return shapes.blob(hub.web, request.repo, sha, data)


@route("POST", f"{_BASE}/blobs", "contents:write")
def create_blob(hub: Hub, request: Request) -> Answer:
    content, repo = request.required("content"), request.repo
    try:
        coded = request.json.get("encoding") == "base64"
        data = base64.b64decode(content, validate=False) if coded else content.encode()
    except binascii.Error as error:
        raise HttpError(422, "content is not valid Base64") from error
    with hub.effect("blob", repo, request.actor.by):
        sha = repo.git.objects.write("blob", data)
    return Answer(201, {"url": f"{shapes.address(hub.web, repo)}/git/blobs/{sha}", "sha": sha})
