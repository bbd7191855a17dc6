"""A board as one picture: head, parts in rows, and at its foot the note, the sources, the time and the zone.

The foot is never left out. Where words are too many for their place they become smaller, then are cut; a board in
a column is as tall as its parts need.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.drawing.frame import escape_text, short_number
from vigie.drawing.raster import render_png
from vigie.drawing.text_metrics import fit_line, text_width, wrap_lines
from vigie.services.studio.alt_text import alt_text
from vigie.services.studio.board import (
    MOST_PARTS,
    Board,
    BoardPart,
    ChartPart,
    HeatPart,
    QuotePart,
    Shape,
    TablePart,
    WordsPart,
)
from vigie.services.studio.style import HouseStyle
from vigie.views.boards import chart, cloud, heat, quote, table
from vigie.views.boards.canvas import FONTS, LEADING, LEAST_SIZE, WARNING, Box, Canvas
from vigie.views.boards.phrases import PHRASES, credits_text


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """Size of a picture, its margin and gaps, and the sizes of its text and title; a height of 0 is as needed."""

    width: float
    height: float
    margin: float
    gap: float
    text: float
    title: float


_FORMATS: Final[dict[Shape, PictureFormat]] = {
    "wide": PictureFormat(1600, 900, 56, 44, 21, 44),
    "square": PictureFormat(1200, 1200, 56, 40, 22, 44),
    "column": PictureFormat(640, 0, 28, 34, 17, 30),
}
# Parts in rows, by how many there are.
_WIDE: Final = {1: (1,), 2: (2,), 3: (3,), 4: (2, 2), 5: (3, 2), 6: (3, 3)}
_SQUARE: Final = {1: (1,), 2: (1, 1), 3: (1, 2), 4: (2, 2), 5: (1, 2, 2), 6: (2, 2, 2)}
# Of ordinary text: how tall a logo is; of the page: how wide at most.
_LOGO: Final = 1.9
_MOST_LOGO: Final = 0.4
_TALLEST: Final = 3_900.0
_SIZES: Final = (1.0, 0.9, 0.8, 0.7, 0.6)


@dataclass(frozen=True, slots=True)
class RenderedBoard:
    """A board drawn in a format: its size, and everything in it as SVG."""

    width: float
    height: float
    content: str


def render_board(
    board: Board, form: PictureFormat | None = None, *, is_credited: bool = True
) -> RenderedBoard:
    """Return what stands in a board's picture, in the format of its shape where none is given.

    Without `is_credited` whoever shows it writes the sources beside it.
    """
    form = form or _FORMATS[board.shape]
    sheet = Canvas(board.language, board.zone, form.text, board.style)
    height = form.height or _column_height(board, form, is_credited=is_credited)
    sheet.rect(Box(0, 0, form.width, height), board.style.ground)
    page = Box(form.margin, form.margin * 0.8, form.width - 2 * form.margin, height - 1.5 * form.margin)
    head_height = _draw_head(board, sheet, page, form)
    foot = _foot_lines(board, form, page.width, height, is_credited=is_credited)
    _write_foot(foot, sheet, Box(page.x, page.bottom - _foot_height(foot), page.width, _foot_height(foot)))
    middle = Box(
        page.x,
        page.y + head_height,
        page.width,
        page.height - head_height - _foot_height(foot) - form.gap * 0.5,
    )
    _draw_parts(board, sheet, middle, form)
    return RenderedBoard(form.width, height, "".join(sheet.elements))


def board_svg(board: Board, *, style: str = "", family: str = "") -> str:
    """Return a board as SVG: nothing in it is loaded from elsewhere, nothing in it runs.

    Parameters
    ----------
    style, family : str
        A style sheet for it that brings a font, and that font's name.
    """
    rendered = render_board(board)
    # Two pictures on one page must not name each other's words.
    name = f"board-{fingerprint(rendered.content, board.title)}"
    size = f'width="{short_number(rendered.width)}" height="{short_number(rendered.height)}"'
    box = f'viewBox="0 0 {short_number(rendered.width)} {short_number(rendered.height)}"'
    fonts = font_families(board, family)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img" lang="{board.language}" '
        f'aria-labelledby="{name}-t {name}-d" font-family="{fonts}"><title '
        f'id="{name}-t">{escape_text(board.title)}</title>'
        f'<desc id="{name}-d">{escape_text(alt_text(board))}</desc>{f"<style>{style}</style>" if style else ""}'
        f"{rendered.content}</svg>"
    )


def font_families(board: Board, family: str = "") -> str:
    """Return the fonts of a board, the one that travels with it first."""
    own = FONTS[board.style.font]
    return f"'{family}', {own}" if family else own


def fingerprint(*texts: str) -> str:
    """Return ten letters that are the same for the same texts."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:10]


