"""Keys of accounts, whatever is signed with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Key:
    """An API key of an account.

    Attributes
    ----------
    key : str
        Its public part.
    is_demo : bool
        Of demo trading, where the venue tells such keys apart.
    rights : tuple of str
        What the key may do, in the venue's words.
    defect : str
        A code that every signed request now meets, empty while the key is good.
    """

    key: str
    secret: str
    passphrase: str = ""
    is_demo: bool = True
    rights: tuple[str, ...] = ()
    defect: str = ""


class KeyRing:
    """The keys of a venue.

    Parameters
    ----------
    keys : sequence of Key
        At least one.
    defects : mapping of code to words
        What the venue answers to a key that is no longer good for it.
    window_ms : int
        How far a request's time may be from the venue's.
    """

    def __init__(self, keys: Sequence[Key], defects: Mapping[str, str], window_ms: int) -> None:
        self._keys = {key.key: key for key in keys}
        self.defects = defects
        self.window_ms = window_ms

    def get(self, key: str) -> Key | None:
        """Return a key by its public part; None for one that nobody gave out."""
        return self._keys.get(key)

    def require(self, key: str) -> Key:
        """Return a key by its public part."""
        return self._keys[key]

    def all(self) -> list[Key]:
        """Return the keys, in the order they were given."""
        return list(self._keys.values())

    def set_defect(self, key: str, code: str) -> None:
        """Let a key be refused with a code from now on; the empty code heals it."""
        self._keys[key] = replace(self._keys[key], defect=code)

    def set_rights(self, key: str, rights: tuple[str, ...]) -> None:
        """Let a key have other rights from now on."""
        self._keys[key] = replace(self._keys[key], rights=rights)


def derive_secret(seed: int, number: int, purpose: str) -> str:
    """Return 64 hexadecimal digits of a seed: a simulated venue's keys open nothing else."""
    return hashlib.sha256(f"{seed}/{number}/{purpose}".encode()).hexdigest()
