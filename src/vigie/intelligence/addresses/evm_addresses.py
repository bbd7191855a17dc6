"""Addresses of Ethereum and chains like it: 20 bytes whose capitals are their checksum (EIP-55)."""

from __future__ import annotations

import re
from typing import Final

from vigie.intelligence.addresses.digests import keccak256

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def checksum_address(address: str) -> str:
    """Return an address with the capitals of its checksum.

    Parameters
    ----------
    address : str
        0x and 40 hexadecimal digits.

    Returns
    -------
    str
    """
    digits = address[2:].lower()
    marks = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) >= 8 else digit for digit, mark in zip(digits, marks, strict=False)
    )


def is_evm_address(text: str) -> bool:
    """Tell whether a text is an address; where small letters and capitals are mixed, they must be its checksum."""
    if not _ADDRESS.fullmatch(text):
        return False
    digits = text[2:]
    return digits in (digits.lower(), digits.upper()) or text == checksum_address(text)
