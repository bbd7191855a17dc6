"""What a venue shows of its prices: those of the market, or what faults make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from vigie.sandbox.exchange.core.grid import nearest_tick
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.on_demand import FaultBook
from vigie.sandbox.exchange.quotes import Day, Quotes


@dataclass(frozen=True, slots=True)
class Shown:
    """A contract as tickers and books show it.

    Attributes
    ----------
    mark : Decimal
        What it is worth elsewhere: no fault moves it.
    day : Day or None
        None before the first bar.
    ts : int
        When it was so, on the market's clock.
    """

    last: Decimal
    mark: Decimal
    day: Day | None
    ts: int


@dataclass(slots=True)
class Display:
    """Shows contracts; under a fault they stand still, as they were shown last, or jump."""

    quotes: Quotes
    faults: FaultBook
    _before: dict[str, Shown] = field(default_factory=dict)

    def of(self, contract: Contract) -> Shown | None:
        """Return a contract as it is shown; None before the first price."""
        symbol, market = contract.symbol, self.quotes.market
        if self.faults.standing("stale-price", symbol) is not None and symbol in self._before:
            return self._before[symbol]
        true = market.last(symbol)
        if true is None:
            return None
        spike = self.faults.standing("price-spike", symbol)
        last = true if spike is None else nearest_tick(true * Decimal(repr(spike.share)), contract.tick)
        mark = market.mark(symbol)
        shown = Shown(last, true if mark is None else mark, self.quotes.day(symbol), market.now())
        self._before[symbol] = shown
        return shown

    def book(self, contract: Contract, levels: int) -> tuple[list[list[Decimal]], list[list[Decimal]], int]:
        """Return asks and bids, best first, and when they were so."""
        shown = self.of(contract)
        if shown is None:
            return [], [], self.quotes.market.now()
        return *self.quotes.book(contract, levels, shown.last), shown.ts
