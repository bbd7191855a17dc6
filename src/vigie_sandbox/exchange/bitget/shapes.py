"""How orders, trades, positions, plans, money and contracts are written in REST answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import (
    Bill,
    Contract,
    ExchangeTrade,
    Money,
    Order,
    PlanKind,
    PlanOrder,
    Position,
    PositionMode,
    TradeCause,
)
from vigie_sandbox.exchange.core.grid import format_decimal, format_optional

COIN: Final = "USDT"
# The wire's name of each timeframe, what it is, and how many days back `candles` reaches.
GRANULARITIES: Final = {
    "1m": ("1m", 30), "5m": ("5m", 30), "15m": ("15m", 52), "30m": ("30m", 62), "1H": ("1h", 83),
    "2H": ("2h", 120), "4H": ("4h", 240), "6Hutc": ("6h", 360), "12Hutc": ("12h", 720), "1Dutc": ("1d", 1440),
    "1Wutc": ("1w", 10_080),
}  # fmt: skip
POSITION_MODES: Final = {"one_way": "one_way_mode", "hedge": "hedge_mode"}
ORDER_STATES: Final = {
    "live": "live",
    "partial": "partially_filled",
    "filled": "filled",
    "cancelled": "canceled",
}
PLAN_TYPES: Final[dict[PlanKind, str]] = {
    "stop": "loss_plan",
    "target": "profit_plan",
    "pos_stop": "pos_loss",
    "pos_target": "pos_profit",
    "trigger": "normal_plan",
}
PLAN_STATES: Final = {
    "live": "live",
    "executed": "executed",
    "cancelled": "cancelled",
    "failed": "fail_execute",
}
TRIGGER_TYPES: Final = {"last": "fill_price", "mark": "mark_price"}
CONTRACT_STATUSES: Final = {"restricted": "restrictedAPI"}
_ORDER_SOURCES: Final[dict[TradeCause, str]] = {
    "order": "normal",
    "stop": "loss_market",
    "target": "profit_market",
    "pos_stop": "pos_loss_market",
    "pos_target": "pos_profit_market",
    "trigger": "plan_market",
    "liquidation": "liquidation",
    "adl": "adl",
    "person": "normal",
    "delisting": "delivery",
}
_ENTERED_BY: Final[dict[TradeCause, str]] = {"order": "API", "trigger": "API", "person": "WEB"}
_EIGHT_DECIMALS: Final = Decimal("1e-8")


def format_side(side: int) -> str:
    """Return ``buy`` or ``sell``."""
    return "buy" if side > 0 else "sell"


def format_hold_side(side: int) -> str:
    """Return ``long`` or ``short``."""
    return "long" if side > 0 else "short"


def format_order_side(side: int, hold: str, *, is_opening: bool) -> str:
    """Return the side as the venue writes it: in hedge mode the position's, opening and closing alike."""
    if hold == "net" or is_opening:
        return format_side(side)
    return format_side(-side)


def format_trade_side(side: int, hold: str, cause: TradeCause, *, is_opening: bool) -> str:
    """Return what the venue calls ``tradeSide``: who traded, and into which direction."""
    if hold != "net":
        plain_word = "open" if is_opening else "close"
        forced_words = {
            "liquidation": f"burst_close_{hold}",
            "adl": f"dte_sys_adl_close_{hold}",
            "delisting": f"delivery_close_{hold}",
        }
        return forced_words.get(cause, plain_word)
    word = format_side(side)
    forced_words = {
        "liquidation": f"burst_{word}_single",
        "adl": f"dte_sys_adl_{word}_in_single_side_mode",
        "delisting": f"delivery_{word}_single",
    }
    return forced_words.get(cause, f"{word}_single")


def format_order_source(cause: TradeCause, kind: str) -> str:
    """Return ``loss_market``, ``normal``, ..."""
    source = _ORDER_SOURCES[cause]
    return source.replace("_market", "_limit") if kind == "limit" else source


def format_enter_source(cause: TradeCause) -> str:
    """Return where an order came from: ``API``, ``WEB`` or ``SYS``."""
    return _ENTERED_BY.get(cause, "SYS")


