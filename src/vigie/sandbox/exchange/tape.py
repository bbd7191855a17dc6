"""What everybody has traded: the market's own way through its bars as single trades, the same whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from vigie.sandbox.exchange.core.grid import to_lot
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.matchers.waypoints import BarWalk
from vigie.sandbox.exchange.quotes import Quotes

A_BAR: Final = 12
_WEIGHTS: Final = A_BAR * (A_BAR + 1) // 2


@dataclass(frozen=True, slots=True)
class Print:
    """One trade of somebody.

    Attributes
    ----------
    number : int
        Rises by one from slot to slot of time; slots without a bar have no trade.
    is_buy : bool
        Whether who came second bought.
    """

    number: int
    ts: int
    price: Decimal
    size: Decimal
    is_buy: bool


class Tape:
    """The trades of every contract: twelve a bar, which together have its volume, lots apart.

    Parameters
    ----------
    quotes : Quotes
        Time and bars.
    walks : mapping of symbol to BarWalk
        The way of the price through them.
    """

    def __init__(self, quotes: Quotes, walks: Mapping[str, BarWalk]) -> None:
        self._quotes = quotes
        self._walks = walks

    def last(self, contract: Contract, limit: int) -> list[Print]:
        """Return the newest trades, oldest first."""
        last = self._last(contract)
        return self._within(contract, last - limit + 1, last)

    def after(self, contract: Contract, number: int, most: int) -> list[Print]:
        """Return the newest trades beyond a number, oldest first; nothing costs nothing."""
        last = self._last(contract)
        return self._within(contract, max(number + 1, last - most + 1), last) if number < last else []

    def since(self, contract: Contract, number: int, limit: int) -> list[Print]:
        """Return the trades from a number on, oldest first."""
        found: list[Print] = []
        last = self._last(contract)
        while number <= last and len(found) < limit:
            found += self._within(contract, number, min(last, number + limit - 1))
            number += limit
        return found[:limit]

    def between(
        self, contract: Contract, start: int, end: int, limit: int, *, newest: bool, below: int = 2**62
    ) -> list[Print]:
        """Return the first or the newest trades of [start, end] and with a number below one, oldest first."""
        slot = self._slot(contract)
        bars = self._quotes.finest(contract.symbol)
        begin = 0 if bars is None or not len(bars) else int(bars.ts[0])
        first, last = -(-max(start, begin) // slot), min(end // slot, below - 1, self._last(contract))
        found: list[Print] = []
        while first <= last and len(found) < limit:
            if newest:
                found = self._within(contract, max(first, last - limit + 1), last) + found
                last -= limit
            else:
                found += self._within(contract, first, min(last, first + limit - 1))
                first += limit
        return found[-limit:] if newest else found[:limit]

    def _slot(self, contract: Contract) -> int:
        bars = self._quotes.finest(contract.symbol)
        return 1 if bars is None else max(1, bars.span_ms // A_BAR)

    def _last(self, contract: Contract) -> int:
        bars = self._quotes.finest(contract.symbol)
        if bars is None or not len(bars):
            return -1
        return min(self._quotes.market.now(), int(bars.ts[-1]) + bars.span_ms - 1) // self._slot(contract)

    def _within(self, contract: Contract, first: int, last: int) -> list[Print]:
        bars, walk = self._quotes.finest(contract.symbol), self._walks.get(contract.symbol)
        if bars is None or walk is None:
            return []
        slot, found = self._slot(contract), []
        first = max(first, int(bars.ts[0]) // slot)
        before = walk.price((first - 1) * slot)
        for number in range(first, last + 1):
            ts = number * slot
            place = int(np.searchsorted(bars.ts, ts, side="right")) - 1
            price = walk.price(ts)
            if place < 0 or price is None or ts >= bars.ts[place] + bars.span_ms:
                continue
            # Each bar has every weight from one to twelve once, in an order of its own.
            weight = (number * 5 + place) % A_BAR + 1
            volume = Decimal(repr(float(bars.volume[place])))
            size = max(contract.lot, to_lot(volume * weight / _WEIGHTS, contract.lot))
            found.append(Print(number, ts, price, size, before is None or price >= before))
            before = price
        return found
