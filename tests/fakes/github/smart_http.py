"""Git over HTTP: clone, fetch and push with a token, by git's own programs."""

import os
import re
import subprocess
import zlib
from typing import TYPE_CHECKING

from tests.fakes.github import authentication
from tests.fakes.github.acts import branches
from tests.fakes.github.answers import Answer, HttpError
from tests.fakes.github.git.repository import HEADS
from tests.fakes.github.routing import Actor
from tests.fakes.github.state import Repository

if TYPE_CHECKING:
    from tests.fakes.github.hub import Hub

_PATH = re.compile(
    r"/(?P<name>[^/]+/[^/]+?)(\.git)?/(?P<what>info/refs|git-upload-pack|git-receive-pack)"
)


def is_git(target: str) -> bool:
    return _PATH.fullmatch(target.partition("?")[0]) is not None


def answer(hub: "Hub", method: str, target: str, headers: dict[str, str], raw: bytes) -> Answer:
    """One request of a git client."""
    path, _, query = target.partition("?")
    match = _PATH.fullmatch(path)
    assert match
    what = match["what"]
    service = query.removeprefix("service=") if what == "info/refs" else what
    try:
        who, repo = _allowed(hub, headers, match["name"], service)
    except HttpError as error:
        asked = {"WWW-Authenticate": 'Basic realm="GitHub"'} if error.status == 401 else {}
        return Answer(error.status, error.message.encode(), asked, "text/plain")
    if what == "info/refs":
        return _advertised(repo, service, headers)
    if headers.get("content-encoding") == "gzip":
        raw = zlib.decompress(raw, zlib.MAX_WBITS | 16)
    if service == "git-upload-pack":
        return _run(repo, service, raw, headers)
    with hub.lock:
        before = repo.git.branches()
        made = _run(repo, service, raw, headers)
        _follow(hub, repo, who, before)
    return made


def _allowed(
    hub: "Hub", headers: dict[str, str], name: str, service: str
) -> tuple[Actor, Repository]:
    with hub.lock:
        who = authentication.actor(hub, headers.get("authorization", ""))
        repo = hub.find(name)
        level = "write" if service == "git-receive-pack" else "read"
        if who.person is None:
            raise HttpError(401, "Authentication required")
        if repo is None or not authentication.can_see(who, repo):
            raise HttpError(404, "Repository not found.")
        authentication.allow(who, repo, (("contents", level),))
        return who, repo


def _advertised(repo: Repository, service: str, headers: dict[str, str]) -> Answer:
    made = _run(repo, service, b"", headers, "--advertise-refs")
    line = f"# service={service}\n"
    first = f"{len(line) + 4:04x}{line}0000".encode()
    version = headers.get("git-protocol", "")
    made.body = (
        made.body if "version=2" in version and service == "git-upload-pack" else first + made.body
    )
    made.kind = f"application/x-{service}-advertisement"
    return made


def _run(
    repo: Repository, service: str, raw: bytes, headers: dict[str, str], *options: str
) -> Answer:
    program = service.removeprefix("git-")
    done = subprocess.run(
        ["git", program, "--stateless-rpc", *options, str(repo.git.folder)],
        input=raw,
        capture_output=True,
        check=False,
        env={"PATH": os.environ.get("PATH", ""), "GIT_PROTOCOL": headers.get("git-protocol", "")},
    )
    return Answer(
        200, done.stdout, {"Cache-Control": "no-cache"}, f"application/x-{service}-result"
    )


def _follow(hub: "Hub", repo: Repository, who: Actor, before: dict[str, str]) -> None:
    """What has been pushed has its consequences."""
    after = repo.git.branches()
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            with hub.effect("push", repo, who.person, branch=name, sha=new, ref=HEADS + name):
                forced = bool(old and new and not repo.git.contains(new, old))
                branches.arrived(hub, repo, name, old, new, who.by, forced=forced)