def format_margin_mode(mode: str) -> str:
    """Return ``isolated`` or ``crossed``."""
    return mode


def make_order_fields(order: Order, mode: PositionMode, *, in_list: bool) -> dict[str, Any]:
    """Return an order; lists call its state ``status``, its detail ``state``."""
    is_opening = not order.reduce_only
    fields: dict[str, Any] = {
        "symbol": order.symbol,
        "size": format_decimal(order.qty),
        "orderId": order.id,
        "clientOid": order.client_id,
        "baseVolume": format_decimal(order.filled),
        "priceAvg": format_optional(order.average),
        "fee": format_decimal(-order.fee),
        "price": format_optional(order.price),
        "side": format_order_side(order.side, order.hold, is_opening=is_opening),
        "force": order.force,
        "totalProfits": format_decimal(order.profit),
        "posSide": order.hold,
        "marginCoin": COIN,
        "presetStopSurplusPrice": format_optional(order.target),
        "presetStopSurplusType": "fill_price" if order.target is not None else "",
        "presetStopSurplusExecutePrice": format_optional(order.target_limit),
        "presetStopLossPrice": format_optional(order.stop),
        "presetStopLossType": "fill_price" if order.stop is not None else "",
        "presetStopLossExecutePrice": format_optional(order.stop_limit),
        "quoteVolume": format_decimal(_filled_value(order)),
        "orderType": order.kind,
        "leverage": format_decimal(order.leverage),
        "marginMode": order.margin_mode,
        "reduceOnly": "YES" if order.reduce_only else "NO",
        "enterPointSource": format_enter_source(order.cause),
        "tradeSide": format_trade_side(order.side, order.hold, order.cause, is_opening=is_opening),
        "posMode": POSITION_MODES[mode],
        "orderSource": format_order_source(order.cause, order.kind),
        "cancelReason": order.reason,
        "cTime": str(order.ts),
        "uTime": str(order.ts_updated),
    }
    fields["status" if in_list else "state"] = ORDER_STATES[order.state]
    return fields


def _filled_value(order: Order) -> Decimal:
    return (order.average or Decimal(0)) * order.filled


def make_trade_fields(trade: ExchangeTrade, mode: PositionMode, kind: str) -> dict[str, Any]:
    """Return a fill as REST tells it: without the client's id."""
    return {
        "tradeId": trade.id,
        "symbol": trade.symbol,
        "orderId": trade.order_id,
        "price": format_decimal(trade.price),
        "baseVolume": format_decimal(trade.qty),
        "feeDetail": [
            {
                "deduction": "no",
                "feeCoin": COIN,
                "totalDeductionFee": "0",
                "totalFee": format_decimal(-trade.fee),
            }
        ],
        "side": format_order_side(trade.side, trade.hold, is_opening=trade.is_opening),
        "quoteVolume": format_decimal(trade.price * trade.qty),
        "profit": format_decimal(trade.profit),
        "enterPointSource": format_enter_source(trade.cause).lower(),
        "tradeSide": format_trade_side(trade.side, trade.hold, trade.cause, is_opening=trade.is_opening),
        "orderSource": format_order_source(trade.cause, kind),
        "posMode": POSITION_MODES[mode],
        "tradeScope": "maker" if trade.is_maker else "taker",
        "cTime": str(trade.ts),
        "uTime": str(trade.ts),
    }


def compute_unrealised_at_mark(position: Position, mark: Decimal | None) -> Decimal:
    """Return the open result at the mark."""
    return Decimal(0) if mark is None else position.side * position.qty * (mark - position.entry)


