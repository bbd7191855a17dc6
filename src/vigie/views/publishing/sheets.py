"""The numbers behind a board as CSV and XLSX: no cell runs in a spreadsheet, sources and licences stand in the file."""

from __future__ import annotations

import csv
import io
import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from vigie.domain.time import SECOND_MS, iso
from vigie.services.studio.board import Board, Cell, Column
from vigie.views.api.exports import harmless, workbook
from vigie.views.drawing.board.letters import plain
from vigie.views.drawing.board.phrases import PHRASES, credit_text, when_word
from vigie.views.publishing.twins import Twin, twins

# The last moment of the year 9999: no calendar of a file goes further; a workbook's begins in 1900.
_LAST_MS: Final = 253_402_300_799_999
_FIRST_MS: Final = -2_208_988_800_000
_MOST_CELL: Final = 32_000
_NO_NAME: Final = re.compile(r"[\[\]:*?/\\']")
# What no file of text may hold: half letters and signs that are none.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A hundredth of a per cent.
_SHARE_DIGITS: Final = 4
_EXACT: Final = 30
_SHOWN: Final = {"share": "+0.0%;-0.0%;0.0%", "time": "yyyy-mm-dd hh:mm:ss"}


def csv_file(board: Board) -> bytes:
    """Return every part as a section: its title, its heading, its rows; sources and licences at the end.

    Shares are parts of one, in a table to a hundredth of a per cent, and times ISO 8601 in UTC. In French numbers have
    a comma and cells a semicolon between them, as spreadsheets in French open them.
    """
    out = io.StringIO()
    is_french = board.language == "fr"
    writer = csv.writer(out, lineterminator="\n", delimiter=";" if is_french else ",")
    for at, one in enumerate(twins(board)):
        if at:
            writer.writerow([])
        # The points of a chart stay as they are: who draws it again gets the same lines.
        digits = _EXACT if any(column.kind == "time" for column in one.columns) else _SHARE_DIGITS
        writer.writerow([_safe(f"# {plain(one.title)}")])
        writer.writerow([_safe(_heading(column)) for column in one.columns])
        writer.writerows(
            [
                _written(value, column, digits, is_french=is_french)
                for value, column in zip(row, one.columns, strict=False)
            ]
            for row in one.rows
        )
    writer.writerow([])
    writer.writerows([_safe(f"# {line}")] for line in about(board))
    return out.getvalue().encode("utf-8-sig")


def xlsx_file(board: Board) -> bytes:
    """Return a workbook: one sheet for each part, and one that says where the numbers are from."""
    out = io.BytesIO()
    with workbook(out) as book:
        shown = {kind: book.add_format({"num_format": text}) for kind, text in _SHOWN.items()}
        bold = book.add_format({"bold": True})
        for at, one in enumerate(twins(board), 1):
            _fill(book.add_worksheet(_name(at, one.title)), one, shown, bold)
        sources = book.add_worksheet("about")
        for line, text in enumerate(about(board)):
            sources.write_string(line, 0, _safe(text))
    return out.getvalue()


def about(board: Board) -> list[str]:
    """Return what stands in a file beside its numbers: title, sources with licences, time, whether simulated."""
    words = PHRASES[board.language]
    lines = [plain(text) for text in (board.title, board.subtitle, board.note) if text.strip()]
    lines += [f"{words['source']}{plain(credit_text(one, board.language))}" for one in board.credits]
    if -_LAST_MS < board.as_of <= _LAST_MS and board.as_of >= _FIRST_MS:
        lines.append(f"{words[when_word(board)]}{iso(board.as_of)}")
    lines += [words["simulated"]] if board.simulated else []
    return [*lines, words["advice"]]


def _safe(text: str) -> str:
    """Return text that no spreadsheet runs and every file can hold."""
    return str(harmless(_NO_TEXT.sub("", text)))


def _heading(column: Column) -> str:
    name = plain(column.name)
    if column.kind == "time":
        return f"{name} (UTC)"
    return f"{name} ({column.unit})" if column.unit else name


def _is_moment(value: Cell, column: Column) -> bool:
    return column.kind == "time" and isinstance(value, int | float) and _FIRST_MS <= value <= _LAST_MS


def _written(value: Cell, column: Column, digits: int, *, is_french: bool) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return _safe(value)
    if _is_moment(value, column):
        return iso(int(value))
    if float(value).is_integer() and abs(value) < 1e15:
        return int(value)
    text = _decimal(round(float(value), digits) if column.kind == "share" else float(value))
    return text.replace(".", ",") if is_french else text


def _decimal(value: float) -> str:
    """Return a number without an exponent."""
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fill(sheet: Any, one: Twin, shown: dict[str, Any], bold: Any) -> None:
    for place, column in enumerate(one.columns):
        sheet.write_string(0, place, _safe(_heading(column)[:_MOST_CELL]), bold)
        sheet.set_column(place, place, 20 if column.kind in ("time", "text") else 14)
    for line, row in enumerate(one.rows, 1):
        for place, (value, column) in enumerate(zip(row, one.columns, strict=False)):
            if isinstance(value, str):
                sheet.write_string(line, place, _safe(value)[:_MOST_CELL])
            elif value is not None and _is_moment(value, column):
                at = datetime.fromtimestamp(value / SECOND_MS, UTC).replace(tzinfo=None)
                sheet.write_datetime(line, place, at, shown["time"])
            elif value is not None and math.isfinite(value):
                sheet.write_number(line, place, value, shown.get(column.kind))
    sheet.freeze_panes(1, 0)


def _name(at: int, title: str) -> str:
    """Return a sheet's name: a workbook takes 31 letters, each name once, without some signs."""
    return f"{at} {_NO_NAME.sub(' ', plain(title))}"[:31].strip()


__all__ = ["about", "csv_file", "xlsx_file"]
