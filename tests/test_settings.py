"""The settings: defaults, where they come from, and what is said about wrong ones."""

import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.adapters.policy_file.keys import all_keys
from bot.adapters.policy_file.limits import LIMITS
from bot.ports import UserError
from bot.settings import SECRETS, Settings, read_settings

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and an empty current folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return read_settings()


class TestDefaults:
    def test_are_those_of_the_product(self, tmp_path: Path) -> None:
        assert read_settings().model_dump() == {
            "enable_learning": True,
            "enable_auto_improvements": False,
            "learning_rate": 0.1,
            "improvement_confidence_threshold": 0.7,
            "exploration_rate": 0.1,
            "monitoring_duration_seconds": 300,
            "response_time_threshold_ms": 100,
            "enable_auto_rollback": True,
            "memory_warning_threshold_mb": 7168,
            "rollback_error_threshold": 0.1,
            "error_rate_threshold": 0.05,
            "database_url": SecretStr(f"sqlite:///{tmp_path}/.ironclaw/ironclaw.db"),
            "github_api_url": "https://api.github.com",
            "github_app_id": None,
            "github_client_id": None,
            "github_client_secret": None,
            "github_private_key": None,
            "github_private_key_file": None,
            "github_webhook_secret": None,
            "github_write_pause_seconds": 1.0,
            "openai_api_key": None,
            "openai_base_url": None,
            "ironclaw_models": "",
            "ironclaw_model_dollars_per_day": 10,
            "prometheus_url": None,
            "prometheus_token": None,
            "prometheus_repository_label": "",
            "ironclaw_intake_token": None,
            "ironclaw_requests_per_minute": 600,
            "ironclaw_url": None,
            "ironclaw_dashboard": "sign-in",
            "ironclaw_data_dir": tmp_path / ".ironclaw",
            "ironclaw_python": "",
            "host": "127.0.0.1",
            "port": 8000,
            "log_level": "info",
            "log_format": None,
        }

    def test_an_empty_variable_is_as_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert read(monkeypatch, PORT="", GITHUB_APP_ID="").port == 8000

    def test_the_database_lies_in_the_data_folder(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        found = read(monkeypatch, IRONCLAW_DATA_DIR="data")
        assert found.database_url.get_secret_value() == f"sqlite:///{tmp_path}/data/ironclaw.db"

    def test_moving_the_data_folder_moves_the_default_database_alone(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        moved = read_settings().moved_to(tmp_path / "other")
        assert moved.ironclaw_data_dir == tmp_path / "other"
        assert moved.database_url.get_secret_value() == f"sqlite:///{tmp_path}/other/ironclaw.db"
        given = read(monkeypatch, DATABASE_URL="postgresql://host/name").moved_to(tmp_path)
        assert given.database_url.get_secret_value() == "postgresql://host/name"

    def test_nothing_is_read_on_import(self) -> None:
        code = "import os; os.environ['PORT'] = 'wrong'; import bot.settings"
        subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


class TestSources:
    def test_dotenv_of_the_current_folder_is_read(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("PORT=9000\nSOMETHING_ELSE=1\n")
        assert read_settings().port == 9000

    def test_the_environment_beats_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / ".env").write_text("PORT=9000\n")
        assert read(monkeypatch, PORT="9001").port == 9001

    @pytest.mark.parametrize("below", [".", "src"])
    def test_dotenv_of_the_repository_being_improved_is_not(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, below: str
    ) -> None:
        folder = tmp_path / below
        folder.mkdir(exist_ok=True)
        (folder / ".env").write_text("OPENAI_BASE_URL=https://attacker.example\n")
        monkeypatch.chdir(folder)
        assert read_settings(tmp_path).openai_base_url is None
        assert read_settings(tmp_path / "elsewhere").openai_base_url is not None

    def test_one_that_is_no_text_is_told(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_bytes(b"PORT=\xff\n")
        with pytest.raises(UserError, match=r"\.env cannot be read"):
            read_settings()

    def test_another_file_may_be_named(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("PORT=9000\n")
        (tmp_path / "other").write_text("PORT=9001\n")
        assert read_settings(file=tmp_path / "other").port == 9001
        assert read_settings(file=tmp_path / "absent").port == 8000


class TestWrongValues:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("LEARNING_RATE", "0"),
            ("LEARNING_RATE", "1.5"),
            ("LEARNING_RATE", "nan"),
            ("EXPLORATION_RATE", "-0.1"),
            ("IMPROVEMENT_CONFIDENCE_THRESHOLD", "70"),
            ("ROLLBACK_ERROR_THRESHOLD", "2"),
            ("ERROR_RATE_THRESHOLD", "five"),
            ("ERROR_RATE_THRESHOLD", "1.5"),
            ("ERROR_RATE_THRESHOLD", "-0.1"),
            ("MONITORING_DURATION_SECONDS", "0"),
            ("MONITORING_DURATION_SECONDS", "99999999"),
            ("RESPONSE_TIME_THRESHOLD_MS", "0"),
            ("RESPONSE_TIME_THRESHOLD_MS", "-5"),
            ("RESPONSE_TIME_THRESHOLD_MS", "1e-9"),
            ("RESPONSE_TIME_THRESHOLD_MS", "1e9"),
            ("MEMORY_WARNING_THRESHOLD_MB", "-1"),
            ("MEMORY_WARNING_THRESHOLD_MB", "1e-9"),
            ("MEMORY_WARNING_THRESHOLD_MB", "1e12"),
            ("RESPONSE_TIME_THRESHOLD_MS", "inf"),
            ("ENABLE_LEARNING", "perhaps"),
            ("PORT", "65536"),
            ("LOG_LEVEL", "loud"),
            ("LOG_FORMAT", "xml"),
            ("GITHUB_API_URL", "api.github.com"),
            ("OPENAI_BASE_URL", "ftp://host"),
            ("PROMETHEUS_URL", "http://"),
        ],
    )
    def test_are_told_by_name_and_value(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        with pytest.raises(UserError, match=f"^{name}={re.escape(value)}: ") as caught:
            read(monkeypatch, **{name: value})
        assert caught.value.remedy

    def test_all_are_told_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(UserError, match=r"LEARNING_RATE.*; PORT"):
            read(monkeypatch, PORT="x", LEARNING_RATE="y")

    def test_two_private_keys_are_one_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(UserError, match="keep one") as caught:
            read(monkeypatch, GITHUB_PRIVATE_KEY="PEM-SECRET", GITHUB_PRIVATE_KEY_FILE="key.pem")
        assert "PEM-SECRET" not in str(caught.value)


class TestSecrets:
    def test_are_never_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = read(monkeypatch, **{name.upper(): "hush-hush" for name in SECRETS})
        assert "hush" not in repr(found)
        assert "hush" not in str(found.model_dump())

    def test_are_those_that_hold_keys_and_passwords(self) -> None:
        assert {
            "database_url",
            "github_client_secret",
            "github_private_key",
            "github_webhook_secret",
            "ironclaw_intake_token",
            "openai_api_key",
            "prometheus_token",
        } == SECRETS

    def test_webhook_secrets_may_be_several(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert read_settings().webhook_secrets == ()
        found = read(monkeypatch, GITHUB_WEBHOOK_SECRET="new, old,").webhook_secrets
        assert [secret.get_secret_value() for secret in found] == ["new", "old"]

    def test_intake_tokens_may_be_several(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert read_settings().intake_tokens == ()
        found = read(monkeypatch, IRONCLAW_INTAKE_TOKEN="new, old,").intake_tokens
        assert [token.get_secret_value() for token in found] == ["new", "old"]

    def test_a_private_key_on_one_line_gets_its_lines_back(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = read(monkeypatch, GITHUB_PRIVATE_KEY="-----BEGIN\\nabc\\nEND").private_key()
        assert found is not None
        assert found.get_secret_value() == "-----BEGIN\nabc\nEND"

    def test_a_private_key_may_lie_in_a_file(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        assert read_settings().private_key() is None
        (tmp_path / "key.pem").write_text("PEM")
        found = read(monkeypatch, GITHUB_PRIVATE_KEY_FILE="key.pem").private_key()
        assert found == SecretStr("PEM")

    def test_a_file_that_is_not_there_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = read(monkeypatch, GITHUB_PRIVATE_KEY_FILE="missing.pem")
        with pytest.raises(UserError, match=r"GITHUB_PRIVATE_KEY_FILE names missing\.pem"):
            settings.private_key()

    def test_models_are_a_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert read_settings().models == ()
        assert read(monkeypatch, IRONCLAW_MODELS="small, large").models == ("small", "large")


class TestDataFolder:
    def test_is_made_when_asked_for(self, tmp_path: Path) -> None:
        settings = read_settings()
        assert not (tmp_path / ".ironclaw").exists()
        folder = settings.data_folder()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (folder / ".gitignore").read_text() == "*\n"

    def test_what_is_there_stays(self) -> None:
        folder = read_settings().data_folder()
        (folder / ".gitignore").write_text("mine\n")
        assert read_settings().data_folder() == folder
        assert (folder / ".gitignore").read_text() == "mine\n"

    def test_one_that_cannot_be_made_is_told(self, tmp_path: Path) -> None:
        (tmp_path / ".ironclaw").write_text("a file")
        with pytest.raises(UserError, match="data folder") as caught:
            read_settings().data_folder()
        assert "IRONCLAW_DATA_DIR" in caught.value.remedy


class TestPage:
    """docs/reference says what the code does."""

    def test_it_has_every_setting_with_its_default(self) -> None:
        assert table("settings") == [
            [f"`{name.upper()}`", setting_default(name, field.default), field.description]
            for name, field in Settings.model_fields.items()
        ]

    def test_it_has_every_key_of_the_policy(self) -> None:
        assert table("policy") == [
            [
                f"`{key.path}`",
                f"`{plain(key.default)}`",
                str(LIMITS.get(key.path, "")),
                key.about,
            ]
            for key in all_keys()
        ]


def table(page: str) -> list[list[str]]:
    """The rows of the table of a page, without their head."""
    lines = (REFERENCE / f"{page}.md").read_text("utf-8").splitlines()
    rows = [
        line.removeprefix("| ").removesuffix(" |").split(" | ") for line in lines if line[:1] == "|"
    ]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def setting_default(name: str, default: Any) -> str:
    if name == "database_url":
        return "an SQLite file in the data folder"
    if name == "ironclaw_data_dir":
        return "`./.ironclaw`"
    return "none" if default in (None, "") else f"`{plain(default)}`"


def plain(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def test_plain_writes_yaml() -> None:
    assert (plain(()), plain(True), plain("hold")) == ("[]", "true", '"hold"')
