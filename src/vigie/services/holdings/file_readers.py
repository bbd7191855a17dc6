"""Which reader a file is for, and the drafts of its rows; a file that no reader knows is read by a map of columns."""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import cache
from importlib import import_module
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.intelligence.holdings.amounts import exactly
from vigie.services.holdings.file_drafts import FileDraft, FileFault
from vigie.services.holdings.file_marks import find_mark, find_order, has_decimal_point
from vigie.services.holdings.file_reader import FileReader
from vigie.services.holdings.file_secrets import refuse_file_secrets
from vigie.services.holdings.file_table import (
    BadRow,
    FileRow,
    FileStyle,
    FileTable,
    LeftOut,
    Mark,
    heads,
    normal,
    read_table,
)
from vigie.services.holdings.own_columns import NUMBERS, own_reader
from vigie.services.outside import cells

FOLDER: Final = "vigie.services.holdings.readers"


@dataclass(slots=True)
class FileDrafts:
    """What a file says, and what of it cannot be read.

    Attributes
    ----------
    reader : FileReader
    headers : sequence of str
    drafts : list of FileDraft
    refused, left_out, noted : list of FileFault
        Rows that cannot be read; that are no events of coins; that may be read in two ways.
    zone : tzinfo or None
        The one that was said, where the reader knows better.
    mark : str
        Of decimals, as it was said or found; empty for a point.
    dates : str
        Order of days, as it was said or found; empty where none needs it.
    """

    reader: FileReader
    headers: Sequence[str] = ()
    drafts: list[FileDraft] = field(default_factory=list)
    refused: list[FileFault] = field(default_factory=list)
    left_out: list[FileFault] = field(default_factory=list)
    noted: list[FileFault] = field(default_factory=list)
    zone: tzinfo | None = None
    mark: Mark = ""
    dates: cells.DateOrder = ""


class NoReader(UsageError):
    """No reader knows the headers of a file."""


@cache
def file_readers() -> Mapping[str, FileReader]:
    """Return a reader for every file of the folder, by name."""
    package = import_module(FOLDER)
    names = sorted(entry.name for entry in pkgutil.iter_modules(package.__path__))
    return {name: import_module(f"{FOLDER}.{name}").READER for name in names}


# The sum of a trade's rows, and the sign that is taken off, may have more digits than a thread's own context keeps.
@exactly
def read_drafts(
    text: str,
    style: FileStyle,
    *,
    name: str = "",
    columns: Mapping[str, str],
    currency: str = "",
    leave_out: Collection[int] = (),
) -> FileDrafts:
    """Read a file.

    Parameters
    ----------
    text : str
        CSV.
    style : FileStyle
        How it writes numbers and times.
    name : str
        Of its reader; empty: the one whose headers it has.
    columns : mapping of str to str
        By field, the header of its column, for a file of no reader.
    currency : str
        Of amounts for which such a file names none.
    leave_out : collection of int
        Rows that are not to be read, with those that belong to them.

    Raises
    ------
    UsageError
        If no reader knows it, it is no table, or a cell holds a secret.
    """
    reader, head, separator = _find_reader(text, name, columns, currency)
    table = read_table(text, head, separator)
    _refuse_twice(table, columns)
    ids = {normal(header) for name, header in columns.items() if name == "id"}
    # First, because other refusals repeat what they refuse.
    refuse_file_secrets(
        table, head, ids=ids, kept={normal(header) for name, header in columns.items() if name != "id"}
    )
    found = FileDrafts(reader, table.headers)
    if reader.is_utc and style.zone is not UTC:
        found.zone, style = style.zone, replace(style, zone=UTC)
    if columns and not style.mark:
        style = replace(
            style,
            mark=find_mark(_number_cells(table, columns)),
            is_point_sure=has_decimal_point(_number_cells(table, columns)),
        )
    if not style.dates:
        style = replace(style, dates=find_order(_day_cells(table, columns)))
    found.mark, found.dates = style.mark, style.dates
    for rows in _groups(reader, _rows(table, style, found.noted)):
        if any(row.line in leave_out for row in rows):
            continue
        try:
            for row in rows:
                _refuse_more_cells(row, len(table.headers))
            found.drafts += reader.read(rows)
        except BadRow as fault:
            found.refused.append(FileFault(rows[0].line, fault.column, fault.message))
        except LeftOut as left:
            found.left_out += [FileFault(row.line, "", left.message) for row in rows]
    return found


