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
from vigie.domain.refusal import Refusal
from vigie.drawing.raster import PANIC

MOST_BYTES: Final = 60_000
MOST_WIDTH: Final = 1_200
MOST_HEIGHT: Final = 400
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# Colour type: samples a pixel.
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_FILTERS: Final = 4
# Bytes of a transparent colour, by colour type; a palette has one for each entry, and an alpha channel none.
_TRANSPARENT_BYTES: Final = {0: 2, 2: 6}
_PALETTE_DEPTH: Final = 8
_SVG_TEMPLATE: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{image}</svg>'
)
_NO_PNG: Final = Refusal(
    "logo_must_valid_png_file", "a logo must be a valid PNG file; SVG and other formats are not accepted"
)


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
        If it is no whole PNG, too large, or nothing is seen of it.
    """
    if len(text) > MOST_BYTES * 4 // 3 + 4:
        raise UsageError(
            "logo_hold_most_bytes", "a logo may hold at most {most_bytes} bytes", most_bytes=MOST_BYTES
        )
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(_NO_PNG) from None
    try:
        logo = _parse_png(content)
    except (struct.error, zlib.error, IndexError, KeyError):
        raise UsageError(_NO_PNG) from None
    if not _is_visible(logo):
        raise UsageError("logo_invisible_when_drawn", "the logo is invisible when drawn; choose another one")
    return logo


def _parse_png(content: bytes) -> Logo:
    if not content.startswith(_SIGNATURE):
        raise UsageError(_NO_PNG)
    chunks, pixels, offset = [], b"", len(_SIGNATURE)
    kinds: list[bytes] = []
    while not kinds or kinds[-1] != b"IEND":
        size, kind = struct.unpack_from(">I4s", content, offset)
        body = content[offset + 8 : offset + 8 + size]
        (crc,) = struct.unpack_from(">I", content, offset + 8 + size)
        if crc != zlib.crc32(kind + body) or (not kinds) != (kind == b"IHDR"):
            raise UsageError(_NO_PNG)
        if kind[:1].isupper() and kind not in _KEPT_CHUNKS:
            raise UsageError(_NO_PNG)
        kinds.append(kind)
        if kind == b"IEND" and size:
            raise UsageError(_NO_PNG)
        if kind in _KEPT_CHUNKS:
            chunks.append(content[offset : offset + 12 + size])
        if kind == b"IDAT":
            pixels += body
        offset += 12 + size
    width, height, depth, colour, method, filtering, interlaced = struct.unpack(">IIBBBBB", chunks[0][8:-4])
    if not (1 <= width <= MOST_WIDTH and 1 <= height <= MOST_HEIGHT):
        raise UsageError(
            "logo_must_most_x_pixels",
            "a logo must be at most {most_width} x {most_height} pixels, was {width} x {height}",
            most_width=MOST_WIDTH,
            most_height=MOST_HEIGHT,
            width=width,
            height=height,
        )
    if (
        depth not in _DEPTHS[colour]
        or method
        or filtering
        or interlaced
        or not _is_ordered(kinds)
        or not _has_colours(chunks, depth, colour)
    ):
        raise UsageError(_NO_PNG)
    row_bytes = 1 + (width * _SAMPLES[colour] * depth + 7) // 8
    decompressor = zlib.decompressobj()
    raw_pixels = decompressor.decompress(pixels, row_bytes * height + 1)
    if (
        len(raw_pixels) != row_bytes * height
        or not decompressor.eof
        or decompressor.unused_data
        or max(raw_pixels[::row_bytes]) > _FILTERS
    ):
        raise UsageError(_NO_PNG)
    return Logo(base64.b64encode(_SIGNATURE + b"".join(chunks)).decode(), width, height)


def _is_ordered(kinds: list[bytes]) -> bool:
    """Return whether pixels follow one another, after at most one palette and then at most one transparency."""
    drawing = [kind for kind in kinds if kind in (b"PLTE", b"tRNS")]
    if b"IDAT" not in kinds or drawing not in ([], [b"PLTE"], [b"tRNS"], [b"PLTE", b"tRNS"]):
        return False
    first = kinds.index(b"IDAT")
    # A PNG has nothing between its pixels, not even what is not kept here.
    is_whole = kinds[first : first + kinds.count(b"IDAT")] == [b"IDAT"] * kinds.count(b"IDAT")
    return is_whole and all(kinds.index(kind) < first for kind in drawing)


def _has_colours(chunks: list[bytes], depth: int, colour: int) -> bool:
    """Return whether palette and transparency are as long as their kind of picture has them."""
    sizes = {chunk[4:8]: len(chunk) - 12 for chunk in chunks}
    palette, transparency = sizes.get(b"PLTE"), sizes.get(b"tRNS")
    entries = 0 if palette is None else palette // 3
    if palette is not None and (
        colour in (0, 4) or palette % 3 or not 1 <= entries <= 2 ** min(depth, _PALETTE_DEPTH)
    ):
        return False
    if colour == 3:
        return palette is not None and (transparency is None or 1 <= transparency <= entries)
    return transparency is None or transparency == _TRANSPARENT_BYTES.get(colour)


def _is_visible(logo: Logo) -> bool:
    """Return whether the rasteriser draws it: a picture that it cannot decode is missing without a word."""
    size = f'width="{logo.width}" height="{logo.height}"'
    image = f'<image href="data:image/png;base64,{logo.data}" {size}/>'
    return _render(logo, image) != _render(logo, "")


def _render(logo: Logo, image: str) -> bytes:
    import resvg_py

    text = _SVG_TEMPLATE.format(width=logo.width, height=logo.height, image=image)
    try:
        return bytes(resvg_py.svg_to_bytes(svg_string=text, skip_system_fonts=True))
    except ValueError:
        raise UsageError(_NO_PNG) from None
    except BaseException as fault:  # of a panic, which is no Exception and has no class to import
        if type(fault).__name__ != PANIC:
            raise
        raise UsageError(_NO_PNG) from None


__all__ = ["MOST_BYTES", "MOST_HEIGHT", "MOST_WIDTH", "Logo", "logo_of"]
