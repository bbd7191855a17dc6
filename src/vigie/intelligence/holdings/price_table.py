"""What a coin or a sum of money was worth on a day: closes and rates, at most seven days old."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from copy import copy
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from vigie.intelligence.holdings.amounts import book
from vigie.intelligence.holdings.records import MoneyAmount

MOST_DAYS = 7
EURO = "EUR"
ONE = Decimal(1)

Close = tuple[str, date, Decimal, str]
Rate = tuple[str, date, Decimal]
# A price as a fraction: a value is rounded once, so nothing is divided before.
Ratio = tuple[Decimal, Decimal]


T = TypeVar("T")


class DaySeries(Generic[T]):
    """Values of days by name, found by the last day that is not too old.

    Parameters
    ----------
    values : iterable of (name, day, value)
        In any order; the last one given for a day counts.
    """

    def __init__(self, values: Iterable[tuple[str, date, T]]) -> None:
        found: dict[str, dict[int, T]] = {}
        for name, day, value in values:
            found.setdefault(name, {})[day.toordinal()] = value
        self._days = {name: sorted(days) for name, days in found.items()}
        self._values = found

    def last(self, name: str, day: date) -> T | None:
        """Return the day's value, else the last of the seven days before it.

        Parameters
        ----------
        name : str
            A coin or a currency.
        day : date
            When.

        Returns
        -------
        value or None
            Nothing where there is none.
        """
        days = self._days.get(name)
        if days is None:
            return None
        wanted = day.toordinal()
        at = bisect_right(days, wanted) - 1
        if at < 0 or wanted - days[at] > MOST_DAYS:
            return None
        return self._values[name][days[at]]


class PriceTable:
    """Closes of days and rates, seen from one currency.

    Parameters
    ----------
    closes : iterable of (asset, day, price, currency)
        The last one given for a day counts.
    rates : iterable of (currency, day, units for 1 EUR)
        As the ECB publishes them.
    base : str
        The currency that values are in.
    unnamed : str, optional
        The currency of money that names none; the base when left out.
    """

    def __init__(self, closes: Iterable[Close], rates: Iterable[Rate], base: str, unnamed: str = "") -> None:
        self.base = base
        self._unnamed = unnamed or base
        self._closes = DaySeries[tuple[Decimal, str]]((a, day, (price, cur)) for a, day, price, cur in closes)
        self._rates = DaySeries[Decimal](rates)
        self._ratios: dict[tuple[str, date], Ratio | None] = {}
        self._rate_days: dict[date, date] = {}

    def at_last_close(self, day: date, close_day: date) -> PriceTable:
        """Return the same prices where those of one day are in money of an earlier one.

        A day that has not ended has the closes of an earlier one. What is worth as much as it was at that close is
        told by its rate too; money that is paid on the day keeps the day's own.

        Parameters
        ----------
        day : date
            That has not ended.
        close_day : date
            Of its prices.

        Returns
        -------
        PriceTable
            This one stays as it is.
        """
        table = copy(self)
        table._ratios, table._rate_days = {}, {day: close_day}
        return table

    def convert(self, money: MoneyAmount, day: date) -> Decimal | None:
        """Return money in the base currency, booked.

        Parameters
        ----------
        money : MoneyAmount
            As it was paid.
        day : date
            Whose rate counts.

        Returns
        -------
        Decimal or None
            Nothing without a rate.
        """
        ratio = self._into_base(money.currency or self._unnamed, day)
        return None if ratio is None else book(money.amount * ratio[0] / ratio[1])

    def ratio(self, asset: str, day: date) -> Ratio | None:
        """Return a coin's price as a fraction.

        Parameters
        ----------
        asset : str
            The coin.
        day : date
            Whose close counts, else the last before it.

        Returns
        -------
        (Decimal, Decimal) or None
            Above and below the line; nothing without a price or its rate.
        """
        key = asset, day
        if key not in self._ratios:
            self._ratios[key] = self._find(asset, day)
        return self._ratios[key]

    def value(self, asset: str, quantity: Decimal, day: date) -> Decimal | None:
        """Return what coins are worth, booked.

        Parameters
        ----------
        asset : str
            The coin.
        quantity : Decimal
            How many.
        day : date
            When.

        Returns
        -------
        Decimal or None
            Nothing without a price.
        """
        ratio = self.ratio(asset, day)
        return None if ratio is None else book(quantity * ratio[0] / ratio[1])

    def _find(self, asset: str, day: date) -> Ratio | None:
        close = self._closes.last(asset, day)
        if close is None:
            return None
        into_base = self._into_base(close[1], self._rate_days.get(day, day))
        return None if into_base is None else (close[0] * into_base[0], into_base[1])

    def _into_base(self, currency: str, day: date) -> Ratio | None:
        if currency == self.base:
            return ONE, ONE
        above = ONE if self.base == EURO else self._rates.last(self.base, day)
        below = ONE if currency == EURO else self._rates.last(currency, day)
        return None if above is None or below is None else (above, below)