def board_png(board: Board, *, zoom: float = 2.0) -> bytes:
    """Return a board as PNG, `zoom` pixels for each unit of its shape."""
    return render_png(board_svg(board), zoom=zoom)


def _draw_head(board: Board, sheet: Canvas, page: Box, form: PictureFormat) -> float:
    """Write title and subtitle, and that data are simulated; return the height taken."""
    used = _draw_masthead(board.style, sheet, page, form)
    if board.simulated:
        used += _draw_warning(PHRASES[board.language]["simulated"], sheet, page.below(used), form)
    most = 4 if board.shape == "column" else 2
    size = _title_size(board.title, page.width, most, form)
    used += sheet.lines(page.below(used), board.title, max_lines=most, size=size, bold=True)
    if board.subtitle.strip():
        size = form.text * 1.1
        below = page.below(used + form.text * 0.2)
        used += form.text * 0.2 + sheet.lines(
            below, board.subtitle, max_lines=most, size=size, colour=board.style.muted
        )
    return used + form.gap * 0.5


def _draw_masthead(style: HouseStyle, sheet: Canvas, page: Box, form: PictureFormat) -> float:
    """Draw who publishes the board: logo, then name; return the height taken."""
    if not style.logo and not style.name:
        return 0.0
    size, x = form.text * 0.95, page.x
    height = size * LEADING
    if style.logo:
        height = form.text * _LOGO
        logo_width = min(height * style.logo_width / style.logo_height, page.width * _MOST_LOGO)
        sheet.picture(Box(x, page.y, logo_width, height), style.logo)
        x += logo_width + form.text * 0.6
    name = fit_line(style.name, size, page.right - x, bold=True)
    sheet.text(x, page.y + (height - size * LEADING) / 2, name, size=size, bold=True, colour=style.muted)
    return height + form.text * 0.5


def _title_size(title: str, room: float, most: int, form: PictureFormat) -> float:
    """Return the largest size in which a title has room; one that has none in any size is cut."""
    for share in (1.0, 0.85, 0.72):
        size = form.title * share
        if len(wrap_lines(title, size, room, max_lines=most + 1, bold=True)) <= most:
            break
    return size


def _draw_warning(words: str, sheet: Canvas, page: Box, form: PictureFormat) -> float:
    size = form.text * 0.85
    height = size * LEADING + 8
    label_width = min(text_width(words, size, bold=True) + 20, page.width)
    sheet.rect(Box(page.x, page.y, label_width, height), "#fff4e5", edge=WARNING, radius=4)
    sheet.text(page.x + 10, page.y + 4, words, size=size, bold=True, colour=WARNING)
    return height + size * 0.5


@dataclass(frozen=True, slots=True)
class _FootLine:
    text: str
    size: float
    colour: str


def _foot_lines(
    board: Board, form: PictureFormat, room: float, height: float, *, is_credited: bool
) -> list[_FootLine]:
    """Return the note and the sources in lines; smaller where they are long, so that no source is lost."""
    most = 40 if board.shape == "column" else max(3, int(height * 0.16 / (form.text * LEADING)))
    note_most = 8 if board.shape == "column" else 3
    for share in _SIZES:
        size = max(LEAST_SIZE, form.text * 0.85 * share)
        notes = wrap_lines(board.note, size, room, max_lines=note_most)
        credit_line = credits_text(board) if is_credited else ""
        sources = wrap_lines(credit_line, size * 0.95, room, max_lines=most)
        is_whole = not any(lines and lines[-1].endswith("\u2026") for lines in (sources,))
        if is_whole and (len(notes) + len(sources)) * size <= most * form.text * 0.85:
            break
    return [_FootLine(line, size, board.style.ink) for line in notes] + [
        _FootLine(line, size * 0.95, board.style.muted) for line in sources
    ]


def _foot_height(lines: Sequence[_FootLine]) -> float:
    return sum(line.size * LEADING for line in lines) + 12 if lines else 0.0


def _write_foot(lines: Sequence[_FootLine], sheet: Canvas, box: Box) -> None:
    if lines:
        sheet.horizontal_line(box.x, box.right, box.y, sheet.style.axis)
    y = box.y + 10
    for line in lines:
        sheet.text(box.x, y, line.text, size=line.size, colour=line.colour)
        y += line.size * LEADING


def _parts_per_row(parts: Sequence[BoardPart], shape: Shape) -> tuple[int, ...]:
    """Return how many parts stand in each row."""
    if shape == "column":
        return (1,) * len(parts)
    has_flat_end = len(parts) in (2, 3, 4) and isinstance(parts[-1], TablePart | QuotePart)
    if (
        has_flat_end
        and shape == "wide"
        and not any(isinstance(part, TablePart | QuotePart) for part in parts[:-1])
    ):
        # A lone table under charts, as wide as they are together.
        return (1, 1) if len(parts) == 1 else (len(parts) - 1, 1)
    return (_WIDE if shape == "wide" else _SQUARE)[len(parts)]


