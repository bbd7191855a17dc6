"""A table: words to the left, numbers to the right, and what has no room counted; a number is never cut."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import UsageError
from vigie.drawing.decimals import column_decimals, price_decimals, share_decimals
from vigie.drawing.frame import Anchor
from vigie.drawing.scale import SIGNS, moment_text
from vigie.drawing.text_metrics import fit_line, single_line, text_width
from vigie.intelligence.market.words import NumberFormatter
from vigie.services.studio.board import BoardColumn, TableCell, TablePart
from vigie.views.boards.canvas import LEAST_SIZE, Box, Canvas
from vigie.views.boards.phrases import PHRASES

_ROW: Final = 1.75
_GAP: Final = 18.0
# Rows are rather left out than written smaller.
_LEAST_SHARE: Final = 0.75
_LEAST_WORDS: Final = 4.0
_UNKNOWN: Final = "\u2013"
# Of a rate in per cent, as in files: funding is often a hundredth of a per cent.
_RATE_DIGITS: Final = 4
_SHARE_DIGITS: Final = 1
_WHOLE_FROM: Final = 1e6


def wanted_height(part: TablePart, room: float, sheet: Canvas) -> float:
    """Return the height of all rows, their heading, and a line for what has no room."""
    return (len(part.rows) + 2) * sheet.size * _ROW


def draw_table(part: TablePart, sheet: Canvas, box: Box) -> None:
    """Draw a table into a box; rows and columns without room are counted under it."""
    words = PHRASES[sheet.language]
    size = max(
        LEAST_SIZE, sheet.size * _LEAST_SHARE, min(sheet.size, box.height / (_ROW * (len(part.rows) + 1.2)))
    )
    while size > max(LEAST_SIZE, 0.75 * sheet.size) and _is_narrow(part, sheet, size, box.width):
        size *= 0.95
    room = int(box.height / (size * _ROW) - 0.2)
    if not part.columns or not part.rows or room < 2:
        sheet.lines(box, words["no_data"], max_lines=1, colour=sheet.style.muted)
        return
    shown_rows = part.rows if len(part.rows) < room else part.rows[: max(1, room - 2)]
    texts = _cell_texts(shown_rows, part.columns, sheet)
    widths = _column_widths(part.columns, texts, size, box.width)
    left_out = [
        (len(part.rows) - len(shown_rows), "more_rows"),
        (len(part.columns) - len(widths), "more_columns"),
    ]
    y = _draw_heading(part.columns, widths, sheet, box, size)
    for row in texts:
        x = box.x
        for text, column, column_width in zip(row, part.columns, widths, strict=False):
            _draw_cell(text, column, sheet, Box(x, y, column_width, size * _ROW), size)
            x += column_width + _GAP
        y += size * _ROW
        sheet.horizontal_line(box.x, box.right, y, sheet.style.rule)
    left_out_note = ", ".join(words[key].format(count=count) for count, key in left_out if count > 0)
    if left_out_note:
        sheet.lines(
            Box(box.x, y + size * 0.3, box.width, box.bottom - y),
            left_out_note,
            max_lines=1,
            size=size,
            colour=sheet.style.muted,
        )


@dataclass(frozen=True, slots=True)
class ColumnDecimals:
    """How many decimals the numbers of one column have.

    Attributes
    ----------
    prices : mapping of int to int
        As from `column_decimals`.
    share : int
        Of per cent; 0 for those of its unit.
    """

    prices: Mapping[int, int] = field(default_factory=dict)
    share: int = 0

    def money(self, value: float) -> int:
        """Return those of an amount: none from a million on."""
        most = price_decimals(abs(value))
        return 0 if abs(value) >= _WHOLE_FROM else self.prices.get(most, most)


_ALONE: Final = ColumnDecimals()


def column_decimals_of(column: BoardColumn, values: Iterable[TableCell]) -> ColumnDecimals:
    """Return how many decimals a column has by the numbers in it."""
    if column.kind == "money":
        return ColumnDecimals(prices=column_decimals(values))
    if column.kind != "share":
        return _ALONE
    parts = [100.0 * value for value in values if isinstance(value, int | float)]
    return ColumnDecimals(share=share_decimals(parts, share_digits(column)))


def share_digits(column: BoardColumn) -> int:
    """Return the decimals that per cent of a column's unit has at least."""
    return _RATE_DIGITS if column.unit == "rate" else _SHARE_DIGITS


