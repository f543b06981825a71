"""`ironclaw setup` over real sockets: a process, a person's browser, and the fake GitHub."""

import json
import re
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.app_manifest import EVENTS, PERMISSIONS
from bot.entrypoints.setup.creation import VARIABLES
from bot.settings import read_settings
from tests.entrypoints.projects import git
from tests.entrypoints.setup.person import PUBLIC, Browser, run, setup_in
from tests.fakes.github import FakeGitHub


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the operator starts the program, with no App in the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    made = tmp_path / "here"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as made:
        yield made


def test_a_person_creates_the_app_and_finds_it_set_up(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    given = fake.offer_manifest("code1")
    with setup_in(folder, "--url", f"{PUBLIC}/", GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        back = browser.come_back(setup, "code1", page.state)
        code, out, err = setup.ended()

    assert page.action.startswith(f"{fake.url}/settings/apps/new?state=")
    assert page.method == "post"
    manifest = json.loads(page.fields["manifest"])
    assert manifest["redirect_url"] == f"{setup.site}/created"
    assert manifest["hook_attributes"] == {"url": f"{PUBLIC}/webhooks/github", "active": True}
    assert manifest["default_permissions"] == PERMISSIONS
    assert manifest["default_events"] == list(EVENTS)
    assert manifest["callback_urls"] == [f"{PUBLIC}/signed-in"]
    assert back.status_code == 303
    assert back.headers["Location"] == f"{given['html_url']}/installations/new"
    assert code == 0, err
    assert f"{given['html_url']}/installations/new" in out

    settings = read_settings()
    assert settings.ironclaw_url == PUBLIC
    assert settings.github_app_id == str(given["id"])
    assert settings.github_client_id == given["client_id"]
    assert settings.github_client_secret
    assert settings.github_client_secret.get_secret_value() == given["client_secret"]
    assert [one.get_secret_value() for one in settings.webhook_secrets] == [fake.webhook_secret]
    key = settings.private_key()
    assert key
    assert key.get_secret_value().strip() == given["pem"].strip()
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [".env"]


def test_no_secret_is_ever_shown(fake: FakeGitHub, folder: Path, browser: Browser) -> None:
    given = fake.offer_manifest("code1")
    with setup_in(folder, "--json", GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        back = browser.come_back(setup, "code1", page.state)
        _, out, err = setup.ended()
    said = json.loads(out)
    assert said["app_id"] == given["id"]
    assert said["install_url"] == f"{given['html_url']}/installations/new"
    assert said["webhook"] is None
    everything = out + err + back.text + str(back.headers)
    key_line = given["pem"].splitlines()[1]
    for secret in (given["client_secret"], given["webhook_secret"], key_line):
        assert secret
        assert secret not in everything


def test_the_page_works_without_scripts_and_lets_nothing_else_in(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    with setup_in(folder, "--org", "octo", GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        answer = browser.get(f"{setup.site}/")
    assert page.action.startswith(f"{fake.url}/organizations/octo/settings/apps/new?")
    assert {"script", "iframe", "img", "link"} & set(page.tags) == set()
    assert [name for name in page.attributes if name.startswith("on") or name == "style"] == []
    assert "button" in page.tags
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"form-action {fake.url};" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"


def test_without_a_public_address_the_webhook_is_not_active(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    fake.offer_manifest("code1")
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        browser.come_back(setup, "code1", page.state)
        _, out, _ = setup.ended()
    assert json.loads(page.fields["manifest"])["hook_attributes"]["active"] is False
    assert "GitHub sends it nothing yet" in out


# Who may do it.


def test_the_address_works_for_one_browser(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup, Browser() as other:
        assert other.get(f"{setup.site}/").status_code == 403
        assert other.get(f"{setup.site}/?token=%C3%A9").status_code == 403
        browser.open(setup)
        refused = other.get(setup.address)
        assert refused.status_code == 403
        assert "state=" not in refused.text
        # Who has it may come again, by either address.
        assert browser.get(setup.address).status_code == 200


def test_a_page_of_another_name_that_leads_here_gets_nothing(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        assert browser.get(setup.address, Host="rebound.example.org").status_code == 403
        browser.open(setup)


@pytest.mark.parametrize("state", ["", "wrong", "%C3%A9"])
def test_nobody_is_let_back_with_another_state(
    fake: FakeGitHub, folder: Path, browser: Browser, state: str
) -> None:
    fake.offer_manifest("code1")
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        assert browser.come_back(setup, "code1", state).status_code == 403
        assert not [one for one in fake.requests if "app-manifests" in one.path]
        assert not (folder / ".env").exists()
        # Whoever guesses does not spoil it.
        assert browser.come_back(setup, "code1", page.state).status_code == 303


def test_a_state_works_once_and_the_form_may_be_sent_again(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    fake.offer_manifest("good")
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        refused = browser.come_back(setup, "expired", page.state)
        assert refused.status_code == 502
        assert "begin the set-up again" in refused.text
        assert browser.come_back(setup, "good", page.state).status_code == 403
        again = browser.open_again(setup)
        assert again.state != page.state
        assert browser.come_back(setup, "good", again.state).status_code == 303
        assert setup.ended()[0] == 0


@pytest.mark.parametrize("code", ["", "../../user", "a%0Ab", "x" * 300])
def test_what_is_no_code_is_not_sent_to_github(
    fake: FakeGitHub, folder: Path, browser: Browser, code: str
) -> None:
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        assert browser.come_back(setup, code, page.state).status_code == 502
    assert fake.requests == []


def test_a_failing_github_is_told_and_tried_again(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    fake.offer_manifest("code1")
    fake.faults.add("error-before", "POST")
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        failed = browser.come_back(setup, "code1", page.state)
        assert failed.status_code == 502
        assert "delete it there" in failed.text
        again = browser.open_again(setup)
        assert browser.come_back(setup, "code1", again.state).status_code == 303


def test_a_file_that_cannot_be_written_after_all_says_to_delete_the_app(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    given = fake.offer_manifest("code1")
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        (folder / ".env").mkdir()
        assert browser.come_back(setup, "code1", page.state).status_code == 502
        code, _, err = setup.ended()
    assert code == 1
    assert f"Delete the App at {given['html_url']}" in err
    assert "Traceback" not in err
    assert [path.name for path in folder.iterdir()] == [".env"]


def test_ctrl_c_ends_it_and_nothing_is_written(fake: FakeGitHub, folder: Path) -> None:
    # Where these tests run as a script's background job, what they start never hears of Ctrl-C.
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    with setup_in(folder, GITHUB_API_URL=fake.url) as setup:
        setup.process.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
        code, _, err = setup.ended()
    assert code == 130
    assert "Traceback" not in err
    assert list(folder.iterdir()) == []


# Where it may not.


def test_an_app_that_is_set_up_is_not_replaced_unless_it_is_said(
    fake: FakeGitHub, folder: Path, browser: Browser
) -> None:
    file = folder / ".env"
    file.write_text("PORT=8080\nGITHUB_APP_ID=7\nGITHUB_PRIVATE_KEY_FILE=old.pem\n# mine\n")
    refused = run(folder, GITHUB_API_URL=fake.url)
    assert refused.returncode == 1
    assert "GITHUB_APP_ID" in refused.stderr
    assert "--force" in refused.stderr
    given = fake.offer_manifest("code1")
    with setup_in(folder, "--force", GITHUB_API_URL=fake.url) as setup:
        page = browser.open(setup)
        browser.come_back(setup, "code1", page.state)
        assert setup.ended()[0] == 0
    assert file.read_text().startswith("PORT=8080\n# mine\nGITHUB_APP_ID=")
    assert read_settings().github_app_id == str(given["id"])
    assert read_settings().private_key()


def test_an_app_in_the_environment_is_one_too(fake: FakeGitHub, folder: Path) -> None:
    refused = run(folder, GITHUB_CLIENT_ID="Iv1.x")
    assert refused.returncode == 1
    assert "GITHUB_CLIENT_ID" in refused.stderr


def test_a_file_that_git_would_commit_is_refused(folder: Path) -> None:
    git(folder, "init", "--quiet")
    refused = run(folder)
    assert refused.returncode == 1
    assert ".gitignore" in refused.stderr
    (folder / ".gitignore").write_text(".env\n")
    with setup_in(folder):
        pass
    (folder / ".env").write_text("PORT=1\n")
    git(folder, "add", "--force", ".env")
    assert run(folder).returncode == 1


@pytest.mark.parametrize(
    "url", ["ironclaw", "ftp://x", "https://", "http://localhost:8000", "http://[", "https://a b"]
)
def test_an_address_that_github_cannot_reach_is_wrong_usage(folder: Path, url: str) -> None:
    assert run(folder, "--url", url).returncode == 2


def test_a_name_that_is_no_organization_is_wrong_usage(folder: Path) -> None:
    assert run(folder, "--org", "a/b").returncode == 2


def test_a_port_that_is_taken_is_told(fake: FakeGitHub, folder: Path) -> None:
    port = re.search(r"\d+$", fake.url)
    assert port
    refused = run(folder, "--port", port[0])
    assert refused.returncode == 1
    assert "--port" in refused.stderr


def test_the_help_has_examples(folder: Path) -> None:
    helped = run(folder, "--help")
    assert "ironclaw setup --check" in helped.stdout
