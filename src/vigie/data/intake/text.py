"""CSV, with and without a header, as raw rows; each row that does not fit is kept with its line."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from vigie.data.frames import NUMBERS
from vigie.data.intake.columns import HEADERLESS, Columns, find_columns
from vigie.data.intake.packed import unpacked
from vigie.data.intake.tables import RAW_SCHEMA, normalise
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import DataError

_SNIFF_BYTES: Final = 65_536
_PREAMBLE_LINES: Final = 5
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")  # how a text of two bytes a letter begins
_SEPARATORS: Final = ",;\t|"
_BLANK: Final = " \r" + _SEPARATORS  # a line of nothing else is no row


@dataclass(frozen=True, slots=True)
class _Layout:
    separator: str
    skipped_lines: int
    fields: int
    places: dict[str, int]  # column of a bar, and `symbol` -> position in a line
    time_type: pl.DataType


def read_csv(path: Path, *, base: str, needs_volume: bool) -> pl.DataFrame:
    """Read a CSV file (plain, gzipped, or alone in a zip) as raw rows.

    Parameters
    ----------
    path : Path
        The file.
    base : str
        Ticker of the base asset, for headers like ``Volume BTC``.
    needs_volume : bool
        False for mark prices.

    Returns
    -------
    DataFrame
        Columns `RAW_SCHEMA`; `row` is the line number in the file.

    Raises
    ------
    DataError
        If the file is empty or its columns are not those of bars.
    """
    content = _content(path)
    head = content[:_SNIFF_BYTES] if isinstance(content, bytes) else _head(path)
    layout = _sniff(head.decode("utf-8-sig", "replace"), base=base, needs_volume=needs_volume)
    if b'"' not in head:
        for lenient in (False, True):  # a cell that is no number costs a second pass, a line too long a third
            try:
                return _in_columns(content, layout, lenient=lenient)
            except pl.exceptions.PolarsError:
                continue
    return _line_by_line(content if isinstance(content, bytes) else content.read_bytes(), layout)


def _content(path: Path) -> bytes | Path:
    if not path.name.lower().endswith((".gz", ".zip")):
        head = _head(path)
        # The rest of the file is read as UTF-8 with line feeds: spreadsheets also save it in other ways.
        return _as_usual(path.read_bytes(), head) if _is_unusual(head) else path
    content = unpacked(path)
    head = content[:_SNIFF_BYTES]
    return _as_usual(content, head) if _is_unusual(head) else content


def _is_unusual(head: bytes) -> bool:
    return head.startswith(_WIDE) or (b"\r" in head and b"\n" not in head)


def _as_usual(content: bytes, head: bytes) -> bytes:
    if head.startswith(_WIDE):
        content = content.decode("utf-16", "replace").encode()
    return content if b"\n" in content else content.replace(b"\r", b"\n")


def _head(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_SNIFF_BYTES)


def _sniff(head: str, *, base: str, needs_volume: bool) -> _Layout:
    lines = head.splitlines()
    # A note or an address may stand above the header.
    for skipped, line in enumerate(lines[: _PREAMBLE_LINES + 1]):
        separator = max(_SEPARATORS, key=line.count)
        fields = [field.strip().strip('"') for field in line.split(separator)]
        if len(fields) < len(BAR_COLUMNS) - 1:
            continue
        if _is_number(fields[1]) and _is_number(fields[2]):
            if len(fields) < len(HEADERLESS):
                raise DataError(
                    f"columns must be at least {len(HEADERLESS)} where there is no header, were {len(fields)}"
                )
            places = {name: place for place, name in enumerate(HEADERLESS)}
            return _Layout(separator, skipped, len(fields), places, _time_type(fields[0]))
        columns = find_columns(fields, base=base, needs_volume=needs_volume)
        named = {**dict(zip(BAR_COLUMNS, _names(columns), strict=True)), "symbol": columns.symbol}
        places = {name: fields.index(header) for name, header in named.items() if header}
        first = next((text for text in lines[skipped + 1 :] if text.strip()), "").split(separator)
        place = places["timestamp"]
        kind = _time_type(first[place]) if place < len(first) else pl.String()
        return _Layout(separator, skipped + 1, len(fields), places, kind)
    if not head.strip():
        raise DataError("the file is empty")
    raise DataError(
        "columns must be timestamp, open, high, low, close, volume (or a usual spelling of them); "
        f"the file begins with {lines[0][:80]!r}"
    )


def _names(columns: Columns) -> tuple[str, ...]:
    return (columns.timestamp, columns.open, columns.high, columns.low, columns.close, columns.volume)


def _time_type(text: str) -> pl.DataType:
    if text.strip().lstrip("-").isdigit():
        return pl.Int64()
    return pl.Float64() if _is_number(text) else pl.String()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _in_columns(content: bytes | Path, layout: _Layout, *, lenient: bool) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {f"column_{place}": pl.String() for place in range(layout.fields)}
    columns = {name: f"column_{place}" for name, place in layout.places.items()}
    schema |= {column: pl.Float64() for name, column in columns.items() if name in NUMBERS}
    # Times of several forms in one file are told apart as text.
    schema[columns["timestamp"]] = pl.String() if lenient else layout.time_type
    # A line that was cut off leaves it empty; its bar may be whole, or end in the middle of a number.
    end = f"column_{layout.fields - 1}"
    table = pl.read_csv(
        content if isinstance(content, Path) else io.BytesIO(content),
        has_header=False,
        separator=layout.separator,
        quote_char=None,  # with one, a stray quote makes the reader panic
        skip_lines=layout.skipped_lines,
        ignore_errors=lenient,
        glob=False,
        schema=schema,
        columns=list(dict.fromkeys([*columns.values(), end])),
    )
    bar_columns = [column for name, column in columns.items() if name in BAR_COLUMNS]
    may_be_cut = end not in bar_columns and table[end].null_count() > 0
    names = Columns(**dict.fromkeys(BAR_COLUMNS, "") | columns)
    raw = normalise(table, names, first_row=layout.skipped_lines + 1)
    unread = raw.filter(pl.any_horizontal(pl.col("timestamp", *NUMBERS).is_null()))["row"]
    if unread.is_empty() and not may_be_cut:
        return raw
    lines = _lines_of(content, set(unread), layout, may_be_cut=may_be_cut)
    blank = [number for number, (line, _) in lines.items() if not line.strip(_BLANK)]
    said = pl.DataFrame(
        [(number, *told) for number, told in lines.items()],
        schema={"row": pl.UInt32, "line": pl.String, "fault": pl.String},
        orient="row",
    )
    raw = raw.drop("line", "fault").join(said, on="row", how="left", maintain_order="left")
    return raw.filter(~pl.col("row").is_in(blank)).select(*RAW_SCHEMA)


def _lines_of(
    content: bytes | Path, numbers: set[int], layout: _Layout, *, may_be_cut: bool
) -> dict[int, tuple[str, str | None]]:
    """Return the lines of these numbers, and those that were cut off, with what is wrong with the latter."""
    found: dict[int, tuple[str, str | None]] = {}
    separator = layout.separator.encode()
    with io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb") as file:
        for number, line in enumerate(file, start=1):
            count = line.count(separator) + 1
            is_cut = may_be_cut and number > layout.skipped_lines and count < layout.fields
            if is_cut or number in numbers:
                fault = f"the line has {count} fields, the file has {layout.fields}" if is_cut else None
                found[number] = (line.decode("utf-8", "replace").rstrip("\r\n"), fault)
    return found


def _line_by_line(content: bytes, layout: _Layout) -> pl.DataFrame:
    lines = content.decode("utf-8-sig", "replace").split("\n")[layout.skipped_lines :]
    frame = pl.DataFrame({"line": lines}, schema={"line": pl.String})
    frame = frame.with_columns(pl.col("line").str.strip_suffix("\r"))
    frame = frame.with_row_index("row", offset=layout.skipped_lines + 1)
    frame = frame.filter(pl.col("line").str.strip_chars(_BLANK) != "")
    fields = pl.col("line").str.split(layout.separator)
    frame = frame.with_columns(fields.alias("fields"), fields.list.len().alias("count"))
    frame = frame.with_columns(
        pl.col("fields").list.get(place, null_on_oob=True).str.strip_chars(' "\t').alias(name)
        for name, place in layout.places.items()
    )
    names = Columns(**{name: name if name in layout.places else "" for name in (*BAR_COLUMNS, "symbol")})
    fits = frame["count"] == layout.fields
    table = frame.select(*layout.places)
    if names.symbol:  # in a line of more or fewer fields something else stands there
        table = table.with_columns(pl.when(fits).then(pl.col(names.symbol)))
    raw = normalise(table, names)
    fault = pl.format("the line has {} fields, the file has {}", frame["count"], pl.lit(layout.fields))
    unread = pl.any_horizontal(pl.col("timestamp", *NUMBERS).is_null()) | ~fits
    return raw.with_columns(
        row=frame["row"].cast(pl.UInt32),
        fault=pl.when(~fits).then(fault),
        line=pl.when(unread).then(frame["line"]),
    ).select(*RAW_SCHEMA)
