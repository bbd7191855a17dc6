"""What happens inside a bar that has closed: the fill model's rule 5, 8 and 9, for everything that waits on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from vigie.sandbox.exchange.core.account import Account
from vigie.sandbox.exchange.core.books import Books
from vigie.sandbox.exchange.core.grid import slipped
from vigie.sandbox.exchange.core.words import Order, Plan, Position
from vigie.sandbox.exchange.matchers.tracks import Bar


@dataclass(frozen=True, slots=True)
class Walk:
    """One bar, walked after its close at `ts`."""

    books: Books
    series: str
    bar: Bar
    ts: int
    slippage: Decimal

    def leave(self, account: Account, position: Position) -> None:
        """Let a position meet its liquidation, its stops, then its targets."""
        if is_beyond(position, self.bar.open):
            self._liquidate(position)
            return
        key = (position.symbol, position.hold)
        for plan in self._stops(account, position):
            if account.positions.get(key) is None:
                return
            if is_beyond(position, plan.trigger):
                break
            self._fire(plan, position.side)
        left = account.positions.get(key)
        if left is not None and left.liquidation is not None and self._reaches(-left.side, left.liquidation):
            self._liquidate(left)
            left = None
        if left is not None:
            self._take_profit(account, left)

    def _take_profit(self, account: Account, position: Position) -> None:
        """Fill targets and resting limits of one side in the order in which the price comes to them."""
        limits = [
            one
            for one in account.open_orders.values()
            if one.kind == "limit"
            and one.reduce_only
            and (one.symbol, one.hold) == (position.symbol, position.hold)
        ]
        plans = [plan for plan in account.levels_of(position) if plan.way == position.side]
        ways: list[tuple[Decimal, int, Order | Plan]] = [
            (order.price, order.number, order) for order in limits if order.price is not None
        ]
        ways += [(plan.trigger, plan.number, plan) for plan in plans]
        for level, _, one in sorted(ways, key=lambda way: (way[0] * position.side, way[1])):
            if account.positions.get((position.symbol, position.hold)) is None:
                return
            if not self._reaches(position.side, level):
                return
            if isinstance(one, Plan):
                self._fire(one, position.side)
            else:
                self._fill_limit(one)

    def enter(self, account: Account, symbol: str) -> None:
        """Let orders that wait for a price, and resting limits that are no exits, meet the bar."""
        for plan in [
            one for one in account.open_plans.values() if (one.kind, one.symbol) == ("trigger", symbol)
        ]:
            if self._reaches(plan.way, plan.trigger):
                order = self.books.fire(plan, self.ts, self.series)
                if order is not None and order.kind == "market":
                    price = self._beyond_open(plan.way, plan.trigger)
                    self._fill_market(order, price)
        for order in [
            one for one in account.open_orders.values() if (one.kind, one.symbol) == ("limit", symbol)
        ]:
            if not order.reduce_only:
                self._fill_limit(order)

    # -- executing -------------------------------------------------------------------------------------------------

    def _fire(self, plan: Plan, side: int) -> None:
        order = self.books.fire(plan, self.ts)
        if order is None:
            return
        if order.kind == "limit":
            self._fill_limit(order)
            return
        self._fill_market(order, self._beyond_open(plan.way, plan.trigger))

    def _fill_market(self, order: Order, price: Decimal) -> None:
        tick = self.books.contracts[order.symbol].tick
        self.books.fill(order, slipped(price, order.side, self.slippage, tick), self.ts)

    def _fill_limit(self, order: Order) -> None:
        """Fill a resting limit that the bar touches: at its price, or at an open that is better; never rounded."""
        limit = order.price
        if limit is None or not self._reaches(-order.side, limit):
            return
        self.books.fill(order, self._beyond_open(-order.side, limit), self.ts, is_maker=True)

    def _liquidate(self, position: Position) -> None:
        if position.liquidation is not None:
            self.books.take_away(position, position.liquidation, self.ts)

    # -- touching --------------------------------------------------------------------------------------------------

    def _beyond_open(self, way: int, level: Decimal) -> Decimal:
        """Return the level, or the open where the bar opens beyond it on the price's way."""
        return max(self.bar.open, level) if way > 0 else min(self.bar.open, level)

    def _reaches(self, way: int, level: Decimal) -> bool:
        return self.bar.high >= level if way > 0 else self.bar.low <= level

    def _stops(self, account: Account, position: Position) -> list[Plan]:
        """Return the stops that the bar touches, nearest first."""
        stops = [
            plan
            for plan in account.levels_of(position)
            if plan.way == -position.side and self._reaches(plan.way, plan.trigger)
        ]
        return sorted(stops, key=lambda plan: (-position.side * plan.trigger, plan.number))


def is_beyond(position: Position, price: Decimal) -> bool:
    """Whether a price is at or beyond a position's liquidation."""
    liquidation = position.liquidation
    return liquidation is not None and (price - liquidation) * position.side <= 0
