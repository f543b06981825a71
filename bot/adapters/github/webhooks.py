"""Deliveries without any I/O: whether one is from GitHub, and what it says in our words."""

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.adapters.github.fields import Fields
from bot.domain.host_events import HostEvent, Topic

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_MAX_DEPTH = 100
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
_QUEUED = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-([0-9]{1,18})-[0-9a-f]+")
_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A delivery that is no JSON object that we can read; it is kept and wakes nobody."""

    why: str


def verify(body: bytes, header: str | None, secrets: Iterable[str]) -> bool:
    """Whether the signature header is that of the raw body under one of the secrets.

    Several secrets are valid while one is being replaced. An empty secret is none.
    """
    found = _SIGNATURE.fullmatch(header or "")
    claimed = found[1].encode() if found else b""
    keys = [secret.encode("utf-8", "surrogatepass") for secret in secrets if secret]
    # All are compared, whichever matches, so that the time tells nothing about them.
    matches = [hmac.compare_digest(_signed(body, key), claimed) for key in keys]
    return any(matches)


def _signed(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256").hex().encode()


def translate(event_name: str, body: bytes) -> HostEvent | Malformed:
    """What a delivery is about; an event that we do not know is OTHER. Never raises."""
    payload = _parsed(body)
    if isinstance(payload, Malformed):
        return payload
    read = _READERS.get(event_name)
    about = read(payload) if read else HostEvent(Topic.OTHER)
    return replace(
        about,
        action=about.action or payload.text("action"),
        installation=payload.number("installation", "id"),
        repository=payload.text("repository", "full_name"),
        repository_id=payload.number("repository", "id"),
        sender=payload.text("sender", "login"),
        sender_is_bot=payload.text("sender", "type") == "Bot",
    )


def _parsed(body: bytes) -> Fields | Malformed:
    try:
        if _is_too_deep(body):
            return Malformed(f"it nests deeper than {_MAX_DEPTH} levels")
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return Malformed(f"it is no JSON in UTF-8: {type(error).__name__}")
    if not isinstance(value, dict):
        return Malformed("it is no JSON object")
    return Fields(value)


def _is_too_deep(body: bytes) -> bool:
    """Whether the parser would have to go deeper than we let it, found without recursion."""
    if body.count(b"[") + body.count(b"{") <= _MAX_DEPTH:
        return False
    depth = 0
    for found in _BRACKETS.finditer(body):
        depth += (found[0] in (b"[", b"{")) - (found[0] in (b"]", b"}"))
        if depth > _MAX_DEPTH:
            return True
    return False


def _installation(payload: Fields) -> HostEvent:
    lists = ("repositories", "repositories_added", "repositories_removed")
    names = (one.text("full_name") for key in lists for one in payload.each(key))
    return HostEvent(Topic.INSTALLATION, repositories=tuple(filter(None, names)))


def _repository(_: Fields) -> HostEvent:
    return HostEvent(Topic.REPOSITORY)


def _pull_request(payload: Fields) -> HostEvent:
    pull = payload.at("pull_request")
    return HostEvent(
        Topic.PULL_REQUEST,
        pulls=_numbers(payload.number("number") or pull.number("number")),
        commits=_shas(pull.sha("head", "sha"), pull.sha("merge_commit_sha")),
        branch=pull.text("head", "ref"),
    )


def _review(payload: Fields) -> HostEvent:
    return replace(_pull_request(payload), topic=Topic.REVIEW)


def _comment(payload: Fields) -> HostEvent:
    number = payload.number("issue", "number")
    return HostEvent(Topic.COMMENT, pulls=_numbers(number), comment=payload.number("comment", "id"))


def _issue(payload: Fields) -> HostEvent:
    return HostEvent(Topic.ISSUE, pulls=_numbers(payload.number("issue", "number")))


def _suite(payload: Fields) -> HostEvent:
    return _check(payload.at("check_suite"), payload.text("check_suite", "head_branch"))


def _check_run(payload: Fields) -> HostEvent:
    run = payload.at("check_run")
    return _check(run, run.text("check_suite", "head_branch"))


def _workflow_run(payload: Fields) -> HostEvent:
    return _check(payload.at("workflow_run"), payload.text("workflow_run", "head_branch"))


def _check(check: Fields, branch: str) -> HostEvent:
    pulls = (one.number("number") for one in check.each("pull_requests"))
    return HostEvent(
        Topic.CHECK, pulls=_numbers(*pulls), commits=_shas(check.sha("head_sha")), branch=branch
    )


def _status(payload: Fields) -> HostEvent:
    branch = next((one.text("name") for one in payload.each("branches")), "")
    return HostEvent(Topic.CHECK, commits=_shas(payload.sha("sha")), branch=branch)


def _deployment(payload: Fields) -> HostEvent:
    return HostEvent(
        Topic.DEPLOYMENT,
        # How it stands says more than that a status was created.
        action=payload.text("deployment_status", "state"),
        commits=_shas(payload.sha("deployment", "sha")),
        branch=payload.text("deployment", "ref"),
    )


def _push(payload: Fields) -> HostEvent:
    return HostEvent(
        Topic.PUSH, commits=_shas(payload.sha("after")), branch=_branch(payload.text("ref"))
    )


def _merge_group(payload: Fields) -> HostEvent:
    group = payload.at("merge_group")
    found = _QUEUED.fullmatch(group.text("head_ref"))
    return HostEvent(
        Topic.MERGE_QUEUE,
        pulls=_numbers(int(found[1]) if found else None),
        commits=_shas(group.sha("head_sha")),
        branch=_branch(group.text("base_ref")),
    )


def _branch(ref: str) -> str:
    return ref.removeprefix(_HEADS) if ref.startswith(_HEADS) else ""


def _numbers(*numbers: int | None) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for number in numbers if number))


def _shas(*shas: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, shas)))


_READERS: Mapping[str, Callable[[Fields], HostEvent]] = {
    "installation": _installation,
    "installation_repositories": _installation,
    "installation_target": _installation,
    "repository": _repository,
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "issue_comment": _comment,
    "issues": _issue,
    "check_suite": _suite,
    "check_run": _check_run,
    "workflow_run": _workflow_run,
    "status": _status,
    "deployment": _deployment,
    "deployment_status": _deployment,
    "push": _push,
    "merge_group": _merge_group,
}
