"""Lines of a week as SVG with its own colours, for mails and files that no theme reaches."""

from __future__ import annotations

from html import escape
from typing import Final

from vigie.ports.printing import LineChart, PlottedLine

# Told apart by colour and by dashes; at 4.5:1 or more on white.
COLOURS: Final = ("#1f5ed6", "#b04a00", "#0b7c74", "#8a3ab9", "#a8326b")
DASHES: Final = ((), (7, 3), (2, 3), (9, 3, 2, 3), (12, 4))
_TOP: Final = 6.0
_HEIGHT: Final = 82.0
_WIDTH: Final = 88.0
_BOX: Final = 1_000


def render_svg(drawing: LineChart) -> str:
    """Return a drawing as SVG of any width: places are per cent, the curves lie in a part that is stretched."""
    rows = "".join(
        f'<line x1="0" x2="{_WIDTH}%" y1="{_top(at)}%" y2="{_top(at)}%" stroke="#dde1e6"/>'
        f'<text x="{_WIDTH + 1}%" y="{_top(at)}%" dy="4">{escape(text)}</text>'
        for at, text in drawing.rows
    )
    columns = "".join(
        f'<line x1="{_left(at)}%" x2="{_left(at)}%" y1="{_TOP}%" y2="{_TOP + _HEIGHT}%" stroke="#eef0f3"/>'
        # Names of every second day fit a phone too.
        + (
            f'<text x="{_left(at)}%" y="{_TOP + _HEIGHT}%" dy="16">{escape(text)}</text>'
            if place % 2 == 0
            else ""
        )
        for place, (at, text) in enumerate(drawing.columns)
    )
    lines = "".join(
        f'<path d="{_path(line)}" fill="none" {_stroke(at)} vector-effect="non-scaling-stroke"/>'
        for at, line in enumerate(drawing.lines)
    )
    return (
        '<svg width="100%" height="260" role="img" aria-labelledby="chart-title chart-alt" font-size="12" '
        f'fill="#444"><title id="chart-title">{escape(drawing.title)}</title>'
        f'<desc id="chart-alt">{escape(drawing.alt)}</desc>{columns}{rows}'
        f'<svg x="0" y="{_TOP}%" width="{_WIDTH}%" height="{_HEIGHT}%" viewBox="0 0 {_BOX} {_BOX}" '
        f'preserveAspectRatio="none" overflow="visible">{lines}</svg></svg>'
    )


def _path(line: PlottedLine) -> str:
    return "".join(
        "M" + "L".join(f"{round(x * _BOX)},{round(y * _BOX)}" for x, y in part) for part in line.parts
    )


def _stroke(index: int) -> str:
    dash = " ".join(str(length) for length in DASHES[index % len(DASHES)])
    return f'stroke="{COLOURS[index % len(COLOURS)]}" stroke-width="2"' + (
        f' stroke-dasharray="{dash}"' if dash else ""
    )


def pen_sample(at: int) -> str:
    """Return a short piece of a line, for the legend."""
    return (
        '<svg width="26" height="8" viewBox="0 0 26 8" aria-hidden="true">'
        f'<path d="M0,4H26" {_stroke(at)}/></svg>'
    )


def _left(share: float) -> float:
    return round(share * _WIDTH, 2)


def _top(share: float) -> float:
    return round(_TOP + share * _HEIGHT, 2)
