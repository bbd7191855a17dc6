"""Who signed: points of secp256k1, the public key of a secret, and the key that a signature reveals.

For judging signatures of simulated accounts only: nothing here runs in constant time.
"""

from __future__ import annotations

from typing import Final

from vigie.sandbox.exchange.hyperliquid.keccak import keccak_256

_P: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_BASE: Final = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
)

Point = tuple[int, int]
# x/z², y/z³; z of 0 is the point at infinity.
_Triple = tuple[int, int, int]
_INFINITY: Final[_Triple] = (0, 1, 0)


def address_of(secret: int) -> str:
    """Return the address of a secret, ``0x`` and 40 hexadecimal digits."""
    if not 0 < secret < ORDER:
        raise ValueError("a secret must be 1 to the order of the curve")
    return _address(_plain(_times(secret, 0, _INFINITY)))


def signer(digest: bytes, r: int, s: int, odd: int) -> str | None:
    """Return the address that signed a digest; None where the signature is none.

    Parameters
    ----------
    odd : int
        1 where the signature's point has an odd y, 0 where it is even.
    """
    if not (0 < r < ORDER and 0 < s < ORDER and odd in (0, 1)):
        return None
    square = (r * r * r + 7) % _P
    y = pow(square, (_P + 1) // 4, _P)
    if y * y % _P != square:
        return None
    if y % 2 != odd:
        y = _P - y
    inverse = pow(r, -1, ORDER)
    number = int.from_bytes(digest, "big")
    found = _times(-number * inverse % ORDER, s * inverse % ORDER, (r, y, 1))
    return None if not found[2] else _address(_plain(found))


def _address(point: Point) -> str:
    raw = point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
    return "0x" + keccak_256(raw)[12:].hex()


def _times(base: int, other: int, point: _Triple) -> _Triple:
    """Return `base` times the base point and `other` times another, both at once."""
    first: _Triple = (*_BASE, 1)
    both = _sum(first, point)
    found = _INFINITY
    for bit in range(255, -1, -1):
        found = _doubled(found)
        take = (base >> bit & 1, other >> bit & 1)
        if any(take):
            found = _sum(found, both if all(take) else first if take[0] else point)
    return found


def _doubled(one: _Triple) -> _Triple:
    x, y, z = one
    if not z or not y:
        return _INFINITY
    square = y * y % _P
    middle = 4 * x * square % _P
    slope = 3 * x * x % _P
    new_x = (slope * slope - 2 * middle) % _P
    return new_x, (slope * (middle - new_x) - 8 * square * square) % _P, 2 * y * z % _P


def _sum(one: _Triple, two: _Triple) -> _Triple:
    if not one[2] or not two[2]:
        return two if not one[2] else one
    (x1, y1, z1), (x2, y2, z2) = one, two
    w1, w2 = z1 * z1 % _P, z2 * z2 % _P
    u1, u2 = x1 * w2 % _P, x2 * w1 % _P
    s1, s2 = y1 * w2 * z2 % _P, y2 * w1 * z1 % _P
    if u1 == u2:
        return _doubled(one) if s1 == s2 else _INFINITY
    h, slope = (u2 - u1) % _P, (s2 - s1) % _P
    h2 = h * h % _P
    h3, middle = h * h2 % _P, u1 * h2 % _P
    x = (slope * slope - h3 - 2 * middle) % _P
    return x, (slope * (middle - x) - s1 * h3) % _P, h * z1 * z2 % _P


def _plain(one: _Triple) -> Point:
    x, y, z = one
    inverse = pow(z, -1, _P)
    square = inverse * inverse % _P
    return x * square % _P, y * square * inverse % _P
