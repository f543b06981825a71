"""Repositories themselves, their rules and people, and what the API says of itself."""

from tests.fakes.github.answers import Page, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.limits import CORE, GRAPHQL
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import basic, repositories
from tests.fakes.github.shapes.basic import Json

_ROLES = {"admin": 4, "maintain": 3, "write": 2, "triage": 1, "read": 0}


@route("GET", "/repos/{owner}/{repo}", "metadata:read")
def repository(hub: Hub, request: Request) -> Json:
    shown = repositories.with_settings(hub.web, request.repo)
    if request.actor.user_of is None:
        return shown
    return {**shown, "permissions": repositories.granted(request.repo, request.actor.by)}


@route("GET", "/repos/{owner}/{repo}/collaborators/{login}/permission", "metadata:read")
def permission(hub: Hub, request: Request) -> Json:
    login = request.params["login"]
    who = hub.people.find(login)
    if who is None:
        raise not_found()
    default = "none" if request.repo.private else "read"
    role = request.repo.permissions.get(who.login, default)
    shown = {"maintain": "write", "triage": "read"}.get(role, role)
    rank = _ROLES.get(role, -1)
    user = {
        **basic.shown_person(hub.web, who),
        "permissions": {
            "pull": rank >= 0,
            "triage": rank >= 1,
            "push": rank >= 2,
            "maintain": rank >= 3,
            "admin": rank >= 4,
        },
        "role_name": role,
    }
    return {"permission": shown, "role_name": role, "user": user}


@route("GET", "/repos/{owner}/{repo}/rules/branches/{branch+}", "metadata:read")
def rules(hub: Hub, request: Request) -> Page:
    """The rules of rulesets that hold for a branch; classic protection is not among them."""
    found = request.repo.rules.get(request.params["branch"])
    if found is None or not found.ruleset:
        return Page([])
    origin = {
        "ruleset_source_type": "Repository",
        "ruleset_source": request.repo.full_name,
        "ruleset_id": request.repo.id,
    }
    made: list[Json] = []
    if found.checks:
        checks = [
            {"context": name} | ({"integration_id": app_id} if app_id else {})
            for name, app_id in found.checks
        ]
        made.append(
            {
                "type": "required_status_checks",
                "parameters": {
                    "required_status_checks": checks,
                    "strict_required_status_checks_policy": found.strict,
                    "do_not_enforce_on_create": False,
                },
            }
        )
    if found.approvals:
        made.append({"type": "pull_request", "parameters": _review_rule(found.approvals)})
    if found.merge_queue:
        made.append({"type": "merge_queue", "parameters": _queue_rule()})
    return Page([{**one, **origin} for one in made])


def _review_rule(approvals: int) -> Json:
    return {
        "required_approving_review_count": approvals,
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
        "allowed_merge_methods": ["merge", "squash", "rebase"],
    }


def _queue_rule() -> Json:
    return {
        "check_response_timeout_minutes": 60,
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "merge_method": "MERGE",
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }


@route("GET", "/rate_limit", auth="any")
def rate_limit(hub: Hub, request: Request) -> Json:
    one = request.actor.installation
    who = f"installation {one.id}" if one else "others"
    shown = {}
    for resource in (CORE, GRAPHQL, "search"):
        bucket = hub.limits.bucket(who, resource, hub.now())
        shown[resource] = {
            "limit": bucket.limit,
            "used": bucket.used,
            "remaining": bucket.remaining,
            "reset": int(bucket.reset.timestamp()),
        }
    return {"resources": shown, "rate": shown[CORE]}


@route("GET", "/meta", auth="any")
def meta(hub: Hub, request: Request) -> Json:
    return {"verifiable_password_authentication": False, "hooks": ["127.0.0.0/8", "::1/128"]}
