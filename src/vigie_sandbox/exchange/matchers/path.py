"""The market that moves by itself: one seeded walk through each bar that everybody sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vigie.domain.bar import Bars
from vigie.domain.time import MINUTE_MS
from vigie_sandbox.exchange.core.account import compute_unrealised
from vigie_sandbox.exchange.core.entities import HALTED_STATUSES, ZERO, Contract, Order, PlanOrder, Position
from vigie_sandbox.exchange.core.grid import add_slippage, round_to_nearest_tick
from vigie_sandbox.exchange.core.ledger import ExchangeLedger
from vigie_sandbox.exchange.matchers.price_path import PathSegment, PricePath, make_jump
from vigie_sandbox.exchange.matchers.tracks import FundingSchedule

DEFAULT_SLIPPAGE: Final = Decimal("0.0005")
_LAST_NUMBER: Final = 2**62


@dataclass(frozen=True, slots=True)
class PendingLevel:
    """Something that waits for the price to come to a level from one side (`way` +1: to rise to it)."""

    level: Decimal
    way: int
    number: int
    record: Order | PlanOrder | Position

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
        slippage: Decimal = DEFAULT_SLIPPAGE,
    ) -> None:
        self._seed = seed
        self._ticks = {contract.symbol: contract.tick for contract in contracts}
        self._price_paths = {
            symbol: PricePath(symbol, symbol_bars, seed, self._ticks[symbol])
            for symbol, symbol_bars in bars.items()
        }
        self._settlements = {symbol: FundingSchedule(rates) for symbol, rates in (fundings or {}).items()}
        self._now = now
        self._slippage = slippage
        self._booked_until = now()
        self._halted_prices: dict[str, Decimal] = {}

    def extend(self, symbol: str, bars: Bars, fundings: Sequence[tuple[int, Decimal]] = ()) -> None:
        """Go on with longer bars of a contract; what is past must be the same."""
        self._price_paths[symbol] = PricePath(symbol, bars, self._seed, self._ticks[symbol])
        if fundings:
            self._settlements[symbol] = FundingSchedule(fundings)

    # -- what the exchange asks ------------------------------------------------------------------------------------

    def now(self) -> int:
        """Return the time up to which everything is booked."""
        return self._booked_until

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price; that of the halt while a contract is halted."""
        halted_price = self._halted_prices.get(symbol)
        price_path = self._price_paths.get(symbol)
        if halted_price is not None or price_path is None:
            return halted_price
        return price_path.get_price(self._booked_until)

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price: the last one."""
        return self.last(symbol)

    def get_taker_price(self, ledger: ExchangeLedger, symbol: str, side: int) -> Decimal | None:
        """Return what a market order pays now."""
        price = self.last(symbol)
        return (
            None
            if price is None
            else add_slippage(price, side, self._slippage, ledger.require_contract(symbol).tick)
        )

    def match_order(self, ledger: ExchangeLedger, order: Order) -> None:
        """Fill an order at once where it takes; let a limit rest, or end it where it may not."""
        price = self.get_taker_price(ledger, order.symbol, order.side)
        if price is None:
            return
        if order.price is None:
            qty = ledger.get_fillable_qty(order)
            if qty:
                ledger.fill(order, price, self._booked_until, qty=qty)
        elif (order.price - (self.last(order.symbol) or price)) * order.side >= 0:
            ledger.fill(
                order,
                min(price, order.price) if order.side > 0 else max(price, order.price),
                self._booked_until,
            )
        elif order.force in ("ioc", "fok"):
            ledger.cancel(order, self._booked_until, "would not fill at once")

    def state(self) -> Mapping[str, Any]:
        """Return the time reached, and prices of halted contracts."""
        return {
            "at": self._booked_until,
            "stopped": {symbol: str(price) for symbol, price in self._halted_prices.items()},
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from the time reached."""
        self._booked_until = state["at"]
        self._halted_prices = {symbol: Decimal(price) for symbol, price in state["stopped"].items()}

    # -- the walk --------------------------------------------------------------------------------------------------

    def advance(self, ledger: ExchangeLedger) -> None:
        """Walk up to now, minute by minute, contract by contract."""
        until = self._now()
        self._update_halts(ledger)
        while self._booked_until < until:
            active_symbols = self._list_active_symbols(ledger)
            if not active_symbols:
                self._booked_until = until
                return
            step_end = min(until, self._booked_until - self._booked_until % MINUTE_MS + MINUTE_MS)
            step_end = max(self._booked_until, min(step_end, ledger.next_countdown(step_end)))
            for symbol in active_symbols:
                if symbol not in self._halted_prices:
                    for segment in self._price_paths[symbol].iterate_segments(self._booked_until, step_end):
                        self._execute_segment(ledger, symbol, segment)
            self._booked_until = step_end
            for symbol in active_symbols:
                self._book_fundings(ledger, symbol, step_end)
            self._liquidate_crossed(ledger)
            ledger.expire_countdowns(step_end)

    def _update_halts(self, ledger: ExchangeLedger) -> None:
        """Freeze the prices of halted contracts; where trading goes on, the price jumps to where it is now."""
        for symbol, price_path in self._price_paths.items():
            is_halted = ledger.contracts[symbol].status in HALTED_STATUSES
            if is_halted == (symbol in self._halted_prices):
                continue
            price = price_path.get_price(self._booked_until)
            if price is None:
                continue
            if is_halted:
                self._halted_prices[symbol] = price
            else:
                price_before = self._halted_prices.pop(symbol)
                self._execute_segment(ledger, symbol, make_jump(self._booked_until, price_before, price))

    def _list_active_symbols(self, ledger: ExchangeLedger) -> Sequence[str]:
        """Return the contracts in which somebody has something, in the market's order."""
        active_symbols: set[str] = set()
        for account in ledger.accounts.values():
            active_symbols.update(order.symbol for order in account.open_orders.values())
            active_symbols.update(plan.symbol for plan in account.open_plans.values())
            active_symbols.update(symbol for symbol, _ in account.positions)
        return [symbol for symbol in self._price_paths if symbol in active_symbols]

    def _execute_segment(self, ledger: ExchangeLedger, symbol: str, segment: PathSegment) -> None:
        """Let everything meet the price on its way, nearest first; at a jump all meet the price after it."""
        price = segment.price_to if segment.is_jump else segment.price_from
        while True:
            reached = [
                level
                for level in self._iterate_levels(ledger, symbol)
                if segment.reaches(level.way, level.level, price)
            ]
            if not reached:
                return
            level = _pick_nearest(reached, segment, price)
            if level.distance(price):
                price = level.level
            self._execute(ledger, level, price, segment.compute_time(price))

    def _iterate_levels(self, ledger: ExchangeLedger, symbol: str) -> Iterator[PendingLevel]:
        for account in ledger.accounts.values():
            for plan in account.open_plans.values():
                if plan.symbol == symbol:
                    yield PendingLevel(plan.trigger, plan.way, plan.number, plan)
            for order in account.open_orders.values():
                if order.symbol == symbol and order.price is not None:
                    yield PendingLevel(order.price, -order.side, order.number, order)
            for position in account.positions.values():
                if position.symbol == symbol and position.liquidation is not None:
                    yield PendingLevel(position.liquidation, -position.side, _LAST_NUMBER, position)

    def _execute(self, ledger: ExchangeLedger, level: PendingLevel, price: Decimal, ts: int) -> None:
        record = level.record
        if isinstance(record, Position):
            ledger.liquidate(record, level.level, ts)
            return
        if isinstance(record, Order):
            # At its limit, or better where the price was beyond it already.
            better_price = round_to_nearest_tick(price, ledger.contracts[record.symbol].tick)
            ledger.fill(
                record, (min if record.side > 0 else max)(level.level, better_price), ts, is_maker=True
            )
            return
        order = ledger.trigger_plan(record, ts)
        if order is not None and order.price is None:
            tick = ledger.contracts[order.symbol].tick
            ledger.fill(order, add_slippage(price, order.side, self._slippage, tick), ts)

    # -- funding and crossed margin --------------------------------------------------------------------------------

    def _book_fundings(self, ledger: ExchangeLedger, symbol: str, ts: int) -> None:
        settlements = self._settlements.get(symbol)
        mark = self.mark(symbol)
        if settlements is None or mark is None:
            return
        for due_ms, rate in settlements.list_between(ts - 1, ts):
            for account in ledger.accounts.values():
                for position in [
                    open_position
                    for open_position in account.positions.values()
                    if open_position.symbol == symbol
                ]:
                    if position.ts_entered < due_ms:
                        ledger.book_funding(position, rate, mark, due_ms, ts)

    def _liquidate_crossed(self, ledger: ExchangeLedger) -> None:
        """Close all crossed positions of an account whose equity no longer keeps them."""
        for account in ledger.accounts.values():
            crossed = [
                position for position in account.positions.values() if position.margin_mode == "crossed"
            ]
            if not crossed:
                continue
            equity, maintenance = account.cash, ZERO
            for position in account.positions.values():
                price = self.mark(position.symbol) or position.entry
                equity += compute_unrealised(position, price)
                maintenance += position.qty * price * ledger.contracts[position.symbol].maintenance_rate
            if equity <= maintenance:
                for position in crossed:
                    price = self.get_taker_price(ledger, position.symbol, -position.side) or position.entry
                    ledger.close_position_at(position, price, self._booked_until, "liquidation")


def _pick_nearest(reached: Sequence[PendingLevel], segment: PathSegment, price: Decimal) -> PendingLevel:
    """Return what the price meets first; one that jumps beyond a liquidation leaves nothing to what came before it."""
    if segment.is_jump:
        liquidations = [level for level in reached if isinstance(level.record, Position)]
        return min(
            liquidations or reached, key=lambda level: (level.distance(segment.price_from), level.number)
        )
    return min(reached, key=lambda level: (level.distance(price), level.number))
