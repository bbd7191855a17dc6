"""Points of secp256k1, only for public keys: no number here is a secret, so nothing need take the same time."""

from __future__ import annotations

from functools import cache
from typing import Final

# SEC 2, version 2.0, section 2.4.1.
FIELD: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_BASE: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
# None is the point at infinity.
CurvePoint = tuple[int, int] | None


def read_point(compressed: bytes) -> CurvePoint:
    """Return the point of a compressed public key.

    Parameters
    ----------
    compressed : bytes
        33 bytes: 2 or 3, and the coordinate x.

    Returns
    -------
    tuple of int, or None
        None where there is no such point.
    """
    x = int.from_bytes(compressed[1:], "big")
    if len(compressed) != 33 or compressed[0] not in (2, 3) or x >= FIELD:
        return None
    square = (pow(x, 3, FIELD) + 7) % FIELD
    y = pow(square, (FIELD + 1) // 4, FIELD)
    if y * y % FIELD != square:
        return None
    return x, y if y % 2 == compressed[0] % 2 else FIELD - y


def write_point(point: tuple[int, int]) -> bytes:
    """Return the compressed public key of a point."""
    return bytes([2 + point[1] % 2]) + point[0].to_bytes(32, "big")


def add_points(first: CurvePoint, second: CurvePoint) -> CurvePoint:
    """Return the sum of two points; None is zero."""
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % FIELD == 0:
        return None
    rise, run = (3 * x1 * x1, 2 * y1) if first == second else (y2 - y1, x2 - x1)
    slope = rise * pow(run, -1, FIELD)
    x = (slope * slope - x1 - x2) % FIELD
    return x, (slope * (x1 - x) - y1) % FIELD


def multiply_base(factor: int) -> CurvePoint:
    """Return the base point taken `factor` times."""
    total: CurvePoint = None
    for bit, power in enumerate(_base_powers()):
        if factor >> bit & 1:
            total = add_points(total, power)
    return total


@cache
def _base_powers() -> tuple[CurvePoint, ...]:
    powers: list[CurvePoint] = [_BASE]
    while len(powers) < 256:
        powers.append(add_points(powers[-1], powers[-1]))
    return tuple(powers)
