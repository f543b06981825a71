"""Everything that the environment says, read once and checked."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.bottleneck import Targets
from bot.domain.model.spending import Price, parse_price
from bot.ports import Operator, UserError


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = "it is no address that starts with https:// or http://"
        raise ValueError(message)
    return text.rstrip("/")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _full(path: Path) -> Path:
    return path.expanduser().absolute()


_DATA_DIR = "./.ironclaw"
_DATABASE_FILE = "ironclaw.db"
_HOUR_MS, _MONTH_SECONDS, _HUNDRED_TB = 3_600_000, 31 * 86_400, 100_000_000
Share = Annotated[float, Field(ge=0, le=1)]
Address = Annotated[str, AfterValidator(_address)]


class Settings(BaseSettings):
    """The operator's choices; what one repository allows stands in its policy file."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    enable_learning: bool = Field(True, description="Learn from feedback and outcomes.")
    enable_auto_improvements: bool = Field(False, description="Merge without a person's approval.")
    learning_rate: float = Field(
        0.1, gt=0, le=1, description="How much one rating moves a preference."
    )
    improvement_confidence_threshold: Share = Field(
        0.7, description="The confidence below which nothing is applied by itself."
    )
    exploration_rate: Share = Field(
        0.1, description="How often another model than the preferred one is tried."
    )
    monitoring_duration_seconds: int = Field(
        300, ge=1, le=_MONTH_SECONDS, description="How long a deployment is watched."
    )
    response_time_threshold_ms: float = Field(
        100,
        ge=0.1,
        le=_HOUR_MS,
        allow_inf_nan=False,
        description="The response time above which an endpoint is slow.",
    )
    enable_auto_rollback: bool = Field(
        True, description="Revert a bad deployment without a person."
    )
    memory_warning_threshold_mb: float = Field(
        7168,
        ge=1,
        le=_HUNDRED_TB,
        allow_inf_nan=False,
        description="The memory use above which a warning is given.",
    )
    rollback_error_threshold: Share = Field(
        0.1, description="The error rate above which a deployment is reverted."
    )
    error_rate_threshold: Share = Field(
        0.05, description="The error rate above which an endpoint is a bottleneck."
    )
    database_url: SecretStr = Field(
        default=..., description="`sqlite:///path` or `postgresql://user:password@host/name`."
    )
    github_api_url: Address = Field("https://api.github.com", description="GitHub's API.")
    github_app_id: str | None = Field(None, description="The GitHub App's id.")
    github_client_id: str | None = Field(None, description="The App's client id.")
    github_client_secret: SecretStr | None = Field(None, description="The App's client secret.")
    github_private_key: SecretStr | None = Field(None, description="The App's private key, PEM.")
    github_private_key_file: Path | None = Field(
        None, description="A file with the App's private key, instead of the key itself."
    )
    github_webhook_secret: SecretStr | None = Field(
        None, description="The webhook's secret; several, comma-separated, while rotating."
    )
    github_write_pause_seconds: float = Field(
        1,
        ge=0,
        le=60,
        description="The pause between two changes at GitHub, which asks for a second.",
    )
    openai_api_key: SecretStr | None = Field(
        None, description="The language model's key; without it the rules work alone."
    )
    openai_base_url: Address | None = Field(
        None, description="A compatible endpoint other than OpenAI's."
    )
    ironclaw_models: str = Field(
        "",
        description="The models to choose from, comma-separated, each with its price in dollars "
        "per million tokens sent and received: `name=0.25/2`.",
    )
    ironclaw_model_dollars_per_day: float = Field(
        10,
        ge=0,
        le=100_000,
        allow_inf_nan=False,
        description="The most that models may cost in one day (UTC), all repositories together.",
    )
    prometheus_url: Address | None = Field(None, description="Prometheus to read metrics from.")
    prometheus_token: SecretStr | None = Field(
        None, description="A bearer token for it, where it asks for one."
    )
    prometheus_repository_label: str = Field(
        "",
        pattern="^([a-zA-Z_][a-zA-Z0-9_]*)?$",
        description="The label that holds `owner/name`; without it all may read any series.",
    )
    ironclaw_intake_token: SecretStr | None = Field(
        None,
        description="What services that report their requests prove themselves with; several, "
        "comma-separated, while rotating.",
    )
    ironclaw_requests_per_minute: int = Field(
        600,
        ge=1,
        le=1_000_000,
        description="Requests that one token may send to the interface in each web process.",
    )
    ironclaw_url: Address | None = Field(
        None, description="Where people reach this server, such as `https://ironclaw.example.org`."
    )
    ironclaw_dashboard: Annotated[Literal["sign-in", "local", "off"], BeforeValidator(_lower)] = (
        Field(
            "sign-in",
            description="Who sees the dashboard: `sign-in` those who see a repository on GitHub, "
            "`local` all who are on this machine, `off` nobody.",
        )
    )
    ironclaw_data_dir: Annotated[Path, AfterValidator(_full)] = Field(
        Path(_DATA_DIR), description="The folder of everything that Ironclaw keeps."
    )
    ironclaw_python: str = Field(
        "",
        description="An interpreter or venv that runs every hosted project; else one is built.",
    )
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Its port; 0 takes any free one.")
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)
    ] = Field("info", description="The least important messages that are logged.")
    log_format: Annotated[Literal["console", "json"] | None, BeforeValidator(_lower)] = Field(
        None, description="`console` or `json`; by itself, `console` on a terminal."
    )

    @field_validator("github_private_key", mode="before")
    @classmethod
    def _restore_lines(cls, value: Any) -> Any:
        """Files and panels that keep one line per variable write line feeds as two characters."""
        return value.replace("\\n", "\n") if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _database_in_data_folder(cls, given: dict[str, Any]) -> dict[str, Any]:
        folder = _full(Path(given.get("ironclaw_data_dir", _DATA_DIR)))
        return {"database_url": f"sqlite:///{folder / _DATABASE_FILE}"} | given

    @model_validator(mode="after")
    def _one_private_key(self) -> Self:
        if self.github_private_key and self.github_private_key_file:
            message = "GITHUB_PRIVATE_KEY and GITHUB_PRIVATE_KEY_FILE are both set: keep one"
            raise ValueError(message)
        return self

    @property
    def webhook_secrets(self) -> tuple[SecretStr, ...]:
        """Every secret that a delivery may be signed with, the newest first."""
        return _secrets(self.github_webhook_secret)

    @property
    def intake_tokens(self) -> tuple[SecretStr, ...]:
        """Every token that a service may report its requests with, the newest first."""
        return _secrets(self.ironclaw_intake_token)

    @property
    def operator(self) -> Operator:
        """What whoever runs the service allows."""
        return Operator(
            merges=self.enable_auto_improvements,
            reverts=self.enable_auto_rollback,
            minimum_confidence=self.improvement_confidence_threshold,
            targets=Targets(
                self.response_time_threshold_ms,
                self.error_rate_threshold,
                self.memory_warning_threshold_mb,
            ),
        )

    @field_validator("ironclaw_models")
    @classmethod
    def _prices_are_prices(cls, text: str) -> str:
        for name, price in _priced(text):
            if not name or (price is not None and parse_price(price) is None):
                message = f"{price!r} is no price of a model: write it like name=0.25/2"
                raise ValueError(message)
        return text

    @property
    def models(self) -> tuple[str, ...]:
        """The models to choose from."""
        return tuple(name for name, _ in _priced(self.ironclaw_models))

    @property
    def model_prices(self) -> dict[str, Price]:
        """What each of them costs, of those for which a price is stated."""
        stated = ((name, parse_price(price or "")) for name, price in _priced(self.ironclaw_models))
        return {name: price for name, price in stated if price is not None}

    def secret_values(self) -> tuple[str, ...]:
        """Every secret among these settings, to be kept out of what leaves the process."""
        given = (getattr(self, name) for name in sorted(SECRETS))
        texts = [one.get_secret_value() for one in given if isinstance(one, SecretStr)]
        return tuple(dict.fromkeys(part for text in texts for part in (text, *_listed(text))))

    def private_key(self) -> SecretStr | None:
        """The App's private key from the variable or its file; UserError if that is unreadable."""
        file = self.github_private_key_file
        if file is None:
            return self.github_private_key
        try:
            return SecretStr(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            problem = f"GITHUB_PRIVATE_KEY_FILE names {file}, which cannot be read"
            raise UserError(problem, f"Correct the path or its rights ({error}).") from None

    def moved_to(self, folder: Path) -> Self:
        """The same settings with another data folder, and the default database inside it."""
        default = f"sqlite:///{self.ironclaw_data_dir / _DATABASE_FILE}"
        changes: dict[str, Any] = {"ironclaw_data_dir": _full(folder)}
        if self.database_url.get_secret_value() == default:
            changes["database_url"] = SecretStr(f"sqlite:///{_full(folder) / _DATABASE_FILE}")
        return self.model_copy(update=changes)

    def data_folder(self) -> Path:
        """The data folder, made when it is not there: for this user alone, and never committed."""
        folder = self.ironclaw_data_dir
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", "utf-8")
        except OSError as error:
            problem = f"the data folder {folder} cannot be made: {error.strerror}"
            raise UserError(problem, "Name another one in IRONCLAW_DATA_DIR.") from None
        return folder


def read_settings(target: Path | None = None, *, file: Path | None = None) -> Settings:
    """The settings from the environment and from `.env` in the current folder, or from `file`.

    `target` is the repository being improved. A `.env` inside it belongs to that repository and
    not to the operator: it is left alone, since it could name another database or model endpoint.
    """
    try:
        return Settings(_env_file=file or _env_file(target), _env_file_encoding="utf-8")
    except ValidationError as error:
        problem = "; ".join(_problem(details) for details in error.errors(include_url=False))
        raise UserError(problem, "Correct it in the environment or in .env.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f".env cannot be read: {error}", "Mend the file or remove it.") from None


def _env_file(target: Path | None) -> Path | None:
    file = Path.cwd() / ".env"
    if target is not None and file.is_relative_to(target.resolve()):
        return None
    return file


def _problem(details: ErrorDetails) -> str:
    """One problem with the variable's name, and with its value unless that is a secret."""
    what = details["msg"].removeprefix("Value error, ")
    if not details["loc"]:
        return what
    name = str(details["loc"][0])
    given = "" if name in SECRETS else f"={details['input']}"
    return f"{name.upper()}{given}: {what[:1].lower()}{what[1:]}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, text.split(",")) if part)


def _priced(text: str) -> tuple[tuple[str, str | None], ...]:
    """Models with the price that is stated for each, None where none is."""
    parts = (one.rpartition("=") for one in _listed(text))
    return tuple((name, price) if equals else (price, None) for name, equals, price in parts)


def _secrets(given: SecretStr | None) -> tuple[SecretStr, ...]:
    return tuple(map(SecretStr, _listed(given.get_secret_value()))) if given else ()


SECRETS = frozenset(
    name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
)
"""The settings whose values are never shown."""
