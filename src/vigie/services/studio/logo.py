"""A logo that a person sends: a small PNG, opened piece by piece, and only what draws it is kept.

SVG is not taken: it may hold scripts and links. Of a PNG nothing is kept but size, palette, transparency and pixels,
so that no text, profile or second file hides in it; pixels are unpacked up to their own size and no further.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import UsageError

MOST_BYTES: Final = 60_000
MOST_WIDTH: Final = 1_200
MOST_HEIGHT: Final = 400
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# Colour type: samples a pixel.
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_FILTERS: Final = 4
_NO_PNG: Final = "a logo must be a PNG that can be read; SVG and others are not taken"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that was checked: PNG as base64, and its size in pixels."""

    data: str
    width: int
    height: int


def logo_of(text: str) -> Logo:
    """Return the logo in a PNG that is written as base64.

    Raises
    ------
    UsageError
        If it is no whole PNG, or too large.
    """
    if len(text) > MOST_BYTES * 4 // 3 + 4:
        raise UsageError(f"a logo may hold at most {MOST_BYTES} bytes")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(_NO_PNG) from None
    try:
        return _read(content)
    except (struct.error, zlib.error, IndexError, KeyError):
        raise UsageError(_NO_PNG) from None


def _read(content: bytes) -> Logo:
    if not content.startswith(_SIGNATURE):
        raise UsageError(_NO_PNG)
    pieces, pixels, at = [], b"", len(_SIGNATURE)
    kinds: list[bytes] = []
    while not kinds or kinds[-1] != b"IEND":
        size, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + size]
        (crc,) = struct.unpack_from(">I", content, at + 8 + size)
        if crc != zlib.crc32(kind + body) or (not kinds) != (kind == b"IHDR"):
            raise UsageError(_NO_PNG)
        if kind[:1].isupper() and kind not in _KEPT:
            raise UsageError(_NO_PNG)
        kinds.append(kind)
        if kind in _KEPT:
            pieces.append(content[at : at + 12 + size])
        if kind == b"IDAT":
            pixels += body
        at += 12 + size
    width, height, depth, colour, method, filtering, interlaced = struct.unpack(">IIBBBBB", pieces[0][8:-4])
    if not (1 <= width <= MOST_WIDTH and 1 <= height <= MOST_HEIGHT):
        raise UsageError(
            f"a logo must be at most {MOST_WIDTH} x {MOST_HEIGHT} pixels, was {width} x {height}"
        )
    if (
        depth not in _DEPTHS[colour]
        or method
        or filtering
        or interlaced
        or (colour == 3) > (b"PLTE" in kinds)
    ):
        raise UsageError(_NO_PNG)
    row = 1 + (width * _SAMPLES[colour] * depth + 7) // 8
    unpacked = zlib.decompressobj().decompress(pixels, row * height + 1)
    if len(unpacked) != row * height or max(unpacked[::row]) > _FILTERS:
        raise UsageError(_NO_PNG)
    return Logo(base64.b64encode(_SIGNATURE + b"".join(pieces)).decode(), width, height)


__all__ = ["MOST_BYTES", "MOST_HEIGHT", "MOST_WIDTH", "Logo", "logo_of"]
