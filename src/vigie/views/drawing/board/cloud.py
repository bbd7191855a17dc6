"""Words in the size of how many items wrote them, each with that number: a size alone cannot be read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vigie.services.studio.board import WeightedWord, WordsPart
from vigie.views.drawing.board.letters import fitted, width
from vigie.views.drawing.board.phrases import PHRASES
from vigie.views.drawing.board.sheet import LEADING, LEAST_SIZE, Box, Sheet

_LARGEST: Final = 2.6
_SMALLEST: Final = 0.85
_COUNT: Final = 0.7
# Few words in a large place are written larger.
_WIDEST: Final = 1.8
_GAP: Final = 16.0
MOST_WORDS: Final = 60


@dataclass(frozen=True, slots=True)
class _Placed:
    text: str
    count: str
    x: float
    row: float
    height: float
    size: float


def want(part: WordsPart, room: float, sheet: Sheet) -> float:
    """Return the height of all words in rows."""
    _, height, _ = _placed(part, sheet, room, math.inf, 1.0)
    return height


def draw(part: WordsPart, sheet: Sheet, box: Box) -> None:
    """Draw a cloud into a box; words that have no room are counted under it."""
    if not part.words:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], most=1, colour=sheet.style.muted)
        return
    below = sheet.size * LEADING
    scale = _WIDEST
    placed, height, left = _placed(part, sheet, box.width, box.height, scale)
    while left and scale > 0.6:
        scale *= 0.9
        placed, height, left = _placed(part, sheet, box.width, box.height, scale)
    if left:
        placed, height, left = _placed(part, sheet, box.width, box.height - below, scale)
    small = max(LEAST_SIZE, sheet.size * _COUNT)
    for one in placed:
        bottom = box.y + one.row + one.height
        sheet.text(box.x + one.x, bottom - one.size * LEADING, one.text, size=one.size, bold=True)
        after = box.x + one.x + width(one.text, one.size, bold=True) + 4
        sheet.text(
            after, bottom - small * LEADING - one.size * 0.12, one.count, size=small, colour=sheet.style.muted
        )
    if left:
        told = PHRASES[sheet.language]["more_words"].format(count=left)
        sheet.lines(Box(box.x, box.y + height, box.width, below + 1), told, most=1, colour=sheet.style.muted)


def _placed(
    part: WordsPart, sheet: Sheet, room: float, height: float, scale: float
) -> tuple[list[_Placed], float, int]:
    """Return words in rows, the height taken, and how many had no room."""
    heaviest = math.sqrt(max((word.weight for word in part.words), default=1) or 1)
    small = max(LEAST_SIZE, sheet.size * _COUNT)
    numbers = sheet.numbers
    done: list[_Placed] = []
    row: list[_Placed] = []
    x, y = 0.0, 0.0
    words = part.words[:MOST_WORDS]
    for at, word in enumerate(words):
        size = _size(word, heaviest, sheet, scale)
        count = numbers.number(word.weight, 0)
        after = 4 + width(count, small)
        text = fitted(word.text, size, room - after, bold=True)
        wide = width(text, size, bold=True) + after
        if row and x + wide > room:
            y += row[0].height
            done, row, x = done + row, [], 0.0
        tall = row[0].height if row else size * LEADING
        if y + tall > height:
            return done + row, y + (row[0].height if row else 0.0), len(part.words) - at
        row.append(_Placed(text, count, x, y, tall, size))
        x += wide + _GAP
    return done + row, y + (row[0].height if row else 0.0), len(part.words) - len(words)


def _size(word: WeightedWord, heaviest: float, sheet: Sheet, scale: float) -> float:
    share = math.sqrt(max(word.weight, 0)) / heaviest
    return max(LEAST_SIZE, sheet.size * scale * (_SMALLEST + (_LARGEST - _SMALLEST) * share))


__all__ = ["draw", "want"]
