"""What the App asks for: enough for what the code does, and nothing more."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.github import webhooks
from bot.adapters.github.tokens import Task
from bot.domain import app_manifest
from bot.domain.app_manifest import (
    EVENTS,
    FOR_EVERY_APP,
    GRANTS,
    LEVELS,
    PERMISSIONS,
    Places,
    creation_address,
    lacking_events,
    lacking_permissions,
    manifest,
    needless_permissions,
    web_address,
)
from bot.domain.host_events import Topic

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "github-app.md"
PLACES = Places("https://example.org", "https://example.org/hook", "http://127.0.0.1:1/created")


def test_the_page_says_what_is_asked_for_and_why() -> None:
    _, _, after = PAGE.read_text("utf-8").partition("| Permission | Level | Why |\n|---|---|---|\n")
    rows = [line for line in after.partition("\n\n")[0].splitlines() if line.startswith("|")]
    assert rows == [f"| `{one.permission}` | {one.level} | {one.why} |" for one in GRANTS]


def test_workflows_and_administration_are_never_asked_for() -> None:
    assert not {"workflows", "administration", "secrets", "members"} & PERMISSIONS.keys()
    assert "admin" not in PERMISSIONS.values()


def test_every_token_that_we_ask_for_lies_within_the_permissions() -> None:
    for task in Task:
        for name, level in task.permissions.items():
            assert LEVELS.index(level) <= LEVELS.index(PERMISSIONS[name]), (task, name)


def test_every_level_of_writing_is_used_by_a_task() -> None:
    written = {
        name for task in Task for name, level in task.permissions.items() if level == "write"
    }
    assert written == {name for name, level in PERMISSIONS.items() if level == "write"}


def test_we_are_told_of_exactly_the_events_that_we_understand() -> None:
    understood = set(webhooks._READERS)  # noqa: SLF001 - the table that this one must agree with
    assert {*EVENTS, *FOR_EVERY_APP} == understood
    for event in EVENTS:
        about = webhooks.translate(event, b"{}")
        assert not isinstance(about, webhooks.Malformed)
        assert about.topic is not Topic.OTHER


def test_each_event_hangs_on_one_permission() -> None:
    hung = [event for grant in GRANTS for event in grant.events]
    assert len(hung) == len(set(hung))
    assert {*hung, *app_manifest.WITHOUT_PERMISSION} == set(EVENTS)


def test_the_manifest_has_what_github_takes() -> None:
    made = json.loads(json.dumps(manifest("Ironclaw", PLACES, listens=True)))
    assert made["redirect_url"] == PLACES.back
    assert made["hook_attributes"] == {"url": PLACES.webhook, "active": True}
    assert made["default_permissions"] == PERMISSIONS
    assert made["default_events"] == list(EVENTS)
    assert made["public"] is False
    assert made["callback_urls"] == []
    there = replace(PLACES, signed_in="https://ironclaw.example.org/signed-in")
    assert manifest("Ironclaw", there, listens=True)["callback_urls"] == [there.signed_in]


def test_a_long_name_is_cut_to_what_github_takes() -> None:
    name = manifest(f"Ironclaw {'x' * 24} {'y' * 9}", PLACES, listens=False)["name"]
    assert isinstance(name, str)
    assert re.fullmatch(r"Ironclaw x{24}", name)


def test_what_is_granted_is_enough_exactly_when_nothing_lacks() -> None:
    assert lacking_permissions(PERMISSIONS) == needless_permissions(PERMISSIONS) == ()
    assert lacking_events(EVENTS) == ()
    less = {**PERMISSIONS, "checks": "read"}
    del less["issues"]
    assert lacking_permissions(less) == ("checks: write", "issues: write")
    assert lacking_events(set(EVENTS) - {"push"}) == ("push",)


def test_what_is_granted_beyond_our_need_is_seen() -> None:
    more = {**PERMISSIONS, "workflows": "write", "statuses": "write", "pages": "everything"}
    assert needless_permissions(more) == (
        "pages: everything",
        "statuses: write",
        "workflows: write",
    )
    assert lacking_permissions(more) == ()


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.example.org/api/v3", "https://github.example.org"),
        ("https://github.example.org:8443/api/v3/", "https://github.example.org:8443"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
    ],
)
def test_people_are_sent_to_the_github_of_the_api(api: str, web: str) -> None:
    assert web_address(api) == web
    assert creation_address(api, "") == f"{web}/settings/apps/new"
    assert creation_address(api, "octo") == f"{web}/organizations/octo/settings/apps/new"
