"""What user data streams tell: orders and their trades, conditional orders, money and positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie_sandbox.exchange.binance.client_ids import strip_reuse_mark
from vigie_sandbox.exchange.binance.envelope import COIN
from vigie_sandbox.exchange.binance.shapes import (
    FORCES,
    ORDER_STATES,
    WHOLE_POSITION_KINDS,
    format_8_decimals,
    format_algo_state,
    format_algo_type,
    format_client_id,
    format_order_state,
    format_position_side,
    format_side,
)
from vigie_sandbox.exchange.core.account import compute_unrealised
from vigie_sandbox.exchange.core.entities import (
    ZERO,
    Bill,
    ExchangeEvent,
    ExchangeTrade,
    Order,
    PlanOrder,
    Position,
)
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.venue_context import VenueContext, VenueService

ORDERS_CHANNEL: Final = "orders"
ALGOS_CHANNEL: Final = "algos"
ACCOUNT_CHANNEL: Final = "account"
_BILL_REASONS: Final = {"funding": "FUNDING_FEE", "deposit": "DEPOSIT", "withdrawal": "WITHDRAW"}


@dataclass(frozen=True, slots=True)
class BinancePush:
    """One message of a user data stream; `channel` is what faults know it by."""

    account: str
    channel: str
    body: dict[str, Any]


class BinancePushWriter(VenueService):
    """Makes messages of what has happened."""

    def __init__(self, context: VenueContext) -> None:
        super().__init__(context)
        self._orders: dict[str, Order] = {}

    def make_pushes(self, events: Iterable[ExchangeEvent]) -> list[BinancePush]:
        """Return the messages of some events; money and positions are told once, as they end up."""
        pushes: list[BinancePush] = []
        changes: dict[str, dict[str, Any]] = {}
        for event in events:
            body, account = event.body, event.account
            parts = changes.setdefault(
                account, {"reason": "ORDER", "positions": {}, "money": False, "moved": ZERO}
            )
            if isinstance(body, Order):
                pushes += self._order_pushes(account, body)
            elif isinstance(body, ExchangeTrade):
                pushes.append(BinancePush(account, ORDERS_CHANNEL, self._trade_body(body)))
            elif isinstance(body, PlanOrder):
                pushes.append(BinancePush(account, ALGOS_CHANNEL, self._algo_body(body)))
            elif isinstance(body, Position):
                parts["positions"][body.symbol, body.hold] = body
            elif isinstance(body, Bill):
                parts["money"] = True
                parts["reason"] = _BILL_REASONS.get(body.kind, parts["reason"])
                if body.kind in ("deposit", "withdrawal"):
                    parts["moved"] += body.amount - body.fee
        for account, parts in changes.items():
            if account and (parts["money"] or parts["positions"]):
                pushes.append(BinancePush(account, ACCOUNT_CHANNEL, self._account_body(account, parts)))
        return pushes

    def _make_head(self, kind: str, ts: int) -> dict[str, Any]:
        return {"e": kind, "E": self._context.venue_ms(), "T": ts}

    def _order_pushes(self, account: str, order: Order) -> Sequence[BinancePush]:
        """Tell of an order that is new or over; what it traded is told by its trades."""
        previous = self._orders.get(order.id)
        self._orders[order.id] = order
        if not order.is_open:
            self._orders.pop(order.id) if order.state == "cancelled" else None
        if previous is None and order.state != "cancelled":
            fields = self._order_fields(order) | {"x": "NEW", "X": "NEW", "z": "0", "ap": "0"}
        elif order.state == "cancelled":
            fields = self._order_fields(order) | {"x": format_order_state(order)}
        elif previous is not None and (previous.qty, previous.price) != (order.qty, order.price):
            fields = self._order_fields(order) | {"x": "AMENDMENT"}
        else:
            return []
        return [
            BinancePush(
                account,
                ORDERS_CHANNEL,
                {**self._make_head("ORDER_TRADE_UPDATE", order.ts_updated), "o": fields},
            )
        ]

    def _trade_body(self, trade: ExchangeTrade) -> dict[str, Any]:
        order = self._orders[trade.order_id]
        if not order.is_open:
            self._orders.pop(trade.order_id)
        fields = self._order_fields(order) | {
            "x": "CALCULATED" if trade.cause in ("liquidation", "adl") else "TRADE",
            "l": format_decimal(trade.qty),
            "L": format_decimal(trade.price),
            **({"N": COIN, "n": format_decimal(trade.fee)} if trade.fee else {}),
            "T": trade.ts,
            "t": int(trade.id),
            "m": trade.is_maker,
            "rp": format_decimal(trade.profit),
        }
        return {**self._make_head("ORDER_TRADE_UPDATE", trade.ts), "o": fields}

    def _order_fields(self, order: Order) -> dict[str, Any]:
        return {
            "s": order.symbol,
            "c": format_client_id(order),
            "S": format_side(order.side),
            "o": order.kind.upper(),
            "f": FORCES[order.force],
            "q": format_decimal(order.qty),
            "p": format_decimal(order.price or ZERO),
            "ap": format_decimal(order.average or ZERO),
            "sp": "0",
            "X": ORDER_STATES[order.state] if order.state != "cancelled" else format_order_state(order),
            "i": int(order.id),
            "l": "0",
            "z": format_decimal(order.filled),
            "L": "0",
            "T": order.ts_updated,
            "t": 0,
            "b": "0",
            "a": "0",
            "m": False,
            "R": order.reduce_only,
            "wt": "CONTRACT_PRICE",
            "ot": order.kind.upper(),
            "ps": format_position_side(order.hold),
            "cp": False,
            "rp": "0",
            "pP": False,
            "V": "NONE",
            "pm": "NONE",
            "gtd": 0,
        }

    def _algo_body(self, plan: PlanOrder) -> dict[str, Any]:
        fields = {
            "caid": strip_reuse_mark(plan.client_id),
            "aid": int(plan.id),
            "at": "CONDITIONAL",
            "o": format_algo_type(plan),
            "s": plan.symbol,
            "S": format_side(plan.side),
            "ps": format_position_side(plan.hold),
            "f": "GTC" if plan.kind == "trigger" else "GTE_GTC",
            "q": format_decimal(plan.qty or ZERO),
            "X": format_algo_state(plan),
            "ai": plan.order_id,
            "tp": format_decimal(plan.trigger),
            "p": format_decimal(plan.price or ZERO),
            "V": "EXPIRE_MAKER",
            "wt": "MARK_PRICE" if plan.trigger_by == "mark" else "CONTRACT_PRICE",
            "pm": "NONE",
            "cp": plan.kind in WHOLE_POSITION_KINDS,
            "pP": False,
            "R": plan.reduce_only,
            "tt": plan.ts_updated if plan.state == "executed" else 0,
            "gtd": 0,
            "rm": "",
        }
        return {**self._make_head("ALGO_UPDATE", plan.ts_updated), "o": fields}

    def _account_body(self, account: str, parts: dict[str, Any]) -> dict[str, Any]:
        money = self._context.exchange.money(account)
        fields = {
            "m": parts["reason"],
            "B": [
                {
                    "a": COIN,
                    "wb": format_decimal(money.cash),
                    "cw": format_8_decimals(money.cash - money.margin),
                    # What changed apart from results and commissions.
                    "bc": format_decimal(parts["moved"]),
                }
            ],
            "P": [self._position_fields(position) for position in parts["positions"].values()],
        }
        return {**self._make_head("ACCOUNT_UPDATE", money.ts), "a": fields}

    def _position_fields(self, position: Position) -> dict[str, Any]:
        mark = self._context.mark(position.symbol) or position.entry
        return {
            "s": position.symbol,
            "pa": format_decimal(position.side * position.qty),
            "ep": format_decimal(position.entry) if position.qty else "0",
            "bep": format_decimal(position.entry) if position.qty else "0",
            "cr": format_decimal(position.realised),
            "up": format_8_decimals(compute_unrealised(position, mark)),
            "mt": "isolated" if position.margin_mode == "isolated" else "cross",
            "iw": format_8_decimals(position.margin),
            "ps": format_position_side(position.hold),
        }
