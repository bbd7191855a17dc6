"""A quotation: its words between the quotation marks of the language, who published them, when and where."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from vigie.domain.errors import UsageError
from vigie.drawing.scale import moment_text
from vigie.drawing.text_metrics import wrap_lines
from vigie.services.studio.board import QuotePart
from vigie.views.boards.canvas import LEADING, LEAST_SIZE, Box, Canvas
from vigie.views.boards.phrases import PHRASES

_LARGER: Final = 1.3
_INDENT: Final = 20.0
_MOST: Final = 40


def wanted_height(part: QuotePart, room: float, sheet: Canvas) -> float:
    """Return the height of the words and of what stands under them."""
    size = sheet.size * _LARGER
    lines = wrap_lines(_quoted_text(part, sheet), size, room - _INDENT, max_lines=_MOST)
    return (len(lines) * size + 2.6 * sheet.size) * LEADING


def draw_quote(part: QuotePart, sheet: Canvas, box: Box) -> None:
    """Draw a quotation into a box: smaller where it is long, cut where even that has no room."""
    words = Box(box.x + _INDENT, box.y, box.width - _INDENT, box.height - 2.4 * sheet.size * LEADING)
    size = sheet.size * _LARGER
    while size > max(LEAST_SIZE, sheet.size * 0.8) and not _fits(part, sheet, words, size):
        size *= 0.92
    text_height = sheet.lines(
        words, _quoted_text(part, sheet), max_lines=_MOST, size=size, colour=sheet.style.ink
    )
    sheet.vertical_line(box.x + 4, box.y + 2, box.y + max(text_height, 2) - 2, sheet.style.axis)
    below = Box(words.x, box.y + text_height + sheet.size * 0.4, words.width, 1.1 * sheet.size * LEADING)
    first = sheet.lines(below, part.publisher, max_lines=1, bold=True)
    small = max(LEAST_SIZE, sheet.size * 0.82)
    rest = f"{_time_text(part.at, sheet)} \u00b7 {link_host(part.link)}".strip(" \u00b7")
    sheet.lines(
        Box(words.x, below.y + first, words.width, small * LEADING + 1),
        rest,
        max_lines=1,
        size=small,
        colour=sheet.style.muted,
    )


def link_host(link: str) -> str:
    """Return the name of the site that a link leads to; empty for what is no link of the web."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in ("http", "https") else ""


def _quoted_text(part: QuotePart, sheet: Canvas) -> str:
    words = PHRASES[sheet.language]
    return f"{words['open']}{part.text.strip()}{words['close']}"


def _fits(part: QuotePart, sheet: Canvas, box: Box, size: float) -> bool:
    lines = wrap_lines(_quoted_text(part, sheet), size, box.width, max_lines=_MOST)
    return len(lines) < _MOST and len(lines) * size * LEADING <= box.height


def _time_text(ts: int, sheet: Canvas) -> str:
    try:
        return moment_text(ts, zone=sheet.zone, language=sheet.language)
    except (OverflowError, ValueError, OSError, UsageError):
        return str(ts)


__all__ = ["draw_quote", "link_host", "wanted_height"]
