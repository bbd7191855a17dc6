"""How a text of bars is laid out: separator, header, which column is which; told from its first lines."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from vigie.data.intake.columns import CLOCK, HEADERLESS, Columns, Exporter, find_columns
from vigie.data.intake.exporters import exporter_by_header, exporter_without_header
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.numbers import to_numbers
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import DataError

_PREAMBLE_LINES: Final = 5
# Of two that part a line alike: a comma may stand in numbers.
_SUREST: Final = ";\t|,"
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class FileLayout:
    """How the lines of a text are read.

    Attributes
    ----------
    separator : str
        Between fields.
    skipped_lines : int
        Above the first row.
    fields : int
        Of a line.
    places : dict of str to int
        Column of a bar, ``clock`` (the time beside a date) and ``symbol``, and its position in a line.
    time_type : DataType
        Of the times of the first row.
    exporter : Exporter or None
        Who writes such files.
    has_volume : bool
        False where the volume is unknown.
    """

    separator: str
    skipped_lines: int
    fields: int
    places: dict[str, int]
    time_type: pl.DataType
    exporter: Exporter | None = None
    has_volume: bool = True

    @property
    def columns(self) -> Columns:
        """The columns under their own names, empty where there is none."""
        names = (*BAR_COLUMNS, "clock", "symbol")
        return Columns(**{name: name if name in self.places else "" for name in names})


def split_fields(line: str, separator: str) -> list[str]:
    """Return the fields of a line; a separator in quotes is part of a field."""
    if '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator), [""])
    except csv.Error:  # a field beyond all bounds
        return line.split(separator)


def sniff(head: str, *, base: str, needs_volume: bool, form: FileForm = SILENT) -> FileLayout:
    """Tell the layout of a text from its first lines.

    Parameters
    ----------
    head : str
        The text, or its beginning.
    base : str
        Ticker of the base asset, for headers like ``Volume BTC``.
    needs_volume : bool
        False for mark prices.
    form : FileForm
        What a person says about the file.

    Raises
    ------
    DataError
        If the text is empty or its columns are not those of bars.
    """
    lines = head.splitlines()
    least = len(BAR_COLUMNS) - 1
    # A note or an address may stand above the header.
    for skipped, line in enumerate(lines[: _PREAMBLE_LINES + 1]):
        separator = max(_SUREST, key=lambda mark: len(split_fields(line, mark)))
        fields = [field.strip().strip('"') for field in split_fields(line, separator)]
        if len(fields) < least:
            continue
        next_line = next((text for text in lines[skipped + 1 :] if text.strip()), "")
        first = [field.strip().strip('"') for field in split_fields(next_line, separator)]
        if _is_row(fields, form):
            return _layout_without_header(fields, skipped, separator, form)
        return _layout_with_header(fields, first, skipped, separator, base, form, needs_volume=needs_volume)
    if not head.strip():
        raise DataError("file_empty", "the file is empty")
    raise DataError(
        "columns_must_timestamp_open_high",
        "columns must be timestamp, open, high, low, close, volume (or a usual spelling of them); "
        "the file begins with {lines!r}",
        lines=lines[0][:_SHOWN],
    )


def _is_row(fields: Sequence[str], form: FileForm) -> bool:
    """Tell whether a line holds values: numbers, or a time beside its date and then numbers."""
    numbered = [header for name, header in form.columns if name in ("open", "high", "low", "close")]
    if numbered and all(header.isdigit() for header in numbered):
        cells = [fields[int(number) - 1] for number in numbered if 1 <= int(number) <= len(fields)]
        return bool(cells) and all(_is_number(cell, form.decimal) for cell in cells)
    start = 2 if CLOCK.match(fields[1]) else 1
    return all(_is_number(field, form.decimal) for field in fields[start : start + 2])


def _is_number(text: str, decimal: str = "") -> bool:
    return to_numbers(pl.Series([text], dtype=pl.String), decimal)[0] is not None


def _layout_without_header(fields: Sequence[str], skipped: int, separator: str, form: FileForm) -> FileLayout:
    names = ("timestamp", "clock", *HEADERLESS[1:]) if CLOCK.match(fields[1]) else HEADERLESS
    numbered = dict(form.columns)
    expected = names if not form.no_volume else names[:-1]
    if not numbered and len(fields) < len(expected):
        raise DataError(
            "must_least_columns_without_header",
            "there must be at least {expected_count} columns without a header, were {fields_count}",
            expected_count=len(expected),
            fields_count=len(fields),
        )
    places = {name: place for place, name in enumerate(expected)}
    if numbered:
        places = _numbered_places(numbered, len(fields))
        missing = [name for name in expected if name not in places and name != "clock"]
        if missing:
            raise DataError(
                "file_without_header_needs_number",
                "a file without a header needs the number of each column, as in --map timestamp=1,open=2; "
                "{missing} has none",
                missing=", ".join(missing),
            )
    has_clock = "clock" in places
    return FileLayout(
        separator, skipped, len(fields), places,
        pl.String() if has_clock else _time_type(fields[places["timestamp"]]),
        None if numbered else exporter_without_header(fields),
        has_volume="volume" in places,
    )  # fmt: skip


def _numbered_places(columns: dict[str, str], n_fields: int) -> dict[str, int]:
    places = {}
    for name, header in columns.items():
        if not header.isdigit() or not 1 <= int(header) <= n_fields:
            raise DataError(
                "map_must_column",
                "--map: {name}={header} must be a column 1 to {n_fields}: the file has no header",
                name=name,
                header=header,
                n_fields=n_fields,
            )
        places[{"date": "timestamp", "time": "clock"}.get(name, name)] = int(header) - 1
    return places


def _layout_with_header(
    fields: list[str],
    first: Sequence[str],
    skipped: int,
    separator: str,
    base: str,
    form: FileForm,
    *,
    needs_volume: bool,
) -> FileLayout:
    exporter = exporter_by_header(fields)
    columns = find_columns(
        fields, base=base, needs_volume=needs_volume, form=form, exporter=exporter, first=first
    )
    headers = {
        "timestamp": columns.timestamp, "clock": columns.clock, "open": columns.open, "high": columns.high,
        "low": columns.low, "close": columns.close, "volume": columns.volume, "symbol": columns.symbol,
    }  # fmt: skip
    places = {name: fields.index(header) for name, header in headers.items() if header}
    place = places["timestamp"]
    kind = _time_type(first[place]) if place < len(first) and "clock" not in places else pl.String()
    return FileLayout(
        separator, skipped + 1, len(fields), places, kind, exporter, has_volume=bool(columns.volume)
    )


def _time_type(text: str) -> pl.DataType:
    if text.strip().lstrip("-").isdigit():
        return pl.Int64()
    return pl.Float64() if _is_number(text) else pl.String()
