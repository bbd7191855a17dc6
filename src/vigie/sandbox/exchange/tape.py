"""What everybody has traded: the market's own way through its bars as single trades, the same whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final

import numpy as np

from vigie.sandbox.exchange.core.grid import to_lot
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.matchers.waypoints import BarWalk
from vigie.sandbox.exchange.quotes import Quotes

A_BAR: Final = 12
_WEIGHTS: Final = A_BAR * (A_BAR + 1) // 2
_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Print:
    """One trade of somebody.

    Attributes
    ----------
    number : int
        Rises by one from slot to slot of time; slots without a bar, and those of a halt, have no trade.
    ts : int
        The end of its slot: a trade has a share of what was traded in it.
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

    While a bar runs they have no more together than was traded of it so far.

    Parameters
    ----------
    quotes : Quotes
        Time and bars.
    walks : mapping of symbol to BarWalk
        The way of the price through them.
    halts : callable
        Takes a symbol; gives the spans of time in which it was not traded.
    """

    def __init__(
        self, quotes: Quotes, walks: Mapping[str, BarWalk], halts: Callable[[str], Sequence[tuple[int, int]]]
    ) -> None:
        self._quotes = quotes
        self._walks = walks
        self._halts = halts

    def last(self, contract: Contract, limit: int) -> list[Print]:
        """Return the newest trades, oldest first."""
        return self._within(contract, 0, _NEVER, limit, newest=True)

    def after(self, contract: Contract, number: int, most: int) -> list[Print]:
        """Return the newest trades beyond a number, oldest first; nothing costs nothing."""
        return self._within(contract, number + 1, _NEVER, most, newest=True)

    def since(self, contract: Contract, number: int, limit: int) -> list[Print]:
        """Return the trades from a number on, oldest first."""
        return self._within(contract, number, _NEVER, limit, newest=False)

    def between(
        self, contract: Contract, start: int, end: int, limit: int, *, newest: bool, below: int = _NEVER
    ) -> list[Print]:
        """Return the first or the newest trades of [start, end] and with a number below one, oldest first."""
        slot = self._slot(contract)
        return self._within(contract, start // slot, min((end + 1) // slot, below) - 1, limit, newest=newest)

    def _slot(self, contract: Contract) -> int:
        bars = self._quotes.finest(contract.symbol)
        return 1 if bars is None else max(1, bars.span_ms // A_BAR)

    def _within(self, contract: Contract, first: int, last: int, limit: int, *, newest: bool) -> list[Print]:
        """Return the first or the newest trades of a range of numbers, oldest first."""
        found = list(islice(self._traded(contract, first, last, -1 if newest else 1), limit))
        return self._printed(contract, found[::-1] if newest else found)

    def _traded(self, contract: Contract, first: int, last: int, way: int) -> Iterator[tuple[int, int]]:
        """Yield the numbers of trades, each with the place of its bar; gaps and halts are passed in one step."""
        bars, slot = self._quotes.finest(contract.symbol), self._slot(contract)
        if bars is None or not len(bars) or contract.symbol not in self._walks:
            return
        # A slot that is not over has no trade yet.
        over = min(self._quotes.market.now(), int(bars.ts[-1]) + bars.span_ms)
        first, last = max(first, int(bars.ts[0]) // slot), min(last, over // slot - 1)
        halts = self._halts(contract.symbol)
        number = first if way > 0 else last
        while first <= number <= last:
            ts = (number + 1) * slot - 1
            place = int(np.searchsorted(bars.ts, ts, side="right")) - 1
            closed = int(bars.ts[place]) + bars.span_ms
            if ts >= closed:
                number = int(bars.ts[place + 1]) // slot if way > 0 else closed // slot - 1
                continue
            halt = next((one for one in halts if one[0] <= ts < one[1]), None)
            if halt is not None:
                number = halt[1] // slot if way > 0 else halt[0] // slot - 1
                continue
            yield number, place
            number += way

    def _printed(self, contract: Contract, numbers: Sequence[tuple[int, int]]) -> list[Print]:
        bars, walk, slot = (
            self._quotes.finest(contract.symbol),
            self._walks.get(contract.symbol),
            self._slot(contract),
        )
        found: list[Print] = []
        if bars is None or walk is None:
            return found
        for number, place in numbers:
            ts = (number + 1) * slot - 1
            is_next = bool(found) and found[-1].number == number - 1
            price, before = walk.price(ts), found[-1].price if is_next else walk.price(ts - slot)
            if price is None:
                continue
            share = _weight((ts - int(bars.ts[place])) // slot, place)
            volume = Decimal(repr(float(bars.volume[place])))
            size = max(contract.lot, to_lot(volume * share / _WEIGHTS, contract.lot))
            found.append(Print(number, ts, price, size, before is None or price >= before))
        return found


def _weight(slot: int, place: int) -> int:
    """Return the weight of a bar's slot: each from one to twelve once, in an order of its own.

    A light slot is followed by the heavy one that makes both together a sixth of the bar, so that there is never
    more in the slots so far than their part of the bar's time.
    """
    light = (slot // 2 * 5 + place) % (A_BAR // 2) + 1
    return light if slot % 2 == 0 else A_BAR + 1 - light
