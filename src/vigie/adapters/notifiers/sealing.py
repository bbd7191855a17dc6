"""Addresses that are secrets: encrypted before they are kept, told apart by a mark that gives nothing away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final

from vigie.domain.errors import ConfigError, ConnectorError

_NONCE_BYTES: Final = 12
_FINGERPRINT_LENGTH: Final = 8
_CHANNELS: Final = "alert-addresses"
_ASSOCIATED_DATA: Final = b"alert-channel/1"


class AddressSeal:
    """Seals with AES-256-GCM, under a key that is derived from the home's.

    Parameters
    ----------
    key : callable
        Gives the home's key; asked for when something is sealed or opened.
    use : str
        What the addresses are of; what was sealed for one use cannot be opened for another.
    mark_length : int
        Letters of a fingerprint.
    """

    def __init__(
        self, key: Callable[[], bytes], *, use: str = _CHANNELS, mark_length: int = _FINGERPRINT_LENGTH
    ) -> None:
        self._key = key
        self._use = use
        self._mark_length = mark_length

    def seal(self, address: str) -> str:
        """Return what may be kept of an address."""
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = _cipher(self._derive_key("seal")).encrypt(nonce, address.encode(), _ASSOCIATED_DATA)
        return base64.urlsafe_b64encode(nonce + ciphertext).decode()

    def open(self, sealed: str) -> str:
        """Return the address.

        Raises
        ------
        ConnectorError
            If the home's key is another one than it was sealed with.
        """
        from cryptography.exceptions import InvalidTag

        try:
            sealed_bytes = base64.urlsafe_b64decode(sealed)
            plaintext: bytes = _cipher(self._derive_key("seal")).decrypt(
                sealed_bytes[:_NONCE_BYTES], sealed_bytes[_NONCE_BYTES:], _ASSOCIATED_DATA
            )
        except (InvalidTag, ValueError) as fault:
            raise ConnectorError(
                "address_encrypted_another_key",
                "its address was encrypted with another key; remove it and add it again",
            ) from fault
        return plaintext.decode()

    def fingerprint(self, address: str) -> str:
        """Return a few letters by which its owner tells one address from another."""
        return hmac.new(self._derive_key("mark"), address.encode(), hashlib.sha256).hexdigest()[
            : self._mark_length
        ]

    def _derive_key(self, use: str) -> bytes:
        return hmac.new(self._key(), f"{self._use}\0{use}".encode(), hashlib.sha256).digest()


def _cipher(key: bytes) -> Any:
    if find_spec("cryptography") is None:
        raise ConfigError(
            "secret_addresses_require_package_cryptography",
            "secret addresses require the package cryptography; run: pip install 'vigie[apprise]'",
        )
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
