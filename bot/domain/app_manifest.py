"""What our GitHub App may do and is told of, why, and the document that asks for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

LEVELS: Final = ("none", "read", "write", "admin")
_MOST_NAME: Final = 34
"""GitHub takes no longer name of an App."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission in a repository, and the events that GitHub tells only those who have it."""

    permission: str
    level: str
    why: str
    events: tuple[str, ...] = ()


GRANTS: Final = (
    Grant(
        "actions",
        "read",
        "hear that a workflow has ended, also when it reports no check, and read the report that "
        "it kept",
        ("workflow_run",),
    ),
    Grant(
        "checks",
        "write",
        "read whether the required checks passed, and report in one check of our own",
        ("check_run", "check_suite"),
    ),
    Grant(
        "contents",
        "write",
        "read the code, commit to branches of our own, merge, and open reverts",
        ("push",),
    ),
    Grant(
        "deployments",
        "read",
        "see when an improvement is deployed, to begin watching it",
        ("deployment", "deployment_status"),
    ),
    Grant(
        "issues",
        "write",
        "keep the dashboard issue, and tell a person what only a person can mend",
        ("issues", "issue_comment"),
    ),
    Grant(
        "merge_queues",
        "read",
        "follow a pull request through the merge queue, where a repository has one",
        ("merge_group",),
    ),
    Grant(
        "metadata",
        "read",
        "know the repository, its rules and who may write to it; every App has this",
        ("repository",),
    ),
    Grant(
        "pull_requests",
        "write",
        "open, label, answer and close pull requests, and read their reviews",
        ("pull_request", "pull_request_review"),
    ),
    Grant(
        "statuses",
        "read",
        "read the results of CI that reports statuses rather than checks",
        ("status",),
    ),
)
"""All that we ask for. Never `workflows`: so GitHub itself refuses a change of one."""

FOR_EVERY_APP: Final = ("installation", "installation_repositories")
"""Events that GitHub sends to every App, and that nobody can ask for."""
WITHOUT_PERMISSION: Final = ("installation_target",)
"""Events that may be asked for with no permission: here, that an account is renamed."""

PERMISSIONS: Final[Mapping[str, str]] = {grant.permission: grant.level for grant in GRANTS}
EVENTS: Final = tuple(
    sorted({event for grant in GRANTS for event in grant.events} | {*WITHOUT_PERMISSION})
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the App leads: `webhook` gets deliveries, `back` the code that makes it ours.

    `signed_in` is where GitHub sends people who sign in, empty where nobody can.
    """

    home: str
    webhook: str
    back: str
    signed_in: str = ""


def manifest(name: str, places: Places, *, listens: bool) -> dict[str, object]:
    """The document from which GitHub makes the App; without `listens` it sends no delivery yet."""
    return {
        "name": name[:_MOST_NAME].strip(),
        "url": places.home,
        "description": "Finds what to improve, proves it, merges on green, reverts what got worse.",
        "public": False,
        "redirect_url": places.back,
        "callback_urls": [places.signed_in] if places.signed_in else [],
        "hook_attributes": {"url": places.webhook, "active": listens},
        "default_permissions": dict(PERMISSIONS),
        "default_events": list(EVENTS),
        "request_oauth_on_install": False,
        "setup_on_update": False,
    }


def lacking_permissions(granted: Mapping[str, str]) -> tuple[str, ...]:
    """What is not granted that we need, as `permission: level`."""
    return tuple(
        f"{name}: {level}"
        for name, level in PERMISSIONS.items()
        if _rank(granted.get(name, "none")) < _rank(level)
    )


def needless_permissions(granted: Mapping[str, str]) -> tuple[str, ...]:
    """What is granted beyond our need, as `permission: level`."""
    return tuple(
        f"{name}: {level}"
        for name, level in sorted(granted.items())
        if _rank(level) > _rank(PERMISSIONS.get(name, "none"))
    )


def lacking_events(told: Collection[str]) -> tuple[str, ...]:
    """The events that we need and are not told of."""
    return tuple(event for event in EVENTS if event not in told)


def web_address(api: str) -> str:
    """Where people meet the GitHub whose API is at this address."""
    address = api.rstrip("/").removesuffix("/api/v3")
    scheme, _, host = address.partition("://")
    return f"{scheme}://{host.removeprefix('api.')}"


def creation_address(api: str, organization: str) -> str:
    """Where a form with the manifest goes, for a person's own account or an organization's."""
    owner = f"/organizations/{organization}" if organization else ""
    return f"{web_address(api)}{owner}/settings/apps/new"


def _rank(level: str) -> int:
    """The place of a level among them; one that we do not know is above all."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
