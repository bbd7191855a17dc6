"""A picture of lines over time as strokes of a page (ISO 32000-1, 8.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from vigie.adapters.printing.pdf_objects import pdf_number
from vigie.adapters.printing.typesetting import PlacedPicture
from vigie.ports.printing import LineChart, PlottedLine

# Of what stands beside the lines, in points: values on the right, names above, times below.
_RIGHT_MARGIN: Final = 44.0
_TOP_MARGIN: Final = 20.0
_BOTTOM_MARGIN: Final = 16.0
_SAMPLE_WIDTH: Final = 20.0
_LEGEND_GAP: Final = 12.0
# Told apart by colour and by dashes, as on pages.
_COLOURS: Final = (
    (0.12, 0.37, 0.84), (0.69, 0.29, 0.0), (0.04, 0.49, 0.45), (0.54, 0.23, 0.73), (0.66, 0.2, 0.42),
)  # fmt: skip
_DASHES: Final = ("[]", "[5 2]", "[1.5 2]", "[6 2 1.5 2]", "[9 3]")

# A short text at a place: what draws it, and how wide it is.
DrawLabel = Callable[[str, float, float], tuple[str, float]]


def draw_chart(chart: LineChart, placed: PlacedPicture, draw_label: DrawLabel) -> Iterator[str]:
    """Yield what draws a picture into its place."""
    left, low = placed.x, placed.y + _BOTTOM_MARGIN
    width, height = placed.width - _RIGHT_MARGIN, placed.height - _TOP_MARGIN - _BOTTOM_MARGIN
    yield "0.88 G 0.5 w"
    for position, text in chart.rows:
        y = low + (1.0 - position) * height
        yield f"{pdf_number(left)} {pdf_number(y)} m {pdf_number(left + width)} {pdf_number(y)} l S"
        yield draw_label(text, left + width + 5.0, y - 2.5)[0]
    for position, text in chart.columns:
        x = left + position * width
        yield f"{pdf_number(x)} {pdf_number(low)} m {pdf_number(x)} {pdf_number(low + height)} l S"
        yield draw_label(text, x, placed.y + 4.0)[0]
    x = left
    for index, line in enumerate(chart.lines):
        y = placed.y + placed.height - 8.0
        x1, x2, y1 = pdf_number(x), pdf_number(x + _SAMPLE_WIDTH), pdf_number(y)
        yield f"{_pen_style(index)} {x1} {y1} m {x2} {y1} l S"
        label_strokes, label_width = draw_label(line.name, x + _SAMPLE_WIDTH + 4.0, y - 2.5)
        yield label_strokes
        x += _SAMPLE_WIDTH + 4.0 + label_width + _LEGEND_GAP
        yield f"{_pen_style(index)} {_path(line, left, low, width, height)} S"


def _pen_style(index: int) -> str:
    colour = " ".join(pdf_number(part) for part in _COLOURS[index % len(_COLOURS)])
    return f"{colour} RG 1.2 w 1 j {_DASHES[index % len(_DASHES)]} 0 d"


def _path(line: PlottedLine, left: float, low: float, width: float, height: float) -> str:
    parts = []
    for part in line.parts:
        for step, (x, y) in enumerate(part):
            parts.append(
                f"{pdf_number(left + x * width)} {pdf_number(low + (1.0 - y) * height)} {'l' if step else 'm'}"
            )
    return " ".join(parts)
