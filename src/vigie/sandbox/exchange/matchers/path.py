"""The market that moves by itself: one seeded walk through each bar that everybody sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vigie.domain.bar import Bars
from vigie.domain.time import MINUTE_MS
from vigie.sandbox.exchange.core.account import gain
from vigie.sandbox.exchange.core.books import Books
from vigie.sandbox.exchange.core.grid import nearest_tick, slipped
from vigie.sandbox.exchange.core.words import STOPPED, ZERO, Contract, Order, Plan, Position
from vigie.sandbox.exchange.matchers.tracks import Settlements
from vigie.sandbox.exchange.matchers.waypoints import BarWalk, Stretch, jump

SLIPPAGE: Final = Decimal("0.0005")
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that waits for the price to come to a level from one side (`way` +1: to rise to it)."""

    level: Decimal
    way: int
    number: int
    what: Order | Plan | Position

    def distance(self, price: Decimal) -> Decimal:
        """Return how far the price still has to go; nothing where it is there or beyond."""
        return max(ZERO, (self.level - price) * self.way)


class PathMarket:
    """Implements `Market`: open, then high and low in an order that the seed says, then close, in every bar.

    Parameters
    ----------
    contracts : sequence of Contract
        What the exchange trades; prices move on their ticks.
    bars : mapping of symbol to Bars
        Minutes, or anything else; the walk takes a bar's whole span.
    now : callable
        The market's time, such as ``VirtualClock.now_ms`` (speed and pause are the clock's); it never goes back.
    seed : int
        Of the order of high and low.
    fundings : mapping of symbol to (ts, rate)
        Settlements.
    slippage : Decimal
        Of market orders and triggers, a fraction against the taker.
    """

    def __init__(
        self,
        contracts: Sequence[Contract],
        bars: Mapping[str, Bars],
        *,
        now: Callable[[], int],
        seed: int,
        fundings: Mapping[str, Sequence[tuple[int, Decimal]]] | None = None,
        slippage: Decimal = SLIPPAGE,
    ) -> None:
        self._seed = seed
        self._ticks = {contract.symbol: contract.tick for contract in contracts}
        self._walks = {
            symbol: BarWalk(symbol, one, seed, self._ticks[symbol]) for symbol, one in bars.items()
        }
        self._settlements = {symbol: Settlements(rates) for symbol, rates in (fundings or {}).items()}
        self._now = now
        self._slippage = slippage
        self._at = now()
        self._stopped: dict[str, Decimal] = {}

    def extend(self, symbol: str, bars: Bars, fundings: Sequence[tuple[int, Decimal]] = ()) -> None:
        """Go on with longer bars of a contract; what is past must be the same."""
        self._walks[symbol] = BarWalk(symbol, bars, self._seed, self._ticks[symbol])
        if fundings:
            self._settlements[symbol] = Settlements(fundings)

    # -- what the exchange asks ------------------------------------------------------------------------------------

    def now(self) -> int:
        """Return the time up to which everything is booked."""
        return self._at

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price; that of the halt while a contract is halted."""
        stopped = self._stopped.get(symbol)
        walk = self._walks.get(symbol)
        if stopped is not None or walk is None:
            return stopped
        return walk.price(self._at)

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price: the last one."""
        return self.last(symbol)

    def taken(self, books: Books, symbol: str, side: int) -> Decimal | None:
        """Return what a market order pays now."""
        price = self.last(symbol)
        return None if price is None else slipped(price, side, self._slippage, books.contract(symbol).tick)

    def take(self, books: Books, order: Order) -> None:
        """Fill an order at once where it takes; let a limit rest, or end it where it may not."""
        price = self.taken(books, order.symbol, order.side)
        if price is None:
            return
        if order.price is None:
            qty = books.portion(order)
            if qty:
                books.fill(order, price, self._at, qty=qty)
        elif (order.price - (self.last(order.symbol) or price)) * order.side >= 0:
            books.fill(
                order, min(price, order.price) if order.side > 0 else max(price, order.price), self._at
            )
        elif order.force in ("ioc", "fok"):
            books.cancel(order, self._at, "would not fill at once")

    def state(self) -> Mapping[str, Any]:
        """Return the time reached, and prices of halted contracts."""
        return {"at": self._at, "stopped": {symbol: str(price) for symbol, price in self._stopped.items()}}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from the time reached."""
        self._at = state["at"]
        self._stopped = {symbol: Decimal(price) for symbol, price in state["stopped"].items()}

    # -- the walk --------------------------------------------------------------------------------------------------

    def advance(self, books: Books) -> None:
        """Walk up to now, minute by minute, contract by contract."""
        until = self._now()
        self._note_halts(books)
        while self._at < until:
            busy = self._busy(books)
            if not busy:
                self._at = until
                return
            stop = min(until, self._at - self._at % MINUTE_MS + MINUTE_MS)
            stop = max(self._at, min(stop, books.next_countdown(stop)))
            for symbol in busy:
                if symbol not in self._stopped:
                    for stretch in self._walks[symbol].stretches(self._at, stop):
                        self._walk(books, symbol, stretch)
            self._at = stop
            for symbol in busy:
                self._settle(books, symbol, stop)
            self._liquidate_crossed(books)
            books.end_countdowns(stop)

    def _note_halts(self, books: Books) -> None:
        """Freeze the prices of halted contracts; where trading goes on, the price jumps to where it is now."""
        for symbol, walk in self._walks.items():
            halted = books.contracts[symbol].status in STOPPED
            if halted == (symbol in self._stopped):
                continue
            price = walk.price(self._at)
            if price is None:
                continue
            if halted:
                self._stopped[symbol] = price
            else:
                before = self._stopped.pop(symbol)
                self._walk(books, symbol, jump(self._at, before, price))

    def _busy(self, books: Books) -> Sequence[str]:
        """Return the contracts in which somebody has something, in the market's order."""
        busy: set[str] = set()
        for account in books.accounts.values():
            busy.update(order.symbol for order in account.open_orders.values())
            busy.update(plan.symbol for plan in account.open_plans.values())
            busy.update(symbol for symbol, _ in account.positions)
        return [symbol for symbol in self._walks if symbol in busy]

    def _walk(self, books: Books, symbol: str, stretch: Stretch) -> None:
        """Let everything meet the price on its way, nearest first; at a jump all meet the price after it."""
        price = stretch.price_to if stretch.is_jump else stretch.price_from
        while True:
            met = [
                touch
                for touch in self._touches(books, symbol)
                if stretch.reaches(touch.way, touch.level, price)
            ]
            if not met:
                return
            touch = _first(met, stretch, price)
            if touch.distance(price):
                price = touch.level
            self._meet(books, touch, price, stretch.time_of(price))

    def _touches(self, books: Books, symbol: str) -> Iterator[Touch]:
        for account in books.accounts.values():
            for plan in account.open_plans.values():
                if plan.symbol == symbol:
                    yield Touch(plan.trigger, plan.way, plan.number, plan)
            for order in account.open_orders.values():
                if order.symbol == symbol and order.price is not None:
                    yield Touch(order.price, -order.side, order.number, order)
            for position in account.positions.values():
                if position.symbol == symbol and position.liquidation is not None:
                    yield Touch(position.liquidation, -position.side, _LAST, position)

    def _meet(self, books: Books, touch: Touch, price: Decimal, ts: int) -> None:
        what = touch.what
        if isinstance(what, Position):
            books.take_away(what, touch.level, ts)
            return
        if isinstance(what, Order):
            # At its limit, or better where the price was beyond it already.
            better = nearest_tick(price, books.contracts[what.symbol].tick)
            books.fill(what, (min if what.side > 0 else max)(touch.level, better), ts, is_maker=True)
            return
        order = books.fire(what, ts)
        if order is not None and order.price is None:
            tick = books.contracts[order.symbol].tick
            books.fill(order, slipped(price, order.side, self._slippage, tick), ts)

    # -- funding and crossed margin --------------------------------------------------------------------------------

    def _settle(self, books: Books, symbol: str, ts: int) -> None:
        settlements = self._settlements.get(symbol)
        mark = self.mark(symbol)
        if settlements is None or mark is None:
            return
        for due, rate in settlements.within(ts - 1, ts):
            for account in books.accounts.values():
                for position in [one for one in account.positions.values() if one.symbol == symbol]:
                    if position.ts_entered < due:
                        books.settle(position, rate, mark, due, ts)

    def _liquidate_crossed(self, books: Books) -> None:
        """Close all crossed positions of an account whose equity no longer keeps them."""
        for account in books.accounts.values():
            crossed = [one for one in account.positions.values() if one.margin_mode == "crossed"]
            if not crossed:
                continue
            equity, kept = account.cash, ZERO
            for one in account.positions.values():
                price = self.mark(one.symbol) or one.entry
                equity += gain(one, price)
                kept += one.qty * price * books.contracts[one.symbol].maintenance_rate
            if equity <= kept:
                for one in crossed:
                    price = self.taken(books, one.symbol, -one.side) or one.entry
                    books.close_out(one, price, self._at, "liquidation")


def _first(met: Sequence[Touch], stretch: Stretch, price: Decimal) -> Touch:
    """Return what the price meets first; one that jumps beyond a liquidation leaves nothing to what came before it."""
    if stretch.is_jump:
        is_lost = [touch for touch in met if isinstance(touch.what, Position)]
        return min(is_lost or met, key=lambda touch: (touch.distance(stretch.price_from), touch.number))
    return min(met, key=lambda touch: (touch.distance(price), touch.number))
