"""Who signed: points of secp256k1, the public key of a secret, and the key that a signature reveals.

For judging signatures of simulated accounts only: nothing here runs in constant time.
"""

from __future__ import annotations

from typing import Final

from vigie_sandbox.exchange.hyperliquid.keccak import keccak_256

_PRIME: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_BASE: Final = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
)

Point = tuple[int, int]
# x/z², y/z³; z of 0 is the point at infinity.
_JacobianPoint = tuple[int, int, int]
_INFINITY: Final[_JacobianPoint] = (0, 1, 0)


def compute_address(secret: int) -> str:
    """Return the address of a secret, ``0x`` and 40 hexadecimal digits."""
    if not 0 < secret < ORDER:
        raise ValueError("a secret must be 1 to the order of the curve")
    return _hash_address(_to_affine(_multiply(secret, 0, _INFINITY)))


def recover_signer(digest: bytes, r: int, s: int, is_odd: int) -> str | None:
    """Return the address that signed a digest; None where the signature is none.

    Parameters
    ----------
    is_odd : int
        1 where the signature's point has an odd y, 0 where it is even.
    """
    if not (0 < r < ORDER and 0 < s < ORDER and is_odd in (0, 1)):
        return None
    square = (r * r * r + 7) % _PRIME
    y = pow(square, (_PRIME + 1) // 4, _PRIME)
    if y * y % _PRIME != square:
        return None
    if y % 2 != is_odd:
        y = _PRIME - y
    inverse = pow(r, -1, ORDER)
    number = int.from_bytes(digest, "big")
    point = _multiply(-number * inverse % ORDER, s * inverse % ORDER, (r, y, 1))
    return None if not point[2] else _hash_address(_to_affine(point))


def _hash_address(point: Point) -> str:
    raw = point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
    return "0x" + keccak_256(raw)[12:].hex()


def _multiply(base_factor: int, factor: int, point: _JacobianPoint) -> _JacobianPoint:
    """Return `base_factor` times the base point and `factor` times another, both at once."""
    first: _JacobianPoint = (*_BASE, 1)
    both = _add(first, point)
    total = _INFINITY
    for bit in range(255, -1, -1):
        total = _double(total)
        take = (base_factor >> bit & 1, factor >> bit & 1)
        if any(take):
            total = _add(total, both if all(take) else first if take[0] else point)
    return total


def _double(point: _JacobianPoint) -> _JacobianPoint:
    x, y, z = point
    if not z or not y:
        return _INFINITY
    square = y * y % _PRIME
    middle = 4 * x * square % _PRIME
    slope = 3 * x * x % _PRIME
    new_x = (slope * slope - 2 * middle) % _PRIME
    return new_x, (slope * (middle - new_x) - 8 * square * square) % _PRIME, 2 * y * z % _PRIME


def _add(first: _JacobianPoint, second: _JacobianPoint) -> _JacobianPoint:
    if not first[2] or not second[2]:
        return second if not first[2] else first
    (x1, y1, z1), (x2, y2, z2) = first, second
    w1, w2 = z1 * z1 % _PRIME, z2 * z2 % _PRIME
    u1, u2 = x1 * w2 % _PRIME, x2 * w1 % _PRIME
    s1, s2 = y1 * w2 * z2 % _PRIME, y2 * w1 * z1 % _PRIME
    if u1 == u2:
        return _double(first) if s1 == s2 else _INFINITY
    h, slope = (u2 - u1) % _PRIME, (s2 - s1) % _PRIME
    h2 = h * h % _PRIME
    h3, middle = h * h2 % _PRIME, u1 * h2 % _PRIME
    x = (slope * slope - h3 - 2 * middle) % _PRIME
    return x, (slope * (middle - x) - s1 * h3) % _PRIME, h * z1 * z2 % _PRIME


def _to_affine(point: _JacobianPoint) -> Point:
    x, y, z = point
    inverse = pow(z, -1, _PRIME)
    square = inverse * inverse % _PRIME
    return x * square % _PRIME, y * square * inverse % _PRIME
