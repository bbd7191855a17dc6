"""The categories of DAC8 and CARF that an own event falls into, at each of its places, with units and amount."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from vigie.domain.reported import ReportedCategory
from vigie.intelligence.holdings.amounts import ZERO
from vigie.intelligence.holdings.event_values import value_event, value_money_fee
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import HoldingEvent

# What a platform may take coins for without a category of its own.
ASIDE: Final = ("fee", "loss")


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """What one event adds to one category at one place.

    Attributes
    ----------
    event, kind, place, asset : str
        Which, what it is, where, of what.
    day : date
        In UTC.
    category : str or None
        None for coins that no category takes: fees in coins and losses.
    units : Decimal
        Of the coin, without a fee.
    amount : Decimal or None
        In the currency of the prices; unknown is nothing.
    fee : Decimal or None
        Money beside it; unknown is nothing.
    """

    event: str
    kind: str
    place: str
    asset: str
    day: date
    category: ReportedCategory | None
    units: Decimal
    amount: Decimal | None = None
    fee: Decimal | None = ZERO


def category_lines(event: HoldingEvent, prices: PriceTable) -> Iterator[CategoryLine]:
    """Return what an event adds to categories, at each place that it names.

    Parameters
    ----------
    event : HoldingEvent
        Of any kind.
    prices : PriceTable
        For what has no value of its own.

    Yields
    ------
    CategoryLine
        Both sides of a swap; of a transfer one at each end; then the coins of its fee.
    """
    day = event.at.date()
    fee = value_money_fee(event, prices, day)
    for place, category, asset, units, amount in _sides(event, prices, day, fee):
        yield CategoryLine(event.id, event.kind, place, asset, day, category, units, amount, fee)
    if event.kind in ASIDE:
        yield CategoryLine(event.id, event.kind, event.place, event.asset, day, None, event.quantity)
    if event.fee is not None and event.fee.asset:
        yield CategoryLine(event.id, "fee", event.place, event.fee.asset, day, None, event.fee.quantity)


_Side = tuple[str, ReportedCategory, str, Decimal, Decimal | None]


def _sides(event: HoldingEvent, prices: PriceTable, day: date, fee: Decimal | None) -> Iterator[_Side]:
    place, asset, units = event.place, event.asset, event.quantity
    match event.kind:
        case "buy":
            cost = None if event.cost is None else prices.convert(event.cost, day)
            yield place, "fiat_in", asset, units, cost
        case "sell":
            gross = None if event.proceeds is None else prices.convert(event.proceeds, day)
            net = None if gross is None or fee is None else gross - fee
            yield place, "fiat_out", asset, units, net
        case "swap":
            value = _swap_value(event, prices, day)
            yield place, "crypto_out", asset, units, value
            yield place, "crypto_in", event.to_asset, event.to_quantity, value
        case "transfer":
            value = value_event(event, prices, day)
            yield place, "transfer_out", asset, units, value
            yield event.to_place, "transfer_in", asset, units, value
        case "income":
            yield place, "transfer_in", asset, units, value_event(event, prices, day)
        case "gift":
            way: ReportedCategory = "transfer_in" if event.way == "in" else "transfer_out"
            yield place, way, asset, units, value_event(event, prices, day)
        case "fork":
            value = prices.value(event.to_asset, event.to_quantity, day)
            yield place, "transfer_in", event.to_asset, event.to_quantity, value


def _swap_value(event: HoldingEvent, prices: PriceTable, day: date) -> Decimal | None:
    """Return the value given, else that of what was received, else that of what was given."""
    if event.value is not None:
        return prices.convert(event.value, day)
    received = prices.value(event.to_asset, event.to_quantity, day)
    return prices.value(event.asset, event.quantity, day) if received is None else received
