"""The market of the fill model, moved from outside in lock-step: bar by bar, with a wait after every instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.sandbox.exchange.core.account import Account
from vigie.sandbox.exchange.core.books import Books
from vigie.sandbox.exchange.core.grid import slipped
from vigie.sandbox.exchange.core.words import Order, Position
from vigie.sandbox.exchange.matchers.inside import Walk, is_beyond
from vigie.sandbox.exchange.matchers.tracks import Settlements, Track

SLIPPAGE: Final = Decimal("0.0005")


class ModelMarket:
    """Implements `Market`: market orders wait for their acknowledgement; levels are judged when a bar has closed.

    Parameters
    ----------
    tracks : sequence of Track
        In the order in which things are booked within one instant.
    fundings : mapping of symbol to (ts, rate)
        Settlements.
    marks : mapping of symbol to {ts: price}
        Opens of the mark's bars; where one is missing the open of the traded bar is the mark.
    slippage : Decimal
        Of market orders and triggers, a fraction.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        *,
        fundings: Mapping[str, Sequence[tuple[int, Decimal]]] | None = None,
        marks: Mapping[str, Mapping[int, Decimal]] | None = None,
        slippage: Decimal = SLIPPAGE,
    ) -> None:
        if not tracks or not all(len(track.bars) for track in tracks):
            raise UsageError("a lock-step market needs at least one track, and bars in each")
        self.tracks = {track.name: track for track in tracks}
        if len(self.tracks) != len(tracks):
            raise UsageError("a lock-step market takes each contract and timeframe once")
        marks = marks or {}
        self._settlements = {
            symbol: Settlements(rates, marks.get(symbol)) for symbol, rates in (fundings or {}).items()
        }
        self._slippage = slippage
        opens = {ts for track in tracks for ts in track.bars.ts.tolist()}
        closes = {ts + track.span_ms for track in tracks for ts in track.bars.ts.tolist()}
        self.instants: Sequence[int] = sorted(opens | closes)
        self.number = 0
        self.phase = 0
        self.progress: dict[str, int] = {}
        self._last: dict[str, Decimal] = {}
        self._finest = {track.symbol: track for track in sorted(tracks, key=lambda track: -track.span_ms)}

    # -- what the exchange asks ------------------------------------------------------------------------------------

    def now(self) -> int:
        """Return the current instant; before the first step, the first one."""
        return self.instants[max(self.number - 1, 0)]

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price that is known at the current instant."""
        return self._last.get(symbol)

    def mark(self, symbol: str) -> Decimal | None:
        """Return the last price: the model's mark is used for funding only."""
        return self._last.get(symbol)

    def taken(self, books: Books, symbol: str, side: int) -> Decimal | None:
        """Return what a market order will pay at the current open."""
        price = self._last.get(symbol)
        return None if price is None else slipped(price, side, self._slippage, books.contract(symbol).tick)

    def advance(self, books: Books) -> None:
        """Do nothing: this market is moved by its steps alone."""

    def take(self, books: Books, order: Order) -> None:
        """Let an order wait, on the finest bars for now; limits that must fill at once have no place here."""
        if order.kind == "limit" and order.force in ("ioc", "fok"):
            books.cancel(order, self.now(), "nothing fills between two instants")
            return
        if not order.series:
            books.keep_order(replace(order, series=self._finest[order.symbol].name))

    def state(self) -> Mapping[str, Any]:
        """Return how far the steps have come."""
        return {
            "at": self.now(),
            "number": self.number,
            "phase": self.phase,
            "progress": dict(self.progress),
            "last": {symbol: str(price) for symbol, price in self._last.items()},
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from there; the tracks must be the same."""
        self.number, self.phase = state["number"], state["phase"]
        self.progress = dict(state["progress"])
        self._last = {symbol: Decimal(price) for symbol, price in state["last"].items()}
        if self.number > len(self.instants) or self.now() != state["at"]:
            raise UsageError("the memory is of a market with other bars; start with an empty one")

    # -- steps -----------------------------------------------------------------------------------------------------

    def close_bars(self, books: Books, ts: int) -> None:
        """Book what happened inside the bars that close at an instant."""
        for track in self.tracks.values():
            place = track.closing(ts)
            if place is None:
                continue
            walk = Walk(books, track.name, track.bar(place), ts, self._slippage)
            for account in books.accounts.values():
                for position in self._held(account, track):
                    self._settle(books, position, walk.bar.ts, ts - 1, walk.bar.open, ts)
                for position in self._held(account, track):
                    walk.leave(account, position)
                if self._finest[track.symbol] is track:
                    walk.enter(account, track.symbol)
            self._last[track.symbol] = walk.bar.close

    def open_bars(self, books: Books, ts: int) -> None:
        """Make first prices known and book the funding of positions that were entered before.

        Where several bars of a contract open, the first in order says its price.
        """
        told: set[str] = set()
        for track in self.tracks.values():
            place = track.opening(ts)
            if place is None:
                continue
            before = int(track.bars.ts[place - 1]) + track.span_ms if place else ts
            price = track.first_price(place)
            if track.symbol not in told:
                told.add(track.symbol)
                self._last[track.symbol] = price
            for account in books.accounts.values():
                for position in self._held(account, track):
                    if position.ts_entered < ts:
                        self._settle(books, position, before - 1, ts, price, ts)

    def fill_exits(self, books: Books, ts: int) -> None:
        """Fill the reduce-only market orders whose bars open now, or have ended, in order of arrival."""
        for order, position in self._waiting(books):
            if not order.reduce_only or position is None:
                continue
            price = self._exit_price(self.tracks[position.series], ts)
            if price is None:
                continue
            if is_beyond(position, price) and position.liquidation is not None:
                books.take_away(position, position.liquidation, ts)
            else:
                self._fill(books, order, price, ts)

    def fill_entries(self, books: Books, ts: int) -> None:
        """Fill the other market orders whose bars open now, in order of arrival."""
        for order, _ in self._waiting(books):
            if order.reduce_only:
                continue
            track = self.tracks[order.series]
            place = track.opening(ts)
            if place is not None:
                self._fill(books, order, track.first_price(place), ts)
            elif ts >= track.end_ms:
                books.cancel(order, ts, "the bars have ended")

    # -- inside ----------------------------------------------------------------------------------------------------

    def _fill(self, books: Books, order: Order, price: Decimal, ts: int) -> None:
        qty = books.portion(order)
        if qty:
            tick = books.contracts[order.symbol].tick
            books.fill(order, slipped(price, order.side, self._slippage, tick), ts, qty=qty)

    def _exit_price(self, track: Track, ts: int) -> Decimal | None:
        place = track.opening(ts)
        if place is not None:
            return track.first_price(place)
        return track.last_price(-1) if ts >= track.end_ms else None

    def _waiting(self, books: Books) -> Iterator[tuple[Order, Position | None]]:
        """Yield the waiting market orders and what they meet, in order of arrival, each as it is by then."""
        numbers = sorted(
            (order.number, order.id, account)
            for account in books.accounts.values()
            for order in account.open_orders.values()
            if order.kind == "market"
        )
        for _, order_id, account in numbers:
            order = account.open_orders.get(order_id)
            if order is not None:
                yield order, account.positions.get((order.symbol, order.hold))

    def _settle(
        self, books: Books, position: Position, after: int, until: int, price: Decimal, ts: int
    ) -> None:
        settlements = self._settlements.get(position.symbol)
        if settlements is None:
            return
        account = books.accounts[position.account]
        for due, rate in settlements.within(after, until):
            now = account.positions[position.symbol, position.hold]
            books.settle(now, rate, settlements.mark(due) or price, due, ts)

    def _held(self, account: Account, track: Track) -> Sequence[Position]:
        return [one for one in account.positions.values() if one.series == track.name]
