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

_KEPT_TABLES: Final[tuple[str, ...]] = (
    "cvt ",
    "fpgm",
    "glyf",
    "head",
    "hhea",
    "hmtx",
    "loca",
    "maxp",
    "prep",
)
# Of a glyph made of others.
_WORDS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x1, 0x8, 0x20, 0x40, 0x80
_CHECKSUM_MAGIC: Final = 0xB1B0AFBA


@dataclass(frozen=True, slots=True)
class FontDescriptor:
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
            self._units_per_em = units_per_em(self._tables)
            (self._is_long,) = struct.unpack_from(">h", head, 50)
            ascent, descent = struct.unpack_from(">hh", hhea, 4)
            self._advances = glyph_advances(self._tables)
            (self._glyphs,) = struct.unpack_from(">H", self._tables["maxp"], 4)
            self._glyph_by_letter = glyphs_by_letter(self._tables["cmap"])
            self._loca = self._read_loca()
        except (struct.error, KeyError, IndexError) as fault:
            raise ConfigError(
                "built_printing_font_cannot_read", "the built-in printing font cannot be read"
            ) from fault
        if not self._glyph_by_letter:
            raise ConfigError(
                "built_printing_font_no_character", "the built-in printing font has no character list"
            )
        box = tuple(self._to_thousandths(edge) for edge in struct.unpack_from(">4h", head, 36))
        self.descriptor = FontDescriptor(
            self._to_thousandths(ascent), self._to_thousandths(descent), (box[0], box[1], box[2], box[3])
        )

    def glyph(self, letter: str) -> int:
        """Return the number of a letter's glyph; 0, a box, where there is none."""
        return self._glyph_by_letter.get(ord(letter), 0)

    def width(self, glyph: int) -> int:
        """Return how far a glyph goes, in thousandths of the font's size."""
        return self._to_thousandths(self._advances[min(glyph, len(self._advances) - 1)])

    def subset(self, glyphs: Iterable[int]) -> bytes:
        """Return the font with these glyphs only, under their numbers; all others are empty."""
        kept_glyphs = self._with_components(glyphs)
        outlines, offsets = bytearray(), [0]
        for glyph in range(self._glyphs):
            if glyph in kept_glyphs:
                outline = self._outline(glyph)
                outlines += outline + bytes(-len(outline) % 4)
            offsets.append(len(outlines))
        tables = {name: self._tables[name] for name in _KEPT_TABLES if name in self._tables}
        tables |= {
            "glyf": bytes(outlines),
            "loca": struct.pack(f">{len(offsets)}I", *offsets),
            "hmtx": self._blank_metrics(kept_glyphs),
            # Long places; its checksum is made when the file is.
            "head": tables["head"][:8] + bytes(4) + tables["head"][12:50] + b"\0\1" + tables["head"][52:],
        }
        return _build_file(tables)

    def _to_thousandths(self, units: int) -> int:
        return round(units * 1_000 / self._units_per_em)

    def _read_loca(self) -> tuple[int, ...]:
        count = self._glyphs + 1
        if self._is_long:
            return struct.unpack_from(f">{count}I", self._tables["loca"])
        return tuple(
            2 * half_offset for half_offset in struct.unpack_from(f">{count}H", self._tables["loca"])
        )

    def _outline(self, glyph: int) -> bytes:
        return self._tables["glyf"][self._loca[glyph] : self._loca[glyph + 1]]

    def _blank_metrics(self, kept_glyphs: set[int]) -> bytes:
        metrics = bytearray(self._tables["hmtx"])
        for glyph in range(len(self._advances)):
            if glyph not in kept_glyphs:
                metrics[4 * glyph : 4 * glyph + 4] = bytes(4)
        return bytes(metrics)

    def _with_components(self, glyphs: Iterable[int]) -> set[int]:
        """Return glyphs with those that they are made of."""
        kept_glyphs, pending = {0}, list(glyphs)
        while pending:
            glyph = pending.pop()
            if glyph not in kept_glyphs:
                kept_glyphs.add(glyph)
                pending += _components(self._outline(glyph))
        return kept_glyphs


def _components(outline: bytes) -> list[int]:
    """Return the glyphs that a glyph is made of."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    glyphs, offset, flags = [], 10, _MORE
    while flags & _MORE:
        flags, glyph = struct.unpack_from(">HH", outline, offset)
        glyphs.append(glyph)
        offset += 8 if flags & _WORDS else 6
        offset += 8 if flags & _MATRIX else 4 if flags & _TWO_SCALES else 2 if flags & _SCALE else 0
    return glyphs


def _build_file(tables: dict[str, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    header = struct.pack(">IHHHH", 0x10000, count, 16 * power, power.bit_length() - 1, 16 * (count - power))
    directory, body, start = b"", b"", 12 + 16 * count
    for name, data in sorted(tables.items()):
        directory += struct.pack(">4sIII", name.encode(), _checksum(data), start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    content = bytearray(header + directory + body)
    checksum_at = next(start for name, start in _table_offsets(tables, start) if name == "head") + 8
    content[checksum_at : checksum_at + 4] = struct.pack(
        ">I", (_CHECKSUM_MAGIC - _checksum(bytes(content))) % (1 << 32)
    )
    return bytes(content)


def _table_offsets(tables: dict[str, bytes], start: int) -> list[tuple[str, int]]:
    offsets = []
    for name, data in sorted(tables.items()):
        offsets.append((name, start))
        start += len(data) + -len(data) % 4
    return offsets


def _checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) % (1 << 32)
