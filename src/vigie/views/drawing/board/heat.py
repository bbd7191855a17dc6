"""A heat map: rectangles in the size of what they stand for, or a matrix; blue up and brown down, for all eyes."""

from __future__ import annotations

from typing import Final

from vigie.intelligence.market.treemap import squarify
from vigie.intelligence.market.words import NumberFormatter
from vigie.services.studio.board import HeatCell, HeatPart
from vigie.views.drawing.board.letters import fitted, plain, width
from vigie.views.drawing.board.phrases import PHRASES
from vigie.views.drawing.board.sheet import LEADING, LEAST_SIZE, Box, Sheet
from vigie.views.drawing.heatmap import CORRELATION_CUTS
from vigie.views.drawing.treemap import DAY_CUTS, shade_of

# White stands on each at 4.5:1 or more; blue and brown differ for who does not tell red from green.
SHADES: Final = {
    "down-3": "#8a3b00", "down-2": "#9c5a2a", "down-1": "#86684f", "flat": "#66707e", "up-1": "#4f7193",
    "up-2": "#2a66a8", "up-3": "#0b4a94",
}  # fmt: skip
_WHITE: Final = "#ffffff"
_LEAST_AREA: Final = 1_600.0
_EDGE: Final = 2.0
_LEAST_SIDE: Final = 14.0
# A name cut to fewer is nobody's name.
_LEAST_LETTERS: Final = 4


def want(part: HeatPart, room: float, sheet: Sheet) -> float:
    """Return the height that a heat map would like to have."""
    if part.matrix:
        return min(room, (len(part.names) + 1) * sheet.size * 2.6)
    return room * 0.62


def draw(part: HeatPart, sheet: Sheet, box: Box) -> None:
    """Draw a heat map into a box, with the key of its shades under it."""
    if not (part.matrix or any(cell.size > 0 for cell in part.cells)) or box.height < 5 * sheet.size:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], most=1, colour=sheet.style.muted)
        return
    small = max(LEAST_SIZE, sheet.size * 0.75)
    key = small * (LEADING + 0.55) + 8
    inside = Box(box.x, box.y, box.width, box.height - key)
    if part.matrix:
        _matrix(part, sheet, inside)
    else:
        _cells(part, sheet, inside)
    _key(part, sheet, Box(box.x, box.bottom - key + 8, box.width, key - 8), small)


def _cells(part: HeatPart, sheet: Sheet, box: Box) -> None:
    by_key = {str(at): cell for at, cell in enumerate(part.cells)}
    weights = [(key, cell.size) for key, cell in by_key.items()]
    for place in squarify(weights, width=box.width, height=box.height, least_area=_LEAST_AREA):
        cell = by_key[place.key] if len(place.members) == 1 else None
        change = cell.change if cell else None
        at = Box(
            box.x + place.x,
            box.y + place.y,
            max(place.width - _EDGE, 0.5),
            max(place.height - _EDGE, 0.5),
        )
        sheet.rect(at, SHADES[shade_of(change, DAY_CUTS) if change is not None else "flat"])
        name = cell.name if cell else PHRASES[sheet.language]["others"].format(count=len(place.members))
        _label(name, cell, sheet, at)


def _label(name: str, cell: HeatCell | None, sheet: Sheet, box: Box) -> None:
    """Write name and change as large as they fit; nothing where they would be cut to nothing."""
    name, room = plain(name), box.width - 8
    least = max(LEAST_SIZE, sheet.size * 0.62)
    value = sheet.numbers.percent(cell.change, 1, sign=True) if cell and cell.change is not None else ""
    size = min(sheet.size * 1.4, box.height / 3.2)
    one = width(name, 1.0, bold=True)
    size = min(size, room / one) if one else size
    size = max(size, least)
    if box.height < size * LEADING or room < 2 * least:
        return
    small = max(least, size * 0.8)
    is_both = bool(value) and width(value, small) <= room and box.height >= (size + small) * LEADING + 2
    taken = size * LEADING + (small * LEADING if is_both else 0.0)
    top, middle = box.y + (box.height - taken) / 2, box.x + box.width / 2
    shown = fitted(name, size, room, bold=True)
    if shown != name and len(shown) < _LEAST_LETTERS:
        return
    sheet.text(middle, top, shown, size=size, bold=True, colour=_WHITE, anchor="middle")
    if is_both:
        sheet.text(middle, top + size * LEADING, value, size=small, colour=_WHITE, anchor="middle")


def _matrix(part: HeatPart, sheet: Sheet, box: Box) -> None:
    count, numbers = len(part.names), sheet.numbers
    small = max(LEAST_SIZE, sheet.size * 0.75)
    longest = max(width(plain(name), small) for name in part.names)
    left = min(longest + 10, box.width * 0.3)
    head = small * LEADING + 4
    wide, high = (box.width - left) / count, (box.height - head) / count
    if min(wide, high) < _LEAST_SIDE:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], most=1, colour=sheet.style.muted)
        return
    wide = min(wide, high * 2.2)
    size = min(sheet.size, high * 0.5, wide * 0.3)
    for i, row in enumerate(part.matrix):
        y = box.y + head + i * high
        name = fitted(part.names[i], small, left - 8)
        sheet.text(
            box.x + left - 8,
            y + high / 2 - small * LEADING / 2,
            name,
            size=small,
            colour=sheet.style.muted,
            anchor="end",
        )
        top = fitted(part.names[i], small, wide - 4)
        sheet.text(
            box.x + left + (i + 0.5) * wide, box.y, top, size=small, colour=sheet.style.muted, anchor="middle"
        )
        for j, value in enumerate(row):
            at = Box(box.x + left + j * wide, y, wide - _EDGE, high - _EDGE)
            sheet.rect(at, SHADES[shade_of(value, CORRELATION_CUTS)] if value is not None else "#eef0f3")
            if value is not None and size >= 9:
                text = numbers.number(value, 2)
                middle = at.y + at.height / 2 - size * LEADING / 2
                sheet.text(at.x + at.width / 2, middle, text, size=size, colour=_WHITE, anchor="middle")


def _key(part: HeatPart, sheet: Sheet, box: Box, small: float) -> None:
    """Draw the shades with the values at which they change."""
    numbers = sheet.numbers
    cuts = CORRELATION_CUTS if part.matrix else DAY_CUTS
    bounds = [-cut for cut in reversed(cuts)] + list(cuts)
    texts = [_bound(bound, numbers, is_share=not part.matrix) for bound in bounds]
    wide = max(width(text, small) for text in texts) + 10
    if wide * len(SHADES) > box.width:
        return
    high = small * 0.55
    for at, colour in enumerate(SHADES.values()):
        sheet.rect(Box(box.x + at * wide, box.y, wide, high), colour)
    for at, text in enumerate(texts, 1):
        sheet.text(
            box.x + at * wide,
            box.y + high - 1,
            text,
            size=small * 0.95,
            colour=sheet.style.muted,
            anchor="middle",
        )


def _bound(value: float, numbers: NumberFormatter, *, is_share: bool) -> str:
    if not is_share:
        return numbers.number(value, 1, sign=True)
    return numbers.percent(value, 0 if abs(value) >= 0.01 else 1, sign=True)


__all__ = ["SHADES", "draw", "want"]
