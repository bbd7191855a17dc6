"""A board as a workbook: a sheet for each table, with a chart of the workbook's own where the board has one.

XlsxWriter writes charts that spreadsheets draw themselves, so that they can be changed there; it is small, kept well
and is read in the moment a workbook is asked for. Numbers are whole in their cells, and shown rounded.
"""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from vigie.domain.time import DAY_MS, SECOND_MS
from vigie.drawing.text_metrics import single_line
from vigie.drawing.treemap import DAY_CUTS, shade_of
from vigie.services.studio.alt_text import finite_points, part_text
from vigie.services.studio.board import (
    MOST_LINES,
    Board,
    BoardColumn,
    BoardPart,
    ChartPart,
    HeatPart,
    WordsPart,
)
from vigie.services.studio.readability import mix_colours
from vigie.services.studio.style import FontChoice, HouseStyle
from vigie.views.api.exports import workbook
from vigie.views.boards.heat import SHADES
from vigie.views.boards.phrases import PHRASES
from vigie.views.boards.table import ColumnDecimals, decimals_by_column
from vigie.views.publishing.csv_files import about_lines, heading, is_moment, is_time, safe_text, terms_rows
from vigie.views.publishing.part_tables import PartTable, part_tables

_ABOUT_WIDTH: Final = 36
_MOST_CELL: Final = 32_000
_NO_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_ADDRESS: Final = re.compile(r"!(?=\$?[A-Z])")
_RATE: Final = "0.0000%"
_SHOWN: Final = {"time": "yyyy-mm-dd hh:mm:ss", "ratio": "0.00", "count": "0"}
_CHANGE: Final = "+0.0%;-0.0%;0.0%"
# Of a number without a unit of its own: significant ones.
_FIGURES: Final = 6
# As the pictures dash their lines.
_DASHES: Final = (
    "solid", "dash", "square_dot", "dash_dot", "long_dash", "dash", "round_dot", "long_dash_dot_dot",
)  # fmt: skip
# Names that spreadsheets know; Inter is not among them, so that theirs stays.
_FONTS: Final[dict[FontChoice, str]] = {"inter": "", "sans": "Arial", "serif": "Times New Roman"}
# Of a matrix: black numbers stand on them.
_LEAST_SHADE, _MOST_SHADE = (mix_colours(SHADES[name], "#ffffff", 0.5) for name in ("down-3", "up-3"))
_SHORT_MS: Final = 3 * DAY_MS
_LINE_WIDTH: Final = 2.25
_SIZE: Final = {"width": 820, "height": 440}
_MOST_BARS: Final = 30
_DAYS_TO_1970: Final = 25_569
# Of an alternative text a workbook takes so many letters.
_MOST_TOLD: Final = 1_000


def xlsx_file(board: Board) -> bytes:
    """Return a workbook: one sheet for each table, and one that says where the numbers are from."""
    out = io.BytesIO()
    with workbook(out) as book:
        if is_moment(board.as_of):
            # Without one of its own the library writes the time of day: two exports would differ.
            book.set_properties({"created": _utc(board.as_of)})
        make_format = cache(lambda text: book.add_format({"num_format": text, **_font_options(board)}))
        bold = book.add_format({"bold": True, **_font_options(board)})
        charted_parts: set[int] = set()
        for number, table in enumerate(part_tables(board), 1):
            name = _sheet_name(number, table.title)
            sheet = book.add_worksheet(name)
            _write_table(sheet, table, make_format, bold)
            if table.part not in charted_parts:
                charted_parts.add(table.part)
                _insert_chart(book, sheet, name, table, board.parts[table.part], board)
        _write_about(book.add_worksheet(PHRASES[board.language]["sheet"]), board, bold)
    return out.getvalue()


def _font_options(board: Board) -> dict[str, str]:
    font = _FONTS[board.style.font]
    return {"font_name": font} if font else {}


