"""Fills of a file, row by row, with what cannot be read; nothing is stored here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import dropwhile
from typing import Final

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.outside import OutsideFill
from vigie.services.outside import cells
from vigie.services.outside.cells import DateOrder
from vigie.services.outside.file_forms import Field, FillFileForm, find_form
from vigie.services.outside.markets import SharedTicker, SymbolReader

MAX_ROWS: Final = 20_000
_MAX_CELL: Final = 2_000
_SEPARATORS: Final = ",;\t"
# What our own exports put before cells that a spreadsheet would run.
_GUARD: Final = "'"


@dataclass(frozen=True, slots=True)
class FileReading:
    """How a file is meant.

    Attributes
    ----------
    venue : str
        Of rows that name none.
    zone : str
        Of times that do not say theirs.
    dates : str
        Order of dates with slashes; empty: as they show.
    has_comma : bool
        Amounts are written with a decimal comma.
    columns : mapping of str to str
        By field, the header of its column, where the file has none of the known forms.
    """

    venue: str = ""
    zone: str = ""
    dates: DateOrder = ""
    has_comma: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be read or is noted, as spreadsheets number rows: the header is row 1."""

    row: int
    message: str


@dataclass(slots=True)
class ReadFile:
    """What a file holds.

    Attributes
    ----------
    form : str
        Id of its form.
    fills : list of OutsideFill
        Oldest first, those of one time in the order that the file has them from old to new.
    refused : list of RefusedRow
    noted : list of RefusedRow
        Rows that are read, with what was taken where they may be read in two ways.
    shared : mapping
        By ticker, the coins that it may mean.
    """

    form: str
    fills: list[OutsideFill] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    noted: list[RefusedRow] = field(default_factory=list)
    shared: dict[str, Sequence[Asset]] = field(default_factory=dict)


def read_file(text: str, reading: FileReading, markets: SymbolReader, *, now: int) -> ReadFile:
    """Read a file.

    Parameters
    ----------
    text : str
        The whole file.
    now : int
        Epoch milliseconds on the wall.

    Raises
    ------
    UsageError
        If it is no CSV with a known header, has too many rows, or its dates may be read in two ways.
    """
    rows = _split_rows(text)
    header = [cell.strip() for cell in rows[0]]
    form = find_form(header, reading.columns)
    places = {name: [cell.lower() for cell in header].index(column)
              for name, column in form.columns.items() if column in [cell.lower() for cell in header]}  # fmt: skip
    table = [(number, _pick_cells(row, places)) for number, row in enumerate(rows[1:], start=2) if any(row)]
    if not table:
        raise UsageError("outside_file_empty", "the file has a header and no rows below it")
    zone = cells.find_zone(reading.zone)
    order = reading.dates or _date_order([row.get("time", "") for _, row in table])
    parse = partial(_parse_fill, form=form, reading=reading, markets=markets,
                    parse_time=partial(cells.parse_moment, zone=zone, order=order, now=now))  # fmt: skip
    found = ReadFile(form.id)
    for number, row in table:
        try:
            found.fills.append(parse(row))
        except SharedTicker as shared:
            found.shared[shared.ticker] = shared.assets
        except UsageError as fault:
            found.refused.append(RefusedRow(number, str(fault)))
        else:
            if note := cells.note_twice(row.get("time", ""), zone, order):
                found.noted.append(RefusedRow(number, note))
    # Exports often begin with the newest; a stable sort would then turn fills of one time round.
    is_newest_first = len(found.fills) > 1 and found.fills[0].ts > found.fills[-1].ts
    found.fills = sorted(found.fills[::-1] if is_newest_first else found.fills, key=lambda fill: fill.ts)
    return found


def _split_rows(text: str) -> list[list[str]]:
    content = text.removeprefix("\ufeff")
    first = next((line for line in content.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    try:
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
        rows = list(dropwhile(lambda row: not any(cell.strip() for cell in row), reader))
    except csv.Error as fault:
        raise UsageError("not_csv_file", "this is not a CSV file: {fault}", fault=fault) from None
    if not rows:
        raise UsageError("outside_no_file", "the file is empty")
    if len(rows) > MAX_ROWS:
        raise UsageError(
            "outside_file_too_long",
            "a file may have {most} rows, had {count}; split it",
            most=MAX_ROWS,
            count=len(rows),
        )
    return rows


def _pick_cells(row: Sequence[str], places: Mapping[Field, int]) -> dict[Field, str]:
    picked: dict[Field, str] = {}
    for name, place in places.items():
        cell = row[place].strip() if place < len(row) else ""
        picked[name] = cell[1:] if cell.startswith(_GUARD) else cell
    return picked


def _date_order(texts: list[str]) -> DateOrder:
    order = cells.find_date_order(texts)
    if order is None:
        raise UsageError(
            "outside_dates_either_way",
            "dates such as {text!r} may begin with the day or with the month; choose which",
            text=next(text for text in texts if "/" in text)[:40],
        )
    return order


def _parse_fill(
    row: Mapping[Field, str],
    *,
    form: FillFileForm,
    reading: FileReading,
    markets: SymbolReader,
    parse_time: Callable[[str], int],
) -> OutsideFill:
    for name, cell in row.items():
        if len(cell) > _MAX_CELL:
            raise UsageError(
                "outside_cell_too_long",
                "{name} may hold at most {most} letters, had {count}",
                name=name,
                most=_MAX_CELL,
                count=len(cell),
            )
    venue = row.get("venue") or form.venue or reading.venue
    if not venue:
        raise UsageError("outside_venue_missing", "say at which venue these fills were made")
    market = markets.read(venue, row.get("instrument", ""))
    fee, currency = cells.parse_fee(
        row.get("fee", ""), row.get("fee_currency") or market.quote, has_comma=reading.has_comma
    )
    return OutsideFill(
        venue=market.venue,
        instrument=market.instrument,
        asset=market.asset,
        side=cells.parse_side(row.get("side", "")),
        price=cells.parse_amount(row.get("price", ""), "price", has_comma=reading.has_comma),
        qty=cells.parse_amount(row.get("quantity", ""), "quantity", has_comma=reading.has_comma),
        fee=fee,
        fee_currency=currency,
        ts=parse_time(row.get("time", "")),
        origin="file",
        outside_id=cells.parse_outside_id(row.get("id", "")),
    )


def refuse_unread(found: ReadFile) -> None:
    """Refuse a file that cannot be read whole: part of it would make trades that never were.

    Raises
    ------
    UsageError
        With the first rows that cannot be read, or the tickers that several coins have.
    """
    if found.shared:
        raise SharedTicker(*next(iter(found.shared.items())))
    if found.refused:
        first = found.refused[0]
        raise UsageError(
            "outside_rows_refused",
            "nothing was added; rows that cannot be read: {count}. Row {row}: {message}",
            count=len(found.refused),
            row=first.row,
            message=first.message,
        )
