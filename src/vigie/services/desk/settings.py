"""Settings of a person: how things look and read; with history, and a way back."""

from __future__ import annotations

from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, Field, field_validator

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation
from vigie.services.people import keeping
from vigie.services.people.ownership import owner_of

NAMES: Final = ("language", "theme", "zone", "currency", "persona", "shortcuts", "calm", "news_marks")
DEFAULTS: Final[dict[str, str]] = {
    "language": "",
    "theme": "auto",
    "zone": "UTC",
    "currency": "usd",
    "persona": "",
    "shortcuts": "on",
    "calm": "off",
    "news_marks": "on",
}
SOURCE: Final = "vigie"

HISTORY: Final = [
    Column(name="revision", title="Revision"),
    Column(name="ts", title="Changed", unit="ms", source=SOURCE),
    Column(name="changes", title="What changed", definition="Each setting as it was and as it became."),
]
ZONES: Final = [
    Column(name="zone", title="Time zone"),
    Column(name="city", title="City"),
]
KEPT: Final = [
    Column(name="what", title="What"),
    Column(name="days", title="Kept for", unit="days", definition="Empty means for ever.", source=SOURCE),
    Column(name="bytes", title="Size now", unit="bytes", source=SOURCE),
    Column(name="per_day", title="A day", unit="bytes", definition="Mean of the days so far.", source=SOURCE),
    Column(
        name="in_a_year", title="In a year", unit="bytes", definition="At this pace, old ones removed.",
        source=SOURCE,
    ),
]  # fmt: skip


class ReadAsk(Ask):
    """The caller's settings."""


class ChangeAsk(Ask):
    """What is to be different; the rest stays."""

    language: Literal["", "en", "fr"] | None = Field(None, description="Empty means the browser's.")
    theme: Literal["auto", "light", "dark"] | None = None
    zone: str | None = Field(None, max_length=64, description="IANA name, Europe/Paris.")
    currency: Literal["usd", "eur"] | None = None
    persona: Literal["", "trader", "journalist", "beginner"] | None = None
    shortcuts: Literal["on", "off"] | None = Field(None, description="Single-key shortcuts.")
    calm: Literal["on", "off"] | None = Field(None, description="Without movement and live colours.")
    news_marks: Literal["on", "off"] | None = Field(None, description="Marks of news on price charts.")
    revision: int | None = Field(None, ge=0, description="The one that was read; another one is refused.")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str | None) -> str | None:
        if zone is not None and not is_zone(zone):
            raise ValueError(f"must be a time zone such as Europe/Paris, was {zone[:64]!r}")
        return zone


class UndoAsk(Ask):
    """Back to how it was at a revision."""

    revision: int = Field(ge=0, description="As `settings.history` names it; 0 is before the first change.")


class ZonesAsk(Ask):
    """Which time zones."""

    search: str = Field("", max_length=64, description="A part of the name.")
    limit: int = Field(20, ge=1, le=700)


class RetentionAsk(Ask):
    """How long things are kept."""

    documents_days: int | None = Field(None, ge=1, le=36_500, description="Raw documents of sources.")
    jobs_days: int | None = Field(None, ge=1, le=36_500, description="Finished jobs and their logs.")
    revision: int | None = Field(None, ge=0, description="The one that was read; another one is refused.")


class SettingsAnswer(Answer):
    """Settings with every default filled in."""

    revision: int
    values: dict[str, str]


class RetentionAnswer(Answer):
    """How long things are kept, in days."""

    revision: int
    documents_days: int
    jobs_days: int


class Difference(BaseModel):
    """One setting as it was and as it became."""

    name: str
    before: str
    after: str


@operation("settings.read")
def read_settings(house: House, caller: Caller, ask: ReadAsk) -> SettingsAnswer:
    """Read the caller's settings; what was never set has its default."""
    revision, body = house.accounts.settings(owner_of(house, caller))
    return SettingsAnswer(revision=revision, values=_whole(body))


@operation("settings.change", scope="write", example={"theme": "dark"})
def change_settings(house: House, caller: Caller, ask: ChangeAsk) -> SettingsAnswer:
    """Change settings; a stale revision is refused as a conflict."""
    user = _person(caller)
    changes = {name: getattr(ask, name) for name in NAMES if getattr(ask, name) is not None}
    current, body = house.accounts.settings(user)
    if all(_whole(body)[name] == value for name, value in changes.items()) and ask.revision in (
        None,
        current,
    ):
        return SettingsAnswer(revision=current, values=_whole(body))
    house.accounts.put_settings(user, changes, revision=ask.revision)
    return read_settings(house, caller, ReadAsk())


