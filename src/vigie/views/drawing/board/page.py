"""A board as one picture: head, parts in rows, and at its foot the note, the sources, the time and the zone.

The foot is never left out. Where words are too many for their place they become smaller, then are cut; a board in
a column is as tall as its parts need.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
from vigie.views.drawing.board import chart, cloud, heat, quote, table
from vigie.views.drawing.board.letters import fitted, width, wrapped
from vigie.views.drawing.board.phrases import PHRASES, credits_text
from vigie.views.drawing.board.sheet import FONTS, LEADING, LEAST_SIZE, WARNING, Box, Sheet
from vigie.views.drawing.frame import clean, number
from vigie.views.drawing.raster import png


@dataclass(frozen=True, slots=True)
class Format:
    """Size of a picture, its margin and gaps, and the sizes of its text and title; a height of 0 is as needed."""

    width: float
    height: float
    margin: float
    gap: float
    text: float
    title: float


_FORMATS: Final[dict[Shape, Format]] = {
    "wide": Format(1600, 900, 56, 44, 21, 44),
    "square": Format(1200, 1200, 56, 40, 22, 44),
    "column": Format(640, 0, 28, 34, 17, 30),
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
class Drawn:
    """A board drawn in a format: its size, and everything in it as SVG."""

    width: float
    height: float
    content: str


def drawn(board: Board, form: Format | None = None, *, is_credited: bool = True) -> Drawn:
    """Return what stands in a board's picture, in the format of its shape where none is given.

    Without `is_credited` whoever shows it writes the sources beside it.
    """
    form = form or _FORMATS[board.shape]
    sheet = Sheet(board.language, board.zone, form.text, board.style)
    height = form.height or _column_height(board, form, is_credited=is_credited)
    sheet.rect(Box(0, 0, form.width, height), board.style.ground)
    page = Box(form.margin, form.margin * 0.8, form.width - 2 * form.margin, height - 1.5 * form.margin)
    taken = _head(board, sheet, page, form)
    foot = _foot_lines(board, form, page.width, height, is_credited=is_credited)
    _write_foot(foot, sheet, Box(page.x, page.bottom - _tall(foot), page.width, _tall(foot)))
    middle = Box(page.x, page.y + taken, page.width, page.height - taken - _tall(foot) - form.gap * 0.5)
    _parts(board, sheet, middle, form)
    return Drawn(form.width, height, "".join(sheet.drawn))


def svg(board: Board, *, style: str = "", family: str = "") -> str:
    """Return a board as SVG: nothing in it is loaded from elsewhere, nothing in it runs.

    Parameters
    ----------
    style, family : str
        A style sheet for it that brings a font, and that font's name.
    """
    made = drawn(board)
    # Two pictures on one page must not name each other's words.
    name = f"board-{fingerprint(made.content, board.title)}"
    size = f'width="{number(made.width)}" height="{number(made.height)}"'
    box = f'viewBox="0 0 {number(made.width)} {number(made.height)}"'
    fonts = fonts_of(board, family)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img" lang="{board.language}" '
        f'aria-labelledby="{name}-t {name}-d" font-family="{fonts}"><title id="{name}-t">{clean(board.title)}</title>'
        f'<desc id="{name}-d">{clean(alt_text(board))}</desc>{f"<style>{style}</style>" if style else ""}'
        f"{made.content}</svg>"
    )


def fonts_of(board: Board, family: str = "") -> str:
    """Return the fonts of a board, the one that travels with it first."""
    own = FONTS[board.style.font]
    return f"'{family}', {own}" if family else own


def fingerprint(*texts: str) -> str:
    """Return ten letters that are the same for the same texts."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:10]


def picture(board: Board, *, zoom: float = 2.0) -> bytes:
    """Return a board as PNG, `zoom` pixels for each unit of its shape."""
    return png(svg(board), zoom=zoom)


