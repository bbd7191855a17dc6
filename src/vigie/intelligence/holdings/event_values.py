"""What an event and its fees are worth on its day: as given, else by the day's price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from vigie.intelligence.holdings.amounts import ZERO, book
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import HoldingEvent, HoldingFee


def value_event(event: HoldingEvent, prices: PriceTable, day: date) -> Decimal | None:
    """Return what the coins of an event are worth.

    Parameters
    ----------
    event : HoldingEvent
        With a value, where one was given.
    prices : PriceTable
        For coins without one.
    day : date
        Of the event.

    Returns
    -------
    Decimal or None
        Nothing where it is unknown.
    """
    if event.value is not None:
        return prices.convert(event.value, day)
    return prices.value(event.asset, event.quantity, day)


def value_money_fee(event: HoldingEvent, prices: PriceTable, day: date) -> Decimal | None:
    """Return what the fee of an event in money comes to.

    Parameters
    ----------
    event : HoldingEvent
        Of any kind.
    prices : PriceTable
        With the rates.
    day : date
        Of the event.

    Returns
    -------
    Decimal or None
        Zero where no money was paid, nothing without a rate.
    """
    if event.fee is None or event.fee.money is None:
        return ZERO
    return prices.convert(event.fee.money, day)


def value_coin_fee(
    event: HoldingEvent, own: str, amount: Decimal | None, prices: PriceTable, day: date
) -> Decimal | None:
    """Return what the coins of a trade's fee are worth.

    Parameters
    ----------
    event : HoldingEvent
        A buy, sell or swap.
    own : str
        The coin bought, sold or given.
    amount : Decimal or None
        Money or value of the trade, for its own unit price.
    prices : PriceTable
        For other coins.
    day : date
        Of the event.

    Returns
    -------
    Decimal or None
        Zero where no coins were paid, nothing where their value is unknown.
    """
    fee: HoldingFee | None = event.fee
    if fee is None or not fee.asset:
        return ZERO
    if fee.value is not None:
        return prices.convert(fee.value, day)
    if fee.asset == own and amount is not None:
        return book(amount * fee.quantity / event.quantity)
    return prices.value(fee.asset, fee.quantity, day)
