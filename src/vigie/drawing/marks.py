"""Marks of moments at the foot of a chart: links that say what they stand for.

Those of one bar are one mark that counts them, and so are those that would lie over one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.domain.bar import IntArray
from vigie.drawing.frame import COLOURS, Frame, PlotArea, escape_text

# Of the plot's width: a mark and the room that a finger needs.
NEAR: Final = 0.03
# Of a page: a mark is as large on a phone, whose plot has some 290 pixels, as on a desk.
_NEAR_OF_PAGE: Final = 0.065
# Of the plot's height, from its top.
_FOOT: Final = 0.97
_RADIUS: Final = 7
# Where it counts ten and more.
_WIDE_RADIUS: Final = 9
# Of a dot in a file.
DOT: Final = 9
# More would not be read out to their end.
_TITLES: Final = 6


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A moment: epoch milliseconds, what it is, where it leads, and the language of what it is where that is known."""

    ts: int
    title: str
    href: str
    language: str = ""


def cluster_marks(
    marks: Sequence[ChartMark], start: int, end: int, near: float = NEAR
) -> list[list[ChartMark]]:
    """Return marks in groups; each mark lies nearer to the first of its group than marks can be told apart."""
    groups: list[list[ChartMark]] = []
    least = near * max(end - start, 1)
    for mark in sorted(marks, key=lambda item: item.ts):
        if groups and mark.ts - groups[-1][0].ts < least:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return groups


def place_at_bars(marks: Sequence[ChartMark], opens: IntArray, span_ms: int) -> list[ChartMark]:
    """Return marks in the middle of the bars in which they were known; those after the last bar stand at it.

    What is before the first bar is left out. Marks of one bar have one time then, and are drawn as one.
    """
    placed = [mark for mark in marks if len(opens) and mark.ts >= int(opens[0])]
    places = np.searchsorted(opens, [mark.ts for mark in placed], side="right") - 1
    return [
        replace(mark, ts=int(opens[index]) + span_ms // 2)
        for mark, index in zip(placed, places.tolist(), strict=True)
    ]


def marks_layer(
    marks: Sequence[ChartMark], area: PlotArea, start: int, end: int, *, frame: Frame, news_link: str
) -> str:
    """Return marks as links with their titles; a group leads to `news_link` and has its count. A file has no links.

    What lies before the plot is left out; what was known after its last bar stands at its right end.
    """
    if frame.standalone:
        colours = COLOURS[frame.theme]
        return mark_dots(marks, area, start, end, colour=colours["series-1"], ground=colours["ground"])
    parts = []
    # What was known after the end stands at it: there it is one, too.
    shown_marks = [replace(mark, ts=min(mark.ts, end)) for mark in marks if mark.ts >= start]
    for group in cluster_marks(shown_marks, start, end, _NEAR_OF_PAGE):
        x, y = _position(group, area, start, end)
        title = _group_title(group)
        languages = {mark.language for mark in group[:_TITLES]}
        # "mul" is the word for several languages.
        language = escape_text(languages.pop() if len(languages) == 1 else "mul")
        lang = f' lang="{language}"' if language else ""
        href = escape_text(group[0].href if len(group) == 1 else news_link)
        # The number that is drawn is part of the name.
        count_prefix = f"{len(group)}: " if len(group) > 1 else ""
        count = (
            f'<text x="{x}" y="{y}" dy="3" text-anchor="middle">{len(group)}</text>' if len(group) > 1 else ""
        )
        parts.append(
            f'<a href="{href}" class="news-mark"{lang} aria-label="{count_prefix}{title}"><title>{title}</title>'
            f'<circle cx="{x}" cy="{y}" r="{_RADIUS if len(group) < 10 else _WIDE_RADIUS}"/>{count}</a>'
        )
    return "".join(parts)


def mark_dots(
    marks: Sequence[ChartMark],
    area: PlotArea,
    start: int,
    end: int,
    *,
    colour: str,
    ground: str,
    near: float = NEAR,
) -> str:
    """Return marks as dots of a file with their titles; those nearer than `near` of the plot's width are one.

    `colour` is a dot's, `ground` that of its edge and of the number in it.
    """
    groups = cluster_marks(
        [replace(mark, ts=min(mark.ts, end)) for mark in marks if mark.ts >= start], start, end, near
    )
    return "".join(
        _dot_element((colour, ground), *_position(group, area, start, end), _group_title(group), len(group))
        for group in groups
    )


def _position(group: Sequence[ChartMark], area: PlotArea, start: int, end: int) -> tuple[str, str]:
    return area.x(min((group[0].ts - start) / max(end - start, 1), 1.0)), area.y(_FOOT)


def _group_title(group: Sequence[ChartMark]) -> str:
    """Return the titles of a group, clean."""
    titles = [mark.title for mark in group[:_TITLES]] + (["…"] if len(group) > _TITLES else [])
    return escape_text("\n".join(titles))


def _dot_element(colours: tuple[str, str], x: str, y: str, title: str, number: int) -> str:
    """Return a mark of a file, which has no styles of a page."""
    colour, ground = colours
    count = (
        f'<text x="{x}" y="{y}" dy="4" text-anchor="middle" font-size="11" font-weight="600" '
        f'fill="{ground}">{number}</text>'
        if number > 1
        else ""
    )
    dot = f'<circle cx="{x}" cy="{y}" r="{DOT}" fill="{colour}" stroke="{ground}"/>'
    return f"<g><title>{title}</title>{dot}{count}</g>"
