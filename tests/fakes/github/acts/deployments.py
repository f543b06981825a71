"""Deployments: made by a machine or a person, with the states they go through."""

from typing import Any

from tests.fakes.github.answers import HttpError, invalid
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes import deployments as shapes
from tests.fakes.github.state import App, Deployment, DeploymentStatus, Person, Repository

STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def create(
    hub: Hub,
    repo: Repository,
    who: Person,
    ref: str,
    values: dict[str, Any],
    app: App | None = None,
) -> Deployment:
    sha = repo.git.resolve(ref)
    if sha is None:
        raise HttpError(422, f"No ref found for: {ref}")
    environment = values.get("environment") or "production"
    with hub.effect("deployment", repo, who, sha=sha, environment=environment) as detail:
        made = Deployment(
            hub.next_id(),
            sha,
            ref,
            environment,
            who,
            hub.now(),
            task=values.get("task") or "deploy",
            description=values.get("description"),
            payload=values.get("payload") or {},
            production=values.get("production_environment", environment == "production"),
            app=app,
        )
        detail["id"] = made.id
        repo.deployments[made.id] = made
        hub.emit(
            "deployment",
            repo,
            who,
            action="created",
            deployment=shapes.deployment(hub.web, repo, made),
            workflow=None,
            workflow_run=None,
        )
    return made


def set_state(
    hub: Hub, repo: Repository, of: Deployment, who: Person, state: str, values: dict[str, Any]
) -> DeploymentStatus:
    if state not in STATES:
        raise invalid("DeploymentStatus", "state", "state is not included in the list")
    description = values.get("description") or ""
    if len(description) > 140:
        text = "description is too long (maximum is 140 characters)"
        raise invalid("DeploymentStatus", "description", text)
    with hub.effect("deployment status", repo, who, id=of.id, sha=of.sha, state=state):
        if state == "success":
            _retire_others(hub, repo, of, who)
        made = DeploymentStatus(hub.next_id(), state, description, who, hub.now())
        made.log_url = values.get("log_url") or values.get("target_url") or ""
        made.environment_url = values.get("environment_url") or ""
        of.statuses.append(made)
        _tell(hub, repo, of, made, who)
    return made


def _retire_others(hub: Hub, repo: Repository, of: Deployment, who: Person) -> None:
    """Earlier successes of the same environment become inactive."""
    for other in repo.deployments.values():
        last = other.statuses[-1].state if other.statuses else ""
        if other is not of and other.environment == of.environment and last == "success":
            made = DeploymentStatus(hub.next_id(), "inactive", "", who, hub.now())
            other.statuses.append(made)


def _tell(hub: Hub, repo: Repository, of: Deployment, one: DeploymentStatus, who: Person) -> None:
    hub.emit(
        "deployment_status",
        repo,
        who,
        action="created",
        deployment_status=shapes.status(hub.web, repo, of, one),
        deployment=shapes.deployment(hub.web, repo, of),
        check_run=None,
        workflow=None,
        workflow_run=None,
    )
