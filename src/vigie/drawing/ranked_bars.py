"""Named values as bars from zero, one below the other, each with what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.drawing.frame import Frame, escape_text, wrap_chart

# Units of its box: pixels where there is room.
_WIDTH: Final = 640
_NAMES: Final = 230
_VALUES: Final = 70
_ROW: Final = 22
_THICK: Final = 12


@dataclass(frozen=True, slots=True)
class RankedBar:
    """One bar.

    Attributes
    ----------
    name : str
    value : float
        Where it ends.
    text : str
        The value as it is written.
    mark : float or None
        A level that it is compared with, drawn across it.
    """

    name: str
    value: float
    text: str
    mark: float | None = None


def ranked_bars_chart(bars: Sequence[RankedBar], *, frame: Frame) -> str:
    """Return bars as SVG for a page; without any the chart has its frame only.

    Parameters
    ----------
    bars : sequence of RankedBar
        In the order in which they stand.
    frame : Frame
        Of a page: a file has the table of the same numbers.
    """
    reached = [value for bar in bars for value in (bar.value, bar.mark) if value is not None]
    low, high = min([0.0, *reached]), max([0.0, *reached])
    unit = (_WIDTH - _NAMES - _VALUES) / ((high - low) or 1.0)
    zero = _NAMES - low * unit
    parts = []
    for place, bar in enumerate(bars):
        top, middle = place * _ROW + (_ROW - _THICK) / 2, place * _ROW + _ROW / 2 + 4
        left, width = min(zero, zero + bar.value * unit), abs(bar.value) * unit
        parts.append(f'<text x="0" y="{middle:.0f}">{escape_text(bar.name)}</text>')
        parts.append(
            f'<rect class="series-1" x="{left:.1f}" y="{top:.0f}" width="{max(width, 1.0):.1f}" height="{_THICK}"/>'
        )
        if bar.mark is not None:
            at = zero + bar.mark * unit
            parts.append(f'<path class="line series-2" d="M{at:.1f},{top - 3:.0f}v{_THICK + 6}"/>')
        parts.append(f'<text x="{_WIDTH}" y="{middle:.0f}" text-anchor="end">{escape_text(bar.text)}</text>')
    axis = f'<path class="axis" d="M{zero:.1f},0v{len(bars) * _ROW}"/>'
    return wrap_chart(
        frame, axis + "".join(parts), box=f"0 0 {_WIDTH} {max(len(bars), 1) * _ROW}", is_natural=True
    )
