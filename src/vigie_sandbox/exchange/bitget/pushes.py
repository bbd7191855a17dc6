"""What private channels push: orders, orders-algo, fill, positions, account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.bitget.shapes import (
    COIN,
    ORDER_STATES,
    PLAN_STATES,
    POSITION_MODES,
    TRIGGER_TYPES,
    compute_unrealised_at_mark,
    format_enter_source,
    format_hold_side,
    format_order_side,
    format_trade_side,
)
from vigie_sandbox.exchange.core.entities import (
    ExchangeEvent,
    ExchangeTrade,
    Money,
    Order,
    PlanOrder,
    Position,
    PositionMode,
)
from vigie_sandbox.exchange.core.grid import format_decimal, format_optional
from vigie_sandbox.exchange.venue_context import VenueContext, VenueService

PRIVATE_CHANNELS: Final = ("orders", "orders-algo", "fill", "positions", "account")
# REST and stream do not spell the end of an order alike.
_ORDER_STATES: Final = ORDER_STATES | {"cancelled": "canceled"}
_PLAN_TYPES: Final = {
    "stop": "sl", "target": "tp", "pos_stop": "sl", "pos_target": "tp", "trigger": "pl",
}  # fmt: skip
_EIGHT_DECIMALS: Final = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class BitgetPush:
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


class BitgetPushWriter(VenueService):
    """Makes pushes of what has happened."""

    def __init__(self, context: VenueContext) -> None:
        super().__init__(context)
        self._last_trades: dict[str, ExchangeTrade] = {}

    def make_pushes(self, events: Iterable[ExchangeEvent]) -> list[BitgetPush]:
        """Return the pushes of some events, in their order; positions and money are told once, as they end up."""
        events = list(events)
        for event in events:
            if isinstance(event.body, ExchangeTrade):
                self._last_trades[event.body.order_id] = event.body
        pushes: list[BitgetPush] = []
        channels_by_account: dict[str, set[str]] = {}
        for event in events:
            body = event.body
            if isinstance(body, Order):
                pushes.append(
                    BitgetPush(event.account, "orders", body.symbol, [self._order_row(event.account, body)])
                )
            elif isinstance(body, PlanOrder):
                mode = self._get_position_mode(event.account)
                pushes.append(
                    BitgetPush(
                        event.account, "orders-algo", body.symbol, [self._plan_row(event.account, body, mode)]
                    )
                )
            elif isinstance(body, ExchangeTrade):
                pushes.append(
                    BitgetPush(event.account, "fill", body.symbol, [self._fill_row(event.account, body)])
                )
                channels_by_account.setdefault(event.account, set()).update(("positions", "account"))
            elif isinstance(body, Position):
                channels_by_account.setdefault(event.account, set()).add("positions")
            elif event.kind in ("balance", "bill"):
                channels_by_account.setdefault(event.account, set()).add("account")
        for account, channels in channels_by_account.items():
            pushes += [
                self.make_snapshot(account, channel)
                for channel in ("positions", "account")
                if channel in channels
            ]
        return pushes

    def make_snapshot(self, account: str, channel: str) -> BitgetPush:
        """Return positions or money as they are."""
        if channel == "positions":
            mode = self._get_position_mode(account)
            rows = [
                self._position_row(position, mode) for position in self._context.exchange.positions(account)
            ]
            return BitgetPush(account, channel, "", rows)
        return BitgetPush(account, channel, "", [make_money_row(self._context.exchange.money(account))])

    def _get_position_mode(self, account: str) -> PositionMode:
        return self._context.exchange.position_mode(account)

    def _order_row(self, account: str, order: Order) -> dict[str, Any]:
        mode, is_opening = self._get_position_mode(account), not order.reduce_only
        row = {
            "accBaseVolume": format_decimal(order.filled),
            "cTime": str(order.ts),
            "cancelReason": order.reason,
            "clientOid": order.client_id,
            "enterPointSource": format_enter_source(order.cause),
            "feeDetail": [{"feeCoin": COIN, "fee": format_decimal(-order.fee)}],
            "force": order.force,
            "instId": order.symbol,
            "leverage": format_decimal(order.leverage),
            "marginCoin": COIN,
            "marginMode": order.margin_mode,
            "notionalUsd": format_decimal(
                (order.qty * (order.average or order.price or Decimal(0))).quantize(_EIGHT_DECIMALS)
            ),
            "orderId": order.id,
            "orderType": order.kind,
            "posMode": POSITION_MODES[mode],
            "posSide": order.hold,
            "presetStopLossExecutePrice": format_optional(order.stop_limit),
            "presetStopLossPrice": format_optional(order.stop),
            "presetStopLossType": "fill_price" if order.stop is not None else "",
            "presetStopSurplusExecutePrice": format_optional(order.target_limit),
            "presetStopSurplusPrice": format_optional(order.target),
            "presetStopSurplusType": "fill_price" if order.target is not None else "",
            "price": format_optional(order.price) or "0",
            "reduceOnly": "yes" if order.reduce_only else "no",
            "side": format_order_side(order.side, order.hold, is_opening=is_opening),
            "size": format_decimal(order.qty),
            "status": _ORDER_STATES[order.state],
            "stpMode": "none",
            "totalProfits": format_decimal(order.profit),
            "tradeSide": format_trade_side(order.side, order.hold, order.cause, is_opening=is_opening),
            "uTime": str(order.ts_updated),
        }
        trade = self._last_trades.get(order.id)
        return row if trade is None else row | self._last_fill_fields(order, trade)

    def _last_fill_fields(self, order: Order, trade: ExchangeTrade) -> dict[str, Any]:
        return {
            "baseVolume": format_decimal(trade.qty),
            "fillFee": format_decimal(-trade.fee),
            "fillFeeCoin": COIN,
            "fillNotionalUsd": format_decimal(trade.qty * trade.price),
            "fillPrice": format_decimal(trade.price),
            "fillTime": str(trade.ts),
            "pnl": format_decimal(trade.profit),
            "priceAvg": format_optional(order.average),
            "tradeId": trade.id,
            "tradeScope": "M" if trade.is_maker else "T",
        }

    def _fill_row(self, account: str, trade: ExchangeTrade) -> dict[str, Any]:
        return {
            "orderId": trade.order_id,
            "clientOid": trade.client_id,
            "tradeId": trade.id,
            "symbol": trade.symbol,
            "orderType": self._context.get_order_kind(account, trade),
            # Here the side is that of the trade, in hedge mode too.
            "side": "buy" if trade.side > 0 else "sell",
            "price": format_decimal(trade.price),
            "baseVolume": format_decimal(trade.qty),
            "quoteVolume": format_decimal(trade.price * trade.qty),
            "profit": format_decimal(trade.profit),
            "tradeSide": format_trade_side(trade.side, trade.hold, trade.cause, is_opening=trade.is_opening),
            "posMode": POSITION_MODES[self._get_position_mode(account)],
            "tradeScope": "maker" if trade.is_maker else "taker",
            "feeDetail": [
                {
                    "feeCoin": COIN,
                    "deduction": "no",
                    "totalDeductionFee": "0",
                    "totalFee": format_decimal(-trade.fee),
                }
            ],
            "cTime": str(trade.ts),
            "uTime": str(trade.ts),
        }

    def _position_row(self, position: Position, mode: PositionMode) -> dict[str, Any]:
        mark = self._context.mark(position.symbol)
        unrealised_pnl = compute_unrealised_at_mark(position, mark)
        rate = self._context.exchange.contract(position.symbol).maintenance_rate
        share = unrealised_pnl / position.margin if position.margin else Decimal(0)
        return {
            "posId": str(position.ts_entered),
            "instId": position.symbol,
            "marginCoin": COIN,
            "marginSize": format_decimal(position.margin.quantize(_EIGHT_DECIMALS)),
            "marginMode": position.margin_mode,
            "holdSide": format_hold_side(position.side),
            "posMode": POSITION_MODES[mode],
            "total": format_decimal(position.qty),
            "available": format_decimal(position.qty),
            "frozen": "0",
            "openPriceAvg": format_decimal(position.entry),
            # The one number in a push that is not written as text.
            "leverage": int(position.leverage),
            "achievedProfits": format_decimal(position.realised),
            "unrealizedPL": format_decimal(unrealised_pnl.quantize(_EIGHT_DECIMALS)),
            "unrealizedPLR": format_decimal(share.quantize(_EIGHT_DECIMALS)),
            "liquidationPrice": "0" if position.liquidation is None else format_decimal(position.liquidation),
            "keepMarginRate": format_decimal(rate),
            "marginRate": "0",
            "cTime": str(position.ts_entered),
            "breakEvenPrice": format_decimal(position.entry),
            "totalFee": format_decimal(position.funding),
            "deductedFee": format_decimal(position.fees),
            "markPrice": format_optional(mark),
            "uTime": str(position.ts_updated),
            "assetMode": "single",
            "autoMargin": "off",
        }

    def _plan_row(self, account: str, plan: PlanOrder, mode: PositionMode) -> dict[str, Any]:
        is_stop, is_target = plan.kind in ("stop", "pos_stop"), plan.kind in ("target", "pos_target")
        trigger_type, trigger = TRIGGER_TYPES[plan.trigger_by], format_decimal(plan.trigger)
        return {
            "instId": plan.symbol,
            "orderId": plan.id,
            "clientOid": plan.client_id,
            "triggerPrice": trigger,
            "triggerType": trigger_type,
            "triggerTime": str(plan.ts_updated) if plan.state == "executed" else "",
            "planType": _PLAN_TYPES[plan.kind],
            "price": format_optional(plan.price) or trigger,
            "executePrice": format_optional(plan.price) or "0",
            "size": format_optional(plan.qty) or "0",
            "actualSize": format_optional(plan.qty) if plan.state == "executed" else "0",
            "orderType": "market" if plan.price is None else "limit",
            "side": format_order_side(plan.side, plan.hold, is_opening=not plan.reduce_only),
            "tradeSide": format_trade_side(plan.side, plan.hold, "order", is_opening=not plan.reduce_only),
            "posSide": plan.hold,
            "marginCoin": COIN,
            "marginMode": self._context.exchange.margin_mode(account, plan.symbol),
            "status": PLAN_STATES[plan.state],
            "posMode": POSITION_MODES[mode],
            "enterPointSource": "API",
            "stopSurplusPrice": "",
            "stopSurplusTriggerPrice": trigger if is_target else "",
            "stopSurplusTriggerType": trigger_type if is_target else "",
            "stopLossPrice": "",
            "stopLossTriggerPrice": trigger if is_stop else "",
            "stopLossTriggerType": trigger_type if is_stop else "",
            "stpMode": "none",
            "cTime": str(plan.ts),
            "uTime": str(plan.ts_updated),
        }


def make_money_row(money: Money) -> dict[str, Any]:
    """Return an account's money as the account channel writes it."""
    available = format_decimal(money.available)
    return {
        "marginCoin": COIN,
        "frozen": format_decimal(money.frozen + money.margin),
        "available": format_decimal(money.equity - money.frozen - money.margin),
        "maxOpenPosAvailable": available,
        "maxTransferOut": available,
        "equity": format_decimal(money.equity),
        "usdtEquity": format_decimal(money.equity),
        "crossedRiskRate": "0",
        "unrealizedPL": format_decimal(money.unrealised),
    }
