"""Trades made of fills elsewhere: from flat to flat, entry and exit as average prices, amounts exact.

Average price rather than first in, first out: perpetual venues count a position at its average entry, so part results
agree with what a person saw there; and from flat to flat both give the same amount, since the same was bought and sold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby
from typing import Final, Literal

from vigie.domain.ids import parse_instrument
from vigie.domain.outside import OutsideFill

TradeSide = Literal["long", "short"]
TripState = Literal["closed", "open", "incomplete"]
_ZERO: Final = Decimal(0)
# Precision of the arithmetic: sums and products of amounts of at most 30 digits are exact, and the remaining cost of a
# position is rounded to it at each exit. Average prices are rounded to the number of decimals below.
_EXACT_DIGITS: Final = 120
_AVERAGE_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One position from flat to flat.

    Attributes
    ----------
    id : str
        Key of the fill that opened it, or that is the first known of it.
    venue, instrument, side : str
        ``long`` or ``short``.
    asset : str
        Catalogue id of the coin, as its first fill names it; empty where it is not known which is meant.
    state : str
        ``closed``; ``open``; ``incomplete`` where fills of it are missing, so that its result is not known.
    qty : Decimal
        What was entered in all, base units.
    left : Decimal
        What is still open of it.
    entry, exit : Decimal or None
        Average prices, rounded to 12 decimals; `exit` is None where nothing was closed.
    pnl : Decimal or None
        Before fees, quote currency: exact of a closed one; of an open one what its closed part made at the average
        entry, rounded to 12 decimals. None where it is not known.
    fees : mapping of str to Decimal
        What was paid, by currency.
    ts_opened, ts_closed : int, int or None
        Epoch milliseconds UTC.
    fills : tuple of str
        Keys, in order; a fill that turned a position round stands in both.
    """

    id: str
    venue: str
    instrument: str
    asset: str
    side: TradeSide
    state: TripState
    qty: Decimal
    left: Decimal
    entry: Decimal | None
    exit: Decimal | None
    pnl: Decimal | None
    fees: Mapping[str, Decimal]
    ts_opened: int
    ts_closed: int | None
    fills: tuple[str, ...]


@dataclass(slots=True)
class _OutsidePosition:
    """A position while fills come; amounts without sign but `signed`."""

    first: OutsideFill
    sign: int
    is_whole: bool = True
    signed: Decimal = _ZERO
    entered: Decimal = _ZERO
    entered_value: Decimal = _ZERO
    exited: Decimal = _ZERO
    exited_value: Decimal = _ZERO
    # A fraction would be exact, and longer with each fill: thousands of a grid that is never flat took half a minute.
    left_cost: Decimal = _ZERO
    realised: Decimal = _ZERO
    fees: dict[str, Decimal] = field(default_factory=dict)
    fills: list[str] = field(default_factory=list)
    ts_last: int = 0

    def book(self, fill: OutsideFill, qty: Decimal, fee: Decimal, coin: str) -> None:
        """Take so much of a fill in, on the side that opens or on the one that closes.

        Parameters
        ----------
        coin : str
            As `_paid_coin` gives it.
        """
        value = qty * fill.price
        if (fill.signed_qty > 0) == (self.sign > 0):
            self.entered += qty
            self.entered_value += value
            self.left_cost += value
            self.signed += self.sign * qty
            if _is_paid_in_coin(fill, coin):
                # It never came to the account: what was paid for it is in the cost of the rest.
                self.signed -= fee
                fee = _ZERO
        else:
            closed_cost = self.left_cost * qty / abs(self.signed)
            self.realised += self.sign * (value - closed_cost)
            self.left_cost -= closed_cost
            self.exited += qty
            self.exited_value += value
            self.signed -= self.sign * qty
        self.fees[fill.fee_currency] = self.fees.get(fill.fee_currency, _ZERO) + fee
        self.fills.append(fill.key)
        self.ts_last = fill.ts

    def trip(self, state: TripState) -> RoundTrip:
        """Return it as a trade."""
        is_known = self.is_whole and state != "incomplete"
        exact = self.sign * (self.exited_value - self.entered_value)
        pnl = (exact if state == "closed" else _rounded(Fraction(self.realised))) if is_known else None
        return RoundTrip(
            id=self.first.key,
            venue=self.first.venue,
            instrument=self.first.instrument,
            asset=self.first.asset,
            side="long" if self.sign > 0 else "short",
            state=state if self.is_whole else "incomplete",
            qty=self.entered,
            left=abs(self.signed),
            entry=_average(self.entered_value, self.entered) if is_known else None,
            exit=_average(self.exited_value, self.exited),
            pnl=pnl,
            fees={currency: fee for currency, fee in self.fees.items() if fee},
            ts_opened=self.first.ts,
            ts_closed=self.ts_last if state == "closed" else None,
            fills=tuple(self.fills),
        )


