"""Texts of addresses and keys to bytes and back: base58check, bech32 (BIP173) and bech32m (BIP350)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from vigie.intelligence.addresses.digests import double_sha256

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_MARK: Final = 1
_BECH32M_MARK: Final = 0x2BC830A3
_CHECKSUM: Final = 4
_LONGEST_SEGWIT: Final = 90


def decode_base58check(text: str) -> bytes | None:
    """Return the content of a text; None where it is no base58, or its checksum is wrong."""
    number = 0
    for letter in text:
        digit = _BASE58.find(letter)
        if digit < 0:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    content, checksum = raw[:-_CHECKSUM], raw[-_CHECKSUM:]
    return content if content and double_sha256(content)[:_CHECKSUM] == checksum else None


def encode_base58check(content: bytes) -> str:
    """Return a content as a text with its checksum."""
    raw = content + double_sha256(content)[:_CHECKSUM]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def decode_segwit(prefix: str, text: str) -> tuple[int, bytes] | None:
    """Return version and program of a segwit address; None where it is none.

    Parameters
    ----------
    prefix : str
        Of the network, ``bc``.
    text : str
        The address, in small letters or in capitals.

    Returns
    -------
    tuple of int and bytes, or None
    """
    if text not in (text.lower(), text.upper()) or len(text) > _LONGEST_SEGWIT:
        return None
    found, _, data = text.lower().rpartition("1")
    digits = [_BECH32.find(letter) for letter in data]
    if found != prefix or len(digits) < 7 or min(digits) < 0:
        return None
    version = digits[0]
    if _polymod(_expand(prefix), digits) != (_BECH32M_MARK if version else _BECH32_MARK):
        return None
    program = _regroup(digits[1:-6], 5, 8)
    is_one = program is not None and version <= 16 and 2 <= len(program) <= 40
    if program is None or not is_one or (version == 0 and len(program) not in (20, 32)):
        return None
    return version, program


def encode_segwit(prefix: str, version: int, program: bytes) -> str:
    """Return the address of a program in small letters."""
    digits = [version, *(_regroup_out(program))]
    mark = _BECH32M_MARK if version else _BECH32_MARK
    remainder = _polymod(_expand(prefix), [*digits, *[0] * 6]) ^ mark
    checksum = [remainder >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1" + "".join(_BECH32[digit] for digit in [*digits, *checksum])


def _expand(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _polymod(*parts: Iterable[int]) -> int:
    remainder = 1
    for part in parts:
        for value in part:
            top = remainder >> 25
            remainder = (remainder & 0x1FFFFFF) << 5 ^ value
            for bit, generator in enumerate(_GENERATOR):
                if top >> bit & 1:
                    remainder ^= generator
    return remainder


def _regroup(values: Sequence[int], from_bits: int, to_bits: int) -> bytes | None:
    """Return groups of 5 bits as bytes; None where what is left over is not zeros, or is too much."""
    total = 0
    for value in values:
        total = total << from_bits | value
    left = len(values) * from_bits % to_bits
    if left >= from_bits or total & ((1 << left) - 1):
        return None
    return (total >> left).to_bytes(len(values) * from_bits // to_bits, "big")


def _regroup_out(program: bytes) -> list[int]:
    count = (len(program) * 8 + 4) // 5
    total = int.from_bytes(program, "big") << (count * 5 - len(program) * 8)
    return [total >> 5 * (count - 1 - place) & 31 for place in range(count)]
