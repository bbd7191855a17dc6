"""Bitcoin: one address, or an extended public key whose addresses are derived here and by nobody else (BIP32)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.errors import UsageError
from vigie.intelligence.addresses.address_codecs import (
    decode_base58check,
    decode_segwit,
    encode_base58check,
    encode_segwit,
)
from vigie.intelligence.addresses.digests import hash160
from vigie.intelligence.addresses.public_curve import (
    ORDER,
    add_points,
    multiply_base,
    read_point,
    write_point,
)

AddressForm = Literal["legacy", "nested", "segwit"]
# So many unused addresses in a row end a branch (BIP44).
GAP: Final = 20
RECEIVE: Final = 0
CHANGE: Final = 1
_PREFIX: Final = "bc"
_KEY_HASH: Final = 0x00
_SCRIPT_HASH: Final = 0x05
# SLIP-132: the beginning of an extended key tells which addresses its wallet makes.
_FORMS: Final[dict[bytes, AddressForm]] = {
    bytes.fromhex("0488b21e"): "legacy",
    bytes.fromhex("049d7cb2"): "nested",
    bytes.fromhex("04b24746"): "segwit",
}
_HARDENED: Final = 0x80000000
_EXTENDED_BYTES: Final = 78


def is_bitcoin_address(text: str) -> bool:
    """Tell whether a text is an address of the main network, its checksum included."""
    if found := decode_segwit(_PREFIX, text):
        return found[0] != 1 or len(found[1]) == 32
    content = decode_base58check(text)
    return content is not None and len(content) == 21 and content[0] in (_KEY_HASH, _SCRIPT_HASH)


@dataclass(frozen=True, slots=True)
class ExtendedPublicKey:
    """A public key from which others are derived, and which addresses they are.

    Attributes
    ----------
    key, chain_code : bytes
        33 and 32 bytes.
    form : str
        ``legacy`` (xpub), ``nested`` (ypub) or ``segwit`` (zpub).
    """

    key: bytes
    chain_code: bytes
    form: AddressForm

    def child(self, number: int) -> ExtendedPublicKey:
        """Return the child of a number, which only a number below 2^31 has.

        Parameters
        ----------
        number : int
            Its index.

        Returns
        -------
        ExtendedPublicKey

        Raises
        ------
        UsageError
            If it can be derived from a private key alone, or, of about 2^127, has no child there.
        """
        if not 0 <= number < _HARDENED:
            raise UsageError(
                "derived_number_out_of_range",
                "number of a child must be 0..{most}, was {number}",
                most=_HARDENED - 1,
                number=number,
            )
        digest = hmac.digest(self.chain_code, self.key + number.to_bytes(4, "big"), hashlib.sha512)
        factor = int.from_bytes(digest[:32], "big")
        point = add_points(multiply_base(factor), read_point(self.key))
        if factor >= ORDER or point is None:
            raise UsageError(
                "derived_no_child", "this extended key has no child of number {number}", number=number
            )
        return ExtendedPublicKey(write_point(point), digest[32:], self.form)

    def address(self) -> str:
        """Return the address of the key itself.

        Returns
        -------
        str
        """
        hashed = hash160(self.key)
        if self.form == "segwit":
            return encode_segwit(_PREFIX, 0, hashed)
        if self.form == "nested":
            return encode_base58check(bytes([_SCRIPT_HASH]) + hash160(b"\x00\x14" + hashed))
        return encode_base58check(bytes([_KEY_HASH]) + hashed)


def read_extended_key(text: str) -> ExtendedPublicKey | None:
    """Return the extended public key of a text.

    Parameters
    ----------
    text : str
        An xpub, ypub or zpub.

    Returns
    -------
    ExtendedPublicKey or None
        None where it is none, its checksum is wrong, or its point is not on the curve.
    """
    content = decode_base58check(text)
    if content is None or len(content) != _EXTENDED_BYTES:
        return None
    form, key = _FORMS.get(content[:4]), content[45:]
    if form is None or read_point(key) is None:
        return None
    return ExtendedPublicKey(key, content[13:45], form)