def make_position_fields(
    position: Position,
    mode: PositionMode,
    mark: Decimal | None,
    rate: Decimal,
    levels: Mapping[PlanKind, PlanOrder],
) -> dict[str, Any]:
    """Return an open position; `levels` are the plans of the whole of it."""
    stop, target = levels.get("pos_stop"), levels.get("pos_target")
    unrealised_pnl = compute_unrealised_at_mark(position, mark)
    notional = position.qty * (mark or position.entry)
    equity = position.margin + unrealised_pnl
    return {
        "marginCoin": COIN,
        "symbol": position.symbol,
        "holdSide": format_hold_side(position.side),
        "openDelegateSize": "0",
        "marginSize": format_decimal(position.margin.quantize(_EIGHT_DECIMALS)),
        "available": format_decimal(position.qty),
        "locked": "0",
        "total": format_decimal(position.qty),
        "leverage": format_decimal(position.leverage),
        "achievedProfits": format_decimal(position.realised),
        "openPriceAvg": format_decimal(position.entry),
        "marginMode": position.margin_mode,
        "posMode": POSITION_MODES[mode],
        "unrealizedPL": format_decimal(unrealised_pnl.quantize(_EIGHT_DECIMALS)),
        "liquidationPrice": "0" if position.liquidation is None else format_decimal(position.liquidation),
        "keepMarginRate": format_decimal(rate),
        "markPrice": format_optional(mark),
        "marginRatio": format_decimal((notional * rate / equity).quantize(_EIGHT_DECIMALS))
        if equity > 0
        else "1",
        "breakEvenPrice": format_decimal(position.entry),
        "totalFee": format_decimal(position.funding),
        "deductedFee": format_decimal(position.fees),
        "takeProfit": "" if target is None else format_decimal(target.trigger),
        "stopLoss": "" if stop is None else format_decimal(stop.trigger),
        "takeProfitId": "" if target is None else target.id,
        "stopLossId": "" if stop is None else stop.id,
        "assetMode": "single",
        "autoMargin": "off",
        "grant": "",
        "cTime": str(position.ts_entered),
        "uTime": str(position.ts_updated),
    }


def make_plan_fields(plan: PlanOrder, mode: PositionMode, margin_mode: str) -> dict[str, Any]:
    """Return a plan: an order that waits for a price."""
    is_whole = plan.kind in ("pos_stop", "pos_target")
    is_level = plan.kind != "trigger"
    is_stop, is_target = plan.kind in ("stop", "pos_stop"), plan.kind in ("target", "pos_target")
    trigger, execute_price = format_decimal(plan.trigger), format_optional(plan.price) or "0"
    trigger_type = TRIGGER_TYPES[plan.trigger_by]
    return {
        "planType": PLAN_TYPES[plan.kind],
        "symbol": plan.symbol,
        "size": "" if is_whole else format_optional(plan.qty),
        "orderId": plan.id,
        "executeOrderId": plan.order_id,
        "clientOid": plan.client_id,
        "price": format_optional(plan.price),
        "executePrice": execute_price,
        "callbackRatio": "",
        "triggerPrice": trigger,
        "triggerType": trigger_type,
        "planStatus": PLAN_STATES[plan.state],
        "side": format_order_side(plan.side, plan.hold, is_opening=not plan.reduce_only),
        "posSide": plan.hold,
        "marginCoin": COIN,
        "marginMode": margin_mode,
        "enterPointSource": "API",
        "tradeSide": format_trade_side(
            plan.side, plan.hold, "order", is_opening=not (is_level or plan.reduce_only)
        ),
        "posMode": POSITION_MODES[mode],
        "orderType": "market" if plan.price is None else "limit",
        "reduceOnly": "YES" if plan.reduce_only else "NO",
        "stopSurplusTriggerPrice": trigger if is_target else "",
        "stopSurplusExecutePrice": execute_price if is_target else "",
        "stopSurplusTriggerType": trigger_type if is_target else "",
        "stopLossTriggerPrice": trigger if is_stop else "",
        "stopLossExecutePrice": execute_price if is_stop else "",
        "stopLossTriggerType": trigger_type if is_stop else "",
        "cTime": str(plan.ts),
        "uTime": str(plan.ts_updated),
    }


