"""A TrueType font as bytes: its tables, its letters, and how far each glyph moves the pen.

After the OpenType specification 1.9: tables `cmap` (formats 4 and 12), `head`, `hhea`, `hmtx`.
"""

from __future__ import annotations

import struct


def read_tables(data: bytes) -> dict[str, bytes]:
    """Return the tables of a font file by their names.

    Parameters
    ----------
    data : bytes
        A whole TrueType or OpenType file.

    Returns
    -------
    dict of str to bytes
        Bytes of each table by its four-letter name, such as ``cmap``.

    Raises
    ------
    struct.error
        If it is none.
    """
    (number,) = struct.unpack_from(">H", data, 4)
    tables = {}
    for index in range(number):
        name, _, start, size = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        tables[name.decode("latin-1")] = data[start : start + size]
    return tables


def units_per_em(tables: dict[str, bytes]) -> int:
    """Return how many units of the font its size has.

    Parameters
    ----------
    tables : dict of str to bytes
        As `read_tables` gives them; ``head`` is read.

    Returns
    -------
    int
        Usually 1,000 or 2,048.
    """
    return int(struct.unpack_from(">H", tables["head"], 18)[0])


def glyph_advances(tables: dict[str, bytes]) -> tuple[int, ...]:
    """Return how far glyphs move the pen, in units of the font; all after the last go as far as it.

    Parameters
    ----------
    tables : dict of str to bytes
        As `read_tables` gives them; ``hhea`` and ``hmtx`` are read.

    Returns
    -------
    tuple of int
        By glyph number.
    """
    (number,) = struct.unpack_from(">H", tables["hhea"], 34)
    # Each is followed by how far left its glyph begins.
    return struct.unpack_from(f">{2 * number}H", tables["hmtx"])[::2]


def glyphs_by_letter(cmap: bytes) -> dict[int, int]:
    """Return the glyph of each letter, by its code point; where two lists differ the longer form counts.

    Parameters
    ----------
    cmap : bytes
        Bytes of the ``cmap`` table; its formats 4 and 12 are read, others left out.

    Returns
    -------
    dict of int to int
        Glyph number by code point; a missing letter is absent or 0, which draws the empty box.
    """
    (number,) = struct.unpack_from(">H", cmap, 2)
    glyphs: dict[int, int] = {}
    for index in range(number):
        (start,) = struct.unpack_from(">I", cmap, 8 + 8 * index)
        (form,) = struct.unpack_from(">H", cmap, start)
        if form == 4:
            glyphs = {**_read_format_4(cmap, start), **glyphs}
        elif form == 12:
            glyphs |= _read_format_12(cmap, start)
    return glyphs


def _read_format_12(cmap: bytes, start: int) -> dict[int, int]:
    (groups,) = struct.unpack_from(">I", cmap, start + 12)
    glyphs: dict[int, int] = {}
    for group in range(groups):
        first, last, glyph = struct.unpack_from(">III", cmap, start + 16 + 12 * group)
        glyphs.update(zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True))
    return glyphs


def _read_format_4(cmap: bytes, start: int) -> dict[int, int]:
    double = struct.unpack_from(">H", cmap, start + 6)[0]
    ends, starts = start + 14, start + 16 + double
    glyphs: dict[int, int] = {}
    for offset_at in range(0, double, 2):
        last, first = (struct.unpack_from(">H", cmap, where + offset_at)[0] for where in (ends, starts))
        delta, offset = (struct.unpack_from(">H", cmap, starts + n * double + offset_at)[0] for n in (1, 2))
        for letter in range(first, min(last, 0xFFFE) + 1):
            glyph = letter
            if offset:
                where = starts + 2 * double + offset_at + offset + 2 * (letter - first)
                glyph = struct.unpack_from(">H", cmap, where)[0]
            glyphs[letter] = (glyph + delta) & 0xFFFF if glyph or not offset else 0
    return glyphs
