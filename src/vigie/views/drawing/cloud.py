"""Words in the size of how often they stand, in rows, the strongest first: a picture whose table says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.views.drawing.board.letters import width as width_of
from vigie.views.drawing.frame import COLOURS, Frame, clean, framed, number

WIDTH: Final = 720
_SMALLEST, _LARGEST = 13.0, 40.0
_GAP: Final = 14.0
_BELOW: Final = 12.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word, how often it stands, and whether it is emerging."""

    text: str
    count: int
    is_emerging: bool


def cloud_chart(words: Sequence[Word], *, frame: Frame) -> str:
    """Return words as SVG: size by the square root of how often they stand, emerging ones darker and bold."""
    most = max((math.sqrt(one.count) for one in words), default=1.0)
    width = float(frame.width - 56) if frame.standalone else float(WIDTH)
    left, top = (28.0, 70.0) if frame.standalone else (0.0, 0.0)
    x, y = left, top
    drawn: list[str] = []
    row: list[tuple[Word, float, float]] = []
    for one in words:
        size = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(one.count) / most
        size = min(size, width / max(_wide(one, 1.0), 1e-9))
        wide = _wide(one, size)
        if row and x + wide > left + width:
            y = _write(frame, row, y, drawn)
            x, row = left, []
        row.append((one, x, size))
        x += wide + _GAP
    if row:
        y = _write(frame, row, y, drawn)
    return framed(
        frame, "".join(drawn), box=f"0 0 {math.ceil(left + width)} {math.ceil(y + 6)}", is_natural=True
    )


def _write(frame: Frame, row: Sequence[tuple[Word, float, float]], y: float, drawn: list[str]) -> float:
    base = y + max(size for _, _, size in row)
    for one, x, size in row:
        drawn.append(
            f'<text x="{number(x)}" y="{number(base)}" font-size="{number(size)}"{_held(frame, one, size)}'
            f"{_looks(frame, one)}>"
            f"{clean(one.text)}</text>"
        )
    return base + _BELOW


def _wide(word: Word, size: float) -> float:
    return width_of(word.text, size, bold=word.is_emerging)


def _held(frame: Frame, word: Word, size: float) -> str:
    """Hold a word in its place on a page, whose letters are those of the visitor's system and may be wider."""
    if frame.standalone:
        return ""
    return f' textLength="{number(_wide(word, size))}" lengthAdjust="spacingAndGlyphs"'


def _looks(frame: Frame, word: Word) -> str:
    if not frame.standalone:
        return ' class="plot-title"' if word.is_emerging else ""
    colour = COLOURS[frame.theme]["text" if word.is_emerging else "muted"]
    return f' fill="{colour}"' + (' font-weight="600"' if word.is_emerging else "")
