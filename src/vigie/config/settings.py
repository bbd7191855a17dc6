"""Every setting with its type, bounds and default; it loads pydantic, so import it where it is needed only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from vigie.config.paths import Paths, is_simulated
from vigie.domain.account import MAX_FEE, MAX_REBATE
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument, split_full_name, venue_market
from vigie.domain.instrument import StatedRules
from vigie.domain.money import parse_step


def _split_list(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _check_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname):
        raise ValueError("must be an address such as https://vigie.example.org")
    return value.rstrip("/")


UrlText = Annotated[str, AfterValidator(_check_url)]
MAIL_ADDRESS: Final = r"^([^\s@<>,;\"]+@[^\s@<>,;\"]+)?$"
SYMBOL: Final = r"^[A-Za-z0-9]{1,40}$"
MODEL_NAME: Final = r"^[^\s\x00-\x1f]*$"
MailAddress = Annotated[str, Field(pattern=MAIL_ADDRESS, max_length=254)]


class SettingsGroup(BaseModel):
    """A group of settings; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Retention(SettingsGroup):
    """How long what can be had again, or is of no use later, is kept; bars and audit are kept for ever."""

    documents_days: int = Field(default=90, ge=1, le=36_500, description="Raw documents, in days.")
    jobs_days: int = Field(default=180, ge=1, le=36_500, description="Finished jobs and their logs, in days.")


class Credentials(SettingsGroup):
    """What a venue or source asks for; only ever read, never shown, but for whether it is of real money."""

    key: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")
    passphrase: SecretStr = SecretStr("")
    mode: Literal["demo", "live"] | None = Field(
        default=None,
        description="Mode of a venue key: demo trading (default) or real money.",
    )


