"""The venue's desk: who asks, which account that is, what is shown, and what has happened since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from vigie.sandbox.exchange.core.exchange import Exchange
from vigie.sandbox.exchange.core.words import Ask, Contract, Event, Order, Refused, Trade
from vigie.sandbox.exchange.crowd import Crowd
from vigie.sandbox.exchange.display import Display
from vigie.sandbox.exchange.keys import KeyRing
from vigie.sandbox.exchange.matchers.waypoints import BarWalk
from vigie.sandbox.exchange.on_demand import FaultBook
from vigie.sandbox.exchange.quotes import Quotes
from vigie.sandbox.exchange.renamed import Renamed
from vigie.sandbox.exchange.tape import Tape

Wall = Callable[[], int]
Door = Literal["wall", "market"]
"""Which clock the times of requests are compared with."""


@dataclass(slots=True)
class Desk:
    """What every answer is made from.

    Attributes
    ----------
    owners : mapping of API key to account
        Whose money a key moves.
    wall : callable
        The machine's clock in epoch milliseconds.
    door : str
        The clock of signatures and of ``public/time``; the market's own times are always the market's.
    is_by_coin : bool
        Whether the venue names a contract by its coin alone.
    announced : dict of symbol to dict of status to time
        When contracts will be ``off``, ``limit_open`` or in ``maintain``, as far as was said.
    renamed : Renamed
        Contracts that have new names.
    walks : mapping of symbol to BarWalk
        The way of each price, from which the tape is made.
    display : Display
        What tickers and books show.
    tape : Tape
        What everybody has traded.
    crowd : Crowd
        What is said of everybody together.
    """

    exchange: Exchange
    ring: KeyRing
    owners: Mapping[str, str]
    quotes: Quotes
    faults: FaultBook
    wall: Wall
    door: Door = "wall"
    is_by_coin: bool = False
    announced: dict[str, dict[str, int]] = field(default_factory=dict)
    renamed: Renamed = field(default_factory=Renamed)
    walks: Mapping[str, BarWalk] = field(default_factory=dict)
    display: Display = field(init=False)
    tape: Tape = field(init=False)
    crowd: Crowd = field(init=False)
    _events: list[Event] = field(default_factory=list)
    _kinds: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Listen to the exchange, and show its prices."""
        self.display = Display(self.quotes, self.faults)
        self.tape = Tape(self.quotes, self.walks, self.exchange.halts)
        self.crowd = Crowd(self.quotes)
        self.exchange.listen(self._events.append)

    def now_ms(self) -> int:
        """Return the market's time."""
        return self.quotes.market.now()

    def told_ms(self) -> int:
        """Return the time that the venue tells of itself, wrong by the skew of a fault."""
        own = self.wall() if self.door == "wall" else self.now_ms()
        return own + self.faults.skew_ms(self.wall())

    def events(self) -> list[Event]:
        """Return what has happened since the last call."""
        found = self._events[:]
        self._events.clear()
        return found

    def account(self, key: str) -> str:
        """Return whose a key is."""
        return self.owners[key]

    def known(self, symbol: str) -> Contract:
        """Return a contract by its symbol, in any case."""
        wanted = symbol.upper()
        for one in self.exchange.contracts():
            if one.symbol == wanted:
                return one
        raise Refused("unknown_symbol", symbol)

    def place(self, account: str, ask: Ask, path: str) -> Order:
        """Place an order that came over a path, as the faults of orders let it."""
        if (ask.stop or ask.target) is not None and self.faults.on_order("levels-dropped", path) is not None:
            self.exchange.drop_levels_next()
        split = self.faults.on_order("partial-fill", path) if ask.kind == "market" else None
        if split is not None:
            self.exchange.split_next(Decimal(repr(split.share)))
        order = self.exchange.place(account, ask)
        unseen = self.faults.on_order("unseen", path)
        if unseen is not None:
            self.faults.hide(order.id, self.wall() + int(unseen.seconds * 1_000))
        return order

    def kind_of(self, account: str, trade: Trade) -> str:
        """Return whether a trade's order was ``market`` or ``limit``."""
        kind = self._kinds.get(trade.order_id)
        if kind is None:
            order = self.exchange.order(account, order_id=trade.order_id)
            kind = self._kinds[trade.order_id] = "market" if order is None else order.kind
        return kind

    def seen(self, orders: list[Order]) -> list[Order]:
        """Return the orders that the venue already shows."""
        return [one for one in orders if not self.hidden(one.id)]

    def hidden(self, order_id: str) -> bool:
        """Whether a fault still hides an order from every list."""
        return self.faults.hides(order_id, self.wall())

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price."""
        return self.quotes.market.mark(symbol)


class Clerk:
    """Who sits at the desk: answers, or pushes, of one subject in the words of one venue.

    Parameters
    ----------
    desk : Desk
        Whose exchange is asked and shown.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._exchange = desk.exchange
