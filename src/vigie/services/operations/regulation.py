"""Regulation: what public registers hold and what became different in them, who may serve where, known dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from pydantic import Field

from vigie.domain.accents import fold_text
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.domain.register import RegisterEntry
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.ports.registers import RegisterStore
from vigie.services.news.entities.registers import LICENCES as LICENSED
from vigie.services.news.entities.registers import RegisterInfo, licence_end, load_registers, register_of
from vigie.services.news.regulation_dates import RegulationDateRow, regulation_dates
from vigie.services.operation import Column, NoInput, OperationInput, Origin, Table, operation
from vigie.services.rows import Row, shown, table_of

# What is told of the register of a row.
_REGISTER_COLUMNS: Final = (
    Column(
        name="lists",
        title="Listed as",
        definition="licences, warnings or papers: what this register lists.",
    ),
    Column(name="register", title="Register", definition="Id of the source that reads it."),
    Column(name="title", title="Register name"),
)


class RegisterChangeListRow(Row):
    """What became different in one row of a register."""

    ts_seen: int = shown("Detected", unit="ms", definition="When Vigie read the register and found it.")
    kind: str = shown("What", definition="added, changed, ended or removed.")
    ts_ended: int | None = shown("End date", unit="ms", definition="End date of the licence, if one is set.")
    name: str = shown("Firm")
    country: str = shown("Country")
    lei: str = shown("LEI", definition="Legal entity identifier, ISO 17442.")
    fields: str = shown("Changed fields")
    lists: str = shown("Listed as", definition="licences, warnings or papers: what this register lists.")
    register: str = shown("Register", definition="Id of the source that reads it.")
    title: str = shown("Register name")


class LicenceRow(Row):
    """One row of a public register."""

    name: str = shown("Firm")
    country: str = shown("Country")
    authority: str = shown("Authority")
    services: str = shown("Services", definition="Codes as published; a to j under MiCA article 3(1)(16).")
    countries: str = shown("Also authorised in", definition="Other countries where it may operate.")
    ts_from: int | None = shown("Licensed since", unit="ms")
    ts_until: int | None = shown("End date", unit="ms")
    lei: str = shown("LEI", definition="Legal entity identifier, ISO 17442.")
    lists: str = shown("Listed as", definition="licences, warnings or papers: what this register lists.")
    register: str = shown("Register", definition="Id of the source that reads it.")
    title: str = shown("Register name")


class CountryRow(Row):
    """One country and how many firms may serve it."""

    country: str = shown("Country")
    at_home: int = shown("Firms based there", unit="count", definition="Firms based there.")
    serving: int = shown("Firms allowed there", unit="count", definition="Domestic and foreign firms.")


class RegisterChangesInput(OperationInput):
    """Which changes."""

    source: str = Field("", max_length=60, description="Id of a register; empty for all.")
    limit: int = Field(50, ge=1, le=200)


class LicencesInput(OperationInput):
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
def list_register_changes(
    caller: Caller, params: RegisterChangesInput, register_store: RegisterStore, directory: ConnectorDirectory
) -> Table[RegisterChangeListRow]:
    """List what became different in public registers, newest first."""
    registers = load_registers(directory)
    rows = [
        RegisterChangeListRow(
            ts_seen=change.ts_seen,
            kind=change.kind,
            ts_ended=licence_end(change),
            name=change.entry.name,
            country=change.entry.country,
            lei=change.entry.lei,
            register=change.register,
            fields=", ".join(name for name, _, _ in change.fields) if change.kind == "changed" else "",
            **_register_values(registers, change.register),
        )
        for change in register_store.changes(params.source, limit=params.limit)
    ]
    return table_of(
        RegisterChangeListRow, rows, origins=_register_origins(register_store, directory), total=len(rows)
    )


@operation("regulation.licences", example={"country": "FR", "limit": 5})
def list_licences(
    caller: Caller, params: LicencesInput, register_store: RegisterStore, directory: ConnectorDirectory
) -> Table[LicenceRow]:
    """List rows of public registers by country and name: who is licensed, by whom, for what, where it may serve.

    A row of a list of warnings is no licence, which `lists` says of each.
    """
    if params.cursor and not params.cursor.isdecimal():
        raise UsageError(
            "cursor_must_page", "cursor must be the `next_cursor` of a page, was {text!r}", text=params.cursor
        )
    country, start = params.country.upper(), int(params.cursor or 0)
    registers = load_registers(directory)
    entries = [
        entry
        for entry in register_store.entries(params.source)
        if (not country or country in _served_countries(entry))
        and (not params.lists or register_of(registers, entry.register).lists == params.lists)
    ]
    if query := fold_text(params.q.strip()):
        entries = [entry for entry in entries if query in fold_text(entry.name) or query == entry.lei.lower()]
    rows = [
        _licence_row(entry, register_of(registers, entry.register))
        for entry in entries[start : start + params.limit]
    ]
    next_start = start + params.limit
    return table_of(
        LicenceRow,
        rows,
        origins=_register_origins(register_store, directory),
        total=len(entries),
        next_cursor=str(next_start) if next_start < len(entries) else None,
    )


@operation("regulation.countries")
def list_countries(
    caller: Caller,
    params: NoInput,
    register_store: RegisterStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> Table[CountryRow]:
    """List countries with how many firms are licensed there, and how many may serve there."""
    now = clock.market_now()
    registers = load_registers(directory)
    valid_licences = [
        entry
        for entry in register_store.entries()
        if register_of(registers, entry.register).lists == LICENSED
        and (entry.ts_until is None or entry.ts_until > now)
    ]
    home = Counter(entry.country for entry in _unique_firms(valid_licences))
    serving = Counter(
        country for entry in _unique_firms(valid_licences) for country in _served_countries(entry)
    )
    rows = [
        CountryRow(country=country, at_home=home[country], serving=count)
        for country, count in sorted(serving.items(), key=lambda pair: (-home[pair[0]], pair[0]))
        if country
    ]
    return table_of(CountryRow, rows, origins=_register_origins(register_store, directory), total=len(rows))


@operation("regulation.calendar")
def list_dates(
    caller: Caller, params: NoInput, facts: FactStore, clock: Clock, directory: ConnectorDirectory
) -> Table[RegulationDateRow]:
    """List dates of regulation, central banks and figures that are known beforehand, those of the last year too.

    What a calendar that is read states stands in the place of what was written by hand about the same.
    """
    rows, origins = regulation_dates(facts, directory, clock.market_now())
    return table_of(RegulationDateRow, rows, total=len(rows), origins=origins)


def _register_values(registers: Mapping[str, RegisterInfo], register: str) -> dict[str, str]:
    listing = register_of(registers, register)
    return {"lists": listing.lists, "title": listing.title}


def _served_countries(entry: RegisterEntry) -> set[str]:
    return {entry.country, *entry.countries}


def _unique_firms(entries: Iterable[RegisterEntry]) -> Sequence[RegisterEntry]:
    """Return one row for each firm: a register has one for each of its sites and offers."""
    firms: dict[str, RegisterEntry] = {}
    for entry in entries:
        firms.setdefault(entry.lei or fold_text(entry.name), entry)
    return list(firms.values())


def _licence_row(entry: RegisterEntry, listing: RegisterInfo) -> LicenceRow:
    return LicenceRow(
        name=entry.name,
        country=entry.country,
        authority=entry.authority,
        services=" ".join(entry.services),
        countries=" ".join(entry.countries),
        ts_from=entry.ts_from,
        ts_until=entry.ts_until,
        lei=entry.lei,
        register=entry.register,
        lists=listing.lists,
        title=listing.title,
    )


def _register_origins(registers: RegisterStore, directory: ConnectorDirectory) -> list[Origin]:
    notes = {note.id: note for note in directory.news()}
    return [
        Origin(
            source=notes[state.register].title if state.register in notes else state.register,
            ts_known=state.ts_seen,
            licence=notes[state.register].licence if state.register in notes else "",
        )
        for state in registers.states()
    ]
