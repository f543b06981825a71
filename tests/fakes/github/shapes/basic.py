"""Addresses, times, node ids and people."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.fakes.github.state import App, Person

Json = dict[str, Any]


def when(at: datetime | None) -> str | None:
    """A moment as GitHub writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def node_id(kind: str, id: int | str) -> str:
    """The GraphQL name of a thing, which says what it is."""
    return base64.b64encode(f"{kind}:{id}".encode()).decode()


def parse_node_id(text: str) -> tuple[str, str]:
    """What `node_id` came from; two empty texts when it is none."""
    try:
        kind, _, id = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return kind, id


def links(base: str, names: Iterable[str], **ends: str) -> Json:
    """Addresses below `base`: each name gives `<name>_url`, ends give their own."""
    made = {f"{name}_url": f"{base}/{name}" for name in names}
    return made | {f"{name}_url": base + end for name, end in ends.items()}


def person(web: str, who: Person | None) -> Json | None:
    """A simple user."""
    if who is None:
        return None
    return shown_person(web, who)


def shown_person(web: str, who: Person) -> Json:
    base = f"{web}/users/{who.login}"
    names = ["followers", "subscriptions", "organizations", "repos", "received_events"]
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("User", who.id),
        "avatar_url": f"{web}/avatars/{who.id}",
        "gravatar_id": "",
        "url": base,
        "html_url": f"{web}/{who.login.removesuffix('[bot]')}",
        **links(
            base,
            names,
            following="/following{/other_user}",
            gists="/gists{/gist_id}",
            starred="/starred{/owner}{/repo}",
            events="/events{/privacy}",
        ),
        "type": who.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def app(web: str, one: App) -> Json:
    """An app (what GitHub's description calls an integration)."""
    return {
        "id": one.id,
        "slug": one.slug,
        "node_id": node_id("App", one.id),
        "client_id": one.client_id,
        "owner": shown_person(web, one.owner),
        "name": one.name,
        "description": one.description,
        "external_url": f"{web}/{one.slug}",
        "html_url": f"{web}/apps/{one.slug}",
        "created_at": when(one.created_at),
        "updated_at": when(one.created_at),
        "permissions": dict(one.permissions),
        "events": list(one.events),
    }
