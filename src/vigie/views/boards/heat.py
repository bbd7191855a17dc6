"""A heat map: rectangles in the size of what they stand for, or a matrix; blue up and brown down, for all eyes."""

from __future__ import annotations

from typing import Final

from vigie.drawing.heatmap import CORRELATION_CUTS
from vigie.drawing.text_metrics import fit_line, single_line, text_width
from vigie.drawing.treemap import DAY_CUTS, shade_of
from vigie.intelligence.market.treemap import squarify
from vigie.intelligence.market.words import NumberFormatter
from vigie.services.studio.board import HeatCell, HeatPart
from vigie.views.boards.canvas import LEADING, LEAST_SIZE, Box, Canvas
from vigie.views.boards.phrases import PHRASES

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


def wanted_height(part: HeatPart, room: float, sheet: Canvas) -> float:
    """Return the height that a heat map would like to have."""
    if part.matrix:
        return min(room, (len(part.names) + 1) * sheet.size * 2.6)
    return room * 0.62


def draw_heatmap(part: HeatPart, sheet: Canvas, box: Box) -> None:
    """Draw a heat map into a box, with the key of its shades under it."""
    if not (part.matrix or any(cell.size > 0 for cell in part.cells)) or box.height < 5 * sheet.size:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], max_lines=1, colour=sheet.style.muted)
        return
    small = max(LEAST_SIZE, sheet.size * 0.75)
    key = small * (LEADING + 0.55) + 8
    inside = Box(box.x, box.y, box.width, box.height - key)
    if part.matrix:
        _draw_matrix(part, sheet, inside)
    else:
        _draw_cells(part, sheet, inside)
    _draw_key(part, sheet, Box(box.x, box.bottom - key + 8, box.width, key - 8), small)


def _draw_cells(part: HeatPart, sheet: Canvas, box: Box) -> None:
    by_key = {str(cell_box): cell for cell_box, cell in enumerate(part.cells)}
    weights = [(key, cell.size) for key, cell in by_key.items()]
    for rectangle in squarify(weights, width=box.width, height=box.height, least_area=_LEAST_AREA):
        cell = by_key[rectangle.key] if len(rectangle.members) == 1 else None
        change = cell.change if cell else None
        cell_box = Box(
            box.x + rectangle.x,
            box.y + rectangle.y,
            max(rectangle.width - _EDGE, 0.5),
            max(rectangle.height - _EDGE, 0.5),
        )
        sheet.rect(cell_box, SHADES[shade_of(change, DAY_CUTS) if change is not None else "flat"])
        name = cell.name if cell else PHRASES[sheet.language]["others"].format(count=len(rectangle.members))
        _draw_label(name, cell, sheet, cell_box)


def _draw_label(name: str, cell: HeatCell | None, sheet: Canvas, box: Box) -> None:
    """Write name and change as large as they fit; nothing where they would be cut to nothing."""
    name, room = single_line(name), box.width - 8
    least = max(LEAST_SIZE, sheet.size * 0.62)
    value = sheet.numbers.percent(cell.change, 1, sign=True) if cell and cell.change is not None else ""
    size = min(sheet.size * 1.4, box.height / 3.2)
    unit_width = text_width(name, 1.0, bold=True)
    size = min(size, room / unit_width) if unit_width else size
    size = max(size, least)
    if box.height < size * LEADING or room < 2 * least:
        return
    small = max(least, size * 0.8)
    is_both = bool(value) and text_width(value, small) <= room and box.height >= (size + small) * LEADING + 2
    text_height = size * LEADING + (small * LEADING if is_both else 0.0)
    top, middle = box.y + (box.height - text_height) / 2, box.x + box.width / 2
    label = fit_line(name, size, room, bold=True)
    if label != name and len(label) < _LEAST_LETTERS:
        return
    sheet.text(middle, top, label, size=size, bold=True, colour=_WHITE, anchor="middle")
    if is_both:
        sheet.text(middle, top + size * LEADING, value, size=small, colour=_WHITE, anchor="middle")


def _draw_matrix(part: HeatPart, sheet: Canvas, box: Box) -> None:
    count, numbers = len(part.names), sheet.numbers
    small = max(LEAST_SIZE, sheet.size * 0.75)
    longest = max(text_width(single_line(name), small) for name in part.names)
    left = min(longest + 10, box.width * 0.3)
    head = small * LEADING + 4
    cell_width, cell_height = (box.width - left) / count, (box.height - head) / count
    if min(cell_width, cell_height) < _LEAST_SIDE:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], max_lines=1, colour=sheet.style.muted)
        return
    cell_width = min(cell_width, cell_height * 2.2)
    size = min(sheet.size, cell_height * 0.5, cell_width * 0.3)
    for i, row in enumerate(part.matrix):
        y = box.y + head + i * cell_height
        name = fit_line(part.names[i], small, left - 8)
        sheet.text(
            box.x + left - 8,
            y + cell_height / 2 - small * LEADING / 2,
            name,
            size=small,
            colour=sheet.style.muted,
            anchor="end",
        )
        top = fit_line(part.names[i], small, cell_width - 4)
        sheet.text(
            box.x + left + (i + 0.5) * cell_width,
            box.y,
            top,
            size=small,
            colour=sheet.style.muted,
            anchor="middle",
        )
        for j, value in enumerate(row):
            cell_box = Box(box.x + left + j * cell_width, y, cell_width - _EDGE, cell_height - _EDGE)
            sheet.rect(
                cell_box, SHADES[shade_of(value, CORRELATION_CUTS)] if value is not None else "#eef0f3"
            )
            if value is not None and size >= 9:
                text = numbers.number(value, 2)
                middle = cell_box.y + cell_box.height / 2 - size * LEADING / 2
                sheet.text(
                    cell_box.x + cell_box.width / 2, middle, text, size=size, colour=_WHITE, anchor="middle"
                )


def _draw_key(part: HeatPart, sheet: Canvas, box: Box, small: float) -> None:
    """Draw the shades with the values at which they change."""
    numbers = sheet.numbers
    cuts = CORRELATION_CUTS if part.matrix else DAY_CUTS
    bounds = [-cut for cut in reversed(cuts)] + list(cuts)
    texts = [_bound_text(bound, numbers, is_share=not part.matrix) for bound in bounds]
    step_width = max(text_width(text, small) for text in texts) + 10
    if step_width * len(SHADES) > box.width:
        return
    key_height = small * 0.55
    for index, colour in enumerate(SHADES.values()):
        sheet.rect(Box(box.x + index * step_width, box.y, step_width, key_height), colour)
    for index, text in enumerate(texts, 1):
        sheet.text(
            box.x + index * step_width,
            box.y + key_height - 1,
            text,
            size=small * 0.95,
            colour=sheet.style.muted,
            anchor="middle",
        )


def _bound_text(value: float, numbers: NumberFormatter, *, is_share: bool) -> str:
    if not is_share:
        return numbers.number(value, 1, sign=True)
    return numbers.percent(value, 0 if abs(value) >= 0.01 else 1, sign=True)


__all__ = ["SHADES", "draw_heatmap", "wanted_height"]
