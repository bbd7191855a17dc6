"""A table: words to the left, numbers to the right, and what has no room counted; a number is never cut."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import UsageError
from vigie.intelligence.market.words import NumberFormatter
from vigie.services.studio.board import Column, TableCell, TablePart
from vigie.views.drawing.board.letters import fitted, plain, width
from vigie.views.drawing.board.phrases import PHRASES
from vigie.views.drawing.board.sheet import LEAST_SIZE, Box, Sheet
from vigie.views.drawing.decimals import column_decimals, price_decimals, share_decimals
from vigie.views.drawing.frame import Anchor
from vigie.views.drawing.scale import SIGNS, moment_text

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


def want(part: TablePart, room: float, sheet: Sheet) -> float:
    """Return the height of all rows, their heading, and a line for what has no room."""
    return (len(part.rows) + 2) * sheet.size * _ROW


def draw(part: TablePart, sheet: Sheet, box: Box) -> None:
    """Draw a table into a box; rows and columns without room are counted under it."""
    words = PHRASES[sheet.language]
    size = max(
        LEAST_SIZE, sheet.size * _LEAST_SHARE, min(sheet.size, box.height / (_ROW * (len(part.rows) + 1.2)))
    )
    while size > max(LEAST_SIZE, 0.75 * sheet.size) and _is_narrow(part, sheet, size, box.width):
        size *= 0.95
    room = int(box.height / (size * _ROW) - 0.2)
    if not part.columns or not part.rows or room < 2:
        sheet.lines(box, words["no_data"], most=1, colour=sheet.style.muted)
        return
    shown = part.rows if len(part.rows) < room else part.rows[: max(1, room - 2)]
    texts = _texts(shown, part.columns, sheet)
    widths = _widths(part.columns, texts, size, box.width)
    left_out = [(len(part.rows) - len(shown), "more_rows"), (len(part.columns) - len(widths), "more_columns")]
    y = _heading(part.columns, widths, sheet, box, size)
    for row in texts:
        x = box.x
        for text, column, wide in zip(row, part.columns, widths, strict=False):
            _cell(text, column, sheet, Box(x, y, wide, size * _ROW), size)
            x += wide + _GAP
        y += size * _ROW
        sheet.across(box.x, box.right, y, sheet.style.rule)
    told = ", ".join(words[key].format(count=count) for count, key in left_out if count > 0)
    if told:
        sheet.lines(
            Box(box.x, y + size * 0.3, box.width, box.bottom - y),
            told,
            most=1,
            size=size,
            colour=sheet.style.muted,
        )


@dataclass(frozen=True, slots=True)
class Decimals:
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


_ALONE: Final = Decimals()


def decimals_of(column: Column, values: Iterable[TableCell]) -> Decimals:
    """Return how many decimals a column has by the numbers in it."""
    if column.kind == "money":
        return Decimals(prices=column_decimals(values))
    if column.kind != "share":
        return _ALONE
    parts = [100.0 * value for value in values if isinstance(value, int | float)]
    return Decimals(share=share_decimals(parts, share_digits(column)))


def share_digits(column: Column) -> int:
    """Return the decimals that per cent of a column's unit has at least."""
    return _RATE_DIGITS if column.unit == "rate" else _SHARE_DIGITS


