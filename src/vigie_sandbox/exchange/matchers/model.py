"""The market of the fill model, moved from outside in lock-step: bar by bar, with a wait after every instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie_sandbox.exchange.core.account import ExchangeAccount
from vigie_sandbox.exchange.core.entities import Order, Position
from vigie_sandbox.exchange.core.grid import add_slippage
from vigie_sandbox.exchange.core.ledger import ExchangeLedger
from vigie_sandbox.exchange.matchers.bar_execution import BarExecution, is_liquidated_at
from vigie_sandbox.exchange.matchers.tracks import FundingSchedule, Track

DEFAULT_SLIPPAGE: Final = Decimal("0.0005")


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
        slippage: Decimal = DEFAULT_SLIPPAGE,
    ) -> None:
        if not tracks or not all(len(track.bars) for track in tracks):
            raise UsageError("a lock-step market needs at least one track, and bars in each")
        self.tracks = {track.name: track for track in tracks}
        if len(self.tracks) != len(tracks):
            raise UsageError("a lock-step market takes each contract and timeframe once")
        marks = marks or {}
        self._settlements = {
            symbol: FundingSchedule(rates, marks.get(symbol)) for symbol, rates in (fundings or {}).items()
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

    def get_taker_price(self, ledger: ExchangeLedger, symbol: str, side: int) -> Decimal | None:
        """Return what a market order will pay at the current open."""
        price = self._last.get(symbol)
        return (
            None
            if price is None
            else add_slippage(price, side, self._slippage, ledger.require_contract(symbol).tick)
        )

    def advance(self, ledger: ExchangeLedger) -> None:
        """Do nothing: this market is moved by its steps alone."""

    def match_order(self, ledger: ExchangeLedger, order: Order) -> None:
        """Let an order wait, on the finest bars for now; limits that must fill at once have no place here."""
        if order.kind == "limit" and order.force in ("ioc", "fok"):
            ledger.cancel(order, self.now(), "nothing fills between two instants")
            return
        if not order.series:
            ledger.save_order(replace(order, series=self._finest[order.symbol].name))

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

    def close_bars(self, ledger: ExchangeLedger, ts: int) -> None:
        """Book what happened inside the bars that close at an instant."""
        for track in self.tracks.values():
            index = track.find_closing(ts)
            if index is None:
                continue
            execution = BarExecution(ledger, track.name, track.make_bar(index), ts, self._slippage)
            for account in ledger.accounts.values():
                for position in self._list_positions(account, track):
                    self._book_fundings(ledger, position, execution.bar.ts, ts - 1, execution.bar.open, ts)
                for position in self._list_positions(account, track):
                    execution.fill_exits(account, position)
                if self._finest[track.symbol] is track:
                    execution.fill_entries(account, track.symbol)
            self._last[track.symbol] = execution.bar.close

    def open_bars(self, ledger: ExchangeLedger, ts: int) -> None:
        """Make first prices known and book the funding of positions that were entered before.

        Where several bars of a contract open, the first in order says its price.
        """
        priced_symbols: set[str] = set()
        for track in self.tracks.values():
            index = track.find_opening(ts)
            if index is None:
                continue
            previous_close_ms = int(track.bars.ts[index - 1]) + track.span_ms if index else ts
            price = track.get_open(index)
            if track.symbol not in priced_symbols:
                priced_symbols.add(track.symbol)
                self._last[track.symbol] = price
            for account in ledger.accounts.values():
                for position in self._list_positions(account, track):
                    if position.ts_entered < ts:
                        self._book_fundings(ledger, position, previous_close_ms - 1, ts, price, ts)

    def fill_exits(self, ledger: ExchangeLedger, ts: int) -> None:
        """Fill the reduce-only market orders whose bars open now, or have ended, in order of arrival."""
        for order, position in self._iterate_waiting(ledger):
            if not order.reduce_only or position is None:
                continue
            price = self._exit_price(self.tracks[position.series], ts)
            if price is None:
                continue
            if is_liquidated_at(position, price) and position.liquidation is not None:
                ledger.liquidate(position, position.liquidation, ts)
            else:
                self._fill(ledger, order, price, ts)

    def fill_entries(self, ledger: ExchangeLedger, ts: int) -> None:
        """Fill the other market orders whose bars open now, in order of arrival."""
        for order, _ in self._iterate_waiting(ledger):
            if order.reduce_only:
                continue
            track = self.tracks[order.series]
            index = track.find_opening(ts)
            if index is not None:
                self._fill(ledger, order, track.get_open(index), ts)
            elif ts >= track.end_ms:
                ledger.cancel(order, ts, "the bars have ended")

    # -- inside ----------------------------------------------------------------------------------------------------

    def _fill(self, ledger: ExchangeLedger, order: Order, price: Decimal, ts: int) -> None:
        qty = ledger.get_fillable_qty(order)
        if qty:
            tick = ledger.contracts[order.symbol].tick
            ledger.fill(order, add_slippage(price, order.side, self._slippage, tick), ts, qty=qty)

    def _exit_price(self, track: Track, ts: int) -> Decimal | None:
        index = track.find_opening(ts)
        if index is not None:
            return track.get_open(index)
        return track.get_close(-1) if ts >= track.end_ms else None

    def _iterate_waiting(self, ledger: ExchangeLedger) -> Iterator[tuple[Order, Position | None]]:
        """Yield the waiting market orders and what they meet, in order of arrival, each as it is by then."""
        waiting = sorted(
            (order.number, order.id, account)
            for account in ledger.accounts.values()
            for order in account.open_orders.values()
            if order.kind == "market"
        )
        for _, order_id, account in waiting:
            order = account.open_orders.get(order_id)
            if order is not None:
                yield order, account.positions.get((order.symbol, order.hold))

    def _book_fundings(
        self, ledger: ExchangeLedger, position: Position, after: int, until: int, price: Decimal, ts: int
    ) -> None:
        settlements = self._settlements.get(position.symbol)
        if settlements is None:
            return
        account = ledger.accounts[position.account]
        for due_ms, rate in settlements.list_between(after, until):
            position_now = account.positions[position.symbol, position.hold]
            ledger.book_funding(position_now, rate, settlements.get_mark(due_ms) or price, due_ms, ts)

    def _list_positions(self, account: ExchangeAccount, track: Track) -> Sequence[Position]:
        return [position for position in account.positions.values() if position.series == track.name]
