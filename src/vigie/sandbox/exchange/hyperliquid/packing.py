"""MessagePack of plain JSON, in the order of its keys: the bytes that a signature is over."""

from __future__ import annotations

import struct
from typing import Any, Final

_DEEPEST: Final = 16


class Unpackable(ValueError):
    """A value that no action holds."""


def packed(value: Any, depth: int = 0) -> bytes:
    """Return a value as MessagePack writes it.

    Raises
    ------
    Unpackable
        For numbers with a fraction and beyond 64 bits, and for what is nested too deeply.
    """
    if depth > _DEEPEST:
        raise Unpackable("nested too deeply")
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, str):
        raw = value.encode()
        return _head(len(raw), 0xA0, 32, (0xD9, 0xDA, 0xDB)) + raw
    if isinstance(value, list):
        return _head(len(value), 0x90, 16, (None, 0xDC, 0xDD)) + b"".join(
            packed(one, depth + 1) for one in value
        )
    if isinstance(value, dict):
        parts = (packed(part, depth + 1) for pair in value.items() for part in pair)
        return _head(len(value), 0x80, 16, (None, 0xDE, 0xDF)) + b"".join(parts)
    raise Unpackable(f"no action holds a {type(value).__name__}")


def _integer(value: int) -> bytes:
    if 0 <= value < 0x80:
        return bytes([value])
    if -0x20 <= value < 0:
        return struct.pack("b", value)
    sizes = (
        ((0xCC, ">B", 8), (0xCD, ">H", 16), (0xCE, ">I", 32), (0xCF, ">Q", 64))
        if value >= 0
        else ((0xD0, ">b", 7), (0xD1, ">h", 15), (0xD2, ">i", 31), (0xD3, ">q", 63))
    )
    for mark, form, bits in sizes:
        if -(1 << bits) <= value < (1 << bits):
            return bytes([mark]) + struct.pack(form, value)
    raise Unpackable(f"{value} has more than 64 bits")


def _head(size: int, small: int, below: int, marks: tuple[int | None, int, int]) -> bytes:
    """Return what comes before a text, list or mapping of a size."""
    if size < below:
        return bytes([small | size])
    byte, two, four = marks
    if byte is not None and size < 1 << 8:
        return bytes([byte, size])
    if size < 1 << 16:
        return bytes([two]) + struct.pack(">H", size)
    return bytes([four]) + struct.pack(">I", size)
