"""A TrueType font: which letters it has, and how wide they are, after the OpenType specification 1.9."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from typing import Final

from vigie.domain.errors import ConfigError
from vigie.domain.typeface import glyph_advances, glyphs_by_letter, read_tables, units_per_em

_FILE: Final = "Inter-Regular.ttf"


class Font:
    """A font file.

    Parameters
    ----------
    data : bytes
        TrueType.

    Raises
    ------
    ConfigError
        If it is none.
    """

    def __init__(self, data: bytes) -> None:
        try:
            tables = read_tables(data)
            self._units_per_em = units_per_em(tables)
            self._advances = glyph_advances(tables)
            self._glyph_by_letter = glyphs_by_letter(tables["cmap"])
        except (struct.error, KeyError, IndexError) as fault:
            raise ConfigError(
                "built_printing_font_cannot_read", "the built-in printing font cannot be read"
            ) from fault
        if not self._glyph_by_letter:
            raise ConfigError(
                "built_printing_font_no_character", "the built-in printing font has no character list"
            )

    def has(self, letter: str) -> bool:
        """Tell whether the font has a letter."""
        return bool(self._glyph_by_letter.get(ord(letter), 0))

    def width(self, text: str, size: float) -> float:
        """Return how wide a text is, in the unit of the size."""
        glyphs = (self._glyph_by_letter.get(ord(letter), 0) for letter in text)
        return sum(self._advances[min(glyph, len(self._advances) - 1)] for glyph in glyphs) * (
            size / self._units_per_em
        )


@cache
def load_font(folder: Path) -> Font:
    """Return the font of texts from the folder of the shipped ones.

    Raises
    ------
    ConfigError
        If the folder has none.
    """
    try:
        return Font((folder / _FILE).read_bytes())
    except OSError as fault:
        raise ConfigError(
            "no_fonts_printing", "{folder} has no fonts for printing: build the pages' assets", folder=folder
        ) from fault
