"""What an account has, as rows: orders under one list of ids, whether they wait for a price or not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from vigie.sandbox.exchange.core.records import made_id
from vigie.sandbox.exchange.core.words import ZERO, Order, Plan, Trade
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.hyperliquid import shapes

Row = dict[str, Any]


class Ledger(Clerk):
    """Rows of accounts."""

    def base(self, symbol: str) -> str:
        """Return the coin of a contract."""
        return self._exchange.contract(symbol).base

    def found(self, account: str, oid: int | str) -> Order | Plan | None:
        """Return what is known under an id: a number of the venue's, or the client's own."""
        if isinstance(oid, str):
            client_id = shapes.client_id_of(oid)
            plan = self._exchange.plan(account, client_id=client_id) if client_id else None
            return plan or (self._exchange.order(account, client_id=client_id) if client_id else None)
        known = made_id(oid)
        return self._exchange.plan(account, plan_id=known) or self._exchange.order(account, order_id=known)

    def seen(self, account: str, oid: int | str) -> Order | Plan | None:
        """Return what is known under an id, unless a fault still hides it."""
        one = self.found(account, oid)
        return None if one is None or self._desk.hidden(one.id) else one

    def row(self, account: str, one: Order | Plan) -> Row:
        """Return an order with everything that is told of it."""
        base = self.base(one.symbol)
        if isinstance(one, Order):
            plan = self._maker(account, one)
            row = shapes.order_row(one, base, plan, self._desk.quotes.last(one.symbol))
            return row | {"children": [self._child(one, what) for what in _levels(one)]}
        made = self._exchange.order(account, order_id=one.order_id) if one.order_id else None
        if made is None:
            return shapes.plan_row(one, base)
        return shapes.order_row(made, base, one, self._desk.quotes.last(one.symbol))

    def status(self, account: str, one: Order | Plan) -> Row:
        """Return an order and what became of it."""
        made = None
        if isinstance(one, Plan):
            made = self._exchange.order(account, order_id=one.order_id) if one.order_id else None
            told = shapes.plan_status(one, made)
        else:
            told = shapes.order_status(one)
        ts = max(one.ts_updated, made.ts_updated if made is not None else 0)
        return {"order": self.row(account, one), "status": told, "statusTimestamp": ts}

    def waiting(self, account: str) -> list[Row]:
        """Return what is open, triggers among it, oldest first."""
        orders = [one for one in self._exchange.open_orders(account) if self._maker(account, one) is None]
        every: list[Order | Plan] = [*orders, *self._exchange.open_plans(account)]
        every = [one for one in every if not self._desk.hidden(one.id)]
        return [self.row(account, one) for one in sorted(every, key=lambda one: one.number)]

    def history(self, account: str) -> list[Order | Plan]:
        """Return everything that was ordered, newest first."""
        orders = [one for one in self._exchange.order_history(account) if self._maker(account, one) is None]
        every: list[Order | Plan] = [*orders, *self._exchange.plan_history(account)]
        return sorted((one for one in every if not self._desk.hidden(one.id)), key=lambda one: -one.number)

    def fills(self, account: str, user: str) -> Iterator[tuple[Trade, Row]]:
        """Yield executions, oldest first, with the position that each one met."""
        held: dict[str, Decimal] = {}
        for trade in self._exchange.trades(account):
            before = held.get(trade.symbol, ZERO)
            held[trade.symbol] = before + shapes.signed(trade)
            if not self._desk.hidden(trade.order_id):
                yield trade, self.fill(account, user, trade, before)

    def fill(self, account: str, user: str, trade: Trade, before: Decimal) -> Row:
        """Return one execution."""
        order = self._exchange.order(account, order_id=trade.order_id)
        plan = None if order is None else self._maker(account, order)
        oid = plan.number if plan is not None else order.number if order is not None else 0
        return shapes.fill_row(trade, self.base(trade.symbol), oid, before, user)

    def before(self, account: str, trade: Trade) -> Decimal:
        """Return the position that an execution met."""
        past = self._exchange.trades(account, trade.symbol)
        return sum((shapes.signed(one) for one in past if one.number < trade.number), ZERO)

    def state(self, account: str | None) -> Row:
        """Return money and positions; nobody's are empty."""
        now = self._desk.now_ms()
        if account is None:
            return shapes.state_row(None, (), now)
        rows = [
            shapes.position_row(one, self._exchange.contract(one.symbol), self._desk.mark(one.symbol))
            for one in self._exchange.positions(account)
        ]
        return shapes.state_row(self._exchange.money(account), rows, now)

    def _maker(self, account: str, order: Order) -> Plan | None:
        """Return the trigger that made an order."""
        if order.cause in ("order", "liquidation", "adl", "delisting", "person"):
            return None
        plans = self._exchange.plan_history(account, order.symbol)
        return next((one for one in plans if one.order_id == order.id), None)

    def _child(self, order: Order, what: tuple[str, Decimal]) -> Row:
        name, level = what
        return {
            "coin": self.base(order.symbol),
            "side": shapes.side_word(-order.side),
            "isTrigger": True,
            "triggerPx": shapes.px(level),
            "orderType": f"{name} Market",
            "reduceOnly": True,
            "origSz": shapes.px(order.qty),
        }


def _levels(order: Order) -> list[tuple[str, Decimal]]:
    """Return the levels that wait for an order to be filled."""
    if not order.is_open or order.filled:
        return []
    named = (("Take Profit", order.target), ("Stop", order.stop))
    return [(name, level) for name, level in named if level is not None]
