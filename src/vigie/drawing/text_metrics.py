"""How wide words are in the shipped font, and words broken or cut so that they fit."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from vigie.domain.errors import ConfigError
from vigie.domain.typeface import glyph_advances, glyphs_by_letter, read_tables, units_per_em
from vigie.drawing.raster import FACES, FONTS

CUT: Final = "\u2026"
# What the font does not have is drawn by another font, or as a box: never wider than its size.
_UNKNOWN_WIDTH: Final = 1.0
# Nothing longer is ever shown whole; measuring it would take time for nothing.
MOST_LETTERS: Final = 2_000
_BROKEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]+"
)
_SPACES: Final = re.compile(r"[ \t\r\n]+")
# French writes a space before these, and no line begins with one of them.
_CLOSING: Final = re.compile(r" (?=[:;!?%\u00bb])")


@dataclass(frozen=True, slots=True)
class FontMetrics:
    """Widths of a font's letters in its size."""

    widths: dict[int, float]

    def width(self, words: str, size: float) -> float:
        """Return how wide words are in a size; kerning is not counted, so they are rather narrower."""
        widths = self.widths
        return size * sum(widths.get(ord(letter), _UNKNOWN_WIDTH) for letter in words)


@cache
def load_font(*, bold: bool = False, name: str = "", folder: Path = FONTS) -> FontMetrics:
    """Return a shipped font: Inter, by whose widths words are placed, where no `name` of a file is given.

    Raises
    ------
    ConfigError
        If it is not there, or has no table of letters that can be read.
    """
    path = folder / (name or FACES["inter"][bold])
    try:
        data = path.read_bytes()
        return FontMetrics(_widths(data))
    except (OSError, struct.error, KeyError) as error:
        raise ConfigError(
            "font_required_draw_boards",
            "font {name} is required to draw boards: build the pages' assets",
            name=path.name,
        ) from error


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Return how wide words are."""
    return load_font(bold=bold).width(words, size)


def single_line(words: str) -> str:
    """Return words on one line, without what is not seen or turns the direction of writing."""
    spaced = _SPACES.sub(" ", _BROKEN.sub(" ", words[: 4 * MOST_LETTERS])).strip()
    return _CLOSING.sub("\u00a0", spaced)[:MOST_LETTERS]


def fit_line(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return words on one line, cut with an ellipsis where they are wider than their room."""
    words, font = single_line(words), load_font(bold=bold)
    if font.width(words, size) <= room:
        return words
    room_left = room - font.width(CUT, size)
    if room_left < 0:
        return ""
    n_kept = 0
    for letter in words:
        room_left -= font.width(letter, size)
        if room_left < 0:
            break
        n_kept += 1
    return words[:n_kept].rstrip() + CUT


def wrap_lines(words: str, size: float, room: float, *, max_lines: int, bold: bool = False) -> list[str]:
    """Return words on at most `max_lines` lines; words wider than a line are broken, the last line is cut."""
    font = load_font(bold=bold)
    lines: list[str] = []
    rest = single_line(words)
    while rest and len(lines) < max_lines:
        if len(lines) == max_lines - 1:
            lines.append(fit_line(rest, size, room, bold=bold))
            break
        line = _first_line(rest, size, room, font)
        lines.append(line.rstrip(" "))
        rest = rest[len(line) :].lstrip(" ")
    return [line for line in lines if line]


def _first_line(words: str, size: float, room: float, font: FontMetrics) -> str:
    """Return as many letters as fit, up to a space where there is one; at least one letter."""
    used, n_kept, space = 0.0, 0, 0
    for index, letter in enumerate(words):
        used += font.width(letter, size)
        if used > room and letter != " ":
            break
        n_kept = index + 1
        if letter == " ":
            space = index
    if n_kept == len(words):
        return words
    return words[:space] if space else words[: max(n_kept, 1)]


def _widths(data: bytes) -> dict[int, float]:
    """Return how far each letter moves the pen, in the font's size."""
    tables = read_tables(data)
    em, advances = units_per_em(tables), glyph_advances(tables)
    return {
        letter: advances[min(glyph, len(advances) - 1)] / em
        for letter, glyph in glyphs_by_letter(tables["cmap"]).items()
        if glyph
    }


__all__ = [
    "CUT",
    "MOST_LETTERS",
    "FontMetrics",
    "fit_line",
    "load_font",
    "single_line",
    "text_width",
    "wrap_lines",
]
