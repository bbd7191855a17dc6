"""Keys of accounts at venues, kept so that only their owner reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

KeyMode = Literal["demo", "live"]


@dataclass(frozen=True, slots=True)
class KeyLabel:
    """What may be shown of a key.

    Attributes
    ----------
    exchange : str
        ``bitget``.
    mode : str
        Of demo trading, or of real money.
    place : str
        Where it is kept: ``store``, or ``settings`` for what files and environment name.
    ts : int
        When it was stored; 0 where nobody knows.
    """

    exchange: str
    mode: KeyMode
    place: str
    ts: int = 0


@dataclass(frozen=True, slots=True)
class VenueKey:
    """A key with its secrets, which no text of it shows.

    Attributes
    ----------
    label : KeyLabel
        Public part.
    key, secret, passphrase : str
        As the venue gave them; `passphrase` is empty where the venue has none.
    """

    label: KeyLabel
    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)

    @property
    def fingerprint(self) -> str:
        """What the account at the venue is known by here; the key cannot be read from it."""
        identity = f"{self.label.exchange} {self.label.mode} {self.key.strip().lower()}"
        return hashlib.sha256(identity.encode()).hexdigest()[:32]


class KeyStore(Protocol):
    """Keys at rest, one for each exchange and mode."""

    def labels(self) -> Sequence[KeyLabel]:
        """Return what may be shown of every key; nothing is opened.

        Returns
        -------
        sequence of KeyLabel
            In the order in which they were stored; empty where the store does not exist.
        """
        ...

    def open(self, exchange: str, mode: KeyMode) -> VenueKey:
        """Return a key.

        Parameters
        ----------
        exchange : str
            ``bitget``.
        mode : KeyMode
            Demo trading or real money.

        Returns
        -------
        VenueKey
            With its secrets, decrypted.

        Raises
        ------
        NotFound
            If there is none.
        ConfigError
            If it cannot be opened: a wrong password, a file that others can read or that was changed.
        """
        ...

    def put(self, key: VenueKey) -> None:
        """Keep a key in place of the one that was there.

        Parameters
        ----------
        key : VenueKey
            Its label says which key it replaces.

        Raises
        ------
        ConfigError
            If the store cannot be opened.
        """
        ...

    def remove(self, exchange: str, mode: KeyMode) -> bool:
        """Forget a key; False where there is none.

        Parameters
        ----------
        exchange : str
            ``bitget``.
        mode : KeyMode
            Demo trading or real money.

        Returns
        -------
        bool
            True where a key was removed.
        """
        ...