def _write_about(sheet: Any, board: Board, bold: Any) -> None:
    sheet.set_column(0, 2, _ABOUT_WIDTH)
    lines = about_lines(board)
    for row_index, text in enumerate(lines):
        sheet.write_string(row_index, 0, text[:_MOST_CELL])
    if board.style.logo:
        picture = {
            "image_data": io.BytesIO(base64.b64decode(board.style.logo)),
            "description": safe_text(single_line(board.style.name)),
        }
        sheet.insert_image(len(lines) + len(board.credits) + 3, 0, "logo.png", picture)
    words = PHRASES[board.language]
    for column_index, key in enumerate(("publisher", "series", "terms")):
        sheet.write_string(len(lines) + 1, column_index, words[key], bold)
    for row_index, row in enumerate(terms_rows(board), len(lines) + 2):
        for column_index, text in enumerate(row):
            sheet.write_string(row_index, column_index, text[:_MOST_CELL])


def _write_table(sheet: Any, table: PartTable, make_format: Callable[[str], Any], bold: Any) -> None:
    decimals = decimals_by_column(table.rows, table.columns)
    for column_index, column in enumerate(table.columns):
        sheet.write_string(0, column_index, _header_text(column)[:_MOST_CELL], bold)
        sheet.set_column(column_index, column_index, 20 if column.kind in ("time", "text") else 14)
    for row_index, row in enumerate(table.rows, 1):
        for column_index, (value, column, rule) in enumerate(zip(row, table.columns, decimals, strict=False)):
            if isinstance(value, str):
                sheet.write_string(row_index, column_index, safe_text(value)[:_MOST_CELL])
            elif value is not None and is_time(value, column):
                sheet.write_datetime(row_index, column_index, _utc(value), make_format(_SHOWN["time"]))
            elif value is not None and math.isfinite(value):
                sheet.write_number(
                    row_index, column_index, value, make_format(_number_format(value, column, rule))
                )
    sheet.freeze_panes(1, 0)
    # Printed, a table and its chart stand on one page's width.
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _number_format(value: float, column: BoardColumn, rule: ColumnDecimals) -> str:
    """Return how a workbook shows a number: with the decimals that it has in the picture."""
    match column.kind:
        case "share":
            part = f"{_digits_pattern(rule.share)}%"
            return part if column.unit == "rate" else f"+{part};-{part};{part}"
        case "money":
            return f"#,##{_digits_pattern(rule.money(value))}"
        case "number":
            digits = _FIGURES - 1 - math.floor(math.log10(abs(value))) if value else 0
            needed = f"{abs(value):.{min(12, max(0, digits))}f}".rstrip("0").partition(".")[2]
            return f"#,##{_digits_pattern(len(needed))}"
    return _SHOWN.get(column.kind, "General")


def _digits_pattern(digits: int) -> str:
    return f"0.{'0' * digits}" if digits else "0"


def _header_text(column: BoardColumn) -> str:
    # A share is a part of one in its cell, which shows it as per cent.
    return safe_text(single_line(column.name)) if column.kind == "share" else heading(column)


def _utc(ts_ms: float) -> datetime:
    """Return a time as workbooks hold it: they know no zones."""
    return datetime.fromtimestamp(ts_ms / SECOND_MS, UTC).replace(tzinfo=None)


def _chart_title(text: str) -> str:
    """Return the title of a chart; one that the library would take for an address, ``Now!A1``, is parted unseen."""
    return _ADDRESS.sub("!\u2060", safe_text(single_line(text))) or " "


def _excel_date(ts_ms: float) -> float:
    """Return a time as the number that a workbook has for it: days since the end of 1899."""
    return ts_ms / DAY_MS + _DAYS_TO_1970


