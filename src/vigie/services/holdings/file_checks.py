"""What is to be known of the new rows of a file before they enter; it refuses none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.intelligence.holdings.amounts import exactly, plain
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import MoneyAmount
from vigie.services.holdings.day_prices import PriceQuestion, read_price_table
from vigie.services.holdings.event_money import event_money, event_text
from vigie.services.holdings.holding_book import HoldingSources

# From so many times the day's price an amount is more likely that of one coin, or of another currency.
FAR: Final = 3
# Closes are in it: a row in dollars needs no rate.
_BASE: Final = "USD"


@dataclass(frozen=True, slots=True)
class AmountCheck:
    """Tells which amounts are far from what so many coins cost that day.

    Attributes
    ----------
    prices : PriceTable
        Of the coins and the days of a file.
    names : mapping of str to str
        By catalogue id.
    """

    prices: PriceTable
    names: Mapping[str, str]

    @exactly
    def find_far(self, told: Mapping[str, object]) -> Refusal | None:
        """Return what is told of an event whose amount is far; None where it is near, or no price is known."""
        money, asset, quantity = event_money(told), event_text(told, "asset"), event_text(told, "qty")
        if money is None or not asset or not quantity:
            return None
        amount, currency = Decimal(money[0]), money[1]
        day = date.fromisoformat(event_text(told, "at")[:10])
        close = self.prices.ratio(asset, day)
        one = self.prices.convert(MoneyAmount(Decimal(1), currency), day)
        if close is None or not one:
            return None
        usual = close[0] / close[1] / one
        price = amount / Decimal(quantity)
        if usual / FAR <= price <= usual * FAR:
            return None
        return Refusal(
            "import_far_amount",
            "{amount} {currency} for {quantity} {coin} is {price} {currency} a coin, and the price of {day} was "
            "{usual} {currency}: check whether the amount is that of the whole row, and its currency",
            amount=money[0],
            currency=currency,
            quantity=quantity,
            coin=self.names.get(asset, asset),
            price=_rounded(price),
            day=day.isoformat(),
            usual=_rounded(usual),
        )


def amount_check(sources: HoldingSources, coins: Collection[str], first: date) -> AmountCheck:
    """Return the check of a file with these coins, whose first row is of this day."""
    question = PriceQuestion(tuple(sorted(coins)), _BASE, first, sources.clock.market_now())
    return AmountCheck(
        read_price_table(sources.facts, sources.bar_reader, question),
        {asset.id: asset.name for asset in sources.catalog.assets()},
    )


def _rounded(price: Decimal) -> str:
    """Return a price with cents, or with four figures where it is below one."""
    step = Decimal("0.01") if price >= 1 or not price else Decimal(1).scaleb(price.adjusted() - 3)
    return plain(price.quantize(step)) or ""
