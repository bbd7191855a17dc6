"""A treemap: areas as rectangles, changes as shades, names and numbers where they fit, links for the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.drawing.frame import HEAT, Frame, Role, escape_text, short_number, wrap_chart
from vigie.intelligence.market.treemap import TreemapCell, squarify

SHADES: Final = tuple(HEAT)
# What stays free at each side of a name.
_MARGIN: Final = 3.0
# Changes of a day: from which on a rise or fall is shaded one, two, three steps.
DAY_CUTS: Final = (0.005, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class TreemapTile:
    """What stands in a rectangle.

    Attributes
    ----------
    key : str
        ``bitcoin``.
    weight : float
        Its area.
    label : str
        ``BTC``.
    value : str
        ``+1.2%``, with its sign: a shade alone says nothing.
    shade : str
        One of `SHADES`, as from `shade_of`; ``none`` where no change is known.
    name : str
        In full, for readers: ``Bitcoin``.
    href : str
        Where it leads; empty for nowhere. Only the page's own paths.
    note : str
        Why it has no shade, in full, for readers; empty where it has one. The page's legend says it to the eye.
    """

    key: str
    weight: float
    label: str
    value: str
    shade: str
    name: str
    href: str = ""
    note: str = ""


def shade_of(change: float, cuts: Sequence[float] = DAY_CUTS) -> str:
    """Return the shade of a change; unknown is flat."""
    steps = sum(abs(change) >= cut for cut in cuts)
    return "flat" if steps == 0 else f"{'up' if change > 0 else 'down'}-{steps}"


def treemap_chart(
    tiles: Sequence[TreemapTile],
    *,
    frame: Frame,
    others_text: str,
    width: int = 960,
    height: int = 480,
    least_area: float = 900.0,
) -> str:
    """Return a treemap as SVG; it keeps its proportions, so a page asks for one of each shape it needs.

    Parameters
    ----------
    tiles : sequence of TreemapTile
        Keys different; those without weight are left out.
    frame : Frame
        Title, language and whether it is an export.
    others_text : str
        What the rectangle of all small ones is called, with ``{count}``.
    width, height : int
        Of the drawing in a page; an export has the size of its frame.
    least_area : float
        Smaller rectangles are put together.
    """
    left, top = (28.0, 84.0) if frame.standalone else (0.0, 0.0)
    plot_width, plot_height = (
        (frame.width - 56.0, frame.height - 140.0) if frame.standalone else (float(width), float(height))
    )
    cells = squarify(
        [(t.key, t.weight) for t in tiles], width=plot_width, height=plot_height, least_area=least_area
    )
    by_key = {tile.key: tile for tile in tiles}
    parts = []
    for cell in cells:
        moved = replace(cell, x=cell.x + left, y=cell.y + top)
        count = len(cell.members)
        name = others_text.format(count=count)
        tile = by_key[cell.key] if count == 1 else TreemapTile("", cell.weight, f"+{count}", "", "flat", name)
        parts.append(_cell_element(frame, moved, tile))
    # Links in an image would be hidden from readers; in a group they are not.
    role: Role = "group" if any(tile.href for tile in tiles) else "img"
    return wrap_chart(frame, "".join(parts), root="plot treemap", box=f"0 0 {width} {height}", role=role)


def _cell_element(frame: Frame, cell: TreemapCell, tile: TreemapTile) -> str:
    x, y, width, height = (short_number(one) for one in (cell.x, cell.y, cell.width, cell.height))
    place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    edge = ' stroke="#ffffff" stroke-opacity="0.35"' if frame.standalone else ""
    content = f"<rect {frame.style_attributes(f'heat-{tile.shade}')}{edge} {place}/>{_text_elements(frame, cell, tile)}"
    # What is written comes first: whoever speaks to the page says what is seen.
    said = " ".join(dict.fromkeys(part for part in (tile.label, tile.value, tile.name) if part))
    description = f"{said}, {tile.note}" if tile.note else said
    if frame.standalone:
        return content
    if tile.href:
        return f'<a href="{escape_text(tile.href)}" aria-label="{escape_text(description)}">{content}</a>'
    return f"<g><title>{escape_text(description)}</title>{content}</g>"


def _text_elements(frame: Frame, cell: TreemapCell, tile: TreemapTile) -> str:
    """Return label and value, as large as they fit; a label that does not fit is left to the reader's words."""
    longest = max(len(tile.label), 3)
    room = cell.width - 2 * _MARGIN
    size = min(26.0, room / (longest * 0.85), cell.height / 2.2)
    if size < 8 or not tile.label:
        return ""
    x, y = short_number(cell.x + cell.width / 2), cell.y + cell.height / 2
    fill = ' fill="#ffffff" font-weight="600"' if frame.standalone else ""
    small = size * 0.7
    is_both = bool(tile.value) and small >= 7 and len(tile.value) * small * 0.68 < room
    first = y + (0 if is_both else size * 0.35)
    looks = f'text-anchor="middle"{fill}'
    where = f'x="{x}" y="{short_number(first)}" font-size="{short_number(size)}"'
    parts = f"<text {where} {looks}>{escape_text(tile.label)}</text>"
    if is_both:
        parts += (
            f'<text x="{x}" y="{short_number(y + small * 1.2)}" font-size="{short_number(small)}" {looks}>'
            f"{escape_text(tile.value)}</text>"
        )
    return parts
