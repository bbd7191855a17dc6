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
class Cell:
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


def squarified(
    weights: Sequence[tuple[str, float]], *, width: float, height: float, least_area: float = 0.0
) -> tuple[Cell, ...]:
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
    tuple of Cell
        Largest first, equal weights by key; areas are proportional to weights and fill the frame.

    References
    ----------
    Bruls, Huizing, van Wijk (2000), Squarified treemaps.
    """
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise UsageError(f"frame must have a size above 0, was {width} x {height}")
    kept = sorted(
        ((k, float(w)) for k, w in weights if 0 < w < math.inf), key=lambda pair: (-pair[1], pair[0])
    )
    if len({key for key, _ in kept}) != len(kept):
        raise UsageError("keys of a treemap must be different")
    if not kept:
        return ()
    entries = _gathered(kept, least_area / (width * height))
    total = sum(weight for _, weight, _ in entries)
    areas = [weight / total * width * height for _, weight, _ in entries]
    boxes = _boxes(areas, width, height)
    return tuple(
        Cell(key, weight, *box, members) for (key, weight, members), box in zip(entries, boxes, strict=True)
    )


Entry = tuple[str, float, tuple[str, ...]]
Box = tuple[float, float, float, float]


def _gathered(kept: Sequence[tuple[str, float]], least_share: float) -> list[Entry]:
    total = sum(weight for _, weight in kept)
    large = sum(weight / total >= least_share for _, weight in kept)
    alone: list[Entry] = [(key, weight, (key,)) for key, weight in kept]
    if large == len(kept) or large == 0:
        return alone
    # One small cell alone would only lose its name.
    large = min(large, len(kept) - 2)
    while large > 0 and sum(weight for _, weight in kept[large:]) / total < least_share:
        large -= 1
    rest = kept[max(large, 0) :]
    others: Entry = (OTHERS, sum(weight for _, weight in rest), tuple(key for key, _ in rest))
    return [*alone[: max(large, 0)], others]


def _boxes(areas: Sequence[float], width: float, height: float) -> list[Box]:
    boxes: list[Box] = []
    # Sums from the small end: what is left is never the difference of two large numbers.
    left = [*reversed(list(accumulate(reversed(areas)))), 0.0]
    x, y, wide, high = 0.0, 0.0, width, height
    at = 0
    while at < len(areas):
        side = min(wide, high)
        stop = at + 1
        while stop < len(areas) and _worst(areas[at : stop + 1], side) <= _worst(areas[at:stop], side):
            stop += 1
        rest = left[stop] / left[at]
        taken = sum(areas[at:stop]) / left[at] if rest else 1.0
        if wide >= high:
            boxes += _row(areas[at:stop], (x, y, wide, high), taken * wide)
            x, wide = x + taken * wide, rest * wide
        else:
            boxes += _row(areas[at:stop], (x, y, wide, high), taken * high)
            y, high = y + taken * high, rest * high
        at = stop
    return boxes


def _row(row: Sequence[float], room: Box, deep: float) -> list[Box]:
    """Return the boxes of one row along the shorter side; the last one ends where the room ends."""
    x, y, wide, high = room
    total, done = sum(row), 0.0
    boxes: list[Box] = []
    for k, area in enumerate(row):
        begin, end = done / total, (done + area) / total if k < len(row) - 1 else 1.0
        done += area
        if wide >= high:
            boxes.append((x, y + begin * high, deep, (end - begin) * high))
        else:
            boxes.append((x + begin * wide, y, (end - begin) * wide, deep))
    return boxes


def _worst(row: Sequence[float], side: float) -> float:
    """Return the worst ratio of sides in a row along a side."""
    total = sum(row)
    if total <= 0:
        return math.inf
    square = side * side
    return max(square * max(row) / (total * total), total * total / (square * min(row)))
