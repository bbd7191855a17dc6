"""France: article 150 VH bis CGI, line by line of form 2086, year by year (private persons; not advice).

One portfolio over all places and no lots: all coins, all acquisition prices, and the capital used before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from vigie.intelligence.holdings.amounts import ZERO, book, exactly
from vigie.intelligence.holdings.country_rules import read_country
from vigie.intelligence.holdings.event_values import value_coin_fee, value_event, value_money_fee
from vigie.intelligence.holdings.france_years import (
    FrenchCoin,
    FrenchEntry,
    FrenchLack,
    FrenchSale,
    FrenchYear,
    close_year,
)
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import CoinIncome, HoldingEvent


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
    events: Sequence[HoldingEvent], prices: PriceTable, settings: FrenchSettings, wanted: int | None = None
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
    wanted : int, optional
        A year that is among them, with or without events.

    Returns
    -------
    tuple of FrenchYear
        Ascending.
    """
    portfolio = _Portfolio(prices, settings)
    for event in events:
        portfolio.add(event)
    return portfolio.close(wanted)


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
        account.place
        for account in accounts
        if (account.opened is None or account.opened.year <= year)
        and (account.closed is None or account.closed.year >= year)
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
        self._income: defaultdict[int, list[CoinIncome]] = defaultdict(list)
        self._flags: defaultdict[int, set[str]] = defaultdict(set)
        self._entries: defaultdict[int, list[FrenchEntry]] = defaultdict(list)
        self._lacks: defaultdict[int, list[FrenchLack]] = defaultdict(list)

    def _says(self, given: bool | None, name: str) -> bool:
        return self._country.switch(name) if given is None else given

    def close(self, wanted: int | None) -> tuple[FrenchYear, ...]:
        years = self._flags
        if wanted is not None:
            _ = years[wanted]
        return tuple(self._close(year) for year in (range(min(years), max(years) + 1) if years else ()))

    def _close(self, year: int) -> FrenchYear:
        closed = close_year(
            self._country,
            year,
            self._sales[year],
            self._income[year],
            self._flags[year],
            with_scale=self._settings.scale,
            abroad=places_abroad(self._settings.accounts, year),
        )
        return replace(closed, entries=tuple(self._entries[year]), lacks=tuple(self._lacks[year]))

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
                self._enter(event, value_event(event, self._prices, self._day))
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

    def _lack(self, event: HoldingEvent, code: str, asset: str = "") -> None:
        """Note what is missing: in the year's flags, and whose it is."""
        self._flag(code)
        self._lacks[self._day.year].append(FrenchLack(event.id, asset or event.asset, code))

    def _enter_line(self, event: HoldingEvent, line: str, amount: Decimal, *, is_fee: bool = False) -> None:
        if amount:
            self._entries[self._day.year].append(FrenchEntry(event.id, line, amount, is_fee))

    def _flag_coin_fee(self, event: HoldingEvent) -> None:
        if event.fee is not None and event.fee.asset:
            self._flag("coin_fee_left")

    def _leave(self, asset: str, quantity: Decimal) -> None:
        self._held[asset] = max(ZERO, self._held[asset] - quantity)

    def _enter(self, event: HoldingEvent, cost: Decimal | None) -> None:
        self._held[event.asset] += event.quantity
        self._pay(event, cost)

    def _pay(self, event: HoldingEvent, cost: Decimal | None, *, is_fee: bool = False) -> None:
        if cost is None:
            self._lacks_cost = True
            self._lack(event, "missing_cost")
        else:
            self._acquired += cost
            self._enter_line(event, "220", cost, is_fee=is_fee)

    def _buy(self, event: HoldingEvent) -> None:
        cost = None if event.cost is None else self._prices.convert(event.cost, self._day)
        self._enter(event, cost)
        if self._fees_count:
            self._pay(event, value_money_fee(event, self._prices, self._day), is_fee=True)
            self._pay(event, value_coin_fee(event, event.asset, cost, self._prices, self._day), is_fee=True)

    def _receive_income(self, event: HoldingEvent) -> None:
        value = value_event(event, self._prices, self._day)
        self._income[self._day.year].append(
            CoinIncome(event.id, event.sort, event.asset, event.quantity, value)
        )
        self._flag("income_not_settled")
        self._enter(event, value if self._income_counts else ZERO)

    def _give(self, event: HoldingEvent) -> None:
        """Use capital for a gift made, without a gain."""
        value = value_event(event, self._prices, self._day)
        coins = self._coins(event, value, ZERO)
        self._leave(event.asset, event.quantity)
        if not self._country.knows(self._day.year):
            return
        if value is None or coins is None or self._used is None:
            self._lose_count(event, value)
            return
        used = self._quotient(value, sum((coin.value for coin in coins), ZERO), self._used)
        self._enter_line(event, "221", used)
        self._used += used

    def _lose_count(self, event: HoldingEvent, *values: Decimal | None) -> None:
        """Give no figures any more; of coins that lack a price it was said already."""
        self._flag("no_price")
        if self._used is not None and None in values:
            self._lack(event, "no_price")
        self._used = None

    def _sell(self, event: HoldingEvent) -> None:
        gross = None if event.proceeds is None else self._prices.convert(event.proceeds, self._day)
        money = value_money_fee(event, self._prices, self._day)
        coins = value_coin_fee(event, event.asset, gross, self._prices, self._day)
        counted = self._coins(event, gross, coins)
        self._leave(event.asset, event.quantity)
        if event.fee is not None and event.fee.asset:
            self._leave(event.fee.asset, event.fee.quantity)
        sales = self._sales[self._day.year]
        if not self._country.knows(self._day.year):
            sales.append(FrenchSale(event.id))
            return
        if self._lacks_cost:
            self._flag("missing_cost")
        if gross is None or money is None or coins is None or counted is None or self._used is None:
            self._lose_count(event, gross, money, coins)
            sales.append(FrenchSale(event.id))
            return
        worth = sum((coin.value for coin in counted), ZERO)
        price, fees = gross + coins, money + coins
        used = self._quotient(price, worth, self._used)
        lines = (worth, price, fees, price - fees, price, price - fees,
                 self._acquired, self._used, self._acquired - self._used)  # fmt: skip
        sales.append(FrenchSale(event.id, lines, price - fees - used, counted))
        self._enter_line(event, "221", used)
        self._used += used

    def _quotient(self, price: Decimal, worth: Decimal, used: Decimal) -> Decimal:
        """Return the capital that a disposal uses: 223 x 217 / 212."""
        return book((self._acquired - used) * price / worth) if worth else ZERO

    def _coins(
        self, event: HoldingEvent, gross: Decimal | None, coins: Decimal | None
    ) -> tuple[FrenchCoin, ...] | None:
        """Return what line 212 is the sum of: all coins just before, with what was sold without being held."""
        if gross is None or coins is None:
            return None
        fee = event.fee if event.fee is not None and event.kind == "sell" else None
        fee_asset, fee_quantity = (fee.asset, fee.quantity) if fee is not None and fee.asset else ("", ZERO)
        leaving = {event.asset: event.quantity}
        if fee_asset:
            leaving[fee_asset] = leaving.get(fee_asset, ZERO) + fee_quantity
        for asset, quantity in leaving.items():
            if quantity > self._held[asset]:
                self._lack(event, "gap", asset)
        found = [FrenchCoin(fee_asset, fee_quantity, coins, "fee")] if fee_asset else []
        for asset in {**self._held, **leaving}:
            quantity = max(self._held[asset], leaving.get(asset, ZERO))
            if asset == fee_asset:
                quantity -= fee_quantity
            if asset == event.asset:
                found.append(FrenchCoin(asset, quantity, book(gross * quantity / event.quantity), "sale"))
            elif quantity:
                value = self._prices.value(asset, quantity, self._day)
                if value is None:
                    self._lack_price(event, asset)
                    return None
                found.append(FrenchCoin(asset, quantity, value, "close"))
        return tuple(found)

    def _lack_price(self, event: HoldingEvent, asset: str) -> None:
        # Before 2019 there are no figures, so none is missing.
        if self._country.knows(self._day.year):
            self._lack(event, "no_price", asset)
