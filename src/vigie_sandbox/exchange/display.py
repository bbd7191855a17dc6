"""What a venue shows of its prices: those of the market, or what faults make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.core.grid import round_to_nearest_tick
from vigie_sandbox.exchange.faults import ExchangeFaults
from vigie_sandbox.exchange.quotes import ContractDayStats, Quotes


@dataclass(frozen=True, slots=True)
class DisplayedTicker:
    """A contract as tickers and books show it.

    Attributes
    ----------
    mark : Decimal
        What it is worth elsewhere: no fault moves it.
    day : ContractDayStats or None
        None before the first bar.
    ts : int
        When it was so, on the market's clock.
    """

    last: Decimal
    mark: Decimal
    day: ContractDayStats | None
    ts: int


@dataclass(slots=True)
class Display:
    """Shows contracts; under a fault they stand still, as they were shown last, or jump."""

    quotes: Quotes
    faults: ExchangeFaults
    _last_tickers: dict[str, DisplayedTicker] = field(default_factory=dict)

    def get_ticker(self, contract: Contract) -> DisplayedTicker | None:
        """Return a contract as it is shown; None before the first price."""
        symbol, market = contract.symbol, self.quotes.market
        if self.faults.get_standing("stale-price", symbol) is not None and symbol in self._last_tickers:
            return self._last_tickers[symbol]
        market_last = market.last(symbol)
        if market_last is None:
            return None
        spike = self.faults.get_standing("price-spike", symbol)
        last = (
            market_last
            if spike is None
            else round_to_nearest_tick(market_last * Decimal(repr(spike.share)), contract.tick)
        )
        mark = market.mark(symbol)
        ticker = DisplayedTicker(
            last, market_last if mark is None else mark, self.quotes.day(symbol), market.now()
        )
        self._last_tickers[symbol] = ticker
        return ticker

    def get_book(
        self, contract: Contract, levels: int
    ) -> tuple[list[list[Decimal]], list[list[Decimal]], int]:
        """Return asks and bids, best first, and when they were so."""
        ticker = self.get_ticker(contract)
        if ticker is None:
            return [], [], self.quotes.market.now()
        return *self.quotes.book(contract, levels, ticker.last), ticker.ts
