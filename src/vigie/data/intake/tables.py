"""Parquet, feather and JSON tables as raw rows."""

from __future__ import annotations

import io
import json
from math import nan
from pathlib import Path
from typing import Any, Final

import polars as pl

from vigie.data.frames import NUMBERS
from vigie.data.intake.columns import HEADERLESS, Columns, find_columns, normalise_header
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.numbers import to_numbers
from vigie.data.intake.packed import unpack
from vigie.data.intake.times import to_milliseconds
from vigie.domain.errors import DataError

# `fault` is a reason found while reading; `line` the row as it was written, where reading it failed.
RAW_SCHEMA: Final = {
    "row": pl.UInt32(),
    "timestamp": pl.Int64(),
    **dict.fromkeys(NUMBERS, pl.Float64()),
    "fault": pl.String(),
    "line": pl.String(),
}

# What the first rows of a table are: enough to tell how far apart bars are.
HEAD_ROWS: Final = 1_000
_NAMED: Final = 3


def read_parquet(
    path: Path, *, base: str, needs_volume: bool, form: FileForm = SILENT, only_head: bool = False
) -> pl.DataFrame:
    """Read a Parquet file, or its first rows; only the columns of a bar are loaded."""
    try:
        with open(path, "rb") as file:  # a path would be read as a pattern
            names = list(pl.read_parquet_schema(file))
        columns = find_columns(names, base=base, needs_volume=needs_volume, form=form)
        headers = [name for name in (*_bar_headers(columns), columns.symbol, columns.clock) if name]
        most = HEAD_ROWS if only_head else None
        table = pl.read_parquet(path, glob=False, columns=list(dict.fromkeys(headers)), n_rows=most)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            "not_readable_parquet_file",
            "{name} is not a readable Parquet file: {error}",
            name=path.name,
            error=error,
        ) from error
    return normalise(table, columns, form=form, absent=absent(needs_volume=needs_volume))


def read_feather(
    path: Path, *, base: str, needs_volume: bool, form: FileForm = SILENT, only_head: bool = False
) -> pl.DataFrame:
    """Read a feather (Arrow IPC) file, such as freqtrade keeps, or its first rows."""
    try:
        if only_head:
            table = pl.scan_ipc(path, glob=False, n_rows=HEAD_ROWS).collect()
        else:
            table = pl.read_ipc(io.BytesIO(path.read_bytes()))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            "not_readable_feather_file",
            "{name} is not a readable feather file: {error}",
            name=path.name,
            error=error,
        ) from error
    columns = find_columns(table.columns, base=base, needs_volume=needs_volume, form=form)
    return normalise(table, columns, form=form, absent=absent(needs_volume=needs_volume))


def read_json(path: Path, *, base: str, needs_volume: bool, form: FileForm = SILENT) -> pl.DataFrame:
    """Read a JSON list of rows ``[time, open, high, low, close, volume]`` (freqtrade, ccxt) or of records."""
    content = unpack(path) if path.name.lower().endswith(".gz") else path.read_bytes()
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(
            "not_readable_json", "{name} is not readable JSON: {error}", name=path.name, error=error
        ) from error
    if isinstance(rows, dict):
        rows = rows.get("data", [])
    if not isinstance(rows, list) or not all(isinstance(row, list | dict) for row in rows):
        raise DataError(
            "must_contain_list_rows_records", "{name} must contain a list of rows or records", name=path.name
        )
    if not rows:
        return pl.DataFrame(schema=RAW_SCHEMA)
    if isinstance(rows[0], dict):
        names = list(rows[0])
        columns = find_columns(names, base=base, needs_volume=needs_volume, form=form)
        data = {name: [row.get(name) if isinstance(row, dict) else None for row in rows] for name in names}
        table = pl.DataFrame([_series(name, data[name]) for name in names])
        return normalise(table, columns, form=form, absent=absent(needs_volume=needs_volume))
    short = [row for row in rows if not isinstance(row, list) or len(row) < len(HEADERLESS)]
    if short:
        raise DataError(
            "rows_must_time",
            "{name}: rows must be [time, open, high, low, close, volume], one was {short}",
            name=path.name,
            short=short[0],
        )
    cells_by_column = list(zip(*(row[: len(HEADERLESS)] for row in rows), strict=True))
    table = pl.DataFrame(
        [_series(name, list(cells_by_column[place])) for place, name in enumerate(HEADERLESS)]
    )
    columns = Columns(*HEADERLESS[:-1], "" if form.no_volume else HEADERLESS[-1])
    return normalise(table, columns, form=form, absent=absent(needs_volume=needs_volume))


