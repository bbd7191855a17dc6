"""A shipped font cut down to the letters of one file, as WOFF inside that file: nothing is asked of anybody.

A browser takes a font whole or not at all, so every table that it demands is written anew: glyphs are numbered from
0, compound ones bring their parts, hints are left out. After the OpenType specification 1.9 and WOFF 1.0 (W3C, 2012).
The SIL Open Font License 1.1 of these fonts allows cutting and embedding; its notice travels in the font's own names.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from vigie.domain.typeface import glyph_advances, glyphs_by_letter, read_tables
from vigie.drawing.raster import FACES, FONTS
from vigie.services.studio.style import FontChoice

# Flags of a compound glyph's part.
_WORDS, _SCALE, _MORE, _SCALES, _MATRIX, _HINTS = 0x1, 0x8, 0x20, 0x40, 0x80, 0x100
_MAGIC: Final = 0xB1B0AFBA
_BMP: Final = 0xFFFF
# What a font without names of its glyphs says of them.
_NAMELESS: Final = struct.pack(">IIhhIIIII", 0x00030000, 0, -100, 50, 0, 0, 0, 0, 0)


def font_faces(family: str, letters: Iterable[str], bold: Iterable[str], font: FontChoice = "inter") -> str:
    """Return the rules of a style sheet that bring a font in two weights, each with its letters only."""
    faces = []
    for weight, name, wanted_letters in zip((400, 600), FACES[font], (letters, bold), strict=True):
        points = tuple(sorted({ord(letter) for letter in wanted_letters} | {0x20}))
        data = base64.b64encode(woff(points, FONTS / name)).decode()
        faces.append(
            f'@font-face{{font-family:"{family}";font-weight:{weight};'
            f"src:url(data:font/woff;base64,{data}) format('woff')}}"
        )
    return "".join(faces)


@lru_cache(maxsize=32)
def woff(points: tuple[int, ...], path: Path) -> bytes:
    """Return a font with the letters of some code points, those that it has, as WOFF."""
    return _pack_woff(subset_font(_tables(path), points))


@cache
def _tables(path: Path) -> dict[str, bytes]:
    return read_tables(path.read_bytes())


def subset_font(tables: dict[str, bytes], points: Iterable[int]) -> dict[str, bytes]:
    """Return the tables of a font with the glyphs of some code points."""
    available = glyphs_by_letter(tables["cmap"])
    wanted = {point: available[point] for point in sorted(points) if available.get(point) and point < _BMP}
    outlines = _outlines(tables)
    glyphs = list(dict.fromkeys([0, *wanted.values()]))
    for glyph in glyphs:  # grows while it is walked: parts may have parts
        glyphs += [part for part in _parts(outlines(glyph)) if part not in glyphs]
    number_of = {glyph: number for number, glyph in enumerate(glyphs)}
    glyf, loca = b"", [0]
    for glyph in glyphs:
        outline = _strip_hints(outlines(glyph), number_of)
        glyf += outline + b"\0" * (-len(outline) % 4)
        loca.append(len(glyf))
    count = len(glyphs)
    advances = glyph_advances(tables)
    head = bytearray(tables["head"])
    struct.pack_into(">I", head, 8, 0)
    struct.pack_into(">h", head, 50, 1)
    hhea = tables["hhea"][:34] + struct.pack(">H", count)
    return {
        "OS/2": tables["OS/2"],
        "cmap": _cmap({point: number_of[glyph] for point, glyph in wanted.items()}),
        "glyf": glyf or b"\0",
        "head": bytes(head),
        "hhea": hhea,
        "hmtx": b"".join(_glyph_metric(tables["hmtx"], advances, glyph) for glyph in glyphs),
        "loca": struct.pack(f">{count + 1}I", *loca),
        "maxp": tables["maxp"][:4] + struct.pack(">H", count) + tables["maxp"][6:],
        "name": tables["name"],
        "post": _NAMELESS,
    }


def _outlines(tables: dict[str, bytes]) -> Callable[[int], bytes]:
    """Return what gives the outline of a glyph as bytes."""
    loca, glyf = tables["loca"], tables["glyf"]
    (is_long,) = struct.unpack_from(">h", tables["head"], 50)

    def outline(glyph: int) -> bytes:
        if is_long:
            start, end = struct.unpack_from(">II", loca, 4 * glyph)
        else:
            start, end = (2 * half for half in struct.unpack_from(">HH", loca, 2 * glyph))
        return glyf[start:end]

    return outline


def _components(outline: bytes) -> list[tuple[int, int, int, int]]:
    """Return the parts of a compound glyph: where each stands, its end, its flags, its glyph."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    components, offset = [], 10
    while True:
        flags, glyph = struct.unpack_from(">HH", outline, offset)
        size = 4 + (4 if flags & _WORDS else 2)
        size += 2 if flags & _SCALE else 4 if flags & _SCALES else 8 if flags & _MATRIX else 0
        components.append((offset, offset + size, flags, glyph))
        offset += size
        if not flags & _MORE:
            return components


