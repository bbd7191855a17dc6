"""A TrueType font: which letters it has, how wide they are, and the same font with only those that are used.

After the OpenType specification 1.9: beside what `vigie.domain.typeface` reads, tables `loca` and `glyf`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import ConfigError
from vigie.domain.typeface import glyph_advances, glyphs_by_letter, read_tables, units_per_em

_KEPT: Final[tuple[str, ...]] = ("cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep")
# Of a glyph made of others.
_WORDS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x1, 0x8, 0x20, 0x40, 0x80
_WHOLE: Final = 0xB1B0AFBA


@dataclass(frozen=True, slots=True)
class Shape:
    """What a reader needs to know of a font, in thousandths of its size."""

    ascent: int
    descent: int
    box: tuple[int, int, int, int]


class Font:
    """A font file.

    Parameters
    ----------
    data : bytes
        TrueType with outlines in `glyf`.

    Raises
    ------
    ConfigError
        If it is none.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._tables = read_tables(data)
            head, hhea = self._tables["head"], self._tables["hhea"]
            self._em = units_per_em(self._tables)
            (self._is_long,) = struct.unpack_from(">h", head, 50)
            ascent, descent = struct.unpack_from(">hh", hhea, 4)
            self._advances = glyph_advances(self._tables)
            (self._glyphs,) = struct.unpack_from(">H", self._tables["maxp"], 4)
            self._places = glyphs_by_letter(self._tables["cmap"])
            self._loca = self._read_loca()
        except (struct.error, KeyError, IndexError) as fault:
            raise ConfigError("the font that is shipped for printing cannot be read") from fault
        if not self._places:
            raise ConfigError("the font that is shipped for printing has no list of its letters")
        box = tuple(self._thousandths(one) for one in struct.unpack_from(">4h", head, 36))
        self.shape = Shape(
            self._thousandths(ascent), self._thousandths(descent), (box[0], box[1], box[2], box[3])
        )

    def glyph(self, letter: str) -> int:
        """Return the number of a letter's glyph; 0, a box, where there is none."""
        return self._places.get(ord(letter), 0)

    def width(self, glyph: int) -> int:
        """Return how far a glyph goes, in thousandths of the font's size."""
        return self._thousandths(self._advances[min(glyph, len(self._advances) - 1)])

    def cut(self, glyphs: Iterable[int]) -> bytes:
        """Return the font with these glyphs only, under their numbers; all others are empty."""
        kept = self._with_parts(glyphs)
        outlines, places = bytearray(), [0]
        for glyph in range(self._glyphs):
            if glyph in kept:
                outline = self._outline(glyph)
                outlines += outline + bytes(-len(outline) % 4)
            places.append(len(outlines))
        tables = {name: self._tables[name] for name in _KEPT if name in self._tables}
        tables |= {
            "glyf": bytes(outlines),
            "loca": struct.pack(f">{len(places)}I", *places),
            "hmtx": self._metrics(kept),
            # Long places; its checksum is made when the file is.
            "head": tables["head"][:8] + bytes(4) + tables["head"][12:50] + b"\0\1" + tables["head"][52:],
        }
        return _file(tables)

    def _thousandths(self, units: int) -> int:
        return round(units * 1_000 / self._em)

    def _read_loca(self) -> tuple[int, ...]:
        number = self._glyphs + 1
        if self._is_long:
            return struct.unpack_from(f">{number}I", self._tables["loca"])
        return tuple(2 * one for one in struct.unpack_from(f">{number}H", self._tables["loca"]))

    def _outline(self, glyph: int) -> bytes:
        return self._tables["glyf"][self._loca[glyph] : self._loca[glyph + 1]]

    def _metrics(self, kept: set[int]) -> bytes:
        found = bytearray(self._tables["hmtx"])
        for glyph in range(len(self._advances)):
            if glyph not in kept:
                found[4 * glyph : 4 * glyph + 4] = bytes(4)
        return bytes(found)

    def _with_parts(self, glyphs: Iterable[int]) -> set[int]:
        """Return glyphs with those that they are made of."""
        kept, waiting = {0}, list(glyphs)
        while waiting:
            glyph = waiting.pop()
            if glyph not in kept:
                kept.add(glyph)
                waiting += _parts(self._outline(glyph))
        return kept


def _parts(outline: bytes) -> list[int]:
    """Return the glyphs that a glyph is made of."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    found, at, flags = [], 10, _MORE
    while flags & _MORE:
        flags, glyph = struct.unpack_from(">HH", outline, at)
        found.append(glyph)
        at += 8 if flags & _WORDS else 6
        at += 8 if flags & _MATRIX else 4 if flags & _TWO_SCALES else 2 if flags & _SCALE else 0
    return found


def _file(tables: dict[str, bytes]) -> bytes:
    number = len(tables)
    power = 1 << (number.bit_length() - 1)
    head = struct.pack(">IHHHH", 0x10000, number, 16 * power, power.bit_length() - 1, 16 * (number - power))
    rows, body, start = b"", b"", 12 + 16 * number
    for name, data in sorted(tables.items()):
        rows += struct.pack(">4sIII", name.encode(), _sum(data), start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    made = bytearray(head + rows + body)
    at = next(start for name, start in _starts(tables, start) if name == "head") + 8
    made[at : at + 4] = struct.pack(">I", (_WHOLE - _sum(bytes(made))) % (1 << 32))
    return bytes(made)


def _starts(tables: dict[str, bytes], start: int) -> list[tuple[str, int]]:
    found = []
    for name, data in sorted(tables.items()):
        found.append((name, start))
        start += len(data) + -len(data) % 4
    return found


def _sum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) % (1 << 32)
