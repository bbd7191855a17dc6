"""Words in the size of how many items wrote them, each with that number: a size alone cannot be read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vigie.drawing.text_metrics import fit_line, text_width
from vigie.services.studio.board import WeightedWord, WordsPart
from vigie.views.boards.canvas import LEADING, LEAST_SIZE, Box, Canvas
from vigie.views.boards.phrases import PHRASES

_LARGEST: Final = 2.6
_SMALLEST: Final = 0.85
_COUNT: Final = 0.7
# Few words in a large place are written larger.
_WIDEST: Final = 1.8
_GAP: Final = 16.0
MOST_WORDS: Final = 60


@dataclass(frozen=True, slots=True)
class _PlacedWord:
    text: str
    count: str
    x: float
    row: float
    height: float
    size: float


def wanted_height(part: WordsPart, room: float, sheet: Canvas) -> float:
    """Return the height of all words in rows."""
    _, height, _ = _place_words(part, sheet, room, math.inf, 1.0)
    return height


def draw_cloud(part: WordsPart, sheet: Canvas, box: Box) -> None:
    """Draw a cloud into a box; words that have no room are counted under it."""
    if not part.words:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], max_lines=1, colour=sheet.style.muted)
        return
    below = sheet.size * LEADING
    scale = _WIDEST
    placed, height, left_count = _place_words(part, sheet, box.width, box.height, scale)
    while left_count and scale > 0.6:
        scale *= 0.9
        placed, height, left_count = _place_words(part, sheet, box.width, box.height, scale)
    if left_count:
        placed, height, left_count = _place_words(part, sheet, box.width, box.height - below, scale)
    small = max(LEAST_SIZE, sheet.size * _COUNT)
    for item in placed:
        bottom = box.y + item.row + item.height
        sheet.text(box.x + item.x, bottom - item.size * LEADING, item.text, size=item.size, bold=True)
        after = box.x + item.x + text_width(item.text, item.size, bold=True) + 4
        sheet.text(
            after,
            bottom - small * LEADING - item.size * 0.12,
            item.count,
            size=small,
            colour=sheet.style.muted,
        )
    if left_count:
        note = PHRASES[sheet.language]["more_words"].format(count=left_count)
        sheet.lines(
            Box(box.x, box.y + height, box.width, below + 1), note, max_lines=1, colour=sheet.style.muted
        )


def _place_words(
    part: WordsPart, sheet: Canvas, room: float, height: float, scale: float
) -> tuple[list[_PlacedWord], float, int]:
    """Return words in rows, the height taken, and how many had no room."""
    heaviest = math.sqrt(max((word.weight for word in part.words), default=1) or 1)
    small = max(LEAST_SIZE, sheet.size * _COUNT)
    numbers = sheet.numbers
    finished: list[_PlacedWord] = []
    row: list[_PlacedWord] = []
    x, y = 0.0, 0.0
    words = part.words[:MOST_WORDS]
    for index, word in enumerate(words):
        size = _size(word, heaviest, sheet, scale)
        count = numbers.number(word.weight, 0)
        after = 4 + text_width(count, small)
        text = fit_line(word.text, size, room - after, bold=True)
        word_width = text_width(text, size, bold=True) + after
        if row and x + word_width > room:
            y += row[0].height
            finished, row, x = finished + row, [], 0.0
        row_height = row[0].height if row else size * LEADING
        if y + row_height > height:
            return finished + row, y + (row[0].height if row else 0.0), len(part.words) - index
        row.append(_PlacedWord(text, count, x, y, row_height, size))
        x += word_width + _GAP
    return finished + row, y + (row[0].height if row else 0.0), len(part.words) - len(words)


def _size(word: WeightedWord, heaviest: float, sheet: Canvas, scale: float) -> float:
    share = math.sqrt(max(word.weight, 0)) / heaviest
    return max(LEAST_SIZE, sheet.size * scale * (_SMALLEST + (_LARGEST - _SMALLEST) * share))


__all__ = ["draw_cloud", "wanted_height"]