def cell_text(value: TableCell, column: Column, sheet: Sheet, decimals: Decimals | None = None) -> str:
    """Return a cell in the board's language, with the `decimals` of its column; what is missing is a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return _UNKNOWN
    if isinstance(value, str):
        return plain(value)
    numbers, known = sheet.numbers, decimals or _ALONE
    match column.kind:
        case "share":
            # What is a change has a sign, a level such as funding or dominance has none.
            digits = max(share_digits(column), known.share)
            return numbers.percent(value, digits, sign=column.unit != "rate")
        case "money":
            return _money(value, column.unit, numbers, known)
        case "time":
            return _time(int(value), sheet)
        case "count":
            return numbers.number(float(value), 0)
        case "ratio":
            return numbers.number(float(value), 2)
    text = numbers.plain(float(value))
    return f"{text}\u00a0{column.unit}" if column.unit else text


def _money(value: float, unit: str, numbers: NumberFormatter, known: Decimals) -> str:
    sign = SIGNS.get(unit.lower(), "")
    is_large = abs(value) >= _WHOLE_FROM or not math.isfinite(value)
    text = numbers.short(abs(value)) if is_large else numbers.number(abs(value), known.money(value))
    minus = "\u2212" if value < 0 else ""
    if sign:
        return f"{minus}{sign}{text}" if numbers.language == "en" else f"{minus}{text}\u00a0{sign}"
    return f"{minus}{text}\u00a0{unit}" if unit else f"{minus}{text}"


def _time(ts: int, sheet: Sheet) -> str:
    try:
        return moment_text(ts, zone=sheet.zone, language=sheet.language).partition(" (")[0]
    except (OverflowError, ValueError, OSError, UsageError):
        return str(ts)


def _texts(rows: Sequence[Sequence[TableCell]], columns: Sequence[Column], sheet: Sheet) -> list[list[str]]:
    known = column_rules(rows, columns)
    return [
        [
            cell_text(value, column, sheet, one)
            for value, column, one in zip(row, columns, known, strict=False)
        ]
        for row in rows
    ]


def column_rules(rows: Sequence[Sequence[TableCell]], columns: Sequence[Column]) -> list[Decimals]:
    """Return how many decimals each column has."""
    return [
        decimals_of(column, [row[at] for row in rows if at < len(row)]) for at, column in enumerate(columns)
    ]


def _is_narrow(part: TablePart, sheet: Sheet, size: float, room: float) -> bool:
    """Return whether columns would be left out."""
    return len(_widths(part.columns, _texts(part.rows, part.columns, sheet), size, room)) < len(part.columns)


def _is_words(column: Column) -> bool:
    return column.kind == "text"


def _widths(
    columns: Sequence[Column], texts: Sequence[Sequence[str]], size: float, room: float
) -> list[float]:
    """Return widths of the columns that have room: numbers whole, words at least a few letters wide."""
    whole = []
    for at, column in enumerate(columns):
        cells = max((width(row[at], size) for row in texts if at < len(row)), default=0.0) + 1
        head = width(plain(column.name), size * 0.9, bold=True) + 1
        # A heading may be cut, a number may not.
        whole.append(max(cells, head) if _is_words(column) else max(cells, min(head, 9 * size)))
    least = [
        min(wide, _LEAST_WORDS * size) if _is_words(one) else wide
        for wide, one in zip(whole, columns, strict=True)
    ]
    count = len(columns)
    while count > 1 and sum(least[:count]) + _GAP * (count - 1) > room:
        count -= 1
    spare = room - sum(least[:count]) - _GAP * (count - 1)
    given = []
    for wide, short in zip(whole[:count], least[:count], strict=True):
        more = max(0.0, min(wide - short, spare))
        spare -= more
        given.append(min(short + more, room))
    if spare > 0:
        # What is left parts the columns evenly, so that an eye follows a row; a lone one stays narrow.
        share = spare / max(count, 2)
        given = [wide + share for wide in given]
    return given


def _heading(
    columns: Sequence[Column], widths: Sequence[float], sheet: Sheet, box: Box, size: float
) -> float:
    x = box.x
    small = size * 0.9
    for column, wide in zip(columns, widths, strict=False):
        name = fitted(column.name, small, wide, bold=True)
        anchor: Anchor = "start" if _is_words(column) else "end"
        place = x if _is_words(column) else x + wide
        sheet.text(
            place, box.y + size * 0.3, name, size=small, bold=True, colour=sheet.style.muted, anchor=anchor
        )
        x += wide + _GAP
    y = box.y + size * _ROW
    sheet.across(box.x, box.right, y, sheet.style.axis, thick=1.5)
    return y


def _cell(text: str, column: Column, sheet: Sheet, box: Box, size: float) -> None:
    top = box.y + (box.height - size * 1.3) / 2
    if _is_words(column):
        sheet.text(box.x, top, fitted(text, size, box.width), size=size)
    elif width(text, size) <= box.width + 1:
        sheet.text(box.right, top, text, size=size, colour=sheet.style.ink, anchor="end")
    else:
        sheet.text(box.right, top, "\u2026", size=size, colour=sheet.style.muted, anchor="end")


__all__ = ["Decimals", "cell_text", "column_rules", "decimals_of", "draw", "share_digits", "want"]
