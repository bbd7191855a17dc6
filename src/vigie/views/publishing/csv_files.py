"""The numbers behind a board as CSV, one file a table in a ZIP: rounded, with units, times in UTC and sources.

No cell runs in a spreadsheet. The same board gives the same bytes: files bear no date of their own and are stored as
they are.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, Final

from vigie.domain.time import iso
from vigie.domain.time_bounds import LAST_DATE_MS
from vigie.drawing.text_metrics import single_line
from vigie.intelligence.market.words import numbers_of
from vigie.services.studio.board import Board, BoardColumn, TableCell
from vigie.views.api.exports import neutralize
from vigie.views.boards.phrases import PHRASES, publishers_text, terms_text, time_phrase_key
from vigie.views.boards.table import ColumnDecimals, decimals_by_column
from vigie.views.publishing.part_tables import PartTable, part_tables
from vigie.views.publishing.rounding import file_unit, round_text

# A workbook's calendar begins in 1900.
_FIRST_MS: Final = -2_208_988_800_000
# What no file of text may hold: half letters and signs that are none.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# The first day that a ZIP can write; a file's own date would make every export another.
_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_READABLE: Final = 0o100644 << 16
_NAME_LETTERS: Final = 48


def zip_file(board: Board) -> bytes:
    """Return a ZIP with a CSV for each table, one for the sources and their terms, and a text about all of it.

    In French numbers have a comma and cells a semicolon between them, as spreadsheets in French open them.
    """
    out = io.BytesIO()
    tables = part_tables(board)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, table in enumerate(tables, 1):
            _add_file(archive, f"{number:02d}-{slug(table.title) or 'table'}.csv", _table_csv(table, board))
        words = PHRASES[board.language]
        heads = [words["publisher"], words["series"], words["terms"]]
        _add_file(archive, "sources.csv", _csv([heads, *terms_rows(board)], board))
        _add_file(
            archive,
            "about.txt",
            "\n".join([*about_lines(board), "", words["rounding"], ""]).encode("utf-8-sig"),
        )
    return out.getvalue()


def slug(text: str) -> str:
    """Return a text as plain small letters with hyphens, for the name of a file."""
    ascii_only = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:_NAME_LETTERS].strip("-")


def about_lines(board: Board) -> list[str]:
    """Return what stands in a file beside its numbers: title, publishers, time, whether simulated."""
    words = PHRASES[board.language]
    texts = (board.style.name, board.title, board.subtitle, board.note)
    lines = [single_line(text) for text in texts if text.strip()]
    if sources := publishers_text(board.credits):
        lines.append(f"{words['source']}{single_line(sources)}")
    if is_moment(board.as_of):
        lines.append(f"{words[time_phrase_key(board)]}{iso(board.as_of)}")
    lines += [words["simulated"]] if board.simulated else []
    return [safe_text(line) for line in (*lines, words["advice"])]


def terms_rows(board: Board) -> list[list[str]]:
    """Return publishers with their series and what they allow: what no credit line says."""
    return [
        [
            safe_text(single_line(text))
            for text in (credit.source, credit.series, terms_text(credit, board.language))
        ]
        for credit in board.credits
    ]


def safe_text(text: str) -> str:
    """Return text that no spreadsheet runs and every file can hold."""
    return str(neutralize(_NO_TEXT.sub("", text)))


def heading(column: BoardColumn) -> str:
    """Return a column's name with its unit, ``Price (USD)``."""
    name, unit = single_line(column.name), file_unit(column)
    return safe_text(f"{name} ({unit})" if unit else name)


def is_moment(value: float) -> bool:
    """Tell whether a number of milliseconds is a time that files can hold."""
    return _FIRST_MS <= value <= LAST_DATE_MS


def is_time(value: TableCell, column: BoardColumn) -> bool:
    """Tell whether a cell holds a time."""
    return column.kind == "time" and isinstance(value, int | float) and is_moment(value)


def _add_file(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _NO_DATE)
    entry.create_system, entry.external_attr = _UNIX, _READABLE
    archive.writestr(entry, content)


def _table_csv(table: PartTable, board: Board) -> bytes:
    source_cells = [safe_text(single_line(table.source))] if table.source else []
    heads = [
        *map(heading, table.columns),
        *([PHRASES[board.language]["source_column"]] if source_cells else []),
    ]
    has_comma, decimals = _has_comma(board), decimals_by_column(table.rows, table.columns)
    rows = (
        [_cell_text(*cell, has_comma) for cell in zip(row, table.columns, decimals, strict=False)]
        + source_cells
        for row in table.rows
    )
    return _csv([heads, *rows], board)


def _has_comma(board: Board) -> bool:
    """Tell whether numbers have a comma, so that cells need another sign between them."""
    return numbers_of(board.style.numbers or board.language).point == ","


def _csv(rows: Iterable[Sequence[Any]], board: Board) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", delimiter=";" if _has_comma(board) else ",").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _cell_text(value: TableCell, column: BoardColumn, decimals: ColumnDecimals, has_comma: bool) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return safe_text(value)
    if is_time(value, column):
        return iso(int(value))
    text = round_text(value, column, decimals)
    return text.replace(".", ",") if has_comma else text


__all__ = ["about_lines", "heading", "is_moment", "is_time", "safe_text", "slug", "terms_rows", "zip_file"]