def cell_text(
    value: TableCell, column: BoardColumn, sheet: Canvas, decimals: ColumnDecimals | None = None
) -> str:
    """Return a cell in the board's language, with the `decimals` of its column; what is missing is a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return _UNKNOWN
    if isinstance(value, str):
        return single_line(value)
    numbers, column_decimals_used = sheet.numbers, decimals or _ALONE
    match column.kind:
        case "share":
            # What is a change has a sign, a level such as funding or dominance has none.
            digits = max(share_digits(column), column_decimals_used.share)
            return numbers.percent(value, digits, sign=column.unit != "rate")
        case "money":
            return _money_text(value, column.unit, numbers, column_decimals_used)
        case "time":
            return _time_text(int(value), sheet)
        case "count":
            return numbers.number(float(value), 0)
        case "ratio":
            return numbers.number(float(value), 2)
    text = numbers.plain(float(value))
    return f"{text}\u00a0{column.unit}" if column.unit else text


def _money_text(value: float, unit: str, numbers: NumberFormatter, decimals: ColumnDecimals) -> str:
    sign = SIGNS.get(unit.lower(), "")
    is_large = abs(value) >= _WHOLE_FROM or not math.isfinite(value)
    text = numbers.short(abs(value)) if is_large else numbers.number(abs(value), decimals.money(value))
    minus = "\u2212" if value < 0 and text.strip(f"0{numbers.point}") else ""
    if sign:
        return f"{minus}{sign}{text}" if numbers.is_sign_first else f"{minus}{text}\u00a0{sign}"
    return f"{minus}{text}\u00a0{unit}" if unit else f"{minus}{text}"


def _time_text(ts: int, sheet: Canvas) -> str:
    try:
        return moment_text(ts, zone=sheet.zone, language=sheet.language).partition(" (")[0]
    except (OverflowError, ValueError, OSError, UsageError):
        return str(ts)


def _cell_texts(
    rows: Sequence[Sequence[TableCell]], columns: Sequence[BoardColumn], sheet: Canvas
) -> list[list[str]]:
    decimals = decimals_by_column(rows, columns)
    return [
        [
            cell_text(value, column, sheet, column_decimals_used)
            for value, column, column_decimals_used in zip(row, columns, decimals, strict=False)
        ]
        for row in rows
    ]


def decimals_by_column(
    rows: Sequence[Sequence[TableCell]], columns: Sequence[BoardColumn]
) -> list[ColumnDecimals]:
    """Return how many decimals each column has."""
    return [
        column_decimals_of(column, [row[index] for row in rows if index < len(row)])
        for index, column in enumerate(columns)
    ]


def _is_narrow(part: TablePart, sheet: Canvas, size: float, room: float) -> bool:
    """Return whether columns would be left out."""
    return len(_column_widths(part.columns, _cell_texts(part.rows, part.columns, sheet), size, room)) < len(
        part.columns
    )


def _is_words(column: BoardColumn) -> bool:
    return column.kind == "text"


def _column_widths(
    columns: Sequence[BoardColumn], texts: Sequence[Sequence[str]], size: float, room: float
) -> list[float]:
    """Return widths of the columns that have room: numbers whole, words at least a few letters wide."""
    full_widths = []
    for index, column in enumerate(columns):
        cells = max((text_width(row[index], size) for row in texts if index < len(row)), default=0.0) + 1
        head = text_width(single_line(column.name), size * 0.9, bold=True) + 1
        # A heading may be cut, a number may not.
        full_widths.append(max(cells, head) if _is_words(column) else max(cells, min(head, 9 * size)))
    least_widths = [
        min(full, _LEAST_WORDS * size) if _is_words(column_) else full
        for full, column_ in zip(full_widths, columns, strict=True)
    ]
    count = len(columns)
    while count > 1 and sum(least_widths[:count]) + _GAP * (count - 1) > room:
        count -= 1
    spare = room - sum(least_widths[:count]) - _GAP * (count - 1)
    widths = []
    for full, least_width in zip(full_widths[:count], least_widths[:count], strict=True):
        more = max(0.0, min(full - least_width, spare))
        spare -= more
        widths.append(min(least_width + more, room))
    if spare > 0:
        # What is left parts the columns evenly, so that an eye follows a row; a lone one stays narrow.
        share = spare / max(count, 2)
        widths = [full + share for full in widths]
    return widths


def _draw_heading(
    columns: Sequence[BoardColumn], widths: Sequence[float], sheet: Canvas, box: Box, size: float
) -> float:
    x = box.x
    small = size * 0.9
    for column, column_width in zip(columns, widths, strict=False):
        name = fit_line(column.name, small, column_width, bold=True)
        anchor: Anchor = "start" if _is_words(column) else "end"
        anchor_x = x if _is_words(column) else x + column_width
        sheet.text(
            anchor_x, box.y + size * 0.3, name, size=small, bold=True, colour=sheet.style.muted, anchor=anchor
        )
        x += column_width + _GAP
    y = box.y + size * _ROW
    sheet.horizontal_line(box.x, box.right, y, sheet.style.axis, thick=1.5)
    return y


def _draw_cell(text: str, column: BoardColumn, sheet: Canvas, box: Box, size: float) -> None:
    top = box.y + (box.height - size * 1.3) / 2
    if _is_words(column):
        sheet.text(box.x, top, fit_line(text, size, box.width), size=size)
    elif text_width(text, size) <= box.width + 1:
        sheet.text(box.right, top, text, size=size, colour=sheet.style.ink, anchor="end")
    else:
        sheet.text(box.right, top, "\u2026", size=size, colour=sheet.style.muted, anchor="end")


__all__ = [
    "ColumnDecimals",
    "cell_text",
    "column_decimals_of",
    "decimals_by_column",
    "draw_table",
    "share_digits",
    "wanted_height",
]
