"""Addresses of chains whose balances a person reads, at rest: their text is encrypted, each sees their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from vigie.ports.outside_addresses import OutsideAddressSeal

HoldingAddressKind = Literal["address", "extended_key"]
HoldingChain = Literal["bitcoin", "ethereum"]


@dataclass(frozen=True, slots=True)
class HoldingAddress:
    """An address, or an extended public key, whose balance a person reads.

    Attributes
    ----------
    id : str
        ``a`` and hexadecimal digits.
    kind, chain : str
        What the text is, and of which chain.
    label : str
        What the person calls it.
    sealed : str
        Its text, encrypted.
    mark : str
        Tells one text from another; without the home's key it says nothing.
    ts_added : int
        Epoch milliseconds on the wall.
    host : str
        The host that the person agreed to show it to; empty before they agreed.
    ts_agreed : int or None
        When they agreed.
    """

    id: str
    kind: HoldingAddressKind
    chain: HoldingChain
    label: str
    sealed: str
    mark: str
    ts_added: int
    host: str = ""
    ts_agreed: int | None = None


class HoldingAddressSeal(OutsideAddressSeal, Protocol):
    """Encrypts these addresses; what was sealed here cannot be opened as an address of trades, nor the other way."""


class HoldingAddressStore(Protocol):
    """Keeps addresses; each person sees their own."""

    def addresses(self, owner: str) -> Sequence[HoldingAddress]:
        """Return the addresses of a person, the oldest first.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of HoldingAddress
        """
        ...

    def add(self, owner: str, address: HoldingAddress, *, most: int) -> HoldingAddress:
        """Keep an address; one of the same chain and mark is returned as it was.

        Parameters
        ----------
        owner : str
            Whose.
        address : HoldingAddress
            Its id and time are given here; nobody has agreed to a host yet.
        most : int
            How many a person may have.

        Returns
        -------
        HoldingAddress
            As it is kept.

        Raises
        ------
        UsageError
            If the person has `most` already.
        """
        ...

    def agree(self, owner: str, address: str, host: str) -> HoldingAddress:
        """Note that a person agrees to show an address to a host, in place of one before.

        Parameters
        ----------
        owner, address, host : str
            Whose, its id, and the host's name.

        Returns
        -------
        HoldingAddress
            As it is kept.

        Raises
        ------
        NotFound
            If there is no such address.
        """
        ...

    def remove(self, owner: str, address: str) -> None:
        """Remove an address; nothing of it is kept.

        Parameters
        ----------
        owner, address : str
            Whose, and its id.

        Raises
        ------
        NotFound
            If there is no such address.
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another.

        Parameters
        ----------
        before, after : str
            Ids of both.
        """
        ...

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person.

        Parameters
        ----------
        owner : str
            Id of the person.
        """
        ...
