"""Booked holdings, kept while events and prices stay as they are; of this process alone."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from vigie.domain.holding import HoldingRecord
    from vigie.intelligence.holdings.bank_products import BankProduct
    from vigie.intelligence.holdings.price_table import PriceTable
    from vigie.intelligence.holdings.records import BookedHoldings, HoldingEvent
    from vigie.intelligence.holdings.returns import MoneyWeighted, TimeWeighted
    from vigie.intelligence.holdings.worth import HoldingsWorth

MOST_LINES: Final = 32
MOST_BOOKS: Final = 64
MOST_TABLES: Final = 8


Kept = TypeVar("Kept")
# What is kept of a line, and what it says as an event of the contract.
HoldingLine = tuple["HoldingRecord", Mapping[str, object]]


@dataclass(frozen=True, slots=True, eq=False)
class HoldingLines:
    """All that is kept of a person.

    Attributes
    ----------
    lines : tuple of (HoldingRecord, mapping)
        The newest day first.
    coins : tuple of str
        Catalogue ids of all that they name, underlyings of products too.
    first : date or None
        The first day; None without lines.
    events : tuple of mapping
        As they are booked; lines whose coin is to be chosen are left out.
    products : mapping of str to BankProduct
        By the key that stands for a coin in the book.
    currency : str
        Of all money that was given; empty where there is none, or several.
    """

    lines: tuple[HoldingLine, ...]
    coins: tuple[str, ...]
    first: date | None
    events: tuple[Mapping[str, object], ...] = ()
    products: Mapping[str, BankProduct] = field(default_factory=dict)
    currency: str = ""


@dataclass(frozen=True, slots=True)
class CoinMarket:
    """What a coin costs, who says so, and how much of it is traded.

    Attributes
    ----------
    source : str
        Of the close: a source, or an instrument in full.
    last_day : date
        The newest day of which there is a close.
    last_close : float
        Dollars for one coin.
    daily_volume : float or None
        Dollars traded on a usual day.
    """

    source: str
    last_day: date
    last_close: float
    daily_volume: float | None


@dataclass(frozen=True, slots=True, eq=False)
class HoldingBook:
    """What follows from the events of a person.

    Attributes
    ----------
    today : date
        The last day.
    events : tuple of HoldingEvent
        In the order of booking.
    lines : HoldingLines
        All that is kept.
    refused : tuple of (str, str)
        Events that are not booked, with their codes.
    booked : BookedHoldings
    held : mapping of (str, str) to Decimal
        Quantity of what is held, by coin and place.
    costs : mapping of str to Decimal or None
        What the lots that are left cost, by coin.
    codes : mapping of str to tuple of str
        What is to be known of a line, by its id.
    prices : PriceTable
        What events are booked by: each day with its own rate.
    worth_prices : PriceTable
        What is held is worth so much: today with the rate of the day of its last close.
    price_day : date or None
        The newest day of which a held coin has a close; None where none has.
    markets : mapping of str to CoinMarket
        By coin, where prices are stored.
    worths : tuple of (date, Decimal or None)
        Each day since the first event.
    in_bitcoin : tuple of Decimal or None
        The same money in Bitcoin, on each of these days; unknown from the day on which it cannot be told.
    put_in : tuple of Decimal or None
        Money put in less money taken out until each of these days.
    worth : HoldingsWorth
        Of today.
    time_weighted : TimeWeighted or None
        None without events.
    money_weighted : MoneyWeighted or None
        None without events.
    """

    today: date
    events: tuple[HoldingEvent, ...]
    lines: HoldingLines
    refused: tuple[tuple[str, str], ...]
    booked: BookedHoldings
    held: Mapping[tuple[str, str], Decimal]
    costs: Mapping[str, Decimal | None]
    codes: Mapping[str, tuple[str, ...]]
    prices: PriceTable
    worth_prices: PriceTable
    price_day: date | None
    markets: Mapping[str, CoinMarket]
    worths: tuple[tuple[date, Decimal | None], ...]
    in_bitcoin: tuple[Decimal | None, ...]
    put_in: tuple[Decimal | None, ...]
    worth: HoldingsWorth
    time_weighted: TimeWeighted | None
    money_weighted: MoneyWeighted | None


@dataclass(slots=True, eq=False)
class HoldingBookCache:
    """Keeps lines and books by person, and tables of prices by what they were read from."""

    _lines: OrderedDict[Hashable, HoldingLines] = field(default_factory=OrderedDict)
    _books: OrderedDict[Hashable, HoldingBook] = field(default_factory=OrderedDict)
    _tables: OrderedDict[Hashable, PriceTable] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lines(self, key: Hashable, make: Callable[[], HoldingLines]) -> HoldingLines:
        """Return the lines of a version of a person's, read once."""
        return self._kept(self._lines, MOST_LINES, key, make)

    def table(self, key: Hashable, make: Callable[[], PriceTable]) -> PriceTable:
        """Return the table of prices of a version of them, made once."""
        return self._kept(self._tables, MOST_TABLES, key, make)

    def book(self, key: Hashable, prices: PriceTable, make: Callable[[], HoldingBook]) -> HoldingBook:
        """Return a book; it is made anew where it was not made with these prices."""
        return self._kept(self._books, MOST_BOOKS, key, make, lambda book: book.prices is prices)

    def _kept(
        self,
        kept: OrderedDict[Hashable, Kept],
        most: int,
        key: Hashable,
        make: Callable[[], Kept],
        is_valid: Callable[[Kept], bool] = lambda _: True,
    ) -> Kept:
        with self._lock:
            found = kept.get(key)
            if found is not None and is_valid(found):
                kept.move_to_end(key)
                return found
        made = make()
        with self._lock:
            kept[key] = made
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
        return made
