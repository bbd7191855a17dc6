"""Which rows of a journal are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final, Protocol

from vigie.domain.time import zoned
from vigie.services.trading.journal.journal_rows import JournalTradeRow

# What rows are narrowed by, beside a tag and a day.
FILTERS: Final = ("strategy", "instrument", "side", "reason")


class JournalFilter(Protocol):
    """What is asked for, with the names of `FILTERS` too; what is empty asks for nothing."""

    tag: str
    day: str


def filter_rows(rows: Sequence[JournalTradeRow], wanted: JournalFilter) -> list[JournalTradeRow]:
    """Return the trades that have all that is asked for."""
    values = {name: str(getattr(wanted, name)) for name in FILTERS if getattr(wanted, name)}
    return [
        row
        for row in rows
        if all(row[name] == value for name, value in values.items())
        and (not wanted.tag or wanted.tag in row_tags(row))
        and (not wanted.day or f"{zoned(row.exit_ts, UTC):%Y-%m-%d}" == wanted.day)
    ]


def is_narrowing(wanted: JournalFilter) -> bool:
    """Tell whether trades are left out."""
    return bool(wanted.tag or wanted.day) or any(getattr(wanted, name) for name in FILTERS)


def row_tags(row: JournalTradeRow) -> list[str]:
    """Return the tags of a trade."""
    return [tag for tag in row.tags.split(", ") if tag]
