"""Hash functions of Bitcoin and Ethereum: RIPEMD-160, which OpenSSL 3 may leave out, and Keccak before it was SHA-3."""

from __future__ import annotations

import hashlib
from typing import Final

_MASK_32: Final = 0xFFFFFFFF
_MASK_64: Final = 0xFFFFFFFFFFFFFFFF
# RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996): order of words and rotations, left and right.
_RHO: Final = (7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8)
_SHIFTS: Final = (
    (11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8),
    (12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7),
    (13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9),
    (14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6),
    (15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5),
)
_LEFT: Final = (0, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
_RIGHT: Final = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0)
_BEGIN: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_KECCAK_RATE: Final = 136
_KECCAK_ROUNDS: Final = 24


def double_sha256(content: bytes) -> bytes:
    """Return SHA-256 of SHA-256, Bitcoin's checksum."""
    return hashlib.sha256(hashlib.sha256(content).digest()).digest()


def hash160(content: bytes) -> bytes:
    """Return RIPEMD-160 of SHA-256, 20 bytes: what an address of Bitcoin has of a key or a script."""
    return ripemd160(hashlib.sha256(content).digest())


def ripemd160(content: bytes) -> bytes:
    """Return the 20 bytes of RIPEMD-160."""
    padded = content + b"\x80" + bytes(-(len(content) + 9) % 64) + (8 * len(content)).to_bytes(8, "little")
    state = _BEGIN
    for place in range(0, len(padded), 64):
        words = [int.from_bytes(padded[at : at + 4], "little") for at in range(place, place + 64, 4)]
        left, right = _line(state, words, is_left=True), _line(state, words, is_left=False)
        state = (
            (state[1] + left[2] + right[3]) & _MASK_32,
            (state[2] + left[3] + right[4]) & _MASK_32,
            (state[3] + left[4] + right[0]) & _MASK_32,
            (state[4] + left[0] + right[1]) & _MASK_32,
            (state[0] + left[1] + right[2]) & _MASK_32,
        )
    return b"".join(part.to_bytes(4, "little") for part in state)


def _line(state: tuple[int, int, int, int, int], words: list[int], *, is_left: bool) -> tuple[int, ...]:
    a, b, c, d, e = state
    order = list(range(16)) if is_left else [(9 * place + 5) % 16 for place in range(16)]
    for number in range(5):
        constant = (_LEFT if is_left else _RIGHT)[number]
        for place in order:
            mixed = _mix(number if is_left else 4 - number, b, c, d)
            total = (a + mixed + words[place] + constant) & _MASK_32
            rotated = _rotate_32(total, _SHIFTS[number][place])
            a, b, c, d, e = e, (rotated + e) & _MASK_32, b, _rotate_32(c, 10), d
        order = [_RHO[place] for place in order]
    return a, b, c, d, e


def _mix(number: int, x: int, y: int, z: int) -> int:
    return (
        x ^ y ^ z,
        (x & y) | (~x & z & _MASK_32),
        (x | (~y & _MASK_32)) ^ z,
        (x & z) | (y & ~z & _MASK_32),
        x ^ (y | (~z & _MASK_32)),
    )[number]


def _rotate_32(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _MASK_32


def keccak256(content: bytes) -> bytes:
    """Return the 32 bytes of Keccak-256 as Ethereum uses it; SHA3-256 pads otherwise."""
    padding = bytearray(_KECCAK_RATE - len(content) % _KECCAK_RATE)
    padding[0], padding[-1] = 1, padding[-1] | 0x80
    if len(padding) == 1:
        padding[0] = 0x81
    padded = content + bytes(padding)
    lanes = [[0] * 5 for _ in range(5)]
    for place in range(0, len(padded), _KECCAK_RATE):
        for lane in range(_KECCAK_RATE // 8):
            at = place + 8 * lane
            lanes[lane % 5][lane // 5] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lanes[lane][0].to_bytes(8, "little") for lane in range(4))


def _permute(lanes: list[list[int]]) -> list[list[int]]:
    register = 1
    for _ in range(_KECCAK_ROUNDS):
        columns = [lane[0] ^ lane[1] ^ lane[2] ^ lane[3] ^ lane[4] for lane in lanes]
        parity = [columns[x - 1] ^ _rotate_64(columns[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[lane ^ parity[x] for lane in lanes[x]] for x in range(5)]
        x, y, current = 1, 0, lanes[1][0]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], _rotate_64(current, (step + 1) * (step + 2) // 2 % 64)
        lanes = [
            [lanes[x][y] ^ (~lanes[(x + 1) % 5][y] & lanes[(x + 2) % 5][y] & _MASK_64) for y in range(5)]
            for x in range(5)
        ]
        for bit in range(7):
            register = ((register << 1) ^ ((register >> 7) * 0x71)) % 256
            if register & 2:
                lanes[0][0] ^= 1 << ((1 << bit) - 1)
    return lanes


def _rotate_64(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _MASK_64
