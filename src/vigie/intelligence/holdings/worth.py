"""What holdings are worth at the end of a day, beside what their lots cost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from vigie.intelligence.holdings.amounts import ZERO, exactly
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import BookedHoldings

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HoldingsWorth:
    """The worth of a day.

    Attributes
    ----------
    total : Decimal
        Of the coins that have a price.
    no_price : tuple of str
        Coins without one.
    cost : Decimal or None
        Of all lots.
    """

    total: Decimal
    no_price: tuple[str, ...]
    cost: Decimal | None

    @property
    def unrealised(self) -> Decimal | None:
        """Worth less cost, where both are known."""
        return None if self.no_price or self.cost is None else self.total - self.cost


@exactly
def worth_at(booked: BookedHoldings, prices: PriceTable, day: date) -> HoldingsWorth:
    """Return the worth at the end of a day.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    prices : PriceTable
        Closes of days.
    day : date
        In the zone of the book.

    Returns
    -------
    HoldingsWorth
        Also of days without an event.
    """
    at = bisect_right(booked.days, day, key=lambda end: end.day) - 1
    if at < 0:
        return HoldingsWorth(ZERO, (), ZERO)
    worth, unpriced = _value(booked.days[at].held, prices, day)
    return HoldingsWorth(worth, tuple(sorted(unpriced)), booked.days[at].cost)


@exactly
def daily_worths(
    booked: BookedHoldings, prices: PriceTable, first: date, last: date
) -> list[tuple[date, Decimal | None]]:
    """Return the worth of each day from one to another.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    prices : PriceTable
        Closes of days.
    first, last : date
        Both included.

    Returns
    -------
    list of (day, worth)
        Unknown where a coin has no price.
    """
    return list(_walk(booked, prices, first, last))


def _walk(
    booked: BookedHoldings, prices: PriceTable, first: date, last: date
) -> Iterator[tuple[date, Decimal | None]]:
    at = bisect_right(booked.days, first, key=lambda end: end.day)
    day = first
    while day <= last:
        while at < len(booked.days) and booked.days[at].day <= day:
            at += 1
        worth, unpriced = _value(booked.days[at - 1].held, prices, day) if at else (ZERO, [])
        yield day, None if unpriced else worth
        day += DAY


def _value(held: Mapping[str, Decimal], prices: PriceTable, day: date) -> tuple[Decimal, list[str]]:
    worth, unpriced = ZERO, []
    for asset, quantity in held.items():
        value = prices.value(asset, quantity, day)
        if value is None:
            unpriced.append(asset)
        else:
            worth += value
    return worth, unpriced
