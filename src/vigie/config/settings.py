"""Every setting with its type, bounds and default; it loads pydantic, so import it where it is needed only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from vigie.config.paths import Paths, is_simulated


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname):
        raise ValueError("must be an address such as https://vigie.example.org")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Part(BaseModel):
    """A group of settings; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Retention(Part):
    """How long what can be had again, or is of no use later, is kept; bars and audit are kept for ever."""

    documents_days: int = Field(default=90, ge=1, le=36_500, description="Raw documents.")
    jobs_days: int = Field(default=180, ge=1, le=36_500, description="Finished jobs and their logs.")


class Credentials(Part):
    """What a venue or source asks for; only ever read, never shown."""

    key: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")
    passphrase: SecretStr = SecretStr("")


class Settings(BaseSettings):
    """Every setting; `home` is settled before the others are read."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default=Path(), description="Where Vigie keeps its data.")
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Where the pages listen; an address that others can reach needs a user first.",
    )
    port: int = Field(default=8080, ge=1, le=65_535, description="Port of the pages.")
    public_url: WebAddress = Field(
        default="", description="How others reach the pages behind a proxy, https://vigie.example.org."
    )
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(), description="Names under which the pages answer, beside loopback and public_url."
    )
    proxy: str = Field(
        default="",
        max_length=200,
        description="Address of the proxy before the pages, whose X-Forwarded headers are believed.",
    )
    plain_http: bool = Field(
        default=False,
        description="Whether others may come without HTTPS: passwords and sessions then cross the network in clear.",
    )
    contact: str = Field(
        default="",
        max_length=200,
        description="Told to sources in the User-Agent, so that they can reach you.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""), description="PostgreSQL; else a SQLite file in the home folder."
    )
    mongodb_url: SecretStr = Field(
        default=SecretStr(""), description="MongoDB for raw documents; else the database."
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="Where mail is handed over, smtps://user:secret@host:465."
    )
    urls: dict[str, WebAddress] = Field(
        default={}, repr=False, description="Base addresses of outside services in place of their own."
    )
    keys: dict[str, Credentials] = Field(default={}, description="Credentials of venues and sources.")
    allow_live: bool = Field(
        default=False,
        description="Whether accounts may trade real money; two more switches are needed, see docs/paper-trading.md.",
    )
    retention: Retention = Field(default=Retention(), description="How long things are kept.")

    @property
    def paths(self) -> Paths:
        """Where things lie below the home folder."""
        return Paths(self.home)

    @property
    def database(self) -> str:
        """The database's address; a file below the home folder where none is named, or the market is simulated."""
        named = "" if is_simulated(self.home) else self.database_url.get_secret_value()
        return named or f"sqlite:///{self.paths.database}"

    @property
    def documents(self) -> str:
        """Where raw documents go; empty for the database, as always where the market is simulated."""
        return "" if is_simulated(self.home) else self.mongodb_url.get_secret_value()
