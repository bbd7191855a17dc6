"""What happens inside a bar that has closed: the fill model's rule 5, 8 and 9, for everything that waits on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from vigie_sandbox.exchange.core.account import ExchangeAccount
from vigie_sandbox.exchange.core.entities import Order, PlanOrder, Position
from vigie_sandbox.exchange.core.grid import add_slippage
from vigie_sandbox.exchange.core.ledger import ExchangeLedger
from vigie_sandbox.exchange.matchers.tracks import ExactBar


@dataclass(frozen=True, slots=True)
class BarExecution:
    """One bar, walked after its close at `ts`."""

    ledger: ExchangeLedger
    series: str
    bar: ExactBar
    ts: int
    slippage: Decimal

    def fill_exits(self, account: ExchangeAccount, position: Position) -> None:
        """Let a position meet its liquidation, its stops, then its targets."""
        if is_liquidated_at(position, self.bar.open):
            self._liquidate(position)
            return
        key = (position.symbol, position.hold)
        for plan in self._list_touched_stops(account, position):
            if account.positions.get(key) is None:
                return
            if is_liquidated_at(position, plan.trigger):
                break
            self._trigger(plan, position.side)
        remaining = account.positions.get(key)
        if (
            remaining is not None
            and remaining.liquidation is not None
            and self._reaches(-remaining.side, remaining.liquidation)
        ):
            self._liquidate(remaining)
            remaining = None
        if remaining is not None:
            self._fill_targets(account, remaining)

    def _fill_targets(self, account: ExchangeAccount, position: Position) -> None:
        """Fill targets and resting limits of one side in the order in which the price comes to them."""
        limits = [
            record
            for record in account.open_orders.values()
            if record.kind == "limit"
            and record.reduce_only
            and (record.symbol, record.hold) == (position.symbol, position.hold)
        ]
        plans = [plan for plan in account.list_levels(position) if plan.way == position.side]
        levels: list[tuple[Decimal, int, Order | PlanOrder]] = [
            (order.price, order.number, order) for order in limits if order.price is not None
        ]
        levels += [(plan.trigger, plan.number, plan) for plan in plans]
        for level, _, record in sorted(levels, key=lambda entry: (entry[0] * position.side, entry[1])):
            if account.positions.get((position.symbol, position.hold)) is None:
                return
            if not self._reaches(position.side, level):
                return
            if isinstance(record, PlanOrder):
                self._trigger(record, position.side)
            else:
                self._fill_limit(record)

    def fill_entries(self, account: ExchangeAccount, symbol: str) -> None:
        """Let orders that wait for a price, and resting limits that are no exits, meet the bar."""
        for plan in [
            record
            for record in account.open_plans.values()
            if (record.kind, record.symbol) == ("trigger", symbol)
        ]:
            if self._reaches(plan.way, plan.trigger):
                order = self.ledger.trigger_plan(plan, self.ts, self.series)
                if order is not None and order.kind == "market":
                    price = self._fill_price(plan.way, plan.trigger)
                    self._fill_market(order, price)
        for order in [
            record
            for record in account.open_orders.values()
            if (record.kind, record.symbol) == ("limit", symbol)
        ]:
            if not order.reduce_only:
                self._fill_limit(order)

    # -- executing -------------------------------------------------------------------------------------------------

    def _trigger(self, plan: PlanOrder, side: int) -> None:
        order = self.ledger.trigger_plan(plan, self.ts)
        if order is None:
            return
        if order.kind == "limit":
            self._fill_limit(order)
            return
        self._fill_market(order, self._fill_price(plan.way, plan.trigger))

    def _fill_market(self, order: Order, price: Decimal) -> None:
        tick = self.ledger.contracts[order.symbol].tick
        self.ledger.fill(order, add_slippage(price, order.side, self.slippage, tick), self.ts)

    def _fill_limit(self, order: Order) -> None:
        """Fill a resting limit that the bar touches: at its price, or at an open that is better; never rounded."""
        limit = order.price
        if limit is None or not self._reaches(-order.side, limit):
            return
        self.ledger.fill(order, self._fill_price(-order.side, limit), self.ts, is_maker=True)

    def _liquidate(self, position: Position) -> None:
        if position.liquidation is not None:
            self.ledger.liquidate(position, position.liquidation, self.ts)

    # -- touching --------------------------------------------------------------------------------------------------

    def _fill_price(self, way: int, level: Decimal) -> Decimal:
        """Return the level, or the open where the bar opens beyond it on the price's way."""
        return max(self.bar.open, level) if way > 0 else min(self.bar.open, level)

    def _reaches(self, way: int, level: Decimal) -> bool:
        return self.bar.high >= level if way > 0 else self.bar.low <= level

    def _list_touched_stops(self, account: ExchangeAccount, position: Position) -> list[PlanOrder]:
        """Return the stops that the bar touches, nearest first."""
        stops = [
            plan
            for plan in account.list_levels(position)
            if plan.way == -position.side and self._reaches(plan.way, plan.trigger)
        ]
        return sorted(stops, key=lambda plan: (-position.side * plan.trigger, plan.number))


def is_liquidated_at(position: Position, price: Decimal) -> bool:
    """Whether a price is at or beyond a position's liquidation."""
    liquidation = position.liquidation
    return liquidation is not None and (price - liquidation) * position.side <= 0