def _head(board: Board, sheet: Sheet, page: Box, form: Format) -> float:
    """Write title and subtitle, and that data are simulated; return the height taken."""
    taken = _masthead(board.style, sheet, page, form)
    if board.simulated:
        taken += _warning(PHRASES[board.language]["simulated"], sheet, page.below(taken), form)
    most = 4 if board.shape == "column" else 2
    size = _title_size(board.title, page.width, most, form)
    taken += sheet.lines(page.below(taken), board.title, most=most, size=size, bold=True)
    if board.subtitle.strip():
        size = form.text * 1.1
        below = page.below(taken + form.text * 0.2)
        taken += form.text * 0.2 + sheet.lines(
            below, board.subtitle, most=most, size=size, colour=board.style.muted
        )
    return taken + form.gap * 0.5


def _masthead(style: HouseStyle, sheet: Sheet, page: Box, form: Format) -> float:
    """Draw who publishes the board: logo, then name; return the height taken."""
    if not style.logo and not style.name:
        return 0.0
    size, x = form.text * 0.95, page.x
    high = size * LEADING
    if style.logo:
        high = form.text * _LOGO
        wide = min(high * style.logo_width / style.logo_height, page.width * _MOST_LOGO)
        sheet.picture(Box(x, page.y, wide, high), style.logo)
        x += wide + form.text * 0.6
    name = fitted(style.name, size, page.right - x, bold=True)
    sheet.text(x, page.y + (high - size * LEADING) / 2, name, size=size, bold=True, colour=style.muted)
    return high + form.text * 0.5


def _title_size(title: str, room: float, most: int, form: Format) -> float:
    """Return the largest size in which a title has room; one that has none in any size is cut."""
    for share in (1.0, 0.85, 0.72):
        size = form.title * share
        if len(wrapped(title, size, room, most=most + 1, bold=True)) <= most:
            break
    return size


def _warning(words: str, sheet: Sheet, page: Box, form: Format) -> float:
    size = form.text * 0.85
    high = size * LEADING + 8
    wide = min(width(words, size, bold=True) + 20, page.width)
    sheet.rect(Box(page.x, page.y, wide, high), "#fff4e5", edge=WARNING, radius=4)
    sheet.text(page.x + 10, page.y + 4, words, size=size, bold=True, colour=WARNING)
    return high + size * 0.5


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    size: float
    colour: str


def _foot_lines(board: Board, form: Format, room: float, height: float, *, is_credited: bool) -> list[_Said]:
    """Return the note and the sources in lines; smaller where they are long, so that no source is lost."""
    most = 40 if board.shape == "column" else max(3, int(height * 0.16 / (form.text * LEADING)))
    note_most = 8 if board.shape == "column" else 3
    for share in _SIZES:
        size = max(LEAST_SIZE, form.text * 0.85 * share)
        notes = wrapped(board.note, size, room, most=note_most)
        said = credits_text(board) if is_credited else ""
        sources = wrapped(said, size * 0.95, room, most=most)
        is_whole = not any(lines and lines[-1].endswith("\u2026") for lines in (sources,))
        if is_whole and (len(notes) + len(sources)) * size <= most * form.text * 0.85:
            break
    return [_Said(line, size, board.style.ink) for line in notes] + [
        _Said(line, size * 0.95, board.style.muted) for line in sources
    ]


def _tall(lines: Sequence[_Said]) -> float:
    return sum(line.size * LEADING for line in lines) + 12 if lines else 0.0


def _write_foot(lines: Sequence[_Said], sheet: Sheet, box: Box) -> None:
    if lines:
        sheet.across(box.x, box.right, box.y, sheet.style.axis)
    y = box.y + 10
    for line in lines:
        sheet.text(box.x, y, line.text, size=line.size, colour=line.colour)
        y += line.size * LEADING


def _rows(parts: Sequence[BoardPart], shape: Shape) -> tuple[int, ...]:
    """Return how many parts stand in each row."""
    if shape == "column":
        return (1,) * len(parts)
    has_flat_end = len(parts) in (2, 3, 4) and isinstance(parts[-1], TablePart | QuotePart)
    if (
        has_flat_end
        and shape == "wide"
        and not any(isinstance(one, TablePart | QuotePart) for one in parts[:-1])
    ):
        # A lone table under charts, as wide as they are together.
        return (1, 1) if len(parts) == 1 else (len(parts) - 1, 1)
    return (_WIDE if shape == "wide" else _SQUARE)[len(parts)]


