"""What every desk of the exchange stands on: the books, the market, the memory and those who listen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.core.account import Account, gain
from vigie.sandbox.exchange.core.books import Books
from vigie.sandbox.exchange.core.matching import Market
from vigie.sandbox.exchange.core.memory import Memory
from vigie.sandbox.exchange.core.words import ZERO, Contract, Event, Listener, Money, Order, Refused

_HOUSE: Final = ("house", "")
# Between changes the market's time is written down this often.
_STALE_MS: Final = 60_000


class Floor:
    """The exchange without its desks.

    Parameters
    ----------
    contracts : sequence of Contract
        What is traded; rules that were changed before a restart stay changed.
    market : Market
        `ModelMarket` or `PathMarket`.
    memory : Memory
        What was before is read from it.
    """

    def __init__(self, contracts: Sequence[Contract], market: Market, memory: Memory | None = None) -> None:
        self._books = Books(contracts)
        self._market = market
        self._memory = memory or Memory()
        self._listeners: list[Listener] = []
        self._seq = 0
        self._written: Mapping[str, Any] = {}
        self._restore()

    def _restore(self) -> None:
        rows = self._memory.load()
        house = rows.get(_HOUSE)
        self._books.restore(rows)
        if house is not None:
            self._seq, self._books.number = house["seq"], house["number"]
            self._books.take_wishes(house["wishes"])
            self._market.resume(house["market"])
        self._memory.write_anew(self._rows())

    def _rows(self) -> Iterator[tuple[tuple[str, str], Any]]:
        yield from self._books.rows()
        yield _HOUSE, self._house()

    def _house(self) -> dict[str, Any]:
        return {
            "seq": self._seq,
            "number": self._books.number,
            "wishes": self._books.wishes(),
            "market": self._market.state(),
        }

    # -- changes ---------------------------------------------------------------------------------------------------

    @contextmanager
    def change(self) -> Iterator[Books]:
        """Change the books as one whole: remembered, then told, when the block ends.

        What the market did up to now is booked first. A refusal within the block leaves the books as they were.
        """
        self._market.advance(self._books)
        self._books.end_countdowns(self._market.now())
        try:
            yield self._books
        finally:
            self._finish()

    def tick(self) -> None:
        """Book what the market did up to now; asked regularly so that events come without requests."""
        with self.change():
            pass

    def _finish(self) -> None:
        rows, told = self._books.take()
        state = self._market.state()
        at = state["at"]
        state = {**state, **self._books.wishes(), "at": at // _STALE_MS}
        if not rows and state == self._written:
            return
        self._written = state
        events = []
        for kind, account, ts, body in told:
            self._seq += 1
            events.append(Event(self._seq, kind, account, ts, body))
        for account in dict.fromkeys(account for kind, account, _, _ in told if kind in ("order", "bill")):
            self._seq += 1
            events.append(
                Event(self._seq, "balance", account, at, self._money(self._books.accounts[account]))
            )
        rows[_HOUSE] = self._house()
        self._memory.add(
            rows
        )  # an error here ends the process: what is told later must not be ahead of the file
        if self._memory.is_long:
            self._memory.write_anew(self._rows())
        for event in events:
            for listener in tuple(self._listeners):
                listener(event)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call back with every event from now on, in order, after it is remembered; returns what ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    @property
    def seq(self) -> int:
        """Number of the last event."""
        return self._seq

    def now(self) -> int:
        """Return the time up to which everything is booked."""
        return self._market.now()

    # -- what is known ---------------------------------------------------------------------------------------------

    def contracts(self) -> Sequence[Contract]:
        """Return the rules of every contract."""
        return list(self._books.contracts.values())

    def contract(self, symbol: str) -> Contract:
        """Return the rules of one contract."""
        return self._books.contract(symbol)

    def halts(self, symbol: str) -> Sequence[tuple[int, int]]:
        """Return when a contract was not traded: from a time on, up to another."""
        return self._books.halts.get(symbol, ())

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price of a contract."""
        return self._market.last(symbol)

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price of a contract."""
        return self._market.mark(symbol)

    def accounts(self) -> Sequence[str]:
        """Return the names of all accounts."""
        return list(self._books.accounts)

    def money(self, account: str) -> Money:
        """Return what an account has."""
        self.tick()
        return self._money(self._books.account(account))

    def _money(self, account: Account) -> Money:
        unrealised = margin = ZERO
        for position in account.positions.values():
            unrealised += gain(position, self._market.mark(position.symbol) or position.entry)
            margin += position.margin
        frozen = sum((self._bound_by(account, order) for order in account.open_orders.values()), ZERO)
        equity = account.cash + unrealised
        available = max(ZERO, equity - margin - frozen)
        return Money(
            account.name, account.cash, equity, unrealised, margin, frozen, available, self._market.now()
        )

    def _bound_by(self, account: Account, order: Order) -> Decimal:
        """Return the margin that an open order binds: for what it would open."""
        if order.reduce_only:
            return ZERO
        price = order.price or self._market.taken(self._books, order.symbol, order.side)
        held = account.positions.get((order.symbol, order.hold))
        closes = held.qty if held is not None and held.side == -order.side else ZERO
        return max(ZERO, order.rest - closes) * (price or ZERO) / order.leverage

    def _priced(self, symbol: str) -> Decimal:
        price = self._market.last(symbol)
        if price is None:
            raise Refused("no_price", f"{symbol} has no price yet")
        return price
