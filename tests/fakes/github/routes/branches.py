"""Branches as the repositories API shows them, with their protection."""

from tests.fakes.github.answers import HttpError, Page
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import repositories as shapes
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import Repository, Rules


@route("GET", "/repos/{owner}/{repo}/branches", "contents:read")
def branches(hub: Hub, request: Request) -> Page:
    repo = request.repo
    api = shapes.address(hub.web, repo)
    return Page(
        [
            {
                "name": name,
                "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
                "protected": name in repo.rules,
            }
            for name, sha in repo.git.branches().items()
        ]
    )


@route(
    "GET",
    "/repos/{owner}/{repo}/branches/{branch+}/protection/required_status_checks",
    "administration:read",
)
def required_checks(hub: Hub, request: Request) -> Json:
    """Classic protection only."""
    found = _rules(request.repo, request.params["branch"])
    if found is None or found.ruleset:
        raise HttpError(404, "Branch not protected")
    url = _protection(hub, request.repo, request.params["branch"]) + "/required_status_checks"
    return {"url": url, "contexts_url": f"{url}/contexts", **_checks(found)}


@route("GET", "/repos/{owner}/{repo}/branches/{branch+}", "contents:read")
def branch(hub: Hub, request: Request) -> Json:
    repo, name = request.repo, request.params["branch"]
    sha = repo.git.head(name)
    if sha is None:
        raise HttpError(404, "Branch not found")
    commit = repo.git.commit(sha)
    assert commit
    found = _rules(repo, name)
    url = f"{shapes.address(hub.web, repo)}/branches/{name}"
    protection: Json = {"enabled": found is not None}
    if found and not found.ruleset:
        level = "non_admins" if found.checks else "off"
        protection["required_status_checks"] = {"enforcement_level": level, **_checks(found)}
    return {
        "name": name,
        "commit": shapes.commit(hub.web, hub.people, repo, commit),
        "_links": {"self": url, "html": f"{hub.web}/{repo.full_name}/tree/{name}"},
        "protected": found is not None,
        "protection": protection,
        "protection_url": _protection(hub, repo, name),
    }


def _rules(repo: Repository, branch: str) -> Rules | None:
    return repo.rules.get(branch)


def _protection(hub: Hub, repo: Repository, branch: str) -> str:
    return f"{shapes.address(hub.web, repo)}/branches/{branch}/protection"


def _checks(found: Rules) -> Json:
    return {
        "strict": found.strict,
        "contexts": [name for name, _ in found.checks],
        "checks": [{"context": name, "app_id": app_id} for name, app_id in found.checks],
    }
