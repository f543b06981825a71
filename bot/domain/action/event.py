"""What of the event that started a workflow the Action goes by, all of it from outside."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

OUR_BRANCHES: Final = "ironclaw/"
_SHA: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_LARGEST: Final = 10**10


@dataclass(frozen=True, slots=True)
class Event:
    """Where and why the workflow runs; what is not known is empty.

    `is_fork` says that a pull request comes from another repository: there the token may only
    read, and there are no secrets. `base_sha` is what the pull request is compared with, or the
    branch's commit before a push.
    """

    name: str = ""
    repository: str = ""
    sha: str = ""
    run_url: str = ""
    api_url: str = "https://api.github.com"
    pull_request: int | None = None
    is_fork: bool = False
    base_sha: str = ""
    head_ref: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether the branch is called like those that Ironclaw makes."""
        return self.head_ref.startswith(OUR_BRANCHES)


def read_event(environment: Mapping[str, str], payload: Any) -> Event:
    """Only what has the form that it should; `payload` is any JSON."""
    repository = environment.get("GITHUB_REPOSITORY", "")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    run = environment.get("GITHUB_RUN_ID", "")
    known = repository if _NAME.fullmatch(repository) else ""
    pull = _at(payload, "pull_request")
    number = _at(pull, "number")
    return Event(
        name=environment.get("GITHUB_EVENT_NAME", ""),
        repository=known,
        sha=_sha(environment.get("GITHUB_SHA")),
        run_url=f"{server}/{known}/actions/runs/{run}" if known and run.isdecimal() else "",
        api_url=environment.get("GITHUB_API_URL") or Event().api_url,
        pull_request=number if _is_number(number) else None,
        is_fork=isinstance(pull, dict) and _is_foreign(pull),
        base_sha=_sha(_at(pull, "base", "sha") or _at(payload, "before")),
        head_ref=str(_at(pull, "head", "ref") or ""),
    )


def base_of(event: Event, head: str, parents: Sequence[str]) -> str:
    """The commit that a checkout of `head` is compared with, "" where nothing says which.

    Of the merge that GitHub made it is the first parent. Any other merge was made by whoever
    wrote the pull request: its first parent may be theirs, with a policy of their own.
    """
    if event.pull_request and len(parents) == 2 and head == event.sha:
        return parents[0]
    return event.base_sha


def _is_foreign(pull: Any) -> bool:
    """A head whose repository is gone was a fork as well."""
    head, base = _at(pull, "head", "repo", "id"), _at(pull, "base", "repo", "id")
    return not _is_number(head) or head != base


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST


def _sha(value: Any) -> str:
    """A commit's name; the one of zeros stands for none."""
    return value if isinstance(value, str) and _SHA.fullmatch(value) and value.strip("0") else ""


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
