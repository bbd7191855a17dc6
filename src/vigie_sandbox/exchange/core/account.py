"""One account: its money, its modes, and everything it has ordered and holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from vigie_sandbox.exchange.core.entities import (
    ZERO,
    Bill,
    Contract,
    ExchangeTrade,
    HoldSide,
    MarginMode,
    Order,
    PlanOrder,
    Position,
    PositionMode,
)
from vigie_sandbox.exchange.core.grid import round_to_16_figures
from vigie_sandbox.exchange.core.moves import Move

DEFAULT_LEVERAGE = Decimal(10)
RecordT = TypeVar("RecordT", Order, PlanOrder, Position, ExchangeTrade)
"""What belongs to a contract."""


@dataclass(slots=True)
class ExchangeAccount:
    """Mutable; only `Books` writes it.

    Attributes
    ----------
    leverages : mapping of "BTCUSDT/net" to Decimal
        By contract and hold.
    client_ids, plan_client_ids : mapping of client id to id
        For ever: orders and plans have names of their own.
    open_orders, open_plans : mapping
        Those of `orders` and `plans` that still wait, oldest first.
    cancel_at : int or None
        When all of them are cancelled, by the clock of whoever set it; None for never.
    countdowns : mapping of symbol to int
        When the orders of a contract are cancelled, by the market's clock.
    main : Decimal
        Money beside the trading wallet; `moves` tell how it came and went.
    """

    name: str
    cash: Decimal = ZERO
    position_mode: PositionMode = "one_way"
    margin_modes: dict[str, MarginMode] = field(default_factory=dict)
    leverages: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    open_orders: dict[str, Order] = field(default_factory=dict)
    client_ids: dict[str, str] = field(default_factory=dict)
    plans: dict[str, PlanOrder] = field(default_factory=dict)
    open_plans: dict[str, PlanOrder] = field(default_factory=dict)
    plan_client_ids: dict[str, str] = field(default_factory=dict)
    trades: list[ExchangeTrade] = field(default_factory=list)
    positions: dict[tuple[str, HoldSide], Position] = field(default_factory=dict)
    closed: list[Position] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    cancel_at: int | None = None
    countdowns: dict[str, int] = field(default_factory=dict)
    main: Decimal = ZERO
    moves: list[Move] = field(default_factory=list)

    def margin_mode(self, symbol: str) -> MarginMode:
        """Return how positions of a contract are margined; isolated unless set."""
        return self.margin_modes.get(symbol, "isolated")

    def leverage(self, symbol: str, hold: HoldSide) -> Decimal:
        """Return the leverage of new positions."""
        return self.leverages.get(f"{symbol}/{hold}", DEFAULT_LEVERAGE)

    def order(self, order_id: str = "", client_id: str = "") -> Order | None:
        """Return an order by either id, whatever became of it."""
        return self.orders.get(order_id or self.client_ids.get(client_id, ""))

    def plan(self, plan_id: str = "", client_id: str = "") -> PlanOrder | None:
        """Return a plan by either id, whatever became of it."""
        return self.plans.get(plan_id or self.plan_client_ids.get(client_id, ""))

    def save_order(self, order: Order) -> None:
        """Take an order as it is now."""
        self.orders[order.id] = order
        if order.client_id:
            self.client_ids.setdefault(order.client_id, order.id)
        if order.is_open:
            self.open_orders[order.id] = order
        else:
            self.open_orders.pop(order.id, None)

    def save_plan(self, plan: PlanOrder) -> None:
        """Take a plan as it is now."""
        self.plans[plan.id] = plan
        if plan.client_id:
            self.plan_client_ids.setdefault(plan.client_id, plan.id)
        if plan.state == "live":
            self.open_plans[plan.id] = plan
        else:
            self.open_plans.pop(plan.id, None)

    def save_position(self, position: Position) -> None:
        """Take a position as it is now; one without quantity is gone."""
        if position.qty:
            self.positions[position.symbol, position.hold] = position
        else:
            self.positions.pop((position.symbol, position.hold), None)

    def list_levels(self, position: Position) -> list[PlanOrder]:
        """Return the waiting levels of a position, oldest first."""
        return [
            plan
            for plan in self.open_plans.values()
            if plan.kind != "trigger" and plan.symbol == position.symbol and plan.hold == position.hold
        ]

    def settings(self) -> dict[str, Any]:
        """Return what no record says, as plain JSON."""
        return {
            "cash": str(self.cash),
            "position_mode": self.position_mode,
            "margin_modes": self.margin_modes,
            "leverages": {key: str(value) for key, value in self.leverages.items()},
            "cancel_at": self.cancel_at,
            "countdowns": self.countdowns,
            "main": str(self.main),
        }

    def restore_settings(self, row: dict[str, Any]) -> None:
        """Read what `settings` returned."""
        self.cash = Decimal(row["cash"])
        self.position_mode = row["position_mode"]
        self.margin_modes = dict(row["margin_modes"])
        self.leverages = {key: Decimal(value) for key, value in row["leverages"].items()}
        self.cancel_at = row.get("cancel_at")
        self.countdowns = dict(row.get("countdowns", {}))
        self.main = Decimal(row.get("main", "0"))

    def iterate_records(self) -> Iterator[tuple[str, str, Any]]:
        """Yield every record with its table and key."""
        parts: tuple[tuple[str, Iterable[Any]], ...] = (
            ("order", self.orders.values()),
            ("plan", self.plans.values()),
            ("trade", self.trades),
            ("bill", self.bills),
            ("move", self.moves),
        )
        for table, records in parts:
            for record in records:
                yield table, record.id, record
        for position in self.positions.values():
            yield "position", make_position_key(position), position
        for number, position in enumerate(self.closed):
            yield "closed", f"{self.name}/{number}", position


def filter_by_symbol(records: Iterable[RecordT], symbol: str) -> list[RecordT]:
    """Return the records of a contract, in their order; all where none is named."""
    return [record for record in records if symbol in ("", record.symbol)]


def make_position_key(position: Position) -> str:
    """Return what a position is remembered under."""
    return f"{position.account}/{position.symbol}/{position.hold}"


def compute_liquidation_price(
    contract: Contract,
    side: int,
    entry: Decimal,
    leverage: Decimal,
    mode: MarginMode,
    added_margin: Decimal = ZERO,
) -> Decimal | None:
    """Return the price at which an isolated position is taken away; None for a crossed one or where there is none.

    Parameters
    ----------
    added_margin : Decimal
        What was added to the margin of one unit, below zero where some was taken out.
    """
    if mode == "crossed":
        return None
    price = round_to_16_figures(
        entry * (1 - side * (1 / leverage - contract.maintenance_rate)) - side * added_margin
    )
    return price if price > 0 else None


def compute_unrealised(position: Position, price: Decimal) -> Decimal:
    """Return the open result at a price."""
    return position.side * position.qty * (price - position.entry)
