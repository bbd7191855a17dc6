"""CSV, with and without a header, as raw rows; each row that does not fit is kept with its line."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import polars as pl

from vigie.data.frames import NUMBERS
from vigie.data.intake import tables
from vigie.data.intake.columns import Columns
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.layout import FileLayout, sniff
from vigie.data.intake.lines import BLANK, read_lines
from vigie.data.intake.packed import unpack, unpack_head
from vigie.data.intake.tables import RAW_SCHEMA, normalise
from vigie.domain.bar import BAR_COLUMNS

_SNIFF_BYTES: Final = 65_536
# A head this long is cut after its last whole line; of two bytes a letter it is half as long as what was read.
_ENOUGH_BYTES: Final = _SNIFF_BYTES // 2
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")  # how a text of two bytes a letter begins
_LONGEST_LETTER: Final = 4


def read_csv(
    path: Path, *, base: str, needs_volume: bool, form: FileForm = SILENT, only_head: bool = False
) -> pl.DataFrame:
    """Read a CSV file (plain, gzipped, or alone in a zip) as raw rows.

    Parameters
    ----------
    path : Path
        The file.
    base : str
        Ticker of the base asset, for headers like ``Volume BTC``.
    needs_volume : bool
        False for mark prices.
    form : FileForm
        What a person says about the file.
    only_head : bool
        Read the first lines only.

    Returns
    -------
    DataFrame
        Columns `RAW_SCHEMA`; `row` is the line number in the file.

    Raises
    ------
    DataError
        If the file is empty or its columns are not those of bars.
    """
    content = _content_head(path) if only_head else _content(path)
    head = content[:_SNIFF_BYTES] if isinstance(content, bytes) else _head(path)
    layout = sniff(_sample(head), base=base, needs_volume=needs_volume, form=form)
    if only_head:
        content = head if len(head) < _ENOUGH_BYTES else head[: head.rfind(b"\n") + 1]
    absent = tables.absent(needs_volume=needs_volume)
    raw = _parse_rows(content, head, layout, form, absent)
    exporter = layout.exporter
    if exporter is not None and exporter.is_zero_unknown and (raw["volume"] == 0).all():
        return raw.with_columns(volume=pl.lit(absent))
    return raw


def read_layout(path: Path, *, base: str, needs_volume: bool = True, form: FileForm = SILENT) -> FileLayout:
    """Return how a CSV file is laid out.

    Raises
    ------
    DataError
        As `read_csv`.
    """
    return sniff(_sample(_content_head(path)), base=base, needs_volume=needs_volume, form=form)


def _sample(head: bytes) -> str:
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if fault.start >= len(head) - _LONGEST_LETTER:  # a letter that the sample cuts in two
            return head[: fault.start].decode("utf-8-sig")
        return head.decode("cp1252", "replace")


def _parse_rows(
    content: bytes | Path, head: bytes, layout: FileLayout, form: FileForm, absent: float
) -> pl.DataFrame:
    is_usual = b'"' not in head and form.is_silent and "clock" not in layout.places
    if is_usual and layout.has_volume:
        for lenient in (False, True):  # a cell that is no number costs a second pass, a line too long a third
            try:
                return _read_columns(content, layout, lenient=lenient)
            except pl.exceptions.PolarsError:
                continue
    return read_lines(content, layout, form, absent)


def _content_head(path: Path) -> bytes:
    """Return the first lines as UTF-8, without reading or unpacking what follows."""
    is_packed = path.name.lower().endswith((".gz", ".zip"))
    head = unpack_head(path, _SNIFF_BYTES) if is_packed else _head(path)
    # Two bytes make a letter: the sample may end within one.
    return _to_utf8(head[: len(head) // 2 * 2], head) if _needs_conversion(head) else head


def _content(path: Path) -> bytes | Path:
    if not path.name.lower().endswith((".gz", ".zip")):
        head = _head(path)
        # The rest of the file is read as UTF-8 with line feeds: spreadsheets also save it in other ways.
        return _to_utf8(path.read_bytes(), head) if _needs_conversion(head) else path
    content = unpack(path)
    head = content[:_SNIFF_BYTES]
    return _to_utf8(content, head) if _needs_conversion(head) else content


def _needs_conversion(head: bytes) -> bool:
    return head.startswith(_WIDE) or (b"\r" in head and b"\n" not in head)


def _to_utf8(content: bytes, head: bytes) -> bytes:
    if head.startswith(_WIDE):
        content = content.decode("utf-16", "replace").encode()
    return content if b"\n" in content else content.replace(b"\r", b"\n")


def _head(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_SNIFF_BYTES)


def _read_columns(content: bytes | Path, layout: FileLayout, *, lenient: bool) -> pl.DataFrame:
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
    lines = _find_lines(content, set(unread), layout, may_be_cut=may_be_cut)
    blank = [number for number, (line, _) in lines.items() if not line.strip(BLANK)]
    faults = pl.DataFrame(
        [(number, *fault_of_line) for number, fault_of_line in lines.items()],
        schema={"row": pl.UInt32, "line": pl.String, "fault": pl.String},
        orient="row",
    )
    raw = raw.drop("line", "fault").join(faults, on="row", how="left", maintain_order="left")
    return raw.filter(~pl.col("row").is_in(blank)).select(*RAW_SCHEMA)


def _find_lines(
    content: bytes | Path, numbers: set[int], layout: FileLayout, *, may_be_cut: bool
) -> dict[int, tuple[str, str | None]]:
    """Return the lines of these numbers, and those that were cut off, with what is wrong with the latter."""
    lines: dict[int, tuple[str, str | None]] = {}
    separator = layout.separator.encode()
    with io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb") as file:
        for number, line in enumerate(file, start=1):
            count = line.count(separator) + 1
            is_cut = may_be_cut and number > layout.skipped_lines and count < layout.fields
            if is_cut or number in numbers:
                fault = f"the line has {count} fields, the file has {layout.fields}" if is_cut else None
                lines[number] = (line.decode("utf-8", "replace").rstrip("\r\n"), fault)
    return lines
