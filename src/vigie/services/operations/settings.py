"""Settings of a person: how things look and read; with history, and a way back."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Final, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, field_validator

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.domain.refusal import Refusal
from vigie.domain.time import is_zone
from vigie.intelligence.setups.contributions import USUAL_WEIGHTS
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.audit import AuditLog
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.home import ShownSettings
from vigie.services.alerting.own_rules import follow_language
from vigie.services.holdings.own_limits import SHARE_LIMIT_SETTING, USUAL_SHARE_LIMIT
from vigie.services.holdings.own_lots import METHOD_SETTING, QUEUE_SETTING, USUAL_LOTS, LotQueue, Method
from vigie.services.languages import PageLanguageOrNone
from vigie.services.operation import (
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of
from vigie.services.running import retention
from vigie.services.running.retention import HomeInventory
from vigie.services.setups.weights import WEIGHT_SETTINGS

NAMES: Final = (
    "language", "theme", "density", "zone", "currency", "persona", "shortcuts", "calm", "news_marks",
    "chart_lines", "columns", "setups_a_day", "trade_venue",
    "share_limit", "lot_method", "lot_queue", *WEIGHT_SETTINGS.values(),
)  # fmt: skip
DEFAULTS: Final[dict[str, str]] = {
    "language": "",
    "theme": "auto",
    "density": "",
    "zone": "UTC",
    "currency": "usd",
    "persona": "",
    "shortcuts": "on",
    "calm": "off",
    "news_marks": "on",
    "chart_lines": "",
    "columns": "",
    "setups_a_day": "5",
    "trade_venue": "",
    SHARE_LIMIT_SETTING: str(USUAL_SHARE_LIMIT),
    METHOD_SETTING: USUAL_LOTS.method,
    QUEUE_SETTING: USUAL_LOTS.queue,
    **{name: f"{USUAL_WEIGHTS[family]:g}" for family, name in WEIGHT_SETTINGS.items()},
}
SOURCE: Final = "vigie"


class SettingsHistoryRow(Row):
    """One change of the settings."""

    revision: int = shown("Revision")
    ts: int = shown("Changed", unit="ms", source=SOURCE)
    changes: list[dict[str, Any]] = shown("Changes", definition="Each setting before and after.")


class TimeZoneRow(Row):
    """One time zone."""

    zone: str = shown("Time zone")
    city: str = shown("City")


class TradeVenueRow(Row):
    """A venue whose markets a plan can link to."""

    venue: str = shown("Venue")
    title: str = shown("Name")


class StorageForecastRow(Row):
    """How large one kind of data becomes."""

    what: str = shown("Data")
    days: int | None = shown("Retention", unit="days", definition="Empty: kept forever.", source=SOURCE)
    bytes: int = shown("Current size", unit="bytes", source=SOURCE)
    per_day: float = shown("Per day", unit="bytes", definition="Average per day so far.", source=SOURCE)
    in_a_year: float = shown(
        "In a year", unit="bytes", definition="At the current rate, with old data deleted.", source=SOURCE
    )


_Weight = Annotated[str, Field(pattern=r"^(0([.,]\d{1,2})?|1([.,]0{1,2})?)$")]
_OF_SETUPS: Final = "Weight, 0 to 1, in what counts for and against a setup."


class ChangeSettingsInput(OperationInput):
    """What is to be different; the rest stays."""

    language: PageLanguageOrNone | None = Field(None, description="Empty means the browser's.")
    theme: Literal["auto", "light", "dark"] | None = None
    density: Literal["", "compact", "comfortable"] | None = Field(
        None, description="How close rows stand; empty follows the persona."
    )
    zone: str | None = Field(None, max_length=64, description="IANA name, Europe/Paris.")
    currency: Literal["usd", "eur"] | None = None
    persona: Literal["", "trader", "journalist", "beginner"] | None = None
    shortcuts: Literal["on", "off"] | None = Field(None, description="Single-key shortcuts.")
    calm: Literal["on", "off"] | None = Field(None, description="Without movement and live colours.")
    news_marks: Literal["on", "off"] | None = Field(None, description="Marks of news on price charts.")
    chart_lines: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[a-z0-9_.,]*$",
        description="Indicators of price charts: `sma_50,macd`.",
    )
    columns: str | None = Field(
        None,
        max_length=1_000,
        pattern=r"^[a-z0-9_.,=;]*$",
        description="Columns of tables, by table: `journal=pnl,r;markets=price`; a table left out has its usual ones.",
    )
    setups_a_day: str | None = Field(
        None,
        pattern=r"^\d{1,2}$",
        description="Most alerts about setups a day, over all rules; 0 for none.",
    )
    trade_venue: str | None = Field(
        None,
        max_length=40,
        description="Venue where you trade by hand, as `settings.venues` names it; empty: that of each plan.",
    )
    share_limit: str | None = Field(
        None,
        pattern=r"^([1-9]\d?|100)$",
        description="Per cent of what you own from which one coin, place, issuer or chain is warned of; 100 for none.",
    )
    lot_method: Method | None = Field(None, description="Which lots of what you own leave first.")
    lot_queue: LotQueue | None = Field(None, description="Lots of each place alone, or over all places.")
    weight_criteria: _Weight | None = Field(None, description=_OF_SETUPS)
    weight_patterns: _Weight | None = Field(None, description=_OF_SETUPS)
    weight_news: _Weight | None = Field(None, description=_OF_SETUPS)
    weight_derivatives: _Weight | None = Field(None, description=_OF_SETUPS)
    weight_traders: _Weight | None = Field(None, description=_OF_SETUPS)
    revision: int | None = Field(
        None, ge=0, description="The revision that you read; another one is refused."
    )

    @field_validator("zone")
    @classmethod
    def _check_zone(cls, zone: str | None) -> str | None:
        if zone is not None and not is_zone(zone):
            raise ValueError(
                Refusal(
                    "must_time_zone_such_europe",
                    "must be a time zone such as Europe/Paris, was {zone!r}",
                    zone=zone[:64],
                )
            )
        return zone


class UndoSettingsInput(OperationInput):
    """Back to how it was at a revision."""

    revision: int = Field(ge=0, description="As `settings.history` names it; 0 is before the first change.")


class ZonesInput(OperationInput):
    """Which time zones."""

    search: str = Field("", max_length=64, description="A part of the name.")
    limit: int = Field(20, ge=1, le=700)


class ChangeRetentionInput(OperationInput):
    """How long things are kept."""

    documents_days: int | None = Field(None, ge=1, le=36_500, description="Raw documents of sources.")
    jobs_days: int | None = Field(None, ge=1, le=36_500, description="Finished jobs and their logs.")
    revision: int | None = Field(
        None, ge=0, description="The revision that you read; another one is refused."
    )


class SettingsResult(OperationResult):
    """Settings with every default filled in."""

    revision: int
    values: dict[str, str]


class RetentionResult(OperationResult):
    """How long things are kept, in days."""

    revision: int
    documents_days: int
    jobs_days: int


class SettingChange(BaseModel):
    """One setting as it was and as it became."""

    name: str
    before: str
    after: str


@operation("settings.read")
def read_settings(caller: Caller, params: NoInput, accounts: UserStore) -> SettingsResult:
    """Read the caller's settings; what was never set has its default."""
    revision, body = accounts.settings(owner_of(accounts, caller))
    return SettingsResult(revision=revision, values=_with_defaults(body))


