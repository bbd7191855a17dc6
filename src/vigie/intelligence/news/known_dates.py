"""Dates of regulation and of central banks that are known beforehand, each with where it is written."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from vigie.catalogue import translate
from vigie.domain.time import parse_time


@dataclass(frozen=True, slots=True)
class KnownDate:
    """One day.

    Attributes
    ----------
    ts : int
        Its first instant in UTC, epoch milliseconds.
    kind : str
        ``law`` or ``rate``.
    area : str
        Where it holds: ``EU``, ``US``.
    en : str
        What happens, in English.
    address : str
        Where it is written.
    """

    ts: int
    kind: str
    area: str
    en: str
    address: str

    @property
    def fr(self) -> str:
        """What happens, in French."""
        return translate(self.en, "fr")


@cache
def load_known_dates() -> tuple[KnownDate, ...]:
    """Return every date that Vigie comes with, in order."""
    text = resources.files("vigie.intelligence.news").joinpath("known_dates.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))
    dates = [
        KnownDate(parse_time(row["date"]), row["kind"], row["area"], row["en"], row["address"])
        for row in rows
    ]
    return tuple(sorted(dates, key=lambda known_date: (known_date.ts, known_date.en)))
