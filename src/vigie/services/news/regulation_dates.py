"""Dates of regulation, central banks and figures that are known beforehand."""

from __future__ import annotations

from typing import Final

from vigie.domain.time import DAY_MS
from vigie.intelligence.news.known_dates import load_known_dates
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.services.operation import Origin
from vigie.services.rows import Row, shown

# Dates that have passed are shown for a while.
_PAST_MS: Final = 365 * DAY_MS


class RegulationDateRow(Row):
    """One date of the calendar of regulation."""

    ts: int = shown("Day", unit="ms")
    area: str = shown("Country or area")
    kind: str = shown(
        "Kind",
        definition="law (a law takes effect), rate (a central bank decides) or figures (a publication).",
    )
    what_en: str = shown("Event (English)")
    what_fr: str = shown("Event")
    address: str = shown("Address", definition="Page where it is announced.")
    precision: str = shown("Precision", definition="minute if the time of day is known, otherwise day.")
    source: str = shown("Source calendar", definition="Calendar it was read from; empty if entered by hand.")
    ts_known: int | None = shown(
        "Last read", unit="ms", definition="When the last change of this calendar was read."
    )


def regulation_dates(
    facts: FactStore, directory: ConnectorDirectory, now: int
) -> tuple[list[RegulationDateRow], list[Origin]]:
    """Return all dates since a year before `now`, and who stated them.

    What a calendar that is read states stands in the place of what was written by hand about the same.
    """
    stated_rows, origins = stated_dates(facts, directory)
    stated = {row.address for row in stated_rows}
    written = [
        RegulationDateRow(
            ts=known_date.ts,
            area=known_date.area,
            kind=known_date.kind,
            what_en=known_date.en,
            what_fr=known_date.fr,
            address=known_date.address,
            precision="day",
            source="",
            ts_known=None,
        )
        for known_date in load_known_dates()
        if known_date.address not in stated
    ]
    rows = [row for row in (*written, *stated_rows) if row.ts >= now - _PAST_MS]
    return sorted(rows, key=lambda row: row.ts), origins


def stated_dates(
    facts: FactStore, directory: ConnectorDirectory
) -> tuple[list[RegulationDateRow], list[Origin]]:
    """Return the dates that calendars stated when they were read last, and which ones those are."""
    rows: list[RegulationDateRow] = []
    origins = []
    for note in directory.news():
        # Of many sources a few are calendars: the others are not looked for on the disk.
        stored = facts.document(note.id, "dates") if note.kind == "calendar" else None
        if stored is None:
            continue
        ts_known, body = stored
        origins.append(Origin(source=note.title, ts_known=ts_known, licence=note.licence))
        rows += [
            RegulationDateRow(
                ts=row["ts"],
                area=body["area"],
                kind=body["kind"],
                what_en=body["what"],
                what_fr=body["what_fr"],
                address=body["address"],
                precision=row["precision"],
                source=note.title,
                ts_known=ts_known,
            )
            for row in body["rows"]
        ]
    return rows, origins
