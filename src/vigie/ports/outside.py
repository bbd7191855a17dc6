"""Fills made elsewhere at rest, the addresses that they are read of, and what a person said of proposed setups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from vigie.domain.outside import OutsideFill

MatchKind = Literal["setup", "plan"]
MatchVerdict = Literal["accepted", "refused"]


@dataclass(frozen=True, slots=True)
class OutsideAddress:
    """An address of a venue whose fills a person reads; its text is encrypted.

    Attributes
    ----------
    id : str
        ``f`` and hexadecimal digits.
    venue : str
        ``hyperliquid-perp``.
    sealed : str
        The address, encrypted.
    mark : str
        Tells one address from another; without the home's key it says nothing.
    ts_added : int
        Epoch milliseconds on the wall.
    ts_read : int or None
        When it was read last.
    reached : int
        Time of the newest fill that was read, epoch milliseconds; 0 before the first.
    """

    id: str
    venue: str
    sealed: str
    mark: str
    ts_added: int
    ts_read: int | None = None
    reached: int = 0


@dataclass(frozen=True, slots=True)
class TradeMatch:
    """What a person said of a setup or plan that was proposed for a trade.

    Attributes
    ----------
    trade : str
        Key of the fill that opened it.
    kind, target, account : str
        What was proposed: ``setup`` or ``plan``, its id, and the account that a setup is of; empty of a plan.
    verdict : str
        ``accepted`` or ``refused``.
    """

    trade: str
    kind: MatchKind
    target: str
    account: str
    verdict: MatchVerdict


class OutsideStore(Protocol):
    """Keeps what people traded elsewhere; each sees their own."""

    def fills(self, owner: str) -> Sequence[OutsideFill]:
        """Return the fills of a person, oldest first; those of one time in the order they came.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of OutsideFill
            Each with its key.
        """
        ...

    def add(
        self, owner: str, fills: Sequence[OutsideFill], *, most: int, dry_run: bool = False
    ) -> Sequence[OutsideFill]:
        """Add those that are not known yet, all or none, and return them with their keys.

        Parameters
        ----------
        owner : str
            Whose they are.
        fills : sequence of OutsideFill
            In the order of their file; known ones change nothing.
        most : int
            How many fills a person may have.
        dry_run : bool
            Only return what would be added.

        Returns
        -------
        sequence of OutsideFill
            What is new.

        Raises
        ------
        UsageError
            If the person would have more than `most`.
        NotFound
            If the address that they were read of was removed meanwhile.
        """
        ...

    def remove(self, owner: str, keys: Sequence[str]) -> int:
        """Remove fills by their keys and return how many there were.

        Parameters
        ----------
        owner : str
            Whose they are; others' stay.
        keys : sequence of str
            As `fills` returns them.

        Returns
        -------
        int
            Removed fills.
        """
        ...

    def addresses(self, owner: str) -> Sequence[OutsideAddress]:
        """Return the addresses of a person, the oldest first.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of OutsideAddress
        """
        ...

    def add_address(self, owner: str, venue: str, sealed: str, mark: str) -> OutsideAddress:
        """Keep an address and return it; one of the same venue and mark is returned as it was.

        Parameters
        ----------
        owner : str
            Whose.
        venue : str
            Where it is one.
        sealed, mark : str
            As in `OutsideAddress`.

        Returns
        -------
        OutsideAddress
        """
        ...

    def note_read(self, owner: str, address: str, reached: int) -> None:
        """Note that an address was read now, up to a fill's time.

        Parameters
        ----------
        owner, address : str
            Whose, and its id.
        reached : int
            Epoch milliseconds; it never goes back.
        """
        ...

    def remove_address(self, owner: str, address: str) -> int | None:
        """Remove an address with the fills that were read of it.

        Parameters
        ----------
        owner, address : str
            Whose, and its id.

        Returns
        -------
        int or None
            Removed fills; None where there is no such address.
        """
        ...

    def matches(self, owner: str) -> Sequence[TradeMatch]:
        """Return what a person said of proposed setups.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of TradeMatch
            One a trade and setup.
        """
        ...

    def decide(self, owner: str, match: TradeMatch) -> None:
        """Keep what a person says of a proposed setup, in place of what they said of it before.

        Parameters
        ----------
        owner : str
            Whose trade it is.
        match : TradeMatch
            An accepted one takes the place of the trade's accepted one.
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