def _draw_parts(board: Board, sheet: Canvas, box: Box, form: PictureFormat) -> None:
    parts = board.parts[:MOST_PARTS]
    if not parts:
        return
    rows, start = _parts_per_row(parts, board.shape), 0
    groups: list[Sequence[BoardPart]] = []
    for count in rows:
        groups.append(parts[start : start + count])
        start += count
    free = box.height - form.gap * (len(groups) - 1)
    y = box.y
    for group, row_height in zip(groups, _row_heights(groups, sheet, box.width, free, form), strict=True):
        part_width = (box.width - form.gap * (len(group) - 1)) / len(group)
        for column, part in enumerate(group):
            _draw_part(
                part, sheet, Box(box.x + column * (part_width + form.gap), y, part_width, row_height), form
            )
        y += row_height + form.gap


def _row_heights(
    groups: Sequence[Sequence[BoardPart]], sheet: Canvas, room: float, free: float, form: PictureFormat
) -> list[float]:
    """Return the rows' heights: what tables and quotations need, the rest for charts by what they want."""
    wanted_heights, fixed = [], []
    for group in groups:
        part_width = (room - form.gap * (len(group) - 1)) / len(group)
        wanted_heights.append(max(_wanted_height(part, sheet, part_width, form) for part in group))
        fixed.append(all(isinstance(part, TablePart | QuotePart) for part in group))
    if sum(wanted_heights) > 0 and sum(wanted_heights) <= free and all(fixed):
        return wanted_heights
    fixed_height = sum(height for height, is_fixed in zip(wanted_heights, fixed, strict=True) if is_fixed)
    free_wanted = sum(height for height, is_fixed in zip(wanted_heights, fixed, strict=True) if not is_fixed)
    if free_wanted and fixed_height <= free * 0.55:
        return [
            height if is_fixed else (free - fixed_height) * height / free_wanted
            for height, is_fixed in zip(wanted_heights, fixed, strict=True)
        ]
    # Nobody gets less than half of an even share.
    least = free / len(groups) / 2
    over = max(sum(wanted_heights), 1e-9)
    return [least + height / over * (free - least * len(groups)) for height in wanted_heights]


def _title_lines(part: BoardPart, form: PictureFormat, part_width: float) -> int:
    return len(wrap_lines(part.title, form.text * 1.1, part_width, max_lines=2, bold=True))


def _wanted_height(part: BoardPart, sheet: Canvas, part_width: float, form: PictureFormat) -> float:
    title = _title_lines(part, form, part_width) * form.text * 1.1 * LEADING + form.text * 0.5
    match part:
        case ChartPart():
            return title + chart.wanted_height(part, part_width, sheet)
        case TablePart():
            return title + table.wanted_height(part, part_width, sheet)
        case WordsPart():
            return title + cloud.wanted_height(part, part_width, sheet)
        case HeatPart():
            return title + heat.wanted_height(part, part_width, sheet)
        case QuotePart():
            return title + quote.wanted_height(part, part_width, sheet)


def _draw_part(part: BoardPart, sheet: Canvas, box: Box, form: PictureFormat) -> None:
    title_height = sheet.lines(box, part.title, max_lines=2, size=form.text * 1.1, bold=True)
    inside = box.below(title_height + (form.text * 0.5 if title_height else 0.0))
    match part:
        case ChartPart():
            chart.draw_chart(part, sheet, inside)
        case TablePart():
            table.draw_table(part, sheet, inside)
        case WordsPart():
            cloud.draw_cloud(part, sheet, inside)
        case HeatPart():
            heat.draw_heatmap(part, sheet, inside)
        case QuotePart():
            quote.draw_quote(part, sheet, inside)


def _column_height(board: Board, form: PictureFormat, *, is_credited: bool) -> float:
    """Return how tall a column is with all its parts."""
    sheet = Canvas(board.language, board.zone, form.text, board.style)
    room = form.width - 2 * form.margin
    head = _draw_head(board, sheet, Box(0, 0, room, _TALLEST), form)
    parts = board.parts[:MOST_PARTS]
    wanted = sum(_wanted_height(part, sheet, room, form) + 4 for part in parts) + form.gap * max(
        0, len(parts) - 1
    )
    foot = _foot_height(_foot_lines(board, form, room, _TALLEST, is_credited=is_credited))
    return min(_TALLEST, head + wanted + foot + form.gap * 0.5 + 1.5 * form.margin)


__all__ = [
    "PictureFormat",
    "RenderedBoard",
    "board_png",
    "board_svg",
    "fingerprint",
    "font_families",
    "render_board",
]