def _series(name: str, values: list[Any]) -> pl.Series:
    if any(isinstance(value, str) for value in values):
        return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
    return pl.Series(name, values, strict=False)


def _bar_headers(columns: Columns) -> tuple[str, ...]:
    return (columns.timestamp, columns.open, columns.high, columns.low, columns.close, columns.volume)


def absent(*, needs_volume: bool) -> float:
    """Return what stands for a volume that the file does not have: mark prices have none, of bars it is unknown."""
    return nan if needs_volume else 0.0


def normalise(
    table: pl.DataFrame, columns: Columns, *, first_row: int = 1, form: FileForm = SILENT, absent: float = 0.0
) -> pl.DataFrame:
    """Bring a table to `RAW_SCHEMA`; what cannot be read becomes null and keeps its text in `line`.

    A volume of NaN is unknown because that was said, or because the file's program records none; where it should be a
    number and is none, it is null.

    Raises
    ------
    DataError
        If it has a column that names several instruments.
    """
    names = dict(zip(HEADERLESS, _bar_headers(columns), strict=True))
    texts = [name for name in names.values() if name and table.schema[name] == pl.String]
    frame = pl.DataFrame(
        {
            "row": pl.int_range(first_row, first_row + len(table), dtype=pl.UInt32, eager=True),
            "timestamp": to_milliseconds(_time_column(table, columns), form),
            **{name: _number_column(table, names[name], form, absent) for name in NUMBERS},
        }
    )
    line = pl.lit(None, pl.String)
    unread = pl.any_horizontal(pl.col("timestamp", *NUMBERS).is_null())
    if columns.symbol:
        # What is no bar names no instrument: a header in the middle, a line of sums.
        _refuse_several(table[columns.symbol].filter(frame.select(~unread).to_series()))
    if texts and frame.select(unread.any()).item():
        whole = table.select(
            pl.concat_str(*(n for n in names.values() if n), separator=",", ignore_nulls=True)
        )
        frame = frame.with_columns(whole.to_series().alias("line"))
        line = pl.when(unread).then(pl.col("line"))
    return frame.with_columns(fault=pl.lit(None, pl.String), line=line).select(*RAW_SCHEMA)


def _refuse_several(names: pl.Series) -> None:
    if not isinstance(names.dtype, pl.String | pl.Categorical | pl.Enum):
        return
    text = names.cast(pl.String).str.strip_chars(' "\t').str.to_uppercase()
    # A line that was cut off names none; BTC/USDT and BTCUSDT are one.
    spellings = text.filter(text != "").unique(maintain_order=True).to_list()
    instruments = list({normalise_header(name) or name: name for name in reversed(spellings)}.values())[::-1]
    if len(instruments) > 1:
        names_text = ", ".join(instruments[:_NAMED]) + (", ..." if instruments[_NAMED:] else "")
        raise DataError(
            "file_must_contain_bars",
            "a file must contain bars of one instrument, this one has {names_text}; write one file per "
            "instrument",
            names_text=names_text,
        )


def _time_column(table: pl.DataFrame, columns: Columns) -> pl.Series:
    if not columns.clock:
        return table[columns.timestamp]
    parts = (pl.col(name).cast(pl.String).str.strip_chars() for name in (columns.timestamp, columns.clock))
    return table.select(pl.concat_str(*parts, separator=" "))[columns.timestamp]


def _number_column(table: pl.DataFrame, name: str, form: FileForm, absent: float) -> pl.Series:
    if not name:
        return pl.repeat(absent, len(table), dtype=pl.Float64, eager=True)
    column = table[name]
    numbers = to_numbers(column, form.decimal) if column.dtype == pl.String else column
    # Not a number where one should be is not unknown.
    return numbers.cast(pl.Float64, strict=False).fill_nan(None)