def _check_step(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a positive decimal such as 0.1")
    try:
        return str(parse_step(value))
    except UsageError:
        raise ValueError("must be a positive decimal such as 0.1") from None


StepText = Annotated[str, BeforeValidator(_check_step)]


class InstrumentRules(SettingsGroup):
    """What a person states of an instrument: rules in place of its venue's, fees in place of a run's usual ones."""

    tick: StepText | None = Field(default=None, description="Grid of prices.")
    lot: StepText | None = Field(default=None, description="Step of quantities, in coins.")
    min_qty: float | None = Field(default=None, ge=0, description="Minimum quantity of an order, in coins.")
    max_qty: float | None = Field(default=None, gt=0, description="Maximum quantity of an order, in coins.")
    min_notional: float | None = Field(
        default=None, ge=0, description="Minimum value of an order, in the quote currency."
    )
    max_leverage: float | None = Field(default=None, ge=1, le=1_000, description="The venue's own limit.")
    maintenance_rate: float | None = Field(default=None, ge=0, lt=1, description="Fraction of notional.")
    taker: float | None = Field(
        default=None, ge=0, le=MAX_FEE, description="Taker fee, as a fraction of the notional."
    )
    maker: float | None = Field(
        default=None,
        ge=-MAX_REBATE,
        le=MAX_FEE,
        description="Maker fee (resting orders), as a fraction of the notional.",
    )


def _check_instruments(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    text_by_instrument: dict[tuple[str, str], str] = {}
    for text in rules:
        venue, name = split_full_name(text)
        try:
            instrument = (venue, str(parse_instrument(name, market=venue_market(venue))))
        except UsageError as fault:
            raise ValueError(f"names no instrument: {fault}") from None
        if instrument in text_by_instrument:
            raise ValueError(
                f"must name {instrument[1]} once, named it {text_by_instrument[instrument]} and {text}"
            )
        text_by_instrument[instrument] = text
    return rules


Instruments = Annotated[dict[str, InstrumentRules], AfterValidator(_check_instruments)]


def _check_venues(renamed: Mapping[str, Any]) -> Mapping[str, Any]:
    for text in renamed:
        if not split_full_name(text)[0]:
            raise ValueError(f"must name the venue too, such as bitget-perp:matic-usdt-perp, was {text}")
    return renamed


Symbol = Annotated[str, Field(pattern=SYMBOL)]
RenamedContracts = Annotated[
    dict[str, Symbol], AfterValidator(_check_venues), AfterValidator(_check_instruments)
]


def make_stated_rules(instruments: Mapping[str, InstrumentRules]) -> tuple[StatedRules, ...]:
    """Return what is stated of instruments as runs take it."""
    parsed = ((*split_full_name(text), rules) for text, rules in instruments.items())
    return tuple(StatedRules(name, venue, **rules.model_dump()) for venue, name, rules in parsed)


def list_renamed(renamed: Mapping[str, str], venue: str) -> dict[str, str]:
    """Return the new names of a venue's contracts by instrument."""
    parsed = ((*split_full_name(text), symbol) for text, symbol in renamed.items())
    return {
        str(parse_instrument(name, market=venue_market(venue))): symbol
        for contract_venue, name, symbol in parsed
        if contract_venue == venue
    }


class Settings(BaseSettings):
    """Every setting; `home` is settled before the others are read."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default=Path(), description="Home folder, where Vigie keeps its data.")
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address the pages listen on; an address others can reach needs a user account first.",
    )
    port: int = Field(default=8080, ge=1, le=65_535, description="Port for the pages.")
    public_url: UrlText = Field(
        default="",
        description="Public address of the pages behind a proxy, such as https://vigie.example.org.",
    )
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_split_list)] = Field(
        default=(), description="Allowed host names, besides loopback and public_url."
    )
    proxy: str = Field(
        default="",
        max_length=200,
        description="Address of the trusted proxy in front of the pages; its X-Forwarded headers count.",
    )
    plain_http: bool = Field(
        default=False,
        description="Allow access without HTTPS; passwords and sessions then cross the network unencrypted.",
    )
    contact: str = Field(
        default="",
        max_length=200,
        description="Contact sent to sources in the User-Agent, so they can reach you.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""), description="PostgreSQL address; default: a SQLite file in the home folder."
    )
    mongodb_url: SecretStr = Field(
        default=SecretStr(""), description="MongoDB address for raw documents; default: the database."
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="Mail server, such as smtps://user:secret@host:465."
    )
    smtp_from: MailAddress = Field(
        default="",
        description="Sender of e-mails; default: the user of smtp_url, or vigie at its host.",
    )
    apprise_hosts: Annotated[tuple[str, ...], BeforeValidator(_split_list)] = Field(
        default=(),
        description="Hosts of your network that Apprise alerts may reach, besides the public internet.",
    )
    urls: dict[str, UrlText] = Field(
        default={}, repr=False, description="Other base addresses for outside services."
    )
    keys: dict[str, Credentials] = Field(default={}, description="Credentials of venues and sources.")
    allow_live: bool = Field(
        default=False,
        description="Allow trading with real money; two more switches are required, see docs/paper-trading.md.",
    )
    order_only: Annotated[tuple[str, ...], BeforeValidator(_split_list)] = Field(
        default=(),
        description="What accounts may trade, such as btc-usdt-perp or btc-usdt-perp/1h; unset: everything in "
        "their run files.",
    )
    most_orders: int | None = Field(
        default=None,
        ge=1,
        description="Maximum orders per run; unset means unlimited.",
    )
    language_model: str = Field(
        default="",
        max_length=200,
        pattern=MODEL_NAME,
        description="Language model at urls.language that rates news sentiment, instead of the built-in one.",
    )
    language_inner: bool = Field(
        default=False,
        description="Allow that model on this machine or its network, without TLS.",
    )
    language_timeout_s: float = Field(
        default=10.0, ge=1, le=120, description="Maximum time to wait for it, in seconds."
    )
    language_per_minute: float = Field(
        default=30.0,
        ge=1,
        le=1_000,
        description="Requests per minute to it, each with up to twenty headlines.",
    )
    retention: Retention = Field(default=Retention(), description="Data retention.")
    instruments: Instruments = Field(
        default={},
        description="Your own rules and fees of instruments, for backtests and sweeps.",
    )

    renamed: RenamedContracts = Field(
        default={}, description="New name of an instrument's contract after a venue renamed it."
    )

    @property
    def paths(self) -> Paths:
        """Where things lie below the home folder."""
        return Paths(self.home)

    @property
    def database(self) -> str:
        """The database's address; a file below the home folder where none is named, or the market is simulated."""
        address = "" if is_simulated(self.home) else self.database_url.get_secret_value()
        return address or f"sqlite:///{self.paths.database}"

    @property
    def documents(self) -> str:
        """Where raw documents go; empty for the database, as always where the market is simulated."""
        return "" if is_simulated(self.home) else self.mongodb_url.get_secret_value()