@operation("settings.change", scope="write", example={"theme": "dark"})
def change_settings(
    caller: Caller,
    params: ChangeSettingsInput,
    accounts: UserStore,
    directory: ConnectorDirectory,
    alerts: AlertStore,
) -> SettingsResult:
    """Change settings; a stale revision is refused as a conflict."""
    user = _require_user(caller)
    if params.trade_venue:
        _check_venue(directory, params.trade_venue)
    changes = {name: getattr(params, name) for name in NAMES if getattr(params, name) is not None}
    # Weights may be typed with a comma.
    changes |= {name: changes[name].replace(",", ".") for name in WEIGHT_SETTINGS.values() if name in changes}
    current, body = accounts.settings(user)
    if all(_with_defaults(body)[name] == value for name, value in changes.items()) and params.revision in (
        None,
        current,
    ):
        return SettingsResult(revision=current, values=_with_defaults(body))
    accounts.put_settings(user, changes, revision=params.revision)
    follow_language(alerts, user, body.get("language", ""), changes.get("language", body.get("language", "")))
    return read_settings(caller, NoInput(), accounts)


@operation("settings.history")
def read_history(caller: Caller, params: NoInput, accounts: UserStore) -> Table[SettingsHistoryRow]:
    """List every change of the caller's settings, newest first."""
    history = accounts.settings_history(owner_of(accounts, caller))
    bodies = [_with_defaults(body) for _revision, _ts, body in history] + [dict(DEFAULTS)]
    rows = [
        SettingsHistoryRow(
            revision=revision,
            ts=ts,
            changes=[change.model_dump() for change in _setting_changes(bodies[index + 1], bodies[index])],
        )
        for index, (revision, ts, _body) in enumerate(history)
    ]
    return table_of(SettingsHistoryRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("settings.undo", scope="write", example={"revision": 0})
def undo_settings(
    caller: Caller, params: UndoSettingsInput, accounts: UserStore, alerts: AlertStore
) -> SettingsResult:
    """Set everything as it was at a revision; that is a change itself, so it can be undone too."""
    user = _require_user(caller)
    bodies = {revision: body for revision, _ts, body in accounts.settings_history(user)}
    if params.revision and params.revision not in bodies:
        raise NotFound(
            "settings_no_longer_revision",
            "settings no longer have a revision {revision}",
            revision=params.revision,
        )
    before = bodies.get(params.revision, {})
    current, body = accounts.settings(user)
    accounts.put_settings(user, {name: before.get(name) for name in NAMES}, revision=current)
    follow_language(alerts, user, body.get("language", ""), before.get("language", ""))
    return read_settings(caller, NoInput(), accounts)


@operation("settings.venues")
def list_trade_venues(caller: Caller, params: NoInput, directory: ConnectorDirectory) -> Table[TradeVenueRow]:
    """List the venues whose markets have a page that a plan can link to."""
    rows = [TradeVenueRow(venue=page.venue, title=page.title) for page in directory.market_pages()]
    return table_of(TradeVenueRow, rows, total=len(rows))


@cache
def _known_zones() -> tuple[str, ...]:
    # Each is a file that is looked for and read: too slow for every view of a page.
    zones = [zone for zone in available_timezones() if is_zone(zone)]
    # Zones of places first: people look for their city.
    return tuple(sorted(zones, key=lambda zone: ("/" not in zone, zone.startswith("Etc/"), zone)))


@operation("settings.zones", example={"search": "paris"})
def list_zones(caller: Caller, params: ZonesInput) -> Table[TimeZoneRow]:
    """Find time zones by a part of their name."""
    query = params.search.strip().lower().replace(" ", "_")
    zones = [zone for zone in _known_zones() if query in zone.lower()]
    rows = [
        TimeZoneRow(zone=zone, city=zone.rpartition("/")[2].replace("_", " "))
        for zone in zones[: params.limit]
    ]
    return table_of(TimeZoneRow, rows, total=len(zones))


@operation("settings.forecast")
def forecast_sizes(caller: Caller, params: NoInput, inventory: HomeInventory) -> Table[StorageForecastRow]:
    """Say how large each kind of data is, how long it is kept, and how large it will be in a year."""
    rows = [
        StorageForecastRow(
            what=size.what, days=size.days, bytes=size.size, per_day=size.per_day, in_a_year=size.in_a_year
        )
        for size in retention.list_sizes(inventory)
    ]
    return table_of(
        StorageForecastRow, rows, origins=[Origin(source=SOURCE, ts_event=inventory.clock.wall_now())]
    )


@operation("settings.retention")
def read_retention(
    caller: Caller, params: NoInput, accounts: UserStore, settings: ShownSettings
) -> RetentionResult:
    """Read how long documents and jobs are kept; bars and the audit are kept for ever."""
    periods = retention.read_retention(accounts, settings)
    return RetentionResult(
        revision=periods.revision, documents_days=periods.documents_days, jobs_days=periods.jobs_days
    )


@operation("settings.keep", scope="admin", example={"jobs_days": 180})
def change_retention(
    caller: Caller,
    params: ChangeRetentionInput,
    accounts: UserStore,
    audit: AuditLog,
    settings: ShownSettings,
) -> RetentionResult:
    """Change how long documents and jobs are kept, for the whole home."""
    changes = {
        name: getattr(params, name)
        for name in ("documents_days", "jobs_days")
        if getattr(params, name) is not None
    }
    if not changes:
        raise UsageError("give_documents_days_jobs_days", "give documents_days or jobs_days")
    accounts.put_settings(retention.HOME_SETTINGS, changes, revision=params.revision)
    audit.append("retention.changed", actor=caller.user, subject="retention", text=changes)
    return read_retention(caller, NoInput(), accounts, settings)


def _check_venue(directory: ConnectorDirectory, venue: str) -> None:
    known = [page.venue for page in directory.market_pages()]
    if venue not in known:
        raise UsageError(
            "no_market_page",
            "venue must be one of {venues}, was {venue!r}",
            venues=", ".join(known),
            venue=venue[:40],
        )


def _require_user(caller: Caller) -> str:
    if caller.user == VISITOR.user:
        raise Forbidden("sign_save_settings", "sign in to save settings")
    return caller.user


def _with_defaults(body: dict[str, Any]) -> dict[str, str]:
    return {name: str(body.get(name, default)) for name, default in DEFAULTS.items()}


def _setting_changes(before: dict[str, str], after: dict[str, str]) -> list[SettingChange]:
    return [
        SettingChange(name=name, before=before[name], after=after[name])
        for name in NAMES
        if before[name] != after[name]
    ]
