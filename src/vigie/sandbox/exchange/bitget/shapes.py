"""How orders, trades, positions, plans, money and contracts are written in REST answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.core.grid import plain, shown
from vigie.sandbox.exchange.core.words import (
    Bill,
    Cause,
    Contract,
    Money,
    Order,
    Plan,
    PlanKind,
    Position,
    PositionMode,
    Trade,
)

COIN: Final = "USDT"
# The wire's name of each timeframe, what it is, and how many days back `candles` reaches.
GRANULARITY: Final = {
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
STATUS: Final = {"restricted": "restrictedAPI"}
_SOURCES: Final[dict[Cause, str]] = {
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
_ENTERED_BY: Final[dict[Cause, str]] = {"order": "API", "trigger": "API", "person": "WEB"}
_TO_8: Final = Decimal("1e-8")


def side_word(side: int) -> str:
    """Return ``buy`` or ``sell``."""
    return "buy" if side > 0 else "sell"


def hold_word(side: int) -> str:
    """Return ``long`` or ``short``."""
    return "long" if side > 0 else "short"


def order_side(side: int, hold: str, *, is_opening: bool) -> str:
    """Return the side as the venue writes it: in hedge mode the position's, opening and closing alike."""
    if hold == "net" or is_opening:
        return side_word(side)
    return side_word(-side)


def trade_side(side: int, hold: str, cause: Cause, *, is_opening: bool) -> str:
    """Return what the venue calls ``tradeSide``: who traded, and into which direction."""
    if hold != "net":
        plain_word = "open" if is_opening else "close"
        forced = {
            "liquidation": f"burst_close_{hold}",
            "adl": f"dte_sys_adl_close_{hold}",
            "delisting": f"delivery_close_{hold}",
        }
        return forced.get(cause, plain_word)
    word = side_word(side)
    forced = {
        "liquidation": f"burst_{word}_single",
        "adl": f"dte_sys_adl_{word}_in_single_side_mode",
        "delisting": f"delivery_{word}_single",
    }
    return forced.get(cause, f"{word}_single")


def order_source(cause: Cause, kind: str) -> str:
    """Return ``loss_market``, ``normal``, ..."""
    source = _SOURCES[cause]
    return source.replace("_market", "_limit") if kind == "limit" else source


def entered_by(cause: Cause) -> str:
    """Return where an order came from: ``API``, ``WEB`` or ``SYS``."""
    return _ENTERED_BY.get(cause, "SYS")


def margin_word(mode: str) -> str:
    """Return ``isolated`` or ``crossed``."""
    return mode


def order_fields(order: Order, mode: PositionMode, *, in_list: bool) -> dict[str, Any]:
    """Return an order; lists call its state ``status``, its detail ``state``."""
    opening = not order.reduce_only
    fields: dict[str, Any] = {
        "symbol": order.symbol,
        "size": plain(order.qty),
        "orderId": order.id,
        "clientOid": order.client_id,
        "baseVolume": plain(order.filled),
        "priceAvg": shown(order.average),
        "fee": plain(-order.fee),
        "price": shown(order.price),
        "side": order_side(order.side, order.hold, is_opening=opening),
        "force": order.force,
        "totalProfits": plain(order.profit),
        "posSide": order.hold,
        "marginCoin": COIN,
        "presetStopSurplusPrice": shown(order.target),
        "presetStopSurplusType": "fill_price" if order.target is not None else "",
        "presetStopSurplusExecutePrice": shown(order.target_limit),
        "presetStopLossPrice": shown(order.stop),
        "presetStopLossType": "fill_price" if order.stop is not None else "",
        "presetStopLossExecutePrice": shown(order.stop_limit),
        "quoteVolume": plain(_cost(order)),
        "orderType": order.kind,
        "leverage": plain(order.leverage),
        "marginMode": order.margin_mode,
        "reduceOnly": "YES" if order.reduce_only else "NO",
        "enterPointSource": entered_by(order.cause),
        "tradeSide": trade_side(order.side, order.hold, order.cause, is_opening=opening),
        "posMode": POSITION_MODES[mode],
        "orderSource": order_source(order.cause, order.kind),
        "cancelReason": order.reason,
        "cTime": str(order.ts),
        "uTime": str(order.ts_updated),
    }
    fields["status" if in_list else "state"] = ORDER_STATES[order.state]
    return fields


def _cost(order: Order) -> Decimal:
    return (order.average or Decimal(0)) * order.filled


