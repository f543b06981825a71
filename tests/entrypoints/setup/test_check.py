"""`ironclaw setup --check`: what the App lacks, in words, from what GitHub says of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.app_manifest import EVENTS, PERMISSIONS
from tests.entrypoints.setup.person import run
from tests.fakes.github import FakeGitHub

NAME = "octo/sample"


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A GitHub with our App as the manifest makes it, installed on one account."""
    with FakeGitHub(tmp_path / "github", webhook_url="https://example.org/webhooks/github") as made:
        made.app.permissions = dict(PERMISSIONS)
        made.app.events = list(EVENTS)
        made.create_repository(NAME, {"a.py": "x = 1\n"})
        yield made


def settings(fake: FakeGitHub) -> dict[str, str]:
    return {
        "GITHUB_API_URL": fake.url,
        "GITHUB_APP_ID": str(fake.app_id),
        "GITHUB_CLIENT_ID": fake.client_id,
        "GITHUB_PRIVATE_KEY": fake.private_key,
        "GITHUB_WEBHOOK_SECRET": fake.webhook_secret,
    }


def problems(folder: Path, **given: str) -> str:
    """Everything that is missing; the program has to agree that something is."""
    done = run(folder, "--check", "--json", **given)
    assert done.returncode == 1, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["problems"]
    assert all(one["remedy"] for one in said["problems"])
    return "\n".join(one["what"] for one in said["problems"])


def test_an_app_that_has_all_it_needs_lacks_nothing(fake: FakeGitHub, tmp_path: Path) -> None:
    done = run(tmp_path, "--check", **settings(fake))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == (
        f"The App ironclaw ({fake.app_id}) is installed on octo.\nNothing is missing.\n"
    )


def test_it_changes_nothing(fake: FakeGitHub, tmp_path: Path) -> None:
    run(tmp_path, "--check", **settings(fake))
    assert {one.method for one in fake.requests} == {"GET"}


def test_permissions_and_events_that_lack_are_named(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.app.permissions |= {"checks": "read"}
    del fake.app.permissions["issues"]
    fake.app.events.remove("push")
    fake.installation(NAME).permissions.update(fake.app.permissions)
    said = problems(tmp_path, **settings(fake))
    assert "The App lacks the permissions checks: write, issues: write." in said
    assert "not told of the events push." in said
    assert "octo has not accepted" not in said


def test_an_account_that_has_not_accepted_a_permission_is_named(
    fake: FakeGitHub, tmp_path: Path
) -> None:
    fake.installation(NAME).permissions["contents"] = "read"
    said = problems(tmp_path, **settings(fake))
    assert said == "octo has not accepted the permissions contents: write."


def test_more_than_is_needed_is_noted_and_hinders_nothing(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.app.permissions |= {"workflows": "write", "statuses": "write"}
    done = run(tmp_path, "--check", **settings(fake))
    assert done.returncode == 0
    assert "more than it needs: statuses: write, workflows: write." in done.stdout
    assert "to statuses: read, workflows: no access." in done.stdout


def test_an_app_that_is_installed_nowhere_or_suspended_is_told(
    fake: FakeGitHub, tmp_path: Path
) -> None:
    fake.suspend_installation(NAME)
    assert "octo has suspended the App." in problems(tmp_path, **settings(fake))
    fake.delete_installation(NAME)
    assert "not installed anywhere" in problems(tmp_path, **settings(fake))


def test_a_webhook_without_address_or_secret_is_told(fake: FakeGitHub, tmp_path: Path) -> None:
    given = settings(fake)
    fake.webhooks.url = "https://example.com/webhooks/github"
    fake.app.webhook_secret = ""
    said = problems(tmp_path, **given)
    assert "webhook has no address" in said
    assert "webhook has no secret" in said


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("GITHUB_PRIVATE_KEY", "GITHUB_PRIVATE_KEY is not set"),
        ("GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET is not set"),
    ],
)
def test_a_setting_that_is_missing_is_named(
    fake: FakeGitHub, tmp_path: Path, name: str, what: str
) -> None:
    given = settings(fake)
    del given[name]
    assert what in problems(tmp_path, **given)


def test_the_apps_id_alone_is_enough_to_ask(fake: FakeGitHub, tmp_path: Path) -> None:
    given = settings(fake)
    del given["GITHUB_CLIENT_ID"]
    assert run(tmp_path, "--check", **given).returncode == 0
    del given["GITHUB_APP_ID"]
    assert "Neither GITHUB_CLIENT_ID nor GITHUB_APP_ID" in problems(tmp_path, **given)


def test_the_id_of_another_app_is_told(fake: FakeGitHub, tmp_path: Path) -> None:
    said = problems(tmp_path, **settings(fake) | {"GITHUB_APP_ID": "12345678"})
    assert f"GITHUB_APP_ID is 12345678, but the key belongs to the App {fake.app_id}." in said


def test_an_app_that_github_does_not_know_is_told_without_a_traceback(
    fake: FakeGitHub, tmp_path: Path
) -> None:
    done = run(tmp_path, "--check", **settings(fake) | {"GITHUB_CLIENT_ID": "Iv1.nobody"})
    assert done.returncode == 1
    assert "does not know the App Iv1.nobody" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_github_that_does_not_answer_is_told(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.faults.add("cut-before", "GET", times=9)
    done = run(tmp_path, "--check", **settings(fake))
    assert done.returncode == 1
    assert "GITHUB_API_URL" in done.stderr
    assert "something that should not happen" not in done.stderr
