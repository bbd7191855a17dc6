"""A picture of lines over time as SVG of a fixed size, with the texts that the printer's font has."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from vigie.adapters.printing.printable_text import printable
from vigie.adapters.printing.truetype import Font
from vigie.ports.printing import LineChart, PlottedLine

# In points; the width is that of a page between its margins.
WIDTH: Final = 483.0
HEIGHT: Final = 190.0
# Of what stands beside the lines: values on the right, names above, times below.
_RIGHT_MARGIN: Final = 44.0
_TOP_MARGIN: Final = 20.0
_BOTTOM_MARGIN: Final = 16.0
_SAMPLE_WIDTH: Final = 20.0
_LEGEND_GAP: Final = 12.0
_SIZE: Final = 8.0
# Told apart by colour and by dashes, as on pages.
_COLOURS: Final = ("#1f5ed6", "#b04a00", "#0b7c74", "#8a3ab9", "#a8326b")
_DASHES: Final = ("", "5 2", "1.5 2", "6 2 1.5 2", "9 3")


def chart_svg(chart: LineChart, font: Font, language: str) -> str:
    """Return a picture with its names above, its values on the right and its times below."""
    parts = "".join([*_grid(chart, font, language), *_lines(chart, font, language)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}pt" height="{HEIGHT}pt" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Inter" font-size="{_SIZE}" fill="#545454">{parts}</svg>'
    )


def _grid(chart: LineChart, font: Font, language: str) -> Iterator[str]:
    right, low = WIDTH - _RIGHT_MARGIN, HEIGHT - _BOTTOM_MARGIN
    for share, text in chart.rows:
        y = _TOP_MARGIN + share * (low - _TOP_MARGIN)
        yield f'<path d="M0 {y:.2f}H{right}" stroke="#e0e0e0" stroke-width="0.5"/>'
        yield _label(right + 5.0, y + 2.5, text, font, language)
    for share, text in chart.columns:
        x = share * right
        yield f'<path d="M{x:.2f} {_TOP_MARGIN}V{low}" stroke="#e0e0e0" stroke-width="0.5"/>'
        yield _label(x, HEIGHT - 4.0, text, font, language)


def _lines(chart: LineChart, font: Font, language: str) -> Iterator[str]:
    x = 0.0
    for index, line in enumerate(chart.lines):
        name = printable(line.name, font, language)
        yield f'<path d="M{x:.2f} 8h{_SAMPLE_WIDTH}" {_pen_style(index)}/>'
        yield _label(x + _SAMPLE_WIDTH + 4.0, 10.5, name, font, language)
        x += _SAMPLE_WIDTH + 4.0 + font.width(name, _SIZE) + _LEGEND_GAP
        yield f'<path d="{_path(line)}" {_pen_style(index)}/>'


def _label(x: float, y: float, text: str, font: Font, language: str) -> str:
    return f'<text x="{x:.2f}" y="{y:.2f}">{escape(printable(text, font, language))}</text>'


def _pen_style(index: int) -> str:
    dash = _DASHES[index % len(_DASHES)]
    style = (
        f'fill="none" stroke="{_COLOURS[index % len(_COLOURS)]}" stroke-width="1.2" stroke-linejoin="round"'
    )
    return f'{style} stroke-dasharray="{dash}"' if dash else style


def _path(line: PlottedLine) -> str:
    width, height = WIDTH - _RIGHT_MARGIN, HEIGHT - _TOP_MARGIN - _BOTTOM_MARGIN
    return "".join(
        f"{'L' if step else 'M'}{x * width:.2f} {_TOP_MARGIN + y * height:.2f}"
        for part in line.parts
        for step, (x, y) in enumerate(part)
    )
