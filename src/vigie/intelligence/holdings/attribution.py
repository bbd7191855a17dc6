"""What moved the worth between two days: the price of each coin that was held, and all that was done.

The contract defines worth and flows of a day. The change is worth at the end less worth at the start less money put in
plus money taken out. A coin's part is what its price did to what was held; the rest is what was bought and sold beside
the close of its day, fees, income and losses. The parts are in sum the change, to the last digit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vigie.intelligence.holdings.amounts import ZERO, exactly
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import BookedHoldings


@dataclass(frozen=True, slots=True)
class Attribution:
    """What moved the worth.

    Attributes
    ----------
    change : Decimal
        Without money put in and taken out.
    by_coin : mapping of str to Decimal
        What prices did.
    rest : Decimal
        Trades beside the close, fees, income and losses.
    """

    change: Decimal
    by_coin: Mapping[str, Decimal]
    rest: Decimal


@exactly
def attribute(booked: BookedHoldings, prices: PriceTable, start: date, end: date) -> Attribution | None:
    """Tell what moved the worth from the end of one day to the end of another.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    prices : PriceTable
        Closes of days.
    start, end : date
        The first one is not part of it.

    Returns
    -------
    Attribution or None
        Nothing where a price or a flow that is needed is not known.
    """
    at = bisect_right(booked.days, start, key=lambda day_end: day_end.day)
    held: Mapping[str, Decimal] = booked.days[at - 1].held if at else {}
    before = _worths(held, prices, start)
    by_coin: dict[str, Decimal] = {}
    if before is None:
        return None
    change, left = -sum(before.values(), ZERO), before
    for day, after in (*((day.day, day.held) for day in booked.days[at:] if day.day <= end), (end, None)):
        reached = _worths(held, prices, day)
        if reached is None:
            return None
        for coin, value in reached.items():
            by_coin[coin] = by_coin.get(coin, ZERO) + value - left[coin]
        if after is not None:
            held = after
        opened = _worths(held, prices, day)
        if opened is None:
            return None
        left = opened
    change += sum(left.values(), ZERO)
    for day, flow in booked.flows.items():
        if start < day <= end:
            if flow.money_in is None or flow.money_out is None:
                return None
            change += flow.money_out - flow.money_in
    return Attribution(change, by_coin, change - sum(by_coin.values(), ZERO))


def _worths(held: Mapping[str, Decimal], prices: PriceTable, day: date) -> dict[str, Decimal] | None:
    found: dict[str, Decimal] = {}
    for coin, quantity in held.items():
        value = prices.value(coin, quantity, day)
        if value is None:
            return None
        found[coin] = value
    return found