def make_money_fields(money: Money) -> dict[str, Any]:
    """Return an account's money."""
    available = format_decimal(money.available)
    return {
        "marginCoin": COIN,
        "locked": format_decimal(money.frozen),
        "available": format_decimal(money.equity - money.frozen - money.margin + 0),
        "crossedMaxAvailable": available,
        "isolatedMaxAvailable": available,
        "maxTransferOut": available,
        "accountEquity": format_decimal(money.equity),
        "usdtEquity": format_decimal(money.equity),
        "btcEquity": "",
        "crossedRiskRate": "0",
        "unrealizedPL": format_decimal(money.unrealised),
        "coupon": "0",
        "unionTotalMargin": "",
        "unionAvailable": "",
        "unionMm": "",
        "assetList": [],
        "isolatedMargin": format_decimal(money.margin),
        "crossedMargin": "0",
        "crossedUnrealizedPL": "0",
        "isolatedUnrealizedPL": format_decimal(money.unrealised),
        "assetMode": "single",
        "grant": "",
    }


def make_bill_fields(bill: Bill, mode: PositionMode) -> dict[str, Any]:
    """Return one booked change of cash."""
    return {
        "billId": bill.id,
        "symbol": bill.symbol,
        "amount": format_decimal(bill.amount),
        "fee": format_decimal(-bill.fee),
        "feeByCoupon": "",
        "businessType": format_business_type(bill, mode),
        "coin": COIN,
        "balance": format_decimal(bill.cash),
        "cTime": str(bill.ts_booked),
        "uTime": str(bill.ts),
    }


def format_business_type(bill: Bill, mode: PositionMode) -> str:
    """Return what the venue calls a change of cash."""
    fixed_types = {
        "funding": "contract_settle_fee",
        "deposit": "trans_from_exchange",
        "withdrawal": "trans_to_exchange",
    }
    if bill.kind in fixed_types:
        return fixed_types[bill.kind]
    word = format_side(bill.side)
    if mode == "one_way":
        return f"burst_{word}" if bill.kind == "liquidation" else word
    hold_side = format_hold_side(bill.side if bill.kind == "open" else -bill.side)
    return f"burst_close_{hold_side}" if bill.kind == "liquidation" else f"{bill.kind}_{hold_side}"


def split_step(step: Decimal) -> tuple[int, int]:
    """Return decimals and multiple of a step: 0.05 is (2, 5)."""
    digits = step.normalize().as_tuple()
    exponent = int(digits.exponent)
    multiple = int("".join(str(digit) for digit in digits.digits))
    return (-exponent, multiple) if exponent < 0 else (0, multiple * 10**exponent)


def make_contract_fields(contract: Contract, announced: Mapping[str, int]) -> dict[str, Any]:
    """Return the rules of a contract, and when it is taken away, limited or halted where that was announced."""
    price_place, end_step = split_step(contract.tick)
    volume_place, _ = split_step(contract.lot)
    max_qty = "" if contract.max_qty is None else format_decimal(contract.max_qty)
    return {
        "symbol": contract.symbol,
        "baseCoin": contract.base,
        "quoteCoin": contract.quote,
        "buyLimitPriceRatio": "0.05",
        "sellLimitPriceRatio": "0.05",
        "feeRateUpRatio": "0.005",
        "makerFeeRate": format_decimal(contract.maker),
        "takerFeeRate": format_decimal(contract.taker),
        "openCostUpRatio": "0.01",
        "supportMarginCoins": [COIN],
        "minTradeNum": format_decimal(contract.min_qty or contract.lot),
        "priceEndStep": str(end_step),
        "volumePlace": str(volume_place),
        "pricePlace": str(price_place),
        "sizeMultiplier": format_decimal(contract.lot),
        "symbolType": "perpetual",
        "minTradeUSDT": format_decimal(contract.min_notional),
        "maxSymbolOrderNum": "200",
        "maxProductOrderNum": "1000",
        "maxPositionNum": "150",
        "symbolStatus": CONTRACT_STATUSES.get(contract.status, contract.status),
        "offTime": str(announced.get("off", -1)),
        "limitOpenTime": str(announced.get("limit_open", -1)),
        "deliveryTime": "",
        "deliveryStartTime": "",
        "deliveryPeriod": "",
        "launchTime": "",
        "fundInterval": str(contract.funding_hours),
        "minLever": "1",
        "maxLever": format_decimal(contract.max_leverage),
        "posLimit": "0.1",
        "maintainTime": str(announced.get("maintain", "")),
        "maxMarketOrderQty": max_qty,
        "maxOrderQty": max_qty,
        "openTime": "",
        "isRwa": "NO",
    }
