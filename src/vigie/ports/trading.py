"""Trading at a venue: what an account may ask and order there.

Failures say what happens next: `OrderRejected` the venue said no and nothing happened; `OutcomeUnknown` sent, and
nobody knows: read back; `AuthError` stop and say so; `TransientError` nothing was done, try again later (`after_s`);
`ConnectorError` this venue cannot be traded now (maintenance, another account type, a market that is gone). An answer
that cannot be understood is never "nothing": on a read it is `TransientError`, on an order `OutcomeUnknown`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from vigie.domain.order import Balance, Fill, FundingPayment, VenueOrder, VenuePosition


def not_withheld() -> str:
    """Hold nothing back.

    Returns
    -------
    str
        Empty: the order is sent.
    """
    return ""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be placed.

    Attributes
    ----------
    client_id : str
        32 hexadecimal digits, never used twice.
    limit : Decimal or None
        None is a market order.
    stop, target : Decimal or None
        Levels that the venue attaches to the position that this entry makes.
    ts : int
        Wall time that the request is signed with: an entry's own; of an exit, when the right to trade was seen last.
    withheld : callable
        Asked after every wait, right before the order leaves: why it is not sent any more, empty where it is.
    """

    instrument: str
    client_id: str
    side: int
    qty: Decimal
    is_reduce_only: bool
    ts: int
    limit: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    withheld: Callable[[], str] = field(default=not_withheld, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels for a whole open position, set or changed apart from its entry.

    Attributes
    ----------
    side : int
        Of the position: +1 long, -1 short.
    stop, target : Decimal or None
        Trigger prices in quote; None for no such level.
    stop_id, target_id : str
        Client ids for the trigger orders; empty to let the adapter choose them.
    """

    instrument: str
    side: int
    stop: Decimal | None
    target: Decimal | None
    stop_id: str = ""
    target_id: str = ""


@dataclass(frozen=True, slots=True)
class InstrumentSetup:
    """How the account stands for one instrument, as read back from the venue.

    Attributes
    ----------
    leverage : Decimal
        As a multiple.
    is_isolated, is_one_way : bool
        Margin and position mode; Vigie trades only where both are true.
    """

    instrument: str
    leverage: Decimal
    is_isolated: bool
    is_one_way: bool


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What an API key may do.

    Attributes
    ----------
    can_withdraw : bool
        Vigie needs no such right.
    """

    can_read: bool
    can_trade: bool
    can_withdraw: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have changed: the truth is asked for.

    Attributes
    ----------
    kind : str
        ``connected`` comes after every (re)connection: whatever was pushed before may be lost.
    fill : Fill or None
        What a push said of a fill, where it did.
    """

    kind: Literal["order", "fill", "position", "balance", "connected", "lost"]
    instrument: str = ""
    fill: Fill | None = None


class TradingVenue(Protocol):
    """One account at one venue.

    What changes something there takes the time on our wall at which the right to trade was seen last: all of its
    requests are signed with it, so that the venue refuses what a process that stood still sends later. None is now,
    for where nobody else trades the account.
    """

    @property
    def venue(self) -> str:
        """The venue's id, ``bitget-perp``."""
        ...

    @property
    def attaches_levels(self) -> bool:
        """Whether stop and target ride with an entry; if not, they are orders of their own."""
        ...

    async def now(self) -> int:
        """Return the venue's time.

        Returns
        -------
        int
            Epoch milliseconds.
        """
        ...

    async def rights(self) -> KeyRights:
        """Return what the key may do.

        Returns
        -------
        KeyRights
            As the venue says, or as follows from the kind of key where it says nothing.
        """
        ...

    async def prepare(self, instrument: str, leverage: Decimal) -> InstrumentSetup:
        """Set one-way mode, isolated margin and leverage, and return what was read back.

        Parameters
        ----------
        instrument : str
            ``btc-usdt-perp``.
        leverage : Decimal
            As a multiple.

        Returns
        -------
        InstrumentSetup
            The venue may have kept another leverage.

        Raises
        ------
        ConnectorError
            Where the account cannot be traded as Vigie does (hedge mode with positions, a unified account).
        """
        ...

    async def place(self, order: NewOrder) -> str:
        """Send an order once and return the venue's id of it; a duplicate of our own id is read back, not resent.

        Parameters
        ----------
        order : NewOrder
            Its `client_id` makes a repeated call safe.

        Returns
        -------
        str
            The venue's order id. The order is accepted, not filled.

        Raises
        ------
        OrderWithheld
            Where the order says itself, after what was waited for, that it is not to be sent any more.
        """
        ...

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        """Cancel an order; False where there is nothing to cancel any more.

        Parameters
        ----------
        instrument, client_id : str
            ``btc-usdt-perp``, and the order's client id.
        ts : int or None
            Signing time in epoch milliseconds, see the class.

        Returns
        -------
        bool
            True once the venue accepted the cancellation; it may fill before that takes effect.
        """
        ...

    async def order(self, instrument: str, client_id: str) -> VenueOrder | None:
        """Return an order of ours; None only where the venue says there is no such order.

        Parameters
        ----------
        instrument, client_id : str
            ``btc-usdt-perp``, and the order's client id.

        Returns
        -------
        VenueOrder or None
            Open or ended.
        """
        ...

    async def open_orders(self) -> Sequence[VenueOrder]:
        """Return every open order of the account, trigger orders among them.

        Returns
        -------
        sequence of VenueOrder
            Also those that a person or the venue made, with an empty or foreign `client_id`.
        """
        ...

    async def fills(self, since_ms: int) -> Sequence[Fill]:
        """Return every fill from a time on, oldest first.

        Parameters
        ----------
        since_ms : int
            Epoch milliseconds, inclusive.

        Returns
        -------
        sequence of Fill
            Of the whole account, also trades that a person or the venue made.
        """
        ...

    async def fundings(self, since_ms: int) -> Sequence[FundingPayment]:
        """Return every funding payment from a time on, oldest first.

        Parameters
        ----------
        since_ms : int
            Epoch milliseconds, inclusive.

        Returns
        -------
        sequence of FundingPayment
            Of the whole account.
        """
        ...

    async def positions(self) -> Sequence[VenuePosition]:
        """Return every open position with the levels that protect it.

        Returns
        -------
        sequence of VenuePosition
            Of the whole account, also those that a person opened; none of size 0.
        """
        ...

    async def balance(self) -> Balance:
        """Return the money of the account.

        Returns
        -------
        Balance
            In the margin coin, at the venue's time.
        """
        ...

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        """Put levels on a whole position; what they replace is taken away.

        Parameters
        ----------
        levels : Levels
            A level of None is taken away; new ones stand before the old ones go.
        ts : int or None
            Signing time in epoch milliseconds, see the class.
        """
        ...

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        """Close a position whatever its size; for dust and for emergencies.

        Parameters
        ----------
        instrument : str
            ``btc-usdt-perp``; without a position nothing happens.
        ts : int or None
            Signing time in epoch milliseconds, see the class.
        """
        ...

    def hints(self) -> AsyncIterator[Hint]:
        """Yield what the private stream tells, connecting again for ever.

        Returns
        -------
        async iterator of Hint
            It never ends by itself; paper trading yields nothing.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
