"""France: article 150 VH bis CGI, line by line of form 2086, year by year (private persons; not advice).

One portfolio over all places and no lots: all coins, all acquisition prices, and the capital used before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from vigie.intelligence.holdings.amounts import ZERO, book, exactly
from vigie.intelligence.holdings.country_rules import read_country
from vigie.intelligence.holdings.event_values import value_coin_fee, value_event, value_money_fee
from vigie.intelligence.holdings.france_years import FrenchIncome, FrenchSale, FrenchYear, close_year
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import HoldingEvent


@dataclass(frozen=True, slots=True)
class ForeignAccount:
    """A place where coins lie abroad.

    Attributes
    ----------
    place : str
        Its name.
    opened, closed : date or None
        From when to when; nothing is always.
    """

    place: str
    opened: date | None = None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class FrenchSettings:
    """What a person says beside the events.

    Attributes
    ----------
    scale : bool
        The option for the scale of income tax.
    acquisition_fees : bool or None
        Whether fees of purchases are in 220; nothing is as the country's file says.
    income_enters_220 : bool or None
        Whether rewards enter 220 at their value.
    opening_220, opening_221 : Decimal
        Carried from before.
    accounts : tuple of ForeignAccount
        Places abroad, for form 3916-bis.
    """

    scale: bool = False
    acquisition_fees: bool | None = None
    income_enters_220: bool | None = None
    opening_220: Decimal = ZERO
    opening_221: Decimal = ZERO
    accounts: tuple[ForeignAccount, ...] = ()


@exactly
def french_years(
    events: Sequence[HoldingEvent], prices: PriceTable, settings: FrenchSettings
) -> tuple[FrenchYear, ...]:
    """Return the figures of all years from the first event to the last.

    Parameters
    ----------
    events : sequence of HoldingEvent
        In order.
    prices : PriceTable
        In EUR.
    settings : FrenchSettings
        What a person says.

    Returns
    -------
    tuple of FrenchYear
        Ascending.
    """
    portfolio = _Portfolio(prices, settings)
    for event in events:
        portfolio.add(event)
    return portfolio.close()


def places_abroad(accounts: Sequence[ForeignAccount], year: int) -> tuple[str, ...]:
    """Return the places abroad that were open at any time of a year, empty ones too.

    Parameters
    ----------
    accounts : sequence of ForeignAccount
        All that a person names.
    year : int
        A calendar year.

    Returns
    -------
    tuple of str
        For form 3916-bis.
    """
    return tuple(
        one.place
        for one in accounts
        if (one.opened is None or one.opened.year <= year) and (one.closed is None or one.closed.year >= year)
    )


class _Portfolio:
    """All coins of a household, while events go through it."""

    def __init__(self, prices: PriceTable, settings: FrenchSettings) -> None:
        self._prices = prices
        self._settings = settings
        self._country = read_country("france")
        self._zone = ZoneInfo(self._country.zone)
        self._fees_count = self._says(settings.acquisition_fees, "acquisition_fees")
        self._income_counts = self._says(settings.income_enters_220, "income_enters_220")
        self._held: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._acquired = settings.opening_220
        # Unknown once a coin had no price: no later sale has figures.
        self._used: Decimal | None = settings.opening_221
        self._lacks_cost = False
        self._day = date.min
        self._sales: defaultdict[int, list[FrenchSale]] = defaultdict(list)
        self._income: defaultdict[int, list[FrenchIncome]] = defaultdict(list)
        self._flags: defaultdict[int, set[str]] = defaultdict(set)

    def _says(self, given: bool | None, name: str) -> bool:
        return self._country.switch(name) if given is None else given

    def close(self) -> tuple[FrenchYear, ...]:
        years = self._flags
        return tuple(
            close_year(
                self._country,
                year,
                self._sales[year],
                self._income[year],
                years[year],
                with_scale=self._settings.scale,
                abroad=places_abroad(self._settings.accounts, year),
            )
            for year in (range(min(years), max(years) + 1) if years else ())
        )

    def add(self, event: HoldingEvent) -> None:
        self._day = event.at.astimezone(self._zone).date()
        _ = self._flags[self._day.year]
        match event.kind:
            case "buy":
                self._buy(event)
            case "sell":
                self._sell(event)
                return
            case "swap":
                self._leave(event.asset, event.quantity)
                self._held[event.to_asset] += event.to_quantity
                self._flag_coin_fee(event)
            case "transfer":
                self._flag_coin_fee(event)
            case "income":
                self._receive_income(event)
            case "gift" if event.way == "in":
                self._enter(event.asset, event.quantity, value_event(event, self._prices, self._day))
            case "gift":
                self._give(event)
            case "fork":
                self._held[event.to_asset] += event.to_quantity
            case _:
                self._leave(event.asset, event.quantity)
                self._flag("loss_left" if event.kind == "loss" else "fee_left")
        if event.fee is not None and event.fee.asset:
            self._leave(event.fee.asset, event.fee.quantity)

    def _flag(self, code: str) -> None:
        self._flags[self._day.year].add(code)

    def _flag_coin_fee(self, event: HoldingEvent) -> None:
        if event.fee is not None and event.fee.asset:
            self._flag("coin_fee_left")

    def _leave(self, asset: str, quantity: Decimal) -> None:
        self._held[asset] = max(ZERO, self._held[asset] - quantity)

    def _enter(self, asset: str, quantity: Decimal, cost: Decimal | None) -> None:
        self._held[asset] += quantity
        self._pay(cost)

    def _pay(self, cost: Decimal | None) -> None:
        if cost is None:
            self._lacks_cost = True
            self._flag("missing_cost")
        else:
            self._acquired += cost

    def _buy(self, event: HoldingEvent) -> None:
        cost = None if event.cost is None else self._prices.convert(event.cost, self._day)
        self._enter(event.asset, event.quantity, cost)
        if self._fees_count:
            self._pay(value_money_fee(event, self._prices, self._day))
            self._pay(value_coin_fee(event, event.asset, cost, self._prices, self._day))

    def _receive_income(self, event: HoldingEvent) -> None:
        value = value_event(event, self._prices, self._day)
        self._income[self._day.year].append(
            FrenchIncome(event.id, event.sort, event.asset, event.quantity, value)
        )
        self._flag("income_not_settled")
        self._enter(event.asset, event.quantity, value if self._income_counts else ZERO)

    def _give(self, event: HoldingEvent) -> None:
        """Use capital for a gift made, without a gain."""
        value = value_event(event, self._prices, self._day)
        worth = self._worth(event, value, ZERO)
        self._leave(event.asset, event.quantity)
        if not self._country.knows(self._day.year):
            return
        if value is None or worth is None or self._used is None:
            self._used = None
            self._flag("no_price")
            return
        self._used += self._quotient(value, worth, self._used)

    def _sell(self, event: HoldingEvent) -> None:
        gross = None if event.proceeds is None else self._prices.convert(event.proceeds, self._day)
        money = value_money_fee(event, self._prices, self._day)
        coins = value_coin_fee(event, event.asset, gross, self._prices, self._day)
        worth = self._worth(event, gross, coins)
        self._leave(event.asset, event.quantity)
        if event.fee is not None and event.fee.asset:
            self._leave(event.fee.asset, event.fee.quantity)
        sales = self._sales[self._day.year]
        if not self._country.knows(self._day.year):
            sales.append(FrenchSale(event.id))
            return
        if self._lacks_cost:
            self._flag("missing_cost")
        if gross is None or money is None or coins is None or worth is None or self._used is None:
            self._used = None
            self._flag("no_price")
            sales.append(FrenchSale(event.id))
            return
        price, fees = gross + coins, money + coins
        used = self._quotient(price, worth, self._used)
        lines = (worth, price, fees, price - fees, price, price - fees,
                 self._acquired, self._used, self._acquired - self._used)  # fmt: skip
        sales.append(FrenchSale(event.id, lines, price - fees - used))
        self._used += used

    def _quotient(self, price: Decimal, worth: Decimal, used: Decimal) -> Decimal:
        """Return the capital that a disposal uses: 223 x 217 / 212."""
        return book((self._acquired - used) * price / worth) if worth else ZERO

    def _worth(self, event: HoldingEvent, gross: Decimal | None, coins: Decimal | None) -> Decimal | None:
        """Return line 212: all coins just before, with what was sold without being held."""
        if gross is None or coins is None:
            return None
        fee_asset = event.fee.asset if event.fee is not None and event.kind == "sell" else ""
        fee_quantity = event.fee.quantity if event.fee is not None and fee_asset else ZERO
        leaving = {event.asset: event.quantity}
        if fee_asset:
            leaving[fee_asset] = leaving.get(fee_asset, ZERO) + fee_quantity
        if any(quantity > self._held[asset] for asset, quantity in leaving.items()):
            self._flag("gap")
        worth = coins
        for asset in {**self._held, **leaving}:
            quantity = max(self._held[asset], leaving.get(asset, ZERO))
            if asset == fee_asset:
                quantity -= fee_quantity
            if asset == event.asset:
                worth += book(gross * quantity / event.quantity)
            elif quantity:
                value = self._prices.value(asset, quantity, self._day)
                if value is None:
                    return None
                worth += value
        return worth
