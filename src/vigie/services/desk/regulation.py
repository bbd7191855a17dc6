"""Regulation: what public registers hold and what became different in them, who may serve where, known dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from vigie.domain.accents import fold_text
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.domain.register import RegisterEntry
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.known_dates import known_dates
from vigie.services.house import House
from vigie.services.news.ending import ending
from vigie.services.news.registers import LICENCES as LICENSED
from vigie.services.news.registers import Listing, listing_of, listings
from vigie.services.operation import Ask, Column, Nothing, Origin, Table, operation

# Dates that have passed are shown for a while.
_PAST_MS: Final = 365 * DAY_MS

# What is told of the register of a row.
_STANDING: Final = (
    Column(
        name="lists",
        title="Listed as",
        definition="licences, warnings or papers: what standing on this register means.",
    ),
    Column(name="register", title="Register", definition="Id of the source that reads it."),
    Column(name="title", title="Register by name"),
)
CHANGES: Final = [
    Column(name="ts_seen", title="Seen", unit="ms", definition="When the look that showed it was."),
    Column(name="kind", title="What", definition="added, changed, ended or removed."),
    Column(
        name="ts_ended", title="Ended", unit="ms", definition="Of a licence that got an end: the day stated."
    ),
    Column(name="name", title="Firm"),
    Column(name="country", title="Country"),
    Column(name="lei", title="LEI", definition="Legal entity identifier, ISO 17442."),
    Column(name="fields", title="Columns that became others"),
    *_STANDING,
]
LICENCES: Final = [
    Column(name="name", title="Firm"),
    Column(name="country", title="Country"),
    Column(name="authority", title="Authority"),
    Column(
        name="services",
        title="Services",
        definition="Codes as published; under MiCA article 3(1)(16), a to j.",
    ),
    Column(name="countries", title="May serve", definition="Where else it may serve."),
    Column(name="ts_from", title="Licensed since", unit="ms"),
    Column(name="ts_until", title="Ended", unit="ms"),
    Column(name="lei", title="LEI", definition="Legal entity identifier, ISO 17442."),
    *_STANDING,
]
COUNTRIES: Final = [
    Column(name="country", title="Country"),
    Column(name="at_home", title="Licensed there", unit="count", definition="Firms whose home it is."),
    Column(
        name="serving", title="May serve there", unit="count", definition="Firms from there and elsewhere."
    ),
]
CALENDAR: Final = [
    Column(name="ts", title="Day", unit="ms"),
    Column(name="area", title="Country or area"),
    Column(
        name="kind", title="Kind", definition="law, rate of a central bank, or figures that are published."
    ),
    Column(name="what_en", title="What happens (English)"),
    Column(name="what_fr", title="What happens (French)"),
    Column(name="address", title="Address", definition="Where it is written."),
    Column(name="precision", title="Precision", definition="day, or minute where the time of day is stated."),
    Column(name="source", title="Read from", definition="The calendar; empty where it was written by hand."),
    Column(
        name="ts_known",
        title="Read",
        unit="ms",
        definition="When the calendar was read last and had changed.",
    ),
]


class ChangesAsk(Ask):
    """Which changes."""

    source: str = Field("", max_length=60, description="Id of a register; empty for all.")
    limit: int = Field(50, ge=1, le=200)


class LicencesAsk(Ask):
    """Which rows of registers; what is empty does not matter."""

    source: str = Field("", max_length=60, description="Id of a register.")
    country: str = Field(
        "", max_length=2, description="Home, or where it may serve: two letters of ISO 3166."
    )
    lists: Literal["", "licences", "warnings", "papers"] = Field("", description="What standing there means.")
    q: str = Field("", max_length=80, description="In the name, or the LEI.")
    cursor: str = Field("", max_length=12, description="`next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=500)


@operation("regulation.changes", example={"limit": 5})
def changes(house: House, caller: Caller, ask: ChangesAsk) -> Table:
    """List what became different in public registers, newest first."""
    known = listings(house)
    rows = [
        {
            "ts_seen": one.ts_seen, "kind": one.kind, "ts_ended": ending(one), "name": one.entry.name,
            "country": one.entry.country, "lei": one.entry.lei, "register": one.register,
            "fields": ", ".join(name for name, _, _ in one.fields) if one.kind == "changed" else "",
            **_stands(known, one.register),
        }
        for one in house.registers.changes(ask.source, limit=ask.limit)
    ]  # fmt: skip
    return Table(columns=list(CHANGES), rows=rows, origins=_origins(house), total=len(rows))


@operation("regulation.licences", example={"country": "FR", "limit": 5})
def licences(house: House, caller: Caller, ask: LicencesAsk) -> Table:
    """List rows of public registers by country and name: who is licensed, by whom, for what, where it may serve.

    A row of a list of warnings is no licence, which `lists` says of each.
    """
    if ask.cursor and not ask.cursor.isdecimal():
        raise UsageError(f"cursor must be the `next_cursor` of a page, was {ask.cursor!r}")
    country, start = ask.country.upper(), int(ask.cursor or 0)
    known = listings(house)
    found = [
        one
        for one in house.registers.entries(ask.source)
        if (not country or country in _where(one))
        and (not ask.lists or listing_of(known, one.register).lists == ask.lists)
    ]
    if wanted := fold_text(ask.q.strip()):
        found = [one for one in found if wanted in fold_text(one.name) or wanted == one.lei.lower()]
    rows = [{**_row(one), **_stands(known, one.register)} for one in found[start : start + ask.limit]]
    after = start + ask.limit
    return Table(
        columns=list(LICENCES),
        rows=rows,
        origins=_origins(house),
        total=len(found),
        next_cursor=str(after) if after < len(found) else None,
    )


@operation("regulation.countries")
def countries(house: House, caller: Caller, ask: Nothing) -> Table:
    """List countries with how many firms are licensed there, and how many may serve there."""
    now = house.clock.market_now()
    known = listings(house)
    live = [
        one
        for one in house.registers.entries()
        if listing_of(known, one.register).lists == LICENSED and (one.ts_until is None or one.ts_until > now)
    ]
    home = Counter(one.country for one in _firms(live))
    serving = Counter(country for one in _firms(live) for country in _where(one))
    rows = [
        {"country": country, "at_home": home[country], "serving": count}
        for country, count in sorted(serving.items(), key=lambda pair: (-home[pair[0]], pair[0]))
        if country
    ]
    return Table(columns=list(COUNTRIES), rows=rows, origins=_origins(house), total=len(rows))


@operation("regulation.calendar")
def calendar(house: House, caller: Caller, ask: Nothing) -> Table:
    """List dates of regulation, central banks and figures that are known beforehand, those of the last year too.

    What a calendar that is read states stands in the place of what was written by hand about the same.
    """
    begin = house.clock.market_now() - _PAST_MS
    read, origins = stated_dates(house)
    rows: list[dict[str, Any]] = [
        {
            "ts": one.ts, "area": one.area, "kind": one.kind, "what_en": one.en, "what_fr": one.fr,
            "address": one.address, "precision": "day", "source": "", "ts_known": None,
        }
        for one in known_dates()
        if one.address not in {row["address"] for row in read}
    ]  # fmt: skip
    rows = sorted((row for row in (*rows, *read) if row["ts"] >= begin), key=lambda row: row["ts"])
    return Table(columns=list(CALENDAR), rows=rows, total=len(rows), origins=origins)


def stated_dates(house: House) -> tuple[list[dict[str, Any]], list[Origin]]:
    """Return the dates that calendars stated when they were read last, and which ones those are."""
    rows, origins = [], []
    for note in house.directory.news():
        # Of many sources a few are calendars: the others are not looked for on the disk.
        found = house.facts.document(note.id, "dates") if note.kind == "calendar" else None
        if found is None:
            continue
        known, told = found
        origins.append(Origin(source=note.title, ts_known=known, licence=note.licence))
        rows += [
            {
                "ts": row["ts"], "area": told["area"], "kind": told["kind"], "what_en": told["what"],
                "what_fr": told["what_fr"], "address": told["address"], "precision": row["precision"],
                "source": note.title, "ts_known": known,
            }
            for row in told["rows"]
        ]  # fmt: skip
    return rows, origins


def _stands(known: Mapping[str, Listing], register: str) -> dict[str, str]:
    listing = listing_of(known, register)
    return {"lists": listing.lists, "title": listing.title}


def _where(one: RegisterEntry) -> set[str]:
    return {one.country, *one.countries}


def _firms(entries: Iterable[RegisterEntry]) -> Sequence[RegisterEntry]:
    """Return one row for each firm: a register has one for each of its sites and offers."""
    found: dict[str, RegisterEntry] = {}
    for one in entries:
        found.setdefault(one.lei or fold_text(one.name), one)
    return list(found.values())


def _row(one: RegisterEntry) -> dict[str, Any]:
    return {
        "name": one.name, "country": one.country, "authority": one.authority, "services": " ".join(one.services),
        "countries": " ".join(one.countries), "ts_from": one.ts_from, "ts_until": one.ts_until, "lei": one.lei,
        "register": one.register,
    }  # fmt: skip


def _origins(house: House) -> list[Origin]:
    notes = {note.id: note for note in house.directory.news()}
    return [
        Origin(
            source=notes[state.register].title if state.register in notes else state.register,
            ts_known=state.ts_seen,
            licence=notes[state.register].licence if state.register in notes else "",
        )
        for state in house.registers.states()
    ]