def _insert_chart(book: Any, sheet: Any, name: str, table: PartTable, part: BoardPart, board: Board) -> None:
    """Draw beside a table what the board draws: lines, bars of words and of changes, a matrix in shades."""
    new_chart = None
    match part:
        case ChartPart() if table.rows and any(finite_points(line) for line in part.lines):
            new_chart = _line_chart(book, name, table, part, board.style)
        case WordsPart() if table.rows:
            new_chart = _bar_chart(book, name, min(len(table.rows), _MOST_BARS), 1, [], board.style)
        case HeatPart() if part.cells:
            shades = [SHADES[shade_of(cell.change, DAY_CUTS)] if cell.change is not None else SHADES["flat"]
                      for cell in part.cells[:_MOST_BARS]]  # fmt: skip
            new_chart = _bar_chart(book, name, len(shades), 2, shades, board.style)
        case HeatPart() if part.matrix:
            scale = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num",
                     "min_value": -1, "mid_value": 0, "max_value": 1, "min_color": _LEAST_SHADE,
                     "mid_color": "#ffffff", "max_color": _MOST_SHADE}  # fmt: skip
            sheet.conditional_format(1, 1, len(table.rows), len(table.columns) - 1, scale)
    if new_chart is None:
        return
    new_chart.set_title(
        {
            "name": _chart_title(part.title),
            "overlay": False,
            "name_font": {"size": 14, "color": board.style.ink},
        }
    )
    new_chart.set_chartarea({"fill": {"color": board.style.ground}})
    new_chart.set_plotarea({"fill": {"color": board.style.ground}})
    new_chart.set_size(_SIZE)
    text = safe_text(single_line(part_text(part, board)))[:_MOST_TOLD]
    sheet.insert_chart(1, len(table.columns) + 1, new_chart, {"description": text, "object_position": 3})


def _line_chart(book: Any, name: str, table: PartTable, part: ChartPart, style: HouseStyle) -> Any:
    """Return lines over time: places follow the clock, so hours of a day lie apart, which days of an axis do not."""
    new_chart = book.add_chart({"type": "scatter", "subtype": "straight"})
    last = len(table.rows)
    for at, _line in enumerate(part.lines[:MOST_LINES]):
        new_chart.add_series(
            {
                "name": [name, 0, at + 1],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, at + 1, last, at + 1],
                "line": {"color": style.colours[at], "width": _LINE_WIDTH, "dash_type": _DASHES[at]},
                "marker": {"type": "none"},
            }
        )
    times = [value for value in (row[0] for row in table.rows) if isinstance(value, int | float)]
    is_short = max(times) - min(times) <= _SHORT_MS
    x_options: dict[str, Any] = {"num_format": "dd/mm hh:mm" if is_short else "yyyy-mm-dd",
                              "label_position": "low", "num_font": {"rotation": -45, "color": style.ink}}  # fmt: skip
    if max(times) > min(times) and all(is_time(value, table.columns[0]) for value in times):
        x_options |= {"min": _excel_date(min(times)), "max": _excel_date(max(times))}
    number_format = (
        _RATE
        if table.columns[1].unit == "rate"
        else "0.0%"
        if table.columns[1].kind == "share"
        else "General"
    )
    new_chart.set_x_axis(x_options)
    new_chart.set_y_axis(
        {
            "num_format": number_format,
            "num_font": {"color": style.ink},
            "major_gridlines": {"visible": True, "line": {"color": style.rule}},
        }
    )
    new_chart.show_blanks_as("span")
    new_chart.set_legend({"position": "bottom", "font": {"color": style.ink}})
    return new_chart


def _bar_chart(book: Any, name: str, count: int, column: int, shades: list[str], style: HouseStyle) -> Any:
    """Return bars from the top down; `shades` colours each of its own."""
    new_chart = book.add_chart({"type": "bar"})
    series: dict[str, Any] = {
        "name": [name, 0, column],
        "categories": [name, 1, 0, count, 0],
        "values": [name, 1, column, count, column],
        "fill": {"color": style.colours[0]},
        "gap": 40,
    }
    if shades:
        series["points"] = [{"fill": {"color": shade}} for shade in shades]
        series["invert_if_negative"] = False
    new_chart.add_series(series)
    new_chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"color": style.ink}})
    number_format = _CHANGE if shades else "General"
    new_chart.set_x_axis(
        {
            "num_format": number_format,
            "num_font": {"color": style.ink},
            "major_gridlines": {"visible": True, "line": {"color": style.rule}},
            # Bars of counts that do not begin at nothing would lie about how far they differ.
            **({} if shades else {"min": 0}),
        }
    )
    new_chart.set_legend({"none": True})
    return new_chart


def _sheet_name(number: int, title: str) -> str:
    """Return a sheet's name: a workbook takes 31 letters, each name once, without some signs."""
    return f"{number} {_NO_NAME.sub(' ', single_line(title))}"[:31].strip()


__all__ = ["xlsx_file"]
