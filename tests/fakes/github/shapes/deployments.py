"""Deployments and their statuses."""

from tests.fakes.github.shapes.basic import Json, app, node_id, person, when
from tests.fakes.github.shapes.repositories import address
from tests.fakes.github.state import Deployment, DeploymentStatus, Repository


def deployment(web: str, repo: Repository, one: Deployment) -> Json:
    url = f"{address(web, repo)}/deployments/{one.id}"
    last = one.statuses[-1].at if one.statuses else one.at
    return {
        "id": one.id,
        "node_id": node_id("Deployment", one.id),
        "url": url,
        "sha": one.sha,
        "ref": one.ref,
        "task": one.task,
        "payload": one.payload,
        "original_environment": one.environment,
        "environment": one.environment,
        "description": one.description,
        "creator": person(web, one.by),
        "created_at": when(one.at),
        "updated_at": when(last),
        "statuses_url": f"{url}/statuses",
        "repository_url": address(web, repo),
        "transient_environment": False,
        "production_environment": one.production,
        "performed_via_github_app": app(web, one.app) if one.app else None,
    }


def status(web: str, repo: Repository, of: Deployment, one: DeploymentStatus) -> Json:
    url = f"{address(web, repo)}/deployments/{of.id}"
    return {
        "id": one.id,
        "node_id": node_id("DeploymentStatus", one.id),
        "url": f"{url}/statuses/{one.id}",
        "state": one.state,
        "creator": person(web, one.by),
        "description": one.description,
        "environment": of.environment,
        "target_url": one.log_url,
        "log_url": one.log_url,
        "environment_url": one.environment_url,
        "created_at": when(one.at),
        "updated_at": when(one.at),
        "deployment_url": url,
        "repository_url": address(web, repo),
        "performed_via_github_app": app(web, of.app) if of.app else None,
    }
