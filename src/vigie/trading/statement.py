"""What is said of an account's money: shares of slots, trades, positions, and what nobody asked for; exact."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from fractions import Fraction
from typing import Final

from vigie.domain.order import Fill, FillCause

NOBODY: Final = ""
"""The slot of what no intent of ours asked for."""

ZERO: Final = Decimal(0)
BOOKED_DIGITS: Final = 8
# Sums of venues' strings never come near; should one, it is an error and no rounding.
EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Money that came or went without a trade: a deposit, a withdrawal, a difference that was explained.

    Attributes
    ----------
    id : str
        Told twice, it counts once.
    amount : Decimal
        Quote currency; positive when money came.
    ts : int
        Epoch milliseconds.
    reason : str
        For people; it changes no amount.
    """

    id: str
    amount: Decimal
    ts: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one slot brought; `NOBODY` has what belongs to none.

    Attributes
    ----------
    slot : str
        ``btc-usdt-perp/1d/macd_cross``.
    realised : Decimal
        Results of closing fills, quote currency, before fees and funding.
    fees : Decimal
        Positive when paid.
    funding : Decimal
        Positive when received.
    """

    slot: str
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Result after fees and funding."""
        with localcontext(EXACT):
            return self.realised - self.fees + self.funding


@dataclass(frozen=True, slots=True)
class Trade:
    """A position from its first fill on; while it is open, `qty` is what is held and `ts_exit` None.

    Attributes
    ----------
    side : int
        +1 long, -1 short.
    qty : Decimal
        Of a closed one, all that was closed.
    entry, exit : Fraction or None
        Average prices, exact; `rounded` makes a decimal of one.
    gross, fees, funding : Decimal
        Booked so far.
    client_id : str
        Of the order that opened it.
    cause : str
        Why the venue made the last closing fill.
    closed_by : str
        Client id of the order that made it; empty for levels and for others' deeds.
    """

    instrument: str
    slot: str
    side: int
    qty: Decimal
    entry: Fraction
    exit: Fraction | None
    gross: Decimal
    fees: Decimal
    funding: Decimal
    ts_entry: int
    ts_exit: int | None
    client_id: str
    cause: FillCause
    closed_by: str

    @property
    def net(self) -> Decimal:
        """Result after fees and funding, so far."""
        with localcontext(EXACT):
            return self.gross - self.fees + self.funding

    def open_result(self, price: Decimal) -> Decimal:
        """Return what closing at a price would bring before its fee, to 1e-8; nothing once it is closed.

        Parameters
        ----------
        price : Decimal
            Quote currency.

        Returns
        -------
        Decimal
            Quote currency; fees and funding are left out.
        """
        held = Fraction(self.qty) if self.ts_exit is None else Fraction(0)
        return booked(self.side * held * (Fraction(price) - self.entry))


@dataclass(frozen=True, slots=True)
class Unasked:
    """A fill that no intent asked for: a person in the venue's app, a liquidation, the venue's own deleveraging.

    Attributes
    ----------
    slot : str
        Whose position it changed.
    closed, opened : Decimal
        How much of it closed what was held, how much opened or added; both where it turned a position round.
    """

    fill: Fill
    slot: str
    closed: Decimal
    opened: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """All of an account's money; ``cash = capital + adjusted + realised - fees + funding``, to the last decimal.

    Attributes
    ----------
    cash : Decimal
        Quote currency, without open results.
    realised, fees, funding : Decimal
        Sums over `shares`; fees positive when paid, funding positive when received.
    adjusted : Decimal
        Sum of all adjustments.
    shares : tuple of Share
        Sorted by slot.
    held : tuple of Trade
        Open positions, sorted by instrument.
    trades : tuple of Trade
        Closed positions, in the order in which they ended.
    unasked : tuple of Unasked
        In order of time.
    """

    cash: Decimal
    realised: Decimal
    fees: Decimal
    funding: Decimal
    adjusted: Decimal
    shares: tuple[Share, ...]
    held: tuple[Trade, ...]
    trades: tuple[Trade, ...]
    unasked: tuple[Unasked, ...]


def booked(amount: Fraction | Decimal) -> Decimal:
    """Round an amount to 1e-8, half to even.

    Parameters
    ----------
    amount : Fraction or Decimal
        Quote currency, exact.

    Returns
    -------
    Decimal
        With 8 decimals.
    """
    return rounded(Fraction(amount), BOOKED_DIGITS)


def rounded(average: Fraction, digits: int) -> Decimal:
    """Write an exact number with so many decimals, half to even.

    Parameters
    ----------
    average : Fraction
        Exact price or amount.
    digits : int
        Decimals, >= 0; trailing zeros stay.

    Returns
    -------
    Decimal
        The nearest decimal.
    """
    units = round(average * 10**digits)
    return Decimal((units < 0, tuple(map(int, str(abs(units)))), -digits))
