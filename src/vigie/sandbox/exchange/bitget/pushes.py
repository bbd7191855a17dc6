"""What private channels push: orders, orders-algo, fill, positions, account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.bitget.shapes import (
    COIN,
    ORDER_STATES,
    PLAN_STATES,
    POSITION_MODES,
    TRIGGER_TYPES,
    entered_by,
    hold_word,
    order_side,
    trade_side,
    unrealised,
)
from vigie.sandbox.exchange.core.grid import plain, shown
from vigie.sandbox.exchange.core.words import Event, Money, Order, Plan, Position, PositionMode, Trade
from vigie.sandbox.exchange.desk import Clerk, Desk

PRIVATE: Final = ("orders", "orders-algo", "fill", "positions", "account")
# REST and stream do not spell the end of an order alike.
_STATES: Final = ORDER_STATES | {"cancelled": "canceled"}
_ALGO: Final = {
    "stop": "sl", "target": "tp", "pos_stop": "sl", "pos_target": "tp", "trigger": "pl",
}  # fmt: skip
_TO_8: Final = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class Push:
    """One push of a private channel.

    Attributes
    ----------
    symbol : str
        Of what it tells; empty where it tells of all.
    """

    account: str
    channel: str
    symbol: str
    data: list[dict[str, Any]]


class Pushes(Clerk):
    """Makes pushes of what has happened."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._trades: dict[str, Trade] = {}

    def of(self, events: Iterable[Event]) -> list[Push]:
        """Return the pushes of some events, in their order; positions and money are told once, as they end up."""
        events = list(events)
        for event in events:
            if isinstance(event.body, Trade):
                self._trades[event.body.order_id] = event.body
        found: list[Push] = []
        lists: dict[str, set[str]] = {}
        for event in events:
            body = event.body
            if isinstance(body, Order):
                found.append(Push(event.account, "orders", body.symbol, [self._order(event.account, body)]))
            elif isinstance(body, Plan):
                mode = self._mode(event.account)
                found.append(
                    Push(event.account, "orders-algo", body.symbol, [self._plan(event.account, body, mode)])
                )
            elif isinstance(body, Trade):
                found.append(Push(event.account, "fill", body.symbol, [self._fill(event.account, body)]))
                lists.setdefault(event.account, set()).update(("positions", "account"))
            elif isinstance(body, Position):
                lists.setdefault(event.account, set()).add("positions")
            elif event.kind in ("balance", "bill"):
                lists.setdefault(event.account, set()).add("account")
        for account, channels in lists.items():
            found += [
                self.now(account, channel) for channel in ("positions", "account") if channel in channels
            ]
        return found

    def now(self, account: str, channel: str) -> Push:
        """Return positions or money as they are."""
        if channel == "positions":
            mode = self._mode(account)
            open_now = [self._position(one, mode) for one in self._desk.exchange.positions(account)]
            return Push(account, channel, "", open_now)
        return Push(account, channel, "", [money_push(self._desk.exchange.money(account))])

    def _mode(self, account: str) -> PositionMode:
        return self._desk.exchange.position_mode(account)

    def _order(self, account: str, order: Order) -> dict[str, Any]:
        mode, opening = self._mode(account), not order.reduce_only
        pushed = {
            "accBaseVolume": plain(order.filled),
            "cTime": str(order.ts),
            "cancelReason": order.reason,
            "clientOid": order.client_id,
            "enterPointSource": entered_by(order.cause),
            "feeDetail": [{"feeCoin": COIN, "fee": plain(-order.fee)}],
            "force": order.force,
            "instId": order.symbol,
            "leverage": plain(order.leverage),
            "marginCoin": COIN,
            "marginMode": order.margin_mode,
            "notionalUsd": plain((order.qty * (order.average or order.price or Decimal(0))).quantize(_TO_8)),
            "orderId": order.id,
            "orderType": order.kind,
            "posMode": POSITION_MODES[mode],
            "posSide": order.hold,
            "presetStopLossExecutePrice": shown(order.stop_limit),
            "presetStopLossPrice": shown(order.stop),
            "presetStopLossType": "fill_price" if order.stop is not None else "",
            "presetStopSurplusExecutePrice": shown(order.target_limit),
            "presetStopSurplusPrice": shown(order.target),
            "presetStopSurplusType": "fill_price" if order.target is not None else "",
            "price": shown(order.price) or "0",
            "reduceOnly": "yes" if order.reduce_only else "no",
            "side": order_side(order.side, order.hold, is_opening=opening),
            "size": plain(order.qty),
            "status": _STATES[order.state],
            "stpMode": "none",
            "totalProfits": plain(order.profit),
            "tradeSide": trade_side(order.side, order.hold, order.cause, is_opening=opening),
            "uTime": str(order.ts_updated),
        }
        trade = self._trades.get(order.id)
        return pushed if trade is None else pushed | self._last_fill(order, trade)

    def _last_fill(self, order: Order, trade: Trade) -> dict[str, Any]:
        return {
            "baseVolume": plain(trade.qty),
            "fillFee": plain(-trade.fee),
            "fillFeeCoin": COIN,
            "fillNotionalUsd": plain(trade.qty * trade.price),
            "fillPrice": plain(trade.price),
            "fillTime": str(trade.ts),
            "pnl": plain(trade.profit),
            "priceAvg": shown(order.average),
            "tradeId": trade.id,
            "tradeScope": "M" if trade.is_maker else "T",
        }

    def _fill(self, account: str, trade: Trade) -> dict[str, Any]:
        return {
            "orderId": trade.order_id,
            "clientOid": trade.client_id,
            "tradeId": trade.id,
            "symbol": trade.symbol,
            "orderType": self._desk.kind_of(account, trade),
            # Here the side is that of the trade, in hedge mode too.
            "side": "buy" if trade.side > 0 else "sell",
            "price": plain(trade.price),
            "baseVolume": plain(trade.qty),
            "quoteVolume": plain(trade.price * trade.qty),
            "profit": plain(trade.profit),
            "tradeSide": trade_side(trade.side, trade.hold, trade.cause, is_opening=trade.is_opening),
            "posMode": POSITION_MODES[self._mode(account)],
            "tradeScope": "maker" if trade.is_maker else "taker",
            "feeDetail": [
                {"feeCoin": COIN, "deduction": "no", "totalDeductionFee": "0", "totalFee": plain(-trade.fee)}
            ],
            "cTime": str(trade.ts),
            "uTime": str(trade.ts),
        }

    def _position(self, one: Position, mode: PositionMode) -> dict[str, Any]:
        mark = self._desk.mark(one.symbol)
        gain = unrealised(one, mark)
        rate = self._desk.exchange.contract(one.symbol).maintenance_rate
        share = gain / one.margin if one.margin else Decimal(0)
        return {
            "posId": str(one.ts_entered),
            "instId": one.symbol,
            "marginCoin": COIN,
            "marginSize": plain(one.margin.quantize(_TO_8)),
            "marginMode": one.margin_mode,
            "holdSide": hold_word(one.side),
            "posMode": POSITION_MODES[mode],
            "total": plain(one.qty),
            "available": plain(one.qty),
            "frozen": "0",
            "openPriceAvg": plain(one.entry),
            # The one number in a push that is not written as text.
            "leverage": int(one.leverage),
            "achievedProfits": plain(one.realised),
            "unrealizedPL": plain(gain.quantize(_TO_8)),
            "unrealizedPLR": plain(share.quantize(_TO_8)),
            "liquidationPrice": "0" if one.liquidation is None else plain(one.liquidation),
            "keepMarginRate": plain(rate),
            "marginRate": "0",
            "cTime": str(one.ts_entered),
            "breakEvenPrice": plain(one.entry),
            "totalFee": plain(one.funding),
            "deductedFee": plain(one.fees),
            "markPrice": shown(mark),
            "uTime": str(one.ts_updated),
            "assetMode": "single",
            "autoMargin": "off",
        }

    def _plan(self, account: str, plan: Plan, mode: PositionMode) -> dict[str, Any]:
        stop, target = plan.kind in ("stop", "pos_stop"), plan.kind in ("target", "pos_target")
        by, trigger = TRIGGER_TYPES[plan.trigger_by], plain(plan.trigger)
        return {
            "instId": plan.symbol,
            "orderId": plan.id,
            "clientOid": plan.client_id,
            "triggerPrice": trigger,
            "triggerType": by,
            "triggerTime": str(plan.ts_updated) if plan.state == "executed" else "",
            "planType": _ALGO[plan.kind],
            "price": shown(plan.price) or trigger,
            "executePrice": shown(plan.price) or "0",
            "size": shown(plan.qty) or "0",
            "actualSize": shown(plan.qty) if plan.state == "executed" else "0",
            "orderType": "market" if plan.price is None else "limit",
            "side": order_side(plan.side, plan.hold, is_opening=not plan.reduce_only),
            "tradeSide": trade_side(plan.side, plan.hold, "order", is_opening=not plan.reduce_only),
            "posSide": plan.hold,
            "marginCoin": COIN,
            "marginMode": self._desk.exchange.margin_mode(account, plan.symbol),
            "status": PLAN_STATES[plan.state],
            "posMode": POSITION_MODES[mode],
            "enterPointSource": "API",
            "stopSurplusPrice": "",
            "stopSurplusTriggerPrice": trigger if target else "",
            "stopSurplusTriggerType": by if target else "",
            "stopLossPrice": "",
            "stopLossTriggerPrice": trigger if stop else "",
            "stopLossTriggerType": by if stop else "",
            "stpMode": "none",
            "cTime": str(plan.ts),
            "uTime": str(plan.ts_updated),
        }


def money_push(money: Money) -> dict[str, Any]:
    """Return an account's money as the account channel writes it."""
    available = plain(money.available)
    return {
        "marginCoin": COIN,
        "frozen": plain(money.frozen + money.margin),
        "available": plain(money.equity - money.frozen - money.margin),
        "maxOpenPosAvailable": available,
        "maxTransferOut": available,
        "equity": plain(money.equity),
        "usdtEquity": plain(money.equity),
        "crossedRiskRate": "0",
        "unrealizedPL": plain(money.unrealised),
    }
