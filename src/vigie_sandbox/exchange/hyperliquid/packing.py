"""MessagePack of plain JSON, in the order of its keys: the bytes that a signature is over."""

from __future__ import annotations

import struct
from typing import Any, Final

_MAX_DEPTH: Final = 16


class Unpackable(ValueError):
    """A value that no action holds."""


def pack(value: Any, depth: int = 0) -> bytes:
    """Return a value as MessagePack writes it.

    Raises
    ------
    Unpackable
        For numbers with a fraction and beyond 64 bits, and for what is nested too deeply.
    """
    if depth > _MAX_DEPTH:
        raise Unpackable("nested too deeply")
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _pack_integer(value)
    if isinstance(value, str):
        encoded = value.encode()
        return _pack_head(len(encoded), 0xA0, 32, (0xD9, 0xDA, 0xDB)) + encoded
    if isinstance(value, list):
        return _pack_head(len(value), 0x90, 16, (None, 0xDC, 0xDD)) + b"".join(
            pack(part_value, depth + 1) for part_value in value
        )
    if isinstance(value, dict):
        parts = (pack(part, depth + 1) for pair in value.items() for part in pair)
        return _pack_head(len(value), 0x80, 16, (None, 0xDE, 0xDF)) + b"".join(parts)
    raise Unpackable(f"no action holds a {type(value).__name__}")


def _pack_integer(value: int) -> bytes:
    if 0 <= value < 0x80:
        return bytes([value])
    if -0x20 <= value < 0:
        return struct.pack("b", value)
    sizes = (
        ((0xCC, ">B", 8), (0xCD, ">H", 16), (0xCE, ">I", 32), (0xCF, ">Q", 64))
        if value >= 0
        else ((0xD0, ">b", 7), (0xD1, ">h", 15), (0xD2, ">i", 31), (0xD3, ">q", 63))
    )
    for type_byte, struct_format, bits in sizes:
        if -(1 << bits) <= value < (1 << bits):
            return bytes([type_byte]) + struct.pack(struct_format, value)
    raise Unpackable(f"{value} has more than 64 bits")


def _pack_head(size: int, small: int, below: int, type_bytes: tuple[int | None, int, int]) -> bytes:
    """Return what comes before a text, list or mapping of a size."""
    if size < below:
        return bytes([small | size])
    byte, two, four = type_bytes
    if byte is not None and size < 1 << 8:
        return bytes([byte, size])
    if size < 1 << 16:
        return bytes([two]) + struct.pack(">H", size)
    return bytes([four]) + struct.pack(">I", size)
