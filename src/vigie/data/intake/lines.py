"""CSV line by line, for what the quick reader of columns does not take: quotes, decimal commas, times in two columns.

Takes the content; gives raw rows. Lines are read one after the other with a bound on their length, so that neither a
file without line ends nor a quote that is never closed takes all memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import polars as pl

from vigie.data.frames import NUMBERS
from vigie.data.intake.form import FileForm
from vigie.data.intake.layout import FileLayout, split_fields
from vigie.data.intake.numbers import to_numbers
from vigie.data.intake.tables import RAW_SCHEMA, normalise
from vigie.domain.errors import DataError

LONGEST_LINE: Final = 65_536
BLANK: Final = " \r,;\t|"  # a line of nothing else is no row
_AT_ONCE: Final = 50_000
_SHOWN: Final = 40
_STRIPPED: Final = ' "\t\r'


@dataclass(slots=True)
class _Encoding:
    """Tells the encoding by the lines that are not plain ASCII; a file has one."""

    name: str = ""
    since: int = 0

    def text(self, line: bytes, number: int) -> str:
        """Return a line as text, refused where an earlier one was in another encoding."""
        if line.isascii():
            return line.decode("ascii")
        try:
            text, name = line.decode("utf-8"), "UTF-8"
        except UnicodeDecodeError:
            text, name = line.decode("cp1252", "replace"), "Windows-1252"
        if self.name not in ("", name):
            raise DataError(
                "line_line",
                "line {number} is in {name}, line {since} is in {name_2}: a file must be in one encoding; "
                "save it as CSV UTF-8",
                number=number,
                name=name,
                since=self.since,
                name_2=self.name,
            )
        self.name, self.since = name, self.since or number
        return text


@dataclass(slots=True)
class _RowBlock:
    """Rows that wait to be turned into columns."""

    places: dict[str, int]
    rows: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    cells: dict[str, list[str | None]] = field(default_factory=dict)

    def add(self, number: int, line: str, fields: list[str]) -> None:
        """Add a row; what it lacks is None."""
        self.rows.append(number)
        self.lines.append(line)
        self.counts.append(len(fields))
        for name, place in self.places.items():
            cell = fields[place].strip(_STRIPPED) if place < len(fields) else None
            self.cells.setdefault(name, []).append(cell)


def read_lines(content: bytes | Path, layout: FileLayout, form: FileForm, absent: float) -> pl.DataFrame:
    """Read the rows of a CSV text.

    Parameters
    ----------
    content : bytes or Path
        The text, or where it lies.
    layout : FileLayout
        What its lines look like.
    form : FileForm
        What a person says about the file.
    absent : float
        What stands for a volume that it does not have.

    Returns
    -------
    DataFrame
        Columns `RAW_SCHEMA`.

    Raises
    ------
    DataError
        If a line is too long, holds a NUL byte or is in another encoding than the others.
    """
    with io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb") as file:
        blocks = [_block_to_frame(block, layout, form) for block in _blocks(file, layout)]
    if not blocks:
        return pl.DataFrame(schema=RAW_SCHEMA)
    whole = pl.concat(blocks)
    table = whole.select(*layout.places)
    if "symbol" in layout.places:  # in a line of more or fewer fields something else stands there
        table = table.with_columns(pl.when(whole["count"] == layout.fields).then(pl.col("symbol")))
    raw = normalise(table, layout.columns, form=form, absent=absent)
    fits = whole["count"] == layout.fields
    fault = pl.format("the line has {} fields, the file has {}", whole["count"], pl.lit(layout.fields))
    unread = pl.any_horizontal(pl.col("timestamp", *NUMBERS).is_null()) | ~fits
    return raw.with_columns(
        row=whole["row"], fault=pl.when(~fits).then(fault), line=pl.when(unread).then(whole["line"])
    ).select(*RAW_SCHEMA)


def _blocks(file: IO[bytes], layout: FileLayout) -> Iterator[_RowBlock]:
    """Yield the rows in blocks: text of a million cells is never held at once."""
    encoding, block = _Encoding(), _RowBlock(layout.places)
    for number, line in _lines(file, encoding):
        if number <= layout.skipped_lines or not line.strip(BLANK):
            continue
        block.add(number, line, split_fields(line, layout.separator))
        if len(block.rows) == _AT_ONCE:
            yield block
            block = _RowBlock(layout.places)
    if block.rows:
        yield block


def _lines(file: IO[bytes], encoding: _Encoding) -> Iterator[tuple[int, str]]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) > LONGEST_LINE:
            raise DataError(
                "line_longer_bytes",
                "line {number} is longer than {longest_line} bytes: this is not a table of bars",
                number=number,
                longest_line=LONGEST_LINE,
            )
        if b"\0" in line:
            shown = line.replace(b"\0", b"\\0").decode("utf-8", "replace").strip()[:_SHOWN]
            raise DataError(
                "line_contains_nul_byte",
                "line {number} contains a NUL byte ({shown!r}): a bar file must be text",
                number=number,
                shown=shown,
            )
        yield number, encoding.text(line, number).rstrip("\r\n")


def _block_to_frame(block: _RowBlock, layout: FileLayout, form: FileForm) -> pl.DataFrame:
    """Turn a block into columns; numbers at once, times when all rows are there: their order may decide."""
    cells = {name: pl.Series(name, block.cells[name], dtype=pl.String) for name in layout.places}
    for name in NUMBERS:
        if name in cells:
            cells[name] = to_numbers(cells[name], form.decimal).alias(name)
    return pl.DataFrame(
        {
            "row": pl.Series(block.rows, dtype=pl.UInt32),
            "count": pl.Series(block.counts, dtype=pl.UInt32),
            "line": pl.Series(block.lines, dtype=pl.String),
            **cells,
        }
    )
