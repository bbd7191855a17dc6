"""A picture of lines over time as strokes of a page (ISO 32000-1, 8.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from vigie.adapters.printing.objects import number
from vigie.adapters.printing.setting import Placed
from vigie.ports.printing import LineChart, PlottedLine

# Of what stands beside the lines, in points: values on the right, names above, times below.
_RIGHT: Final = 44.0
_ABOVE: Final = 20.0
_BELOW: Final = 16.0
_SAMPLE: Final = 20.0
_GAP: Final = 12.0
# Told apart by colour and by dashes, as on pages.
_COLOURS: Final = (
    (0.12, 0.37, 0.84), (0.69, 0.29, 0.0), (0.04, 0.49, 0.45), (0.54, 0.23, 0.73), (0.66, 0.2, 0.42),
)  # fmt: skip
_DASHES: Final = ("[]", "[5 2]", "[1.5 2]", "[6 2 1.5 2]", "[9 3]")

# A short text at a place: what draws it, and how wide it is.
Label = Callable[[str, float, float], tuple[str, float]]


def strokes(drawing: LineChart, placed: Placed, label: Label) -> Iterator[str]:
    """Yield what draws a picture into its place."""
    left, low = placed.x, placed.y + _BELOW
    wide, high = placed.wide - _RIGHT, placed.high - _ABOVE - _BELOW
    yield "0.88 G 0.5 w"
    for at, said in drawing.rows:
        y = low + (1.0 - at) * high
        yield f"{number(left)} {number(y)} m {number(left + wide)} {number(y)} l S"
        yield label(said, left + wide + 5.0, y - 2.5)[0]
    for at, said in drawing.columns:
        x = left + at * wide
        yield f"{number(x)} {number(low)} m {number(x)} {number(low + high)} l S"
        yield label(said, x, placed.y + 4.0)[0]
    x = left
    for place, line in enumerate(drawing.lines):
        y = placed.y + placed.high - 8.0
        yield f"{_pen(place)} {number(x)} {number(y)} m {number(x + _SAMPLE)} {number(y)} l S"
        drawn, reach = label(line.name, x + _SAMPLE + 4.0, y - 2.5)
        yield drawn
        x += _SAMPLE + 4.0 + reach + _GAP
        yield f"{_pen(place)} {_path(line, left, low, wide, high)} S"


def _pen(place: int) -> str:
    colour = " ".join(number(one) for one in _COLOURS[place % len(_COLOURS)])
    return f"{colour} RG 1.2 w 1 j {_DASHES[place % len(_DASHES)]} 0 d"


def _path(line: PlottedLine, left: float, low: float, wide: float, high: float) -> str:
    parts = []
    for part in line.parts:
        for step, (x, y) in enumerate(part):
            parts.append(f"{number(left + x * wide)} {number(low + (1.0 - y) * high)} {'l' if step else 'm'}")
    return " ".join(parts)
