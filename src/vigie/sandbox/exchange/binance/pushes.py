"""What user data streams tell: orders and their trades, conditional orders, money and positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.sandbox.exchange.binance.envelope import COIN
from vigie.sandbox.exchange.binance.names import shown_id
from vigie.sandbox.exchange.binance.shapes import (
    FORCES,
    ORDER_STATES,
    WHOLE,
    algo_state,
    algo_type,
    client_id_of,
    hold_word,
    side_word,
    state_of,
    to_8,
)
from vigie.sandbox.exchange.core.account import gain
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import ZERO, Bill, Event, Order, Plan, Position, Trade
from vigie.sandbox.exchange.desk import Clerk, Desk

ORDERS: Final = "orders"
ALGOS: Final = "algos"
ACCOUNT: Final = "account"
_REASONS: Final = {"funding": "FUNDING_FEE", "deposit": "DEPOSIT", "withdrawal": "WITHDRAW"}


@dataclass(frozen=True, slots=True)
class Push:
    """One message of a user data stream; `channel` is what faults know it by."""

    account: str
    channel: str
    body: dict[str, Any]


class Pushes(Clerk):
    """Makes messages of what has happened."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._orders: dict[str, Order] = {}

    def of(self, events: Iterable[Event]) -> list[Push]:
        """Return the messages of some events; money and positions are told once, as they end up."""
        found: list[Push] = []
        changed: dict[str, dict[str, Any]] = {}
        for event in events:
            body, account = event.body, event.account
            parts = changed.setdefault(
                account, {"reason": "ORDER", "positions": {}, "money": False, "moved": ZERO}
            )
            if isinstance(body, Order):
                found += self._order(account, body)
            elif isinstance(body, Trade):
                found.append(Push(account, ORDERS, self._trade(body)))
            elif isinstance(body, Plan):
                found.append(Push(account, ALGOS, self._algo(body)))
            elif isinstance(body, Position):
                parts["positions"][body.symbol, body.hold] = body
            elif isinstance(body, Bill):
                parts["money"] = True
                parts["reason"] = _REASONS.get(body.kind, parts["reason"])
                if body.kind in ("deposit", "withdrawal"):
                    parts["moved"] += body.amount - body.fee
        for account, parts in changed.items():
            if account and (parts["money"] or parts["positions"]):
                found.append(Push(account, ACCOUNT, self._account(account, parts)))
        return found

    def _head(self, kind: str, ts: int) -> dict[str, Any]:
        return {"e": kind, "E": self._desk.told_ms(), "T": ts}

    def _order(self, account: str, order: Order) -> Sequence[Push]:
        """Tell of an order that is new or over; what it traded is told by its trades."""
        known = self._orders.get(order.id)
        self._orders[order.id] = order
        if not order.is_open:
            self._orders.pop(order.id) if order.state == "cancelled" else None
        if known is None and order.state != "cancelled":
            told = self._fields(order) | {"x": "NEW", "X": "NEW", "z": "0", "ap": "0"}
        elif order.state == "cancelled":
            told = self._fields(order) | {"x": state_of(order)}
        elif known is not None and (known.qty, known.price) != (order.qty, order.price):
            told = self._fields(order) | {"x": "AMENDMENT"}
        else:
            return []
        return [Push(account, ORDERS, {**self._head("ORDER_TRADE_UPDATE", order.ts_updated), "o": told})]

    def _trade(self, trade: Trade) -> dict[str, Any]:
        order = self._orders[trade.order_id]
        if not order.is_open:
            self._orders.pop(trade.order_id)
        told = self._fields(order) | {
            "x": "CALCULATED" if trade.cause in ("liquidation", "adl") else "TRADE",
            "l": plain(trade.qty),
            "L": plain(trade.price),
            **({"N": COIN, "n": plain(trade.fee)} if trade.fee else {}),
            "T": trade.ts,
            "t": int(trade.id),
            "m": trade.is_maker,
            "rp": plain(trade.profit),
        }
        return {**self._head("ORDER_TRADE_UPDATE", trade.ts), "o": told}

    def _fields(self, order: Order) -> dict[str, Any]:
        return {
            "s": order.symbol,
            "c": client_id_of(order),
            "S": side_word(order.side),
            "o": order.kind.upper(),
            "f": FORCES[order.force],
            "q": plain(order.qty),
            "p": plain(order.price or ZERO),
            "ap": plain(order.average or ZERO),
            "sp": "0",
            "X": ORDER_STATES[order.state] if order.state != "cancelled" else state_of(order),
            "i": int(order.id),
            "l": "0",
            "z": plain(order.filled),
            "L": "0",
            "T": order.ts_updated,
            "t": 0,
            "b": "0",
            "a": "0",
            "m": False,
            "R": order.reduce_only,
            "wt": "CONTRACT_PRICE",
            "ot": order.kind.upper(),
            "ps": hold_word(order.hold),
            "cp": False,
            "rp": "0",
            "pP": False,
            "V": "NONE",
            "pm": "NONE",
            "gtd": 0,
        }

    def _algo(self, plan: Plan) -> dict[str, Any]:
        told = {
            "caid": shown_id(plan.client_id),
            "aid": int(plan.id),
            "at": "CONDITIONAL",
            "o": algo_type(plan),
            "s": plan.symbol,
            "S": side_word(plan.side),
            "ps": hold_word(plan.hold),
            "f": "GTC" if plan.kind == "trigger" else "GTE_GTC",
            "q": plain(plan.qty or ZERO),
            "X": algo_state(plan),
            "ai": plan.order_id,
            "tp": plain(plan.trigger),
            "p": plain(plan.price or ZERO),
            "V": "EXPIRE_MAKER",
            "wt": "MARK_PRICE" if plan.trigger_by == "mark" else "CONTRACT_PRICE",
            "pm": "NONE",
            "cp": plan.kind in WHOLE,
            "pP": False,
            "R": plan.reduce_only,
            "tt": plan.ts_updated if plan.state == "executed" else 0,
            "gtd": 0,
            "rm": "",
        }
        return {**self._head("ALGO_UPDATE", plan.ts_updated), "o": told}

    def _account(self, account: str, parts: dict[str, Any]) -> dict[str, Any]:
        money = self._desk.exchange.money(account)
        told = {
            "m": parts["reason"],
            "B": [
                {
                    "a": COIN,
                    "wb": plain(money.cash),
                    "cw": to_8(money.cash - money.margin),
                    # What changed apart from results and commissions.
                    "bc": plain(parts["moved"]),
                }
            ],
            "P": [self._position(one) for one in parts["positions"].values()],
        }
        return {**self._head("ACCOUNT_UPDATE", money.ts), "a": told}

    def _position(self, one: Position) -> dict[str, Any]:
        mark = self._desk.mark(one.symbol) or one.entry
        return {
            "s": one.symbol,
            "pa": plain(one.side * one.qty),
            "ep": plain(one.entry) if one.qty else "0",
            "bep": plain(one.entry) if one.qty else "0",
            "cr": plain(one.realised),
            "up": to_8(gain(one, mark)),
            "mt": "isolated" if one.margin_mode == "isolated" else "cross",
            "iw": to_8(one.margin),
            "ps": hold_word(one.hold),
        }
