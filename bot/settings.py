"""Every setting, in one place: the only reader of the environment."""

import re
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.desk_settings import DeskSettings, is_safe_address
from handlers.keeping import Keeping
from storage.store import UnknownDatabaseError, async_url

TOKENS_PAGE = "https://api.slack.com/apps"
MEMBER_ID = re.compile(r"[UW][A-Z0-9]{2,}")

GIVEN_BY_SLACK_RUN = {"SLACK_CLI_XOXB": "SLACK_BOT_TOKEN", "SLACK_CLI_XAPP": "SLACK_APP_TOKEN"}


EVENTS = "/slack/events"
"""Where Slack calls in HTTP mode, whatever it is about."""

Wanted = TypeVar("Wanted", bound="DatabaseSettings")


class BadSettingsError(Exception):
    """One or more settings are missing or wrong; the message names each with its mend, a line each."""


class DatabaseSettings(BaseSettings):
    """What migrating and copying need: neither talks to Slack."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        populate_by_name=True,
        defer_build=True,  # for who reads no more than this
    )

    database_url: SecretStr = Field(default=SecretStr("sqlite:///backstop.sqlite3"), alias="BACKSTOP_DATABASE_URL")

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: SecretStr) -> SecretStr:
        try:
            async_url(url.get_secret_value())
        except UnknownDatabaseError as error:
            raise ValueError(str(error)) from error
        return url


class Settings(DeskSettings, DatabaseSettings):
    model_config = SettingsConfigDict(defer_build=False)  # every start reads these

    slack_bot_token: SecretStr = Field(validation_alias=AliasChoices("SLACK_CLI_XOXB", "SLACK_BOT_TOKEN"))
    """xoxb-…, from the app's page › OAuth & Permissions. `slack run` gives its own under other names."""
    slack_app_token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("SLACK_CLI_XAPP", "SLACK_APP_TOKEN")
    )
    """xapp-… with connections:write: Socket Mode. Without it, HTTP mode needs SLACK_SIGNING_SECRET."""
    slack_signing_secret: SecretStr | None = Field(default=None, alias="SLACK_SIGNING_SECRET")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    """Where all Slack traffic goes; another emulator's address, for example."""
    admins: Annotated[tuple[str, ...], NoDecode] = Field(default=(), alias="BACKSTOP_ADMINS")
    """Slack ids of people who may set Backstop up, beside the workspace's own admins; separated by commas."""
    command_prefix: str = Field(default="", alias="BACKSTOP_COMMAND_PREFIX")
    """The prefix that the installed manifest gave the commands, e.g. care-."""
    daily_dm_limit: int = Field(default=3, ge=1, le=50, alias="BACKSTOP_DAILY_DM_LIMIT")
    keep_answers_days: int = Field(default=90, ge=7, le=730, alias="BACKSTOP_KEEP_ANSWERS_DAYS")
    keep_tickets_days: int = Field(default=396, ge=60, le=396, alias="BACKSTOP_KEEP_TICKETS_DAYS")
    """Fewer than 60 days make no usual week; the importer reads no older tickets than 13 months."""
    keep_escalations_days: int = Field(default=730, ge=30, le=3650, alias="BACKSTOP_KEEP_ESCALATIONS_DAYS")
    host: str = Field(default="127.0.0.1", alias="BACKSTOP_HOST")
    port: int | None = Field(default=None, ge=0, le=65535, alias="BACKSTOP_PORT")
    """Serves /healthz and /metrics (and Slack's requests in HTTP mode); none: not served in Socket Mode."""
    public_url: str | None = Field(default=None, alias="BACKSTOP_PUBLIC_URL")
    """How the outside reaches this server, for help desks whose signatures cover the address."""
    log_level: str = Field(default="INFO", alias="BACKSTOP_LOG_LEVEL")
    log_json: bool = Field(default=False, alias="BACKSTOP_LOG_JSON")

    @property
    def keeping(self) -> Keeping:
        return Keeping(
            answers=timedelta(days=self.keep_answers_days),
            tickets=timedelta(days=self.keep_tickets_days),
            escalations=timedelta(days=self.keep_escalations_days),
        )

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, token: SecretStr) -> SecretStr:
        if not token.get_secret_value().startswith("xoxb-"):
            raise ValueError("must be a bot token, which begins with xoxb-")
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not token.get_secret_value().startswith("xapp-"):
            raise ValueError("must be an app-level token, which begins with xapp-")
        return token

    @field_validator("slack_api_url")
    @classmethod
    def _keeps_the_token_safe(cls, url: str) -> str:
        if not is_safe_address(url):
            raise ValueError("must be https://… (plain http only on this machine)")
        return url if url.endswith("/") else url + "/"

    @field_validator("slack_signing_secret")
    @classmethod
    def _is_not_empty(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not secret.get_secret_value().strip():
            raise ValueError(f"is empty: copy it from {TOKENS_PAGE} › your app › Basic Information, or leave it out")
        return secret

    @field_validator("admins", mode="before")
    @classmethod
    def _split(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        ids = tuple(part.strip() for part in written.split(",") if part.strip())
        for member_id in ids:
            if not MEMBER_ID.fullmatch(member_id):
                raise ValueError(f"{member_id!r} is not a Slack member id (like U012AB3CD: in a profile, ⋮ › Copy)")
        return ids

    @field_validator("command_prefix")
    @classmethod
    def _fits_slack(cls, prefix: str) -> str:
        return fits_slack(prefix)

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url and not is_safe_address(url):
            raise ValueError("must be https://… (plain http only on this machine)")
        return url.rstrip("/") if url else None

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, level: str) -> str:
        if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return level.upper()

    @model_validator(mode="after")
    def _can_hear_slack(self) -> "Settings":
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise ValueError(
                "SLACK_APP_TOKEN is not set: create an app-level token with connections:write "
                f"({TOKENS_PAGE} › Basic Information) for Socket Mode, or set SLACK_SIGNING_SECRET for HTTP mode"
            )
        return self


def read_settings(**given: Any) -> Settings:
    """The settings from the environment and .env; `given` (by alias) wins. Raises BadSettingsError."""
    return _read(Settings, given)


def read_database_settings(**given: Any) -> DatabaseSettings:
    """Like `read_settings`, for what works without Slack."""
    return _read(DatabaseSettings, given)


def _read(kind: type[Wanted], given: dict[str, Any]) -> Wanted:
    try:
        return kind(**given)
    except ValidationError as error:
        raise BadSettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


def fits_slack(prefix: str) -> str:
    """The prefix, if Slack takes command names that begin with it. Raises ValueError."""
    if not re.fullmatch(r"[a-z0-9_-]{0,16}", prefix):
        raise ValueError("may hold a–z, 0–9, - and _ (at most 16)")
    return prefix


def _sentence(problem: Any) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    name = GIVEN_BY_SLACK_RUN.get(name, name)
    if problem["type"] == "missing":
        return f"{name} is not set: copy it from {TOKENS_PAGE} › your app › OAuth & Permissions"
    reason = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name} {reason}" if name else reason
