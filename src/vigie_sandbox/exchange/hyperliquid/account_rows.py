"""What an account has, as rows: orders under one list of ids, whether they wait for a price or not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from vigie_sandbox.exchange.core.entities import ZERO, ExchangeTrade, Order, PlanOrder
from vigie_sandbox.exchange.core.records import make_id
from vigie_sandbox.exchange.hyperliquid import shapes
from vigie_sandbox.exchange.venue_context import VenueService

Row = dict[str, Any]


class AccountRows(VenueService):
    """Rows of accounts."""

    def get_base(self, symbol: str) -> str:
        """Return the coin of a contract."""
        return self._exchange.contract(symbol).base

    def find(self, account: str, oid: int | str) -> Order | PlanOrder | None:
        """Return what is known under an id: a number of the venue's, or the client's own."""
        if isinstance(oid, str):
            client_id = shapes.parse_client_id(oid)
            plan = self._exchange.plan(account, client_id=client_id) if client_id else None
            return plan or (self._exchange.order(account, client_id=client_id) if client_id else None)
        record_id = make_id(oid)
        return self._exchange.plan(account, plan_id=record_id) or self._exchange.order(
            account, order_id=record_id
        )

    def find_visible(self, account: str, oid: int | str) -> Order | PlanOrder | None:
        """Return what is known under an id, unless a fault still hides it."""
        record = self.find(account, oid)
        return None if record is None or self._context.is_hidden(record.id) else record

    def make_row(self, account: str, record: Order | PlanOrder) -> Row:
        """Return an order with everything that is told of it."""
        base = self.get_base(record.symbol)
        if isinstance(record, Order):
            plan = self._find_trigger(account, record)
            row = shapes.make_order_row(record, base, plan, self._context.quotes.last(record.symbol))
            return row | {"children": [self._make_child(record, level) for level in _list_levels(record)]}
        order = self._exchange.order(account, order_id=record.order_id) if record.order_id else None
        if order is None:
            return shapes.make_plan_row(record, base)
        return shapes.make_order_row(order, base, record, self._context.quotes.last(record.symbol))

    def make_status(self, account: str, record: Order | PlanOrder) -> Row:
        """Return an order and what became of it."""
        order = None
        if isinstance(record, PlanOrder):
            order = self._exchange.order(account, order_id=record.order_id) if record.order_id else None
            status = shapes.get_plan_status(record, order)
        else:
            status = shapes.get_order_status(record)
        ts = max(record.ts_updated, order.ts_updated if order is not None else 0)
        return {"order": self.make_row(account, record), "status": status, "statusTimestamp": ts}

    def list_waiting(self, account: str) -> list[Row]:
        """Return what is open, triggers among it, oldest first."""
        orders = [
            record
            for record in self._exchange.open_orders(account)
            if self._find_trigger(account, record) is None
        ]
        records: list[Order | PlanOrder] = [*orders, *self._exchange.open_plans(account)]
        records = [record for record in records if not self._context.is_hidden(record.id)]
        return [
            self.make_row(account, record) for record in sorted(records, key=lambda record: record.number)
        ]

    def list_history(self, account: str) -> list[Order | PlanOrder]:
        """Return everything that was ordered, newest first."""
        orders = [
            record
            for record in self._exchange.order_history(account)
            if self._find_trigger(account, record) is None
        ]
        records: list[Order | PlanOrder] = [*orders, *self._exchange.plan_history(account)]
        return sorted(
            (record for record in records if not self._context.is_hidden(record.id)),
            key=lambda record: -record.number,
        )

    def iterate_fills(self, account: str, user: str) -> Iterator[tuple[ExchangeTrade, Row]]:
        """Yield executions, oldest first, with the position that each one met."""
        positions: dict[str, Decimal] = {}
        for trade in self._exchange.trades(account):
            before = positions.get(trade.symbol, ZERO)
            positions[trade.symbol] = before + shapes.compute_signed_qty(trade)
            if not self._context.is_hidden(trade.order_id):
                yield trade, self.make_fill(account, user, trade, before)

    def make_fill(self, account: str, user: str, trade: ExchangeTrade, before: Decimal) -> Row:
        """Return one execution."""
        order = self._exchange.order(account, order_id=trade.order_id)
        plan = None if order is None else self._find_trigger(account, order)
        oid = plan.number if plan is not None else order.number if order is not None else 0
        return shapes.make_fill_row(trade, self.get_base(trade.symbol), oid, before, user)

    def position_before(self, account: str, trade: ExchangeTrade) -> Decimal:
        """Return the position that an execution met."""
        past = self._exchange.trades(account, trade.symbol)
        return sum(
            (
                shapes.compute_signed_qty(past_trade)
                for past_trade in past
                if past_trade.number < trade.number
            ),
            ZERO,
        )

    def make_state(self, account: str | None) -> Row:
        """Return money and positions; nobody's are empty."""
        now = self._context.now_ms()
        if account is None:
            return shapes.make_state_row(None, (), now)
        rows = [
            shapes.make_position_row(
                position, self._exchange.contract(position.symbol), self._context.mark(position.symbol)
            )
            for position in self._exchange.positions(account)
        ]
        return shapes.make_state_row(self._exchange.money(account), rows, now)

    def _find_trigger(self, account: str, order: Order) -> PlanOrder | None:
        """Return the trigger that made an order."""
        if order.cause in ("order", "liquidation", "adl", "delisting", "person"):
            return None
        plans = self._exchange.plan_history(account, order.symbol)
        return next((plan for plan in plans if plan.order_id == order.id), None)

    def _make_child(self, order: Order, named_level: tuple[str, Decimal]) -> Row:
        name, level = named_level
        return {
            "coin": self.get_base(order.symbol),
            "side": shapes.format_side(-order.side),
            "isTrigger": True,
            "triggerPx": shapes.format_price(level),
            "orderType": f"{name} Market",
            "reduceOnly": True,
            "origSz": shapes.format_price(order.qty),
        }


def _list_levels(order: Order) -> list[tuple[str, Decimal]]:
    """Return the levels that wait for an order to be filled."""
    if not order.is_open or order.filled:
        return []
    levels = (("Take Profit", order.target), ("Stop", order.stop))
    return [(name, level) for name, level in levels if level is not None]