def _parts(board: Board, sheet: Sheet, box: Box, form: Format) -> None:
    parts = board.parts[:MOST_PARTS]
    if not parts:
        return
    rows, at = _rows(parts, board.shape), 0
    groups: list[Sequence[BoardPart]] = []
    for count in rows:
        groups.append(parts[at : at + count])
        at += count
    free = box.height - form.gap * (len(groups) - 1)
    y = box.y
    for group, high in zip(groups, _heights(groups, sheet, box.width, free, form), strict=True):
        wide = (box.width - form.gap * (len(group) - 1)) / len(group)
        for place, part in enumerate(group):
            _part(part, sheet, Box(box.x + place * (wide + form.gap), y, wide, high), form)
        y += high + form.gap


def _heights(
    groups: Sequence[Sequence[BoardPart]], sheet: Sheet, room: float, free: float, form: Format
) -> list[float]:
    """Return the rows' heights: what tables and quotations need, the rest for charts by what they want."""
    wanted, fixed = [], []
    for group in groups:
        wide = (room - form.gap * (len(group) - 1)) / len(group)
        wanted.append(max(_want(part, sheet, wide, form) for part in group))
        fixed.append(all(isinstance(part, TablePart | QuotePart) for part in group))
    if sum(wanted) > 0 and sum(wanted) <= free and all(fixed):
        return wanted
    kept = sum(high for high, is_fixed in zip(wanted, fixed, strict=True) if is_fixed)
    loose = sum(high for high, is_fixed in zip(wanted, fixed, strict=True) if not is_fixed)
    if loose and kept <= free * 0.55:
        return [
            high if is_fixed else (free - kept) * high / loose
            for high, is_fixed in zip(wanted, fixed, strict=True)
        ]
    # Nobody gets less than half of an even share.
    least = free / len(groups) / 2
    over = max(sum(wanted), 1e-9)
    return [least + high / over * (free - least * len(groups)) for high in wanted]


def _title_lines(part: BoardPart, form: Format, wide: float) -> int:
    return len(wrapped(part.title, form.text * 1.1, wide, most=2, bold=True))


def _want(part: BoardPart, sheet: Sheet, wide: float, form: Format) -> float:
    title = _title_lines(part, form, wide) * form.text * 1.1 * LEADING + form.text * 0.5
    match part:
        case ChartPart():
            return title + chart.want(part, wide, sheet)
        case TablePart():
            return title + table.want(part, wide, sheet)
        case WordsPart():
            return title + cloud.want(part, wide, sheet)
        case HeatPart():
            return title + heat.want(part, wide, sheet)
        case QuotePart():
            return title + quote.want(part, wide, sheet)


def _part(part: BoardPart, sheet: Sheet, box: Box, form: Format) -> None:
    taken = sheet.lines(box, part.title, most=2, size=form.text * 1.1, bold=True)
    inside = box.below(taken + (form.text * 0.5 if taken else 0.0))
    match part:
        case ChartPart():
            chart.draw(part, sheet, inside)
        case TablePart():
            table.draw(part, sheet, inside)
        case WordsPart():
            cloud.draw(part, sheet, inside)
        case HeatPart():
            heat.draw(part, sheet, inside)
        case QuotePart():
            quote.draw(part, sheet, inside)


def _column_height(board: Board, form: Format, *, is_credited: bool) -> float:
    """Return how tall a column is with all its parts."""
    sheet = Sheet(board.language, board.zone, form.text, board.style)
    room = form.width - 2 * form.margin
    head = _head(board, sheet, Box(0, 0, room, _TALLEST), form)
    parts = board.parts[:MOST_PARTS]
    wanted = sum(_want(part, sheet, room, form) + 4 for part in parts) + form.gap * max(0, len(parts) - 1)
    foot = _tall(_foot_lines(board, form, room, _TALLEST, is_credited=is_credited))
    return min(_TALLEST, head + wanted + foot + form.gap * 0.5 + 1.5 * form.margin)


__all__ = ["Drawn", "Format", "drawn", "fingerprint", "fonts_of", "picture", "svg"]