def trade_fields(trade: Trade, mode: PositionMode, kind: str) -> dict[str, Any]:
    """Return a fill as REST tells it: without the client's id."""
    return {
        "tradeId": trade.id,
        "symbol": trade.symbol,
        "orderId": trade.order_id,
        "price": plain(trade.price),
        "baseVolume": plain(trade.qty),
        "feeDetail": [
            {"deduction": "no", "feeCoin": COIN, "totalDeductionFee": "0", "totalFee": plain(-trade.fee)}
        ],
        "side": order_side(trade.side, trade.hold, is_opening=trade.is_opening),
        "quoteVolume": plain(trade.price * trade.qty),
        "profit": plain(trade.profit),
        "enterPointSource": entered_by(trade.cause).lower(),
        "tradeSide": trade_side(trade.side, trade.hold, trade.cause, is_opening=trade.is_opening),
        "orderSource": order_source(trade.cause, kind),
        "posMode": POSITION_MODES[mode],
        "tradeScope": "maker" if trade.is_maker else "taker",
        "cTime": str(trade.ts),
        "uTime": str(trade.ts),
    }


def unrealised(position: Position, mark: Decimal | None) -> Decimal:
    """Return the open result at the mark."""
    return Decimal(0) if mark is None else position.side * position.qty * (mark - position.entry)


def position_fields(
    position: Position,
    mode: PositionMode,
    mark: Decimal | None,
    rate: Decimal,
    levels: Mapping[PlanKind, Plan],
) -> dict[str, Any]:
    """Return an open position; `levels` are the plans of the whole of it."""
    stop, target = levels.get("pos_stop"), levels.get("pos_target")
    gain = unrealised(position, mark)
    notional = position.qty * (mark or position.entry)
    equity = position.margin + gain
    return {
        "marginCoin": COIN,
        "symbol": position.symbol,
        "holdSide": hold_word(position.side),
        "openDelegateSize": "0",
        "marginSize": plain(position.margin.quantize(_TO_8)),
        "available": plain(position.qty),
        "locked": "0",
        "total": plain(position.qty),
        "leverage": plain(position.leverage),
        "achievedProfits": plain(position.realised),
        "openPriceAvg": plain(position.entry),
        "marginMode": position.margin_mode,
        "posMode": POSITION_MODES[mode],
        "unrealizedPL": plain(gain.quantize(_TO_8)),
        "liquidationPrice": "0" if position.liquidation is None else plain(position.liquidation),
        "keepMarginRate": plain(rate),
        "markPrice": shown(mark),
        "marginRatio": plain((notional * rate / equity).quantize(_TO_8)) if equity > 0 else "1",
        "breakEvenPrice": plain(position.entry),
        "totalFee": plain(position.funding),
        "deductedFee": plain(position.fees),
        "takeProfit": "" if target is None else plain(target.trigger),
        "stopLoss": "" if stop is None else plain(stop.trigger),
        "takeProfitId": "" if target is None else target.id,
        "stopLossId": "" if stop is None else stop.id,
        "assetMode": "single",
        "autoMargin": "off",
        "grant": "",
        "cTime": str(position.ts_entered),
        "uTime": str(position.ts_updated),
    }


def plan_fields(plan: Plan, mode: PositionMode, margin_mode: str) -> dict[str, Any]:
    """Return a plan: an order that waits for a price."""
    whole = plan.kind in ("pos_stop", "pos_target")
    level = plan.kind != "trigger"
    stop, target = plan.kind in ("stop", "pos_stop"), plan.kind in ("target", "pos_target")
    trigger, execute = plain(plan.trigger), shown(plan.price) or "0"
    by = TRIGGER_TYPES[plan.trigger_by]
    return {
        "planType": PLAN_TYPES[plan.kind],
        "symbol": plan.symbol,
        "size": "" if whole else shown(plan.qty),
        "orderId": plan.id,
        "executeOrderId": plan.order_id,
        "clientOid": plan.client_id,
        "price": shown(plan.price),
        "executePrice": execute,
        "callbackRatio": "",
        "triggerPrice": trigger,
        "triggerType": by,
        "planStatus": PLAN_STATES[plan.state],
        "side": order_side(plan.side, plan.hold, is_opening=not plan.reduce_only),
        "posSide": plan.hold,
        "marginCoin": COIN,
        "marginMode": margin_mode,
        "enterPointSource": "API",
        "tradeSide": trade_side(plan.side, plan.hold, "order", is_opening=not (level or plan.reduce_only)),
        "posMode": POSITION_MODES[mode],
        "orderType": "market" if plan.price is None else "limit",
        "reduceOnly": "YES" if plan.reduce_only else "NO",
        "stopSurplusTriggerPrice": trigger if target else "",
        "stopSurplusExecutePrice": execute if target else "",
        "stopSurplusTriggerType": by if target else "",
        "stopLossTriggerPrice": trigger if stop else "",
        "stopLossExecutePrice": execute if stop else "",
        "stopLossTriggerType": by if stop else "",
        "cTime": str(plan.ts),
        "uTime": str(plan.ts_updated),
    }


