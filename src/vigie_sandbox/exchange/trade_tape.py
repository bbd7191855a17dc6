"""What everybody has traded: the market's own way through its bars as single trades, the same whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final

import numpy as np

from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.core.grid import round_down_to_lot
from vigie_sandbox.exchange.matchers.price_path import PricePath
from vigie_sandbox.exchange.quotes import Quotes

TRADES_A_BAR: Final = 12
_WEIGHTS: Final = TRADES_A_BAR * (TRADES_A_BAR + 1) // 2
_FAR_NUMBER: Final = 2**62


@dataclass(frozen=True, slots=True)
class PublicTrade:
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


class TradeTape:
    """The trades of every contract: twelve a bar, which together have its volume, lots apart.

    While a bar runs they have no more together than was traded of it so far.

    Parameters
    ----------
    quotes : Quotes
        Time and bars.
    price_paths : mapping of symbol to PricePath
        The way of the price through them.
    halts : callable
        Takes a symbol; gives the spans of time in which it was not traded.
    """

    def __init__(
        self,
        quotes: Quotes,
        price_paths: Mapping[str, PricePath],
        halts: Callable[[str], Sequence[tuple[int, int]]],
    ) -> None:
        self._quotes = quotes
        self._price_paths = price_paths
        self._halts = halts

    def last(self, contract: Contract, limit: int) -> list[PublicTrade]:
        """Return the newest trades, oldest first."""
        return self._select(contract, 0, _FAR_NUMBER, limit, newest=True)

    def after(self, contract: Contract, number: int, limit: int) -> list[PublicTrade]:
        """Return the newest trades beyond a number, oldest first; nothing costs nothing."""
        return self._select(contract, number + 1, _FAR_NUMBER, limit, newest=True)

    def since(self, contract: Contract, number: int, limit: int) -> list[PublicTrade]:
        """Return the trades from a number on, oldest first."""
        return self._select(contract, number, _FAR_NUMBER, limit, newest=False)

    def between(
        self, contract: Contract, start: int, end: int, limit: int, *, newest: bool, below: int = _FAR_NUMBER
    ) -> list[PublicTrade]:
        """Return the first or the newest trades of [start, end] and with a number below one, oldest first."""
        slot_ms = self._slot_ms(contract)
        return self._select(
            contract, start // slot_ms, min((end + 1) // slot_ms, below) - 1, limit, newest=newest
        )

    def _slot_ms(self, contract: Contract) -> int:
        bars = self._quotes.get_finest_bars(contract.symbol)
        return 1 if bars is None else max(1, bars.span_ms // TRADES_A_BAR)

    def _select(
        self, contract: Contract, first: int, last: int, limit: int, *, newest: bool
    ) -> list[PublicTrade]:
        """Return the first or the newest trades of a range of numbers, oldest first."""
        numbers = list(islice(self._iterate_numbers(contract, first, last, -1 if newest else 1), limit))
        return self._make_trades(contract, numbers[::-1] if newest else numbers)

    def _iterate_numbers(
        self, contract: Contract, first: int, last: int, way: int
    ) -> Iterator[tuple[int, int]]:
        """Yield the numbers of trades, each with the place of its bar; gaps and halts are passed in one step."""
        bars, slot_ms = self._quotes.get_finest_bars(contract.symbol), self._slot_ms(contract)
        if bars is None or not len(bars) or contract.symbol not in self._price_paths:
            return
        # A slot that is not over has no trade yet.
        now_ms = min(self._quotes.market.now(), int(bars.ts[-1]) + bars.span_ms)
        first, last = max(first, int(bars.ts[0]) // slot_ms), min(last, now_ms // slot_ms - 1)
        halts = self._halts(contract.symbol)
        number = first if way > 0 else last
        while first <= number <= last:
            ts = (number + 1) * slot_ms - 1
            index = int(np.searchsorted(bars.ts, ts, side="right")) - 1
            close_ms = int(bars.ts[index]) + bars.span_ms
            if ts >= close_ms:
                number = int(bars.ts[index + 1]) // slot_ms if way > 0 else close_ms // slot_ms - 1
                continue
            halt = next((span for span in halts if span[0] <= ts < span[1]), None)
            if halt is not None:
                number = halt[1] // slot_ms if way > 0 else halt[0] // slot_ms - 1
                continue
            yield number, index
            number += way

    def _make_trades(self, contract: Contract, numbers: Sequence[tuple[int, int]]) -> list[PublicTrade]:
        bars, price_path, slot_ms = (
            self._quotes.get_finest_bars(contract.symbol),
            self._price_paths.get(contract.symbol),
            self._slot_ms(contract),
        )
        trades: list[PublicTrade] = []
        if bars is None or price_path is None:
            return trades
        for number, index in numbers:
            ts = (number + 1) * slot_ms - 1
            is_next = bool(trades) and trades[-1].number == number - 1
            price, price_before = (
                price_path.get_price(ts),
                trades[-1].price if is_next else price_path.get_price(ts - slot_ms),
            )
            if price is None:
                continue
            share = _slot_weight((ts - int(bars.ts[index])) // slot_ms, index)
            volume = Decimal(repr(float(bars.volume[index])))
            size = max(contract.lot, round_down_to_lot(volume * share / _WEIGHTS, contract.lot))
            trades.append(PublicTrade(number, ts, price, size, price_before is None or price >= price_before))
        return trades


def _slot_weight(slot: int, bar_index: int) -> int:
    """Return the weight of a bar's slot: each from one to twelve once, in an order of its own.

    A light slot is followed by the heavy one that makes both together a sixth of the bar, so that there is never
    more in the slots so far than their part of the bar's time.
    """
    light = (slot // 2 * 5 + bar_index) % (TRADES_A_BAR // 2) + 1
    return light if slot % 2 == 0 else TRADES_A_BAR + 1 - light
