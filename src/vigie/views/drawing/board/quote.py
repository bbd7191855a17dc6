"""A quotation: its words between the quotation marks of the language, who published them, when and where."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from vigie.domain.errors import UsageError
from vigie.services.studio.board import QuotePart
from vigie.views.drawing.board.letters import wrapped
from vigie.views.drawing.board.phrases import PHRASES
from vigie.views.drawing.board.sheet import LEADING, LEAST_SIZE, Box, Sheet
from vigie.views.drawing.scale import moment_text

_LARGER: Final = 1.3
_INDENT: Final = 20.0
_MOST: Final = 40


def want(part: QuotePart, room: float, sheet: Sheet) -> float:
    """Return the height of the words and of what stands under them."""
    size = sheet.size * _LARGER
    lines = wrapped(_said(part, sheet), size, room - _INDENT, most=_MOST)
    return (len(lines) * size + 2.6 * sheet.size) * LEADING


def draw(part: QuotePart, sheet: Sheet, box: Box) -> None:
    """Draw a quotation into a box: smaller where it is long, cut where even that has no room."""
    words = Box(box.x + _INDENT, box.y, box.width - _INDENT, box.height - 2.4 * sheet.size * LEADING)
    size = sheet.size * _LARGER
    while size > max(LEAST_SIZE, sheet.size * 0.8) and not _fits(part, sheet, words, size):
        size *= 0.92
    taken = sheet.lines(words, _said(part, sheet), most=_MOST, size=size, colour=sheet.style.ink)
    sheet.down(box.x + 4, box.y + 2, box.y + max(taken, 2) - 2, sheet.style.axis)
    below = Box(words.x, box.y + taken + sheet.size * 0.4, words.width, 1.1 * sheet.size * LEADING)
    first = sheet.lines(below, part.publisher, most=1, bold=True)
    small = max(LEAST_SIZE, sheet.size * 0.82)
    rest = f"{_when(part.at, sheet)} \u00b7 {host(part.link)}".strip(" \u00b7")
    sheet.lines(
        Box(words.x, below.y + first, words.width, small * LEADING + 1),
        rest,
        most=1,
        size=small,
        colour=sheet.style.muted,
    )


def host(link: str) -> str:
    """Return the name of the site that a link leads to; empty for what is no link of the web."""
    try:
        found = urlsplit(link)
    except ValueError:
        return ""
    return (found.hostname or "") if found.scheme in ("http", "https") else ""


def _said(part: QuotePart, sheet: Sheet) -> str:
    words = PHRASES[sheet.language]
    return f"{words['open']}{part.text.strip()}{words['close']}"


def _fits(part: QuotePart, sheet: Sheet, box: Box, size: float) -> bool:
    lines = wrapped(_said(part, sheet), size, box.width, most=_MOST)
    return len(lines) < _MOST and len(lines) * size * LEADING <= box.height


def _when(ts: int, sheet: Sheet) -> str:
    try:
        return moment_text(ts, zone=sheet.zone, language=sheet.language)
    except (OverflowError, ValueError, OSError, UsageError):
        return str(ts)


__all__ = ["draw", "host", "want"]