def money_fields(money: Money) -> dict[str, Any]:
    """Return an account's money."""
    available = plain(money.available)
    return {
        "marginCoin": COIN,
        "locked": plain(money.frozen),
        "available": plain(money.equity - money.frozen - money.margin + 0),
        "crossedMaxAvailable": available,
        "isolatedMaxAvailable": available,
        "maxTransferOut": available,
        "accountEquity": plain(money.equity),
        "usdtEquity": plain(money.equity),
        "btcEquity": "",
        "crossedRiskRate": "0",
        "unrealizedPL": plain(money.unrealised),
        "coupon": "0",
        "unionTotalMargin": "",
        "unionAvailable": "",
        "unionMm": "",
        "assetList": [],
        "isolatedMargin": plain(money.margin),
        "crossedMargin": "0",
        "crossedUnrealizedPL": "0",
        "isolatedUnrealizedPL": plain(money.unrealised),
        "assetMode": "single",
        "grant": "",
    }


def bill_fields(bill: Bill, mode: PositionMode) -> dict[str, Any]:
    """Return one booked change of cash."""
    return {
        "billId": bill.id,
        "symbol": bill.symbol,
        "amount": plain(bill.amount),
        "fee": plain(-bill.fee),
        "feeByCoupon": "",
        "businessType": business_type(bill, mode),
        "coin": COIN,
        "balance": plain(bill.cash),
        "cTime": str(bill.ts_booked),
        "uTime": str(bill.ts),
    }


def business_type(bill: Bill, mode: PositionMode) -> str:
    """Return what the venue calls a change of cash."""
    fixed = {
        "funding": "contract_settle_fee",
        "deposit": "trans_from_exchange",
        "withdrawal": "trans_to_exchange",
    }
    if bill.kind in fixed:
        return fixed[bill.kind]
    word = side_word(bill.side)
    if mode == "one_way":
        return f"burst_{word}" if bill.kind == "liquidation" else word
    held = hold_word(bill.side if bill.kind == "open" else -bill.side)
    return f"burst_close_{held}" if bill.kind == "liquidation" else f"{bill.kind}_{held}"


def grid(step: Decimal) -> tuple[int, int]:
    """Return decimals and multiple of a step: 0.05 is (2, 5)."""
    digits = step.normalize().as_tuple()
    exponent = int(digits.exponent)
    whole = int("".join(str(digit) for digit in digits.digits))
    return (-exponent, whole) if exponent < 0 else (0, whole * 10**exponent)


def contract_fields(contract: Contract, announced: Mapping[str, int]) -> dict[str, Any]:
    """Return the rules of a contract, and when it is taken away, limited or halted where that was announced."""
    price_place, end_step = grid(contract.tick)
    volume_place, _ = grid(contract.lot)
    most = "" if contract.max_qty is None else plain(contract.max_qty)
    return {
        "symbol": contract.symbol,
        "baseCoin": contract.base,
        "quoteCoin": contract.quote,
        "buyLimitPriceRatio": "0.05",
        "sellLimitPriceRatio": "0.05",
        "feeRateUpRatio": "0.005",
        "makerFeeRate": plain(contract.maker),
        "takerFeeRate": plain(contract.taker),
        "openCostUpRatio": "0.01",
        "supportMarginCoins": [COIN],
        "minTradeNum": plain(contract.min_qty or contract.lot),
        "priceEndStep": str(end_step),
        "volumePlace": str(volume_place),
        "pricePlace": str(price_place),
        "sizeMultiplier": plain(contract.lot),
        "symbolType": "perpetual",
        "minTradeUSDT": plain(contract.min_notional),
        "maxSymbolOrderNum": "200",
        "maxProductOrderNum": "1000",
        "maxPositionNum": "150",
        "symbolStatus": STATUS.get(contract.status, contract.status),
        "offTime": str(announced.get("off", -1)),
        "limitOpenTime": str(announced.get("limit_open", -1)),
        "deliveryTime": "",
        "deliveryStartTime": "",
        "deliveryPeriod": "",
        "launchTime": "",
        "fundInterval": str(contract.funding_hours),
        "minLever": "1",
        "maxLever": plain(contract.max_leverage),
        "posLimit": "0.1",
        "maintainTime": str(announced.get("maintain", "")),
        "maxMarketOrderQty": most,
        "maxOrderQty": most,
        "openTime": "",
        "isRwa": "NO",
    }