def has_reader(text: str) -> bool:
    """Tell whether a reader knows the headers of a file."""
    try:
        _find_reader(text, "", {})
    except NoReader:
        return False
    return True


def _find_reader(
    text: str, name: str, columns: Mapping[str, str], currency: str = ""
) -> tuple[FileReader, int, str]:
    readers = file_readers()
    if columns:
        wanted = [(own_reader(columns, currency), {normal(header) for header in columns.values()})]
    elif name:
        wanted = [(readers[name], set(readers[name].signs))] if name in readers else []
    else:
        # Of two that fit, the one that asks for more headers.
        by_signs = sorted(readers.values(), key=lambda reader: -len(reader.signs))
        wanted = [(reader, set(reader.signs)) for reader in by_signs]
    rows = heads(text)
    for reader, signs in wanted:
        for line, separator, row in rows:
            if signs <= {normal(cell) for cell in row}:
                return reader, line, separator
    if columns:
        raise UsageError(
            "import_no_such_column",
            "the file has no row with the headers {headers}",
            headers=", ".join(sorted(columns.values())),
        )
    raise NoReader(
        "import_no_reader",
        "no reader knows the headers of this file; there are readers for {names}; for another file, say which "
        "column is which",
        names=", ".join(readers),
    )


def _rows(table: FileTable, style: FileStyle, noted: list[FileFault]) -> Iterator[FileRow]:
    columns = table.columns()
    for line, row in table.rows:
        yield FileRow(line, row, columns, style, noted)


def _refuse_twice(table: FileTable, columns: Mapping[str, str]) -> None:
    """Refuse a column that was chosen by a header which another one has, too: nobody says which of them is meant."""
    there = [normal(header) for header in table.headers]
    for header in columns.values():
        if (count := there.count(normal(header))) > 1:
            raise UsageError(
                "import_header_twice",
                "{count} columns of the file have the header {header}; give each a name of its own",
                count=count,
                header=header,
            )


def _refuse_more_cells(row: FileRow, most: int) -> None:
    """Refuse a row that goes on behind its last header: a mark of decimals that parts cells moves those behind it."""
    if any(cell.strip() for cell in row.cells[most:]):
        raise BadRow(
            column="",
            message=Refusal(
                "import_more_cells",
                "the row has {count} cells, but there are {headers} headers: perhaps a comma of a number parts it in "
                "two; put such a cell in quotes, or leave the row out",
                count=len(row.cells),
                headers=most,
            ),
        )


def _number_cells(table: FileTable, columns: Mapping[str, str]) -> Iterator[str]:
    places = [
        place
        for name in NUMBERS
        if name in columns and (place := table.columns().get(normal(columns[name]))) is not None
    ]
    for _, row in table.rows:
        yield from (row[place] for place in places if place < len(row))


def _day_cells(table: FileTable, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield cells that may be days: those of the column of the time, else all with slashes."""
    place = table.columns().get(normal(columns.get("time", "")))
    for _, row in table.rows:
        if place is None:
            yield from (cell for cell in row if "/" in cell)
        elif place < len(row) and not row[place][:4].isdecimal():
            yield row[place]


def _groups(reader: FileReader, rows: Iterator[FileRow]) -> Iterator[Sequence[FileRow]]:
    if reader.group is None:
        for row in rows:
            yield (row,)
        return
    groups: dict[str, list[FileRow]] = {}
    for row in rows:
        groups.setdefault(reader.group(row), []).append(row)
    yield from groups.values()
