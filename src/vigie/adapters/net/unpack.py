"""Unpacking an answer piece by piece: never more in memory than may be kept, however much a few bytes stand for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

# What is asked for; others are not unpacked here.
ENCODINGS: Final = ("gzip", "deflate")
_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_CHUNK_BYTES: Final = 64 * 1024


class Unpacker:
    """Unpacks one answer.

    Parameters
    ----------
    encoding : str
        One of `ENCODINGS`; anything else is passed on as it is.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decompressor: zlib._Decompress | None = None

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Yield what some bytes stand for, in pieces.

        Raises
        ------
        zlib.error
            If they are not packed so.
        """
        if self._encoding not in ENCODINGS:
            yield packed
            return
        if self._decompressor is None and packed:
            self._decompressor = zlib.decompressobj(
                _GZIP if self._encoding == "gzip" else _deflate_window(packed)
            )
        while packed and self._decompressor is not None:
            yield self._decompressor.decompress(packed, _CHUNK_BYTES)
            packed = self._decompressor.unconsumed_tail


def _deflate_window(packed: bytes) -> int:
    """Return whether ``deflate`` comes with zlib's head, as it should, or bare, as some send it."""
    is_zlib = packed[0] & 0x0F == 8 and (len(packed) < 2 or (packed[0] << 8 | packed[1]) % 31 == 0)
    return _ZLIB if is_zlib else _RAW
