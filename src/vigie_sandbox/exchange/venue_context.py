"""The venue's desk: who asks, which account that is, what is shown, and what has happened since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from vigie_sandbox.exchange.core.entities import (
    Contract,
    ExchangeEvent,
    ExchangeRefusal,
    ExchangeTrade,
    Order,
    OrderRequest,
)
from vigie_sandbox.exchange.core.exchange import Exchange
from vigie_sandbox.exchange.display import Display
from vigie_sandbox.exchange.faults import ExchangeFaults
from vigie_sandbox.exchange.keys import KeyRing
from vigie_sandbox.exchange.matchers.price_path import PricePath
from vigie_sandbox.exchange.positioning import PositioningHistory
from vigie_sandbox.exchange.quotes import Quotes
from vigie_sandbox.exchange.renames import ContractRenames
from vigie_sandbox.exchange.trade_tape import TradeTape

WallClock = Callable[[], int]
RequestClock = Literal["wall", "market"]
"""Which clock the times of requests are compared with."""


@dataclass(slots=True)
class VenueContext:
    """What every answer is made from.

    Attributes
    ----------
    accounts_by_key : mapping of API key to account
        Whose money a key moves.
    wall : callable
        The machine's clock in epoch milliseconds.
    request_clock : str
        The clock of signatures and of ``public/time``; the market's own times are always the market's.
    is_named_by_coin : bool
        Whether the venue names a contract by its coin alone.
    announced : dict of symbol to dict of status to time
        When contracts will be ``off``, ``limit_open`` or in ``maintain``, as far as was said.
    renames : ContractRenames
        Contracts that have new names.
    price_paths : mapping of symbol to PricePath
        The way of each price, from which the tape is made.
    display : Display
        What tickers and books show.
    tape : TradeTape
        What everybody has traded.
    positioning : PositioningHistory
        What is said of everybody together.
    """

    exchange: Exchange
    key_ring: KeyRing
    accounts_by_key: Mapping[str, str]
    quotes: Quotes
    faults: ExchangeFaults
    wall: WallClock
    request_clock: RequestClock = "wall"
    is_named_by_coin: bool = False
    announced: dict[str, dict[str, int]] = field(default_factory=dict)
    renames: ContractRenames = field(default_factory=ContractRenames)
    price_paths: Mapping[str, PricePath] = field(default_factory=dict)
    display: Display = field(init=False)
    tape: TradeTape = field(init=False)
    positioning: PositioningHistory = field(init=False)
    _events: list[ExchangeEvent] = field(default_factory=list)
    _order_kinds: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Listen to the exchange, and show its prices."""
        self.display = Display(self.quotes, self.faults)
        self.tape = TradeTape(self.quotes, self.price_paths, self.exchange.halts)
        self.positioning = PositioningHistory(self.quotes)
        self.exchange.subscribe(self._events.append)

    def now_ms(self) -> int:
        """Return the market's time."""
        return self.quotes.market.now()

    def venue_ms(self) -> int:
        """Return the time that the venue tells of itself, wrong by the skew of a fault."""
        clock_ms = self.wall() if self.request_clock == "wall" else self.now_ms()
        return clock_ms + self.faults.skew_ms(self.wall())

    def take_events(self) -> list[ExchangeEvent]:
        """Return what has happened since the last call."""
        events = self._events[:]
        self._events.clear()
        return events

    def account(self, key: str) -> str:
        """Return whose a key is."""
        return self.accounts_by_key[key]

    def require_contract(self, symbol: str) -> Contract:
        """Return a contract by its symbol, in any case."""
        name = symbol.upper()
        for contract in self.exchange.contracts():
            if contract.symbol == name:
                return contract
        raise ExchangeRefusal("unknown_symbol", symbol)

    def place(self, account: str, request: OrderRequest, path: str) -> Order:
        """Place an order that came over a path, as the faults of orders let it."""
        if (request.stop or request.target) is not None and self.faults.on_order(
            "levels-dropped", path
        ) is not None:
            self.exchange.drop_next_levels()
        partial_fill = self.faults.on_order("partial-fill", path) if request.kind == "market" else None
        if partial_fill is not None:
            self.exchange.split_next_orders(Decimal(repr(partial_fill.share)))
        order = self.exchange.place(account, request)
        unseen = self.faults.on_order("unseen", path)
        if unseen is not None:
            self.faults.hide_order(order.id, self.wall() + int(unseen.seconds * 1_000))
        return order

    def get_order_kind(self, account: str, trade: ExchangeTrade) -> str:
        """Return whether a trade's order was ``market`` or ``limit``."""
        kind = self._order_kinds.get(trade.order_id)
        if kind is None:
            order = self.exchange.order(account, order_id=trade.order_id)
            kind = self._order_kinds[trade.order_id] = "market" if order is None else order.kind
        return kind

    def filter_visible(self, orders: list[Order]) -> list[Order]:
        """Return the orders that the venue already shows."""
        return [order for order in orders if not self.is_hidden(order.id)]

    def is_hidden(self, order_id: str) -> bool:
        """Whether a fault still hides an order from every list."""
        return self.faults.hides_order(order_id, self.wall())

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price."""
        return self.quotes.market.mark(symbol)


class VenueService:
    """Who sits at the desk: answers, or pushes, of one subject in the words of one venue.

    Parameters
    ----------
    context : VenueContext
        Whose exchange is asked and shown.
    """

    def __init__(self, context: VenueContext) -> None:
        self._context = context
        self._exchange = context.exchange
