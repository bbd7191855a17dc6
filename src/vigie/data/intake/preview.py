"""What a file says, as it is understood: three rows, what was told from it, and what cannot be read with three forms.

Takes a file, what a person says about it; gives rows and refusals to show before anything is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Final

import polars as pl

from vigie.data.frames import NUMBERS
from vigie.data.intake.form import FileForm
from vigie.data.intake.layout import FileLayout, split_fields
from vigie.data.intake.names import BarFileName
from vigie.data.intake.reader import read_rows
from vigie.data.intake.text import read_layout
from vigie.domain.errors import DataError
from vigie.domain.refusal import Refusal

ROWS: Final = 3
# Codes of what a person should know, with the sentence.
NOTES: Final = {
    "server_time": "MetaTrader writes its server's time, which is rarely UTC; give its time zone with --tz.",
    "volume_in_money": "Yahoo gives crypto volume in money, not in coins, so the volume counts as unknown.",
    "volume_unknown": "Volume unknown: anything based on it stays empty.",
}
_TIMES: Final = ("2024-02-13 09:00", "2024-02-13T09:00:00+01:00", "1707814800")
_NUMBERS: Final = {".": ("42713.3", "42713", "4.27133e4"), ",": ("42713,3", "42.713,3", "42713")}
_LONGEST: Final = 60
_TEXTS: Final = (".csv", ".csv.gz", ".txt", ".zip")


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as it is understood; times are open times in milliseconds, a volume of None is unknown."""

    line: int
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it is understood.

    Attributes
    ----------
    file : str
        Its name.
    venue, instrument, timeframe : str
        What it holds.
    exporter : str
        Which program or exchange writes such files; empty where that is not known.
    rows : tuple of PreviewRow
        The first three that can be read.
    notes : tuple of str
        Codes of `NOTES`.
    refused : tuple of str
        What among the rows that were looked at cannot be read.
    """

    file: str
    venue: str
    instrument: str
    timeframe: str
    exporter: str
    rows: tuple[PreviewRow, ...]
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def build_preview(
    path: Path, file_name: BarFileName, timeframe_of: str, raw: pl.DataFrame, form: FileForm
) -> Preview:
    """Return the first rows of a file as they are understood.

    Parameters
    ----------
    path : Path
        The file.
    file_name : BarFileName
        What its name says.
    timeframe_of : str
        The timeframe, from the name or the spacing.
    raw : DataFrame
        Its first rows, already with open times.
    form : FileForm
        How it is written.
    """
    base = file_name.instrument.split("-")[0]
    is_read = pl.all_horizontal(pl.col("timestamp", *NUMBERS).is_not_null()) & pl.col("fault").is_null()
    good, bad = raw.filter(is_read), raw.filter(~is_read).with_columns(file=pl.lit(0, pl.UInt16))
    rows = [
        PreviewRow(row, ts, o, h, low, c, None if isnan(v) else v)
        for row, ts, o, h, low, c, v in good.head(ROWS).select("row", "timestamp", *NUMBERS).iter_rows()
    ]
    layout = _layout(path, base, form)
    return Preview(
        file=path.name,
        venue=file_name.venue,
        instrument=file_name.instrument,
        timeframe=timeframe_of,
        exporter=layout.exporter.name if layout and layout.exporter else "",
        rows=tuple(rows),
        notes=file_notes([path], base, form, good),
        refused=unreadable_cells(bad, [path], base, form),
    )


def to_open_times(raw: pl.DataFrame, span_ms: int, form: FileForm) -> pl.DataFrame:
    """Return rows by their open times; a file may name the end of each bar, or its last second or millisecond."""
    if form.stamp != "close":
        return raw
    time = pl.col("timestamp")
    late = (time + 1) % span_ms == 0
    nearly = (time + 1_000) % span_ms == 0
    end = pl.when(late).then(time + 1).when(nearly).then(time + 1_000).otherwise(time)
    return raw.with_columns(timestamp=end - span_ms)


def file_notes(files: Sequence[Path], base: str, form: FileForm, bars: pl.DataFrame) -> tuple[str, ...]:
    """Return codes of what a person should know of files."""
    notes: dict[str, None] = {}
    for path in files:
        layout = _layout(path, base, form)
        if layout is None or layout.exporter is None:
            continue
        concerns = {
            "server_time": not form.tz,
            "volume_in_money": not layout.has_volume and not form.no_volume,
        }
        notes |= dict.fromkeys(note for note in layout.exporter.notes if concerns[note])
    if len(bars) and bars["volume"].is_nan().any():
        notes["volume_unknown"] = None
    return tuple(notes)


def _layout(path: Path, base: str, form: FileForm) -> FileLayout | None:
    if not path.name.lower().endswith(_TEXTS):
        return None
    try:
        return read_layout(path, base=base, form=form)
    except DataError:  # said where the file is read
        return None


def refuse_unreadable(raw: pl.DataFrame, files: Sequence[Path], base: str, form: FileForm) -> None:
    """Refuse rows of which one time at most can be read, with the first that cannot.

    Parameters
    ----------
    raw : DataFrame
        Rows with the number of their file.
    files : sequence of Path
        Where they are from.

    Raises
    ------
    DataError
        With value, line and three accepted forms.
    """
    if raw["timestamp"].drop_nulls().n_unique() <= 1:
        bad = raw.filter(pl.col("timestamp").is_null()).with_columns(reason=pl.lit(""))
        sentences = unreadable_cells(bad, files, base, form)
        if sentences:
            raise DataError(sentences[0])


def unreadable_cells(
    bad: pl.DataFrame, files: Sequence[Path], base: str, form: FileForm
) -> tuple[Refusal, ...]:
    """Return the first cell of each kind that is no time or no number: its value, its line, three accepted forms.

    Parameters
    ----------
    bad : DataFrame
        Refused rows, with the number of their file.
    files : sequence of Path
        Where they are from.
    base : str
        Ticker of the base asset.
    form : FileForm
        How the files are written.
    """
    sentences: list[Refusal] = []
    fits = bad.filter(pl.col("fault").is_null() & pl.col("line").is_not_null())
    for column in ("timestamp", *NUMBERS):
        if column in NUMBERS and any(sentence.code != "line_time_not_valid" for sentence in sentences):
            break  # prices are written alike
        first = fits.filter(pl.col(column).is_null()).sort("file", "row", maintain_order=True).head(1)
        for row in first.iter_rows(named=True):
            cell = _cell_text(row["line"], column, _layout(files[row["file"]], base, form))
            if cell is not None:
                sentences.append(_refusal_text(row["row"], column, cell, form))
    return tuple(sentences)


def _cell_text(line: str, column: str, layout: FileLayout | None) -> str | None:
    if layout is None or column not in layout.places:
        return None
    fields = split_fields(line, layout.separator)
    names = [column, "clock"] if column == "timestamp" else [column]
    places = [layout.places[name] for name in names if name in layout.places]
    if max(places) >= len(fields):
        return None
    return " ".join(fields[place].strip(' "\t') for place in places)[:_LONGEST]


def _refusal_text(line: int, column: str, cell: str, form: FileForm) -> Refusal:
    if column == "timestamp":
        first, second, third = _TIMES
        return Refusal(
            "line_time_not_valid",
            "line {line}: time {cell!r} is not valid; accepted: {first} or {second} or {third} "
            "(--date-format sets another one)",
            line=line,
            cell=cell,
            first=first,
            second=second,
            third=third,
        )
    first, second, third = _NUMBERS[form.decimal or "."]
    if form.decimal == ",":
        return Refusal(
            "line_not_number",
            "line {line}: {column} {cell!r} is not a number; accepted: {first} or {second} or {third}",
            line=line,
            column=column,
            cell=cell,
            first=first,
            second=second,
            third=third,
        )
    return Refusal(
        "line_not_number_accepted",
        "line {line}: {column} {cell!r} is not a number; accepted: {first} or {second} or {third} "
        "(--decimal , reads a decimal comma)",
        line=line,
        column=column,
        cell=cell,
        first=first,
        second=second,
        third=third,
    )


def first_rows(path: Path, file_name: BarFileName, form: FileForm) -> pl.DataFrame:
    """Return the first raw rows of a file."""
    base = file_name.instrument.split("-")[0]
    raw = read_rows(path, base=base, form=form, only_head=True)
    refuse_unreadable(raw.with_columns(file=pl.lit(0, pl.UInt16)), [path], base, form)
    return raw