def round_trips(fills: Sequence[OutsideFill]) -> list[RoundTrip]:
    """Return the trades that fills make, the newest opened first.

    Parameters
    ----------
    fills : sequence of OutsideFill
        Oldest first; those of one time in the order they came.

    Returns
    -------
    list of RoundTrip
        Of each venue, instrument and address for itself; what a file holds of a market joins the only address there
        is of it where fewer trades are incomplete then.
    """
    by_market: dict[tuple[str, str], dict[str, list[OutsideFill]]] = {}
    for fill in fills:
        by_market.setdefault((fill.venue, fill.instrument), {}).setdefault(fill.address, []).append(fill)
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        trips = [trip for by_address in by_market.values() for trip in _market_trips(by_address)]
    return sorted(trips, key=lambda trip: (-trip.ts_opened, trip.id))


def _market_trips(by_address: Mapping[str, Sequence[OutsideFill]]) -> list[RoundTrip]:
    apart = [trip for of_address in by_address.values() for trip in _trips(of_address)]
    if len(by_address) != 2 or "" not in by_address:
        return apart
    # A venue tells the newest fills of an address only: the entry may stand in a file alone.
    fills = [fill for of_address in by_address.values() for fill in of_address]
    joined = list(_trips(sorted(fills, key=lambda fill: fill.ts)))
    return joined if _n_incomplete(joined) < _n_incomplete(apart) else apart


def _n_incomplete(trips: Sequence[RoundTrip]) -> int:
    return sum(trip.state == "incomplete" for trip in trips)


def _trips(fills: Sequence[OutsideFill]) -> Iterator[RoundTrip]:
    position: _OutsidePosition | None = None
    coin = _paid_coin(fills)
    for fill in _ordered(fills, coin):
        signed = position.signed if position else _ZERO
        if fill.position_before is not None and fill.position_before != signed:
            # Fills between are missing: what is known of the position before and after has no result.
            if position:
                yield position.trip("incomplete")
            position = _unknown_position(fill)
        qty, fee = fill.qty, fill.fee
        if position and (fill.signed_qty > 0) != (position.sign > 0) and qty > abs(position.signed):
            # It turns the position round: a part closes, the rest opens; together the parts pay the whole fee.
            closing = abs(position.signed)
            closing_fee = _rounded(Fraction(fee) * Fraction(closing) / Fraction(qty))
            position.book(fill, closing, closing_fee, coin)
            yield position.trip("closed")
            position, qty, fee = None, qty - closing, fee - closing_fee
        position = position or _OutsidePosition(fill, 1 if fill.signed_qty > 0 else -1)
        position.book(fill, qty, fee, coin)
        if not position.signed:
            yield position.trip("closed")
            position = None
    if position:
        yield position.trip("open")


def _paid_coin(fills: Sequence[OutsideFill]) -> str:
    """Return the coin in which a spot market takes the fees of what is bought there; empty for contracts."""
    name = parse_instrument(fills[0].instrument)
    return name.base.upper() if name.market == "spot" else ""


def _is_paid_in_coin(fill: OutsideFill, coin: str) -> bool:
    return fill.side == "buy" and fill.fee_currency == coin and fill.fee < fill.qty


def _ordered(fills: Sequence[OutsideFill], coin: str) -> Iterator[OutsideFill]:
    """Yield fills in the order they were made: those of one time by the positions that they tell, else as they came."""
    position: Decimal | None = None
    for _, group in groupby(fills, key=lambda fill: fill.ts):
        waiting = list(group)
        while waiting:
            follows = (place for place, fill in enumerate(waiting) if fill.position_before == position)
            fill = waiting.pop(next(follows, 0) if position is not None else 0)
            gained = fill.signed_qty - (fill.fee if _is_paid_in_coin(fill, coin) else _ZERO)
            position = None if fill.position_before is None else fill.position_before + gained
            yield fill


def _unknown_position(fill: OutsideFill) -> _OutsidePosition | None:
    """Return the position that a venue tells before a fill, of which no fill is known."""
    before = fill.position_before
    if not before:
        return None
    return _OutsidePosition(fill, 1 if before > 0 else -1, is_whole=False, signed=before)


def _average(value: Decimal, qty: Decimal) -> Decimal | None:
    return _rounded(Fraction(value) / Fraction(qty)) if qty else None


def _rounded(value: Fraction) -> Decimal:
    """Return the nearest decimal of 12 places, without needless zeros."""
    step = 10**_AVERAGE_DIGITS
    number = Decimal(round(value * step)).scaleb(-_AVERAGE_DIGITS)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
