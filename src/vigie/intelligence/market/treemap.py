"""Areas as rectangles that are as square as can be, in a stable order; what is too small is put together.

Takes weights; gives rectangles that fill the frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from vigie.domain.errors import UsageError

OTHERS: Final = "others"


@dataclass(frozen=True, slots=True)
class TreemapCell:
    """One rectangle.

    Attributes
    ----------
    key : str
        As given, or `OTHERS`.
    weight : float
        Of the cell; for others, of all its members.
    x, y, width, height : float
        In the units of the frame, from its upper left corner.
    members : tuple of str
        Keys put together in others, largest first; else the key itself.
    """

    key: str
    weight: float
    x: float
    y: float
    width: float
    height: float
    members: tuple[str, ...]


def squarify(
    weights: Sequence[tuple[str, float]], *, width: float, height: float, least_area: float = 0.0
) -> tuple[TreemapCell, ...]:
    """Return a squarified treemap.

    Parameters
    ----------
    weights : sequence of (str, float)
        Keys, different, and weights; those not above 0 or not known are left out.
    width, height : float
        Of the frame, > 0.
    least_area : float
        Cells below this area are put together in others, which stands last; so are as many of the next
        larger ones as others needs to reach that area itself.

    Returns
    -------
    tuple of TreemapCell
        Largest first, equal weights by key; areas are proportional to weights and fill the frame.

    References
    ----------
    Bruls, Huizing, van Wijk (2000), Squarified treemaps.
    """
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise UsageError(f"frame must have a size above 0, was {width} x {height}")
    positive = sorted(
        ((k, float(w)) for k, w in weights if 0 < w < math.inf), key=lambda pair: (-pair[1], pair[0])
    )
    if len({key for key, _ in positive}) != len(positive):
        raise UsageError("keys of a treemap must be different")
    if not positive:
        return ()
    entries = _group_small(positive, least_area / (width * height))
    total = sum(weight for _, weight, _ in entries)
    areas = [weight / total * width * height for _, weight, _ in entries]
    boxes = _boxes(areas, width, height)
    return tuple(
        TreemapCell(key, weight, *box, members)
        for (key, weight, members), box in zip(entries, boxes, strict=True)
    )


Entry = tuple[str, float, tuple[str, ...]]
Box = tuple[float, float, float, float]


def _group_small(positive: Sequence[tuple[str, float]], least_share: float) -> list[Entry]:
    total = sum(weight for _, weight in positive)
    large = sum(weight / total >= least_share for _, weight in positive)
    alone: list[Entry] = [(key, weight, (key,)) for key, weight in positive]
    if large == len(positive) or large == 0:
        return alone
    # One small cell alone would only lose its name.
    large = min(large, len(positive) - 2)
    while large > 0 and sum(weight for _, weight in positive[large:]) / total < least_share:
        large -= 1
    rest = positive[max(large, 0) :]
    others: Entry = (OTHERS, sum(weight for _, weight in rest), tuple(key for key, _ in rest))
    return [*alone[: max(large, 0)], others]


def _boxes(areas: Sequence[float], width: float, height: float) -> list[Box]:
    boxes: list[Box] = []
    # Sums from the small end: what is left is never the difference of two large numbers.
    left = [*reversed(list(accumulate(reversed(areas)))), 0.0]
    x, y, free_width, free_height = 0.0, 0.0, width, height
    at = 0
    while at < len(areas):
        side = min(free_width, free_height)
        stop = at + 1
        while stop < len(areas) and _worst_ratio(areas[at : stop + 1], side) <= _worst_ratio(
            areas[at:stop], side
        ):
            stop += 1
        rest = left[stop] / left[at]
        taken = sum(areas[at:stop]) / left[at] if rest else 1.0
        if free_width >= free_height:
            boxes += _row_boxes(areas[at:stop], (x, y, free_width, free_height), taken * free_width)
            x, free_width = x + taken * free_width, rest * free_width
        else:
            boxes += _row_boxes(areas[at:stop], (x, y, free_width, free_height), taken * free_height)
            y, free_height = y + taken * free_height, rest * free_height
        at = stop
    return boxes


def _row_boxes(row: Sequence[float], frame: Box, depth: float) -> list[Box]:
    """Return the boxes of one row along the shorter side; the last one ends where the room ends."""
    x, y, width, height = frame
    total, done = sum(row), 0.0
    boxes: list[Box] = []
    for k, area in enumerate(row):
        begin, end = done / total, (done + area) / total if k < len(row) - 1 else 1.0
        done += area
        if width >= height:
            boxes.append((x, y + begin * height, depth, (end - begin) * height))
        else:
            boxes.append((x + begin * width, y, (end - begin) * width, depth))
    return boxes


def _worst_ratio(row: Sequence[float], side: float) -> float:
    """Return the worst ratio of sides in a row along a side."""
    total = sum(row)
    if total <= 0:
        return math.inf
    square = side * side
    return max(square * max(row) / (total * total), total * total / (square * min(row)))