@operation("settings.history")
def read_history(house: House, caller: Caller, ask: ReadAsk) -> Table:
    """List every change of the caller's settings, newest first."""
    history = house.accounts.settings_history(owner_of(house, caller))
    bodies = [_whole(body) for _revision, _ts, body in history] + [dict(DEFAULTS)]
    rows = [
        {
            "revision": revision,
            "ts": ts,
            "changes": [one.model_dump() for one in _differences(bodies[place + 1], bodies[place])],
        }
        for place, (revision, ts, _body) in enumerate(history)
    ]
    return Table(columns=HISTORY, rows=rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("settings.undo", scope="write", example={"revision": 0})
def undo_settings(house: House, caller: Caller, ask: UndoAsk) -> SettingsAnswer:
    """Set everything as it was at a revision; that is a change itself, so it can be undone too."""
    user = _person(caller)
    bodies = {revision: body for revision, _ts, body in house.accounts.settings_history(user)}
    if ask.revision and ask.revision not in bodies:
        raise NotFound(f"settings have no revision {ask.revision} any more")
    before = bodies.get(ask.revision, {})
    current, _body = house.accounts.settings(user)
    house.accounts.put_settings(user, {name: before.get(name) for name in NAMES}, revision=current)
    return read_settings(house, caller, ReadAsk())


@operation("settings.zones", example={"search": "paris"})
def list_zones(house: House, caller: Caller, ask: ZonesAsk) -> Table:
    """Find time zones by a part of their name."""
    wanted = ask.search.strip().lower().replace(" ", "_")
    found = [zone for zone in sorted(available_timezones()) if wanted in zone.lower() and is_zone(zone)]
    # Zones of places first: people look for their city.
    found.sort(key=lambda zone: ("/" not in zone, zone.startswith("Etc/"), zone))
    rows = [{"zone": zone, "city": zone.rpartition("/")[2].replace("_", " ")} for zone in found[: ask.limit]]
    return Table(columns=ZONES, rows=rows, total=len(found))


@operation("settings.forecast")
def forecast(house: House, caller: Caller, ask: ReadAsk) -> Table:
    """Say how large each kind of data is, how long it is kept, and how large it will be in a year."""
    rows = [
        {
            "what": one.what,
            "days": one.days,
            "bytes": one.size,
            "per_day": one.per_day,
            "in_a_year": one.in_a_year,
        }
        for one in keeping.sizes(house)
    ]
    return Table(columns=KEPT, rows=rows, origins=[Origin(source=SOURCE, ts_event=house.clock.wall_now())])


@operation("settings.retention")
def read_retention(house: House, caller: Caller, ask: ReadAsk) -> RetentionAnswer:
    """Read how long documents and jobs are kept; bars and the audit are kept for ever."""
    kept = keeping.retention(house)
    return RetentionAnswer(
        revision=kept.revision, documents_days=kept.documents_days, jobs_days=kept.jobs_days
    )


@operation("settings.keep", scope="admin", example={"jobs_days": 180})
def change_retention(house: House, caller: Caller, ask: RetentionAsk) -> RetentionAnswer:
    """Change how long documents and jobs are kept, for the whole home."""
    changes = {
        name: getattr(ask, name) for name in ("documents_days", "jobs_days") if getattr(ask, name) is not None
    }
    if not changes:
        raise UsageError("say documents_days or jobs_days")
    house.accounts.put_settings(keeping.HOUSE, changes, revision=ask.revision)
    house.audit.append("retention.changed", actor=caller.user, subject="retention", text=changes)
    return read_retention(house, caller, ReadAsk())


def is_zone(name: str) -> bool:
    """Tell whether a name is a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name not in ("", "localtime", "Factory", "posixrules")


def _person(caller: Caller) -> str:
    if caller.user == VISITOR.user:
        raise Forbidden("sign in to keep settings")
    return caller.user


def _whole(body: dict[str, Any]) -> dict[str, str]:
    return {name: str(body.get(name, default)) for name, default in DEFAULTS.items()}


def _differences(before: dict[str, str], after: dict[str, str]) -> list[Difference]:
    return [
        Difference(name=name, before=before[name], after=after[name])
        for name in NAMES
        if before[name] != after[name]
    ]
