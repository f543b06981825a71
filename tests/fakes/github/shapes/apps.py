"""Installations and tokens."""

from tests.fakes.github.shapes.basic import Json, person, when
from tests.fakes.github.state import Installation


def installation(web: str, one: Installation) -> Json:
    url = f"{web}/app/installations/{one.id}"
    return {
        "id": one.id,
        "account": person(web, one.account),
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{web}/installation/repositories",
        "html_url": f"{web}/settings/installations/{one.id}",
        "app_id": one.app.id,
        "client_id": one.app.client_id,
        "app_slug": one.app.slug,
        "target_id": one.account.id,
        "target_type": one.account.kind,
        "permissions": dict(one.permissions),
        "events": list(one.app.events),
        "created_at": when(one.created_at),
        "updated_at": when(one.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "repository_selection": "selected",
        "suspended_by": person(web, one.account) if one.suspended_at else None,
        "suspended_at": when(one.suspended_at),
    }
