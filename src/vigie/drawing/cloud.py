"""Words in the size of how often they stand, in rows, the strongest first: a picture whose table says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.drawing.frame import COLOURS, Frame, escape_text, short_number, wrap_chart
from vigie.drawing.text_metrics import text_width as width_of

WIDTH: Final = 720
_SMALLEST, _LARGEST = 13.0, 40.0
_GAP: Final = 14.0
_BELOW: Final = 12.0


@dataclass(frozen=True, slots=True)
class DrawnWord:
    """A word, how often it stands, and whether it is emerging."""

    text: str
    count: int
    is_emerging: bool


def cloud_chart(words: Sequence[DrawnWord], *, frame: Frame) -> str:
    """Return words as SVG: size by the square root of how often they stand, emerging ones darker and bold."""
    largest = max((math.sqrt(word.count) for word in words), default=1.0)
    width = float(frame.width - 56) if frame.standalone else float(WIDTH)
    left, top = (28.0, 70.0) if frame.standalone else (0.0, 0.0)
    x, y = left, top
    elements: list[str] = []
    row: list[tuple[DrawnWord, float, float]] = []
    for word in words:
        size = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(word.count) / largest
        size = min(size, width / max(_word_width(word, 1.0), 1e-9))
        word_width = _word_width(word, size)
        if row and x + word_width > left + width:
            y = _write_row(frame, row, y, elements)
            x, row = left, []
        row.append((word, x, size))
        x += word_width + _GAP
    if row:
        y = _write_row(frame, row, y, elements)
    return wrap_chart(
        frame, "".join(elements), box=f"0 0 {math.ceil(left + width)} {math.ceil(y + 6)}", is_natural=True
    )


def _write_row(
    frame: Frame, row: Sequence[tuple[DrawnWord, float, float]], y: float, elements: list[str]
) -> float:
    base = y + max(size for _, _, size in row)
    for word, x, size in row:
        elements.append(
            f'<text x="{short_number(x)}" y="{short_number(base)}" '
            f'font-size="{short_number(size)}"{_width_attributes(frame, word, size)}'
            f"{_style_attributes(frame, word)}>"
            f"{escape_text(word.text)}</text>"
        )
    return base + _BELOW


def _word_width(word: DrawnWord, size: float) -> float:
    return width_of(word.text, size, bold=word.is_emerging)


def _width_attributes(frame: Frame, word: DrawnWord, size: float) -> str:
    """Hold a word in its place on a page, whose letters are those of the visitor's system and may be wider."""
    if frame.standalone:
        return ""
    return f' textLength="{short_number(_word_width(word, size))}" lengthAdjust="spacingAndGlyphs"'


def _style_attributes(frame: Frame, word: DrawnWord) -> str:
    if not frame.standalone:
        return ' class="plot-title"' if word.is_emerging else ""
    colour = COLOURS[frame.theme]["text" if word.is_emerging else "muted"]
    return f' fill="{colour}"' + (' font-weight="600"' if word.is_emerging else "")