def _parts(outline: bytes) -> list[int]:
    return [glyph for _, _, _, glyph in _components(outline)]


def _strip_hints(outline: bytes, number_of: dict[int, int]) -> bytes:
    """Return an outline without hints, its parts under their new numbers."""
    if len(outline) < 10:
        return b""
    parts = _components(outline)
    if parts:
        body = b"".join(
            struct.pack(">HH", flags & ~_HINTS, number_of[glyph]) + outline[start + 4 : end]
            for start, end, flags, glyph in parts
        )
        return outline[:10] + body
    (contours,) = struct.unpack_from(">h", outline)
    after = 10 + 2 * contours
    (hints,) = struct.unpack_from(">H", outline, after)
    return outline[:after] + b"\0\0" + outline[after + 2 + hints :]


def _glyph_metric(hmtx: bytes, advances: Sequence[int], glyph: int) -> bytes:
    """Return how far a glyph moves the pen and how far left it begins."""
    last = len(advances) - 1
    bearing = 4 * glyph + 2 if glyph <= last else 4 * (last + 1) + 2 * (glyph - last - 1)
    return struct.pack(">H", advances[min(glyph, last)]) + hmtx[bearing : bearing + 2]


def _cmap(letters: dict[int, int]) -> bytes:
    """Return a list of letters in format 4: one segment for each run of code points and glyphs."""
    runs: list[list[int]] = []
    for point, glyph in letters.items():
        if runs and point == runs[-1][1] + 1 and glyph - point == runs[-1][2]:
            runs[-1][1] = point
        else:
            runs.append([point, point, glyph - point])
    runs.append([_BMP, _BMP, 1])
    count = len(runs)
    power = 1 << (count.bit_length() - 1)
    ends = struct.pack(f">{count}H", *(run[1] for run in runs))
    starts = struct.pack(f">{count}H", *(run[0] for run in runs))
    deltas = struct.pack(f">{count}H", *(run[2] % 65536 for run in runs))
    body = ends + b"\0\0" + starts + deltas + b"\0\0" * count
    head = struct.pack(
        ">HHHHHHH", 4, 14 + len(body), 0, 2 * count, 2 * power, power.bit_length() - 1, 2 * (count - power)
    )
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + head + body


def _checksum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    return int(sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF)


def _pack_woff(tables: dict[str, bytes]) -> bytes:
    """Return tables as one WOFF file."""
    tables = dict(sorted(tables.items()))
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    # The sum over the whole font as it is without compression stands in its head.
    record = struct.pack(
        ">IHHHH", 0x00010000, count, 16 * power, power.bit_length() - 1, 16 * (count - power)
    )
    offset = 12 + 16 * count
    for tag, data in tables.items():
        record += struct.pack(">4sIII", tag.encode(), _checksum(data), offset, len(data))
        offset += len(data) + -len(data) % 4
    total = (_checksum(record) + sum(_checksum(data) for data in tables.values())) & 0xFFFFFFFF
    sums = {tag: _checksum(data) for tag, data in tables.items()}
    head = bytearray(tables["head"])
    struct.pack_into(">I", head, 8, (_MAGIC - total) & 0xFFFFFFFF)
    tables["head"] = bytes(head)
    data_offset, directory, body = 44 + 20 * count, b"", b""
    for tag, data in tables.items():
        compressed = zlib.compress(data, 9)
        stored = compressed if len(compressed) < len(data) else data
        directory += struct.pack(
            ">4sIIII", tag.encode(), data_offset + len(body), len(stored), len(data), sums[tag]
        )
        body += stored + b"\0" * (-len(stored) % 4)
    length = data_offset + len(body)
    return (
        struct.pack(">4sIIHHIHHIIIII", b"wOFF", 0x00010000, length, count, 0, offset, 1, 0, 0, 0, 0, 0, 0)
        + directory
        + body
    )


__all__ = ["font_faces", "subset_font", "woff"]
