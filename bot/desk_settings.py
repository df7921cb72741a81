"""The settings of help desks: what belongs to one desk is set together, and checked before anything starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TOGETHER: Mapping[str, tuple[str, ...]] = {
    "Zendesk": ("zendesk_subdomain", "zendesk_email", "zendesk_token"),
    "Freshdesk": ("freshdesk_domain", "freshdesk_key"),
    "HubSpot": ("hubspot_token",),
    "Request Tracker": ("rt_url", "rt_token"),
}
FOR_PUSHES = {"Zendesk": "zendesk_secret", "Freshdesk": "freshdesk_secret", "HubSpot": "hubspot_secret"}
FOR_PUSHES |= {"Request Tracker": "rt_secret"}


def is_safe_address(url: str) -> bool:
    """https, or plain http on this machine; nobody's name and password in it."""
    try:
        address = urlsplit(url)
        is_here = address.scheme == "http" and address.hostname in LOOPBACK
        return (is_here or (address.scheme == "https" and bool(address.hostname))) and address.username is None
    except ValueError:
        return False


class DeskSettings(BaseSettings):
    model_config = SettingsConfigDict(defer_build=True)  # never read by itself

    zendesk_subdomain: str | None = Field(default=None, alias="BACKSTOP_ZENDESK_SUBDOMAIN")
    """acme for acme.zendesk.com; or a whole address."""
    zendesk_email: str | None = Field(default=None, alias="BACKSTOP_ZENDESK_EMAIL")
    zendesk_token: SecretStr | None = Field(default=None, alias="BACKSTOP_ZENDESK_TOKEN")
    zendesk_secret: SecretStr | None = Field(default=None, alias="BACKSTOP_ZENDESK_SECRET")
    """The signing secret of the webhook that calls POST /push/zendesk."""
    freshdesk_domain: str | None = Field(default=None, alias="BACKSTOP_FRESHDESK_DOMAIN")
    """acme for acme.freshdesk.com; or a whole address."""
    freshdesk_key: SecretStr | None = Field(default=None, alias="BACKSTOP_FRESHDESK_KEY")
    freshdesk_secret: SecretStr | None = Field(default=None, alias="BACKSTOP_FRESHDESK_SECRET")
    hubspot_token: SecretStr | None = Field(default=None, alias="BACKSTOP_HUBSPOT_TOKEN")
    hubspot_secret: SecretStr | None = Field(default=None, alias="BACKSTOP_HUBSPOT_SECRET")
    hubspot_url: str = Field(default="https://api.hubapi.com", alias="BACKSTOP_HUBSPOT_URL")
    rt_url: str | None = Field(default=None, alias="BACKSTOP_RT_URL")
    """Where its pages begin: https://rt.acme.example, without /REST/2.0."""
    rt_token: SecretStr | None = Field(default=None, alias="BACKSTOP_RT_TOKEN")
    rt_secret: SecretStr | None = Field(default=None, alias="BACKSTOP_RT_SECRET")
    csv_folder: Path | None = Field(default=None, alias="BACKSTOP_CSV_FOLDER")
    """Files that are put here are imported."""
    csv_zone: ZoneInfo = Field(default=ZoneInfo("UTC"), alias="BACKSTOP_CSV_ZONE")
    """Of times in those files that don't say theirs."""

    @field_validator("zendesk_subdomain", "freshdesk_domain")
    @classmethod
    def _becomes_an_address(cls, written: str | None, info: object) -> str | None:
        if not written:
            return None
        host = "zendesk.com" if getattr(info, "field_name", "") == "zendesk_subdomain" else "freshdesk.com"
        if "://" not in written:
            written = f"https://{written.strip('/')}" + ("" if "." in written else f".{host}")
        return _address(written)

    @field_validator("rt_url", "hubspot_url")
    @classmethod
    def _is_an_address(cls, written: str | None) -> str | None:
        return _address(written) if written else None

    @field_validator("csv_folder")
    @classmethod
    def _is_a_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.expanduser().is_dir():
            raise ValueError(f"is no folder: {folder}")
        return folder.expanduser().absolute() if folder is not None else None

    @field_validator("csv_zone", mode="before")
    @classmethod
    def _is_a_zone(cls, written: object) -> object:
        try:
            return ZoneInfo(written) if isinstance(written, str) else written
        except (KeyError, ValueError, OSError):
            raise ValueError("is no time zone: say one as Europe/Dublin or UTC") from None

    @model_validator(mode="after")
    def _each_desk_is_whole(self) -> Self:
        for desk, names in TOGETHER.items():
            given = [name for name in names if _is_set(getattr(self, name))]
            missing = [name for name in names if name not in given]
            if given and missing:
                raise ValueError(f"{_variable(missing[0])} is not set: {desk} needs it beside {_variable(given[0])}")
            if not given and _is_set(getattr(self, FOR_PUSHES[desk])):
                raise ValueError(f"{_variable(names[0])} is not set: {_variable(FOR_PUSHES[desk])} alone is no use")
        return self


def _address(url: str) -> str:
    if not is_safe_address(url):
        raise ValueError("must be https://… (plain http only on this machine), without a name or password in it")
    return url.rstrip("/")


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value().strip()) if isinstance(value, SecretStr) else bool(value)


def _variable(name: str) -> str:
    return f"BACKSTOP_{name.upper()}"
