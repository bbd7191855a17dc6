"""How orders, trades, positions, plans, money and contracts are written in REST answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.binance.envelope import COIN
from vigie.sandbox.exchange.binance.names import shown_id
from vigie.sandbox.exchange.core.account import gain
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import (
    Bill,
    Cause,
    Contract,
    Force,
    Money,
    Order,
    Plan,
    PlanKind,
    Position,
    Trade,
)
from vigie.sandbox.exchange.quotes import Candle
from vigie.sandbox.exchange.tape import Print

ORDER_STATES: Final = {
    "live": "NEW",
    "partial": "PARTIALLY_FILLED",
    "filled": "FILLED",
    "cancelled": "CANCELED",
}
FORCES: Final[dict[Force, str]] = {"gtc": "GTC", "ioc": "IOC", "fok": "FOK", "post_only": "GTX"}
_ALGO_STATES: Final = {"live": "NEW", "executed": "FINISHED", "cancelled": "CANCELED", "failed": "REJECTED"}
# Whoever made an order that no client asked for is told by its id.
_MADE_BY: Final[dict[Cause, str]] = {
    "liquidation": "autoclose-",
    "adl": "adl_autoclose-",
    "delisting": "settlement_autoclose-",
    "person": "web_",
}
WHOLE: Final[tuple[PlanKind, ...]] = ("pos_stop", "pos_target")
INCOME: Final = {
    "funding": "FUNDING_FEE",
    "deposit": "TRANSFER",
    "withdrawal": "TRANSFER",
    "liquidation": "REALIZED_PNL",
    "close": "REALIZED_PNL",
}
_TO_8: Final = Decimal("1e-8")
_STATUS: Final = {"normal": "TRADING", "off": "CLOSE", "listed": "PENDING_TRADING"}
_FAR_MS: Final = 4_133_404_800_000


def to_8(number: Decimal) -> str:
    """Write a number to eight places."""
    return plain(number.quantize(_TO_8))


def side_word(side: int) -> str:
    """Return ``BUY`` or ``SELL``."""
    return "BUY" if side > 0 else "SELL"


def hold_word(hold: str) -> str:
    """Return ``BOTH``, ``LONG`` or ``SHORT``."""
    return "BOTH" if hold == "net" else hold.upper()


def client_id_of(order: Order) -> str:
    """Return the client's id of an order, or what the venue calls one of its own."""
    return _MADE_BY[order.cause] + str(order.ts) if order.cause in _MADE_BY else shown_id(order.client_id)


def state_of(order: Order) -> str:
    """Return the state of an order: what was not cancelled by its owner, or a countdown of the owner, has expired."""
    if order.state == "cancelled" and order.reason not in ("asked", "modified", "countdown"):
        return "EXPIRED"
    return ORDER_STATES[order.state]


def order_fields(order: Order) -> dict[str, Any]:
    """Return an order."""
    average = order.average or Decimal(0)
    return {
        "orderId": int(order.id),
        "symbol": order.symbol,
        "status": state_of(order),
        "clientOrderId": client_id_of(order),
        "price": plain(order.price or Decimal(0)),
        "avgPrice": plain(average),
        "origQty": plain(order.qty),
        "executedQty": plain(order.filled),
        "cumQty": plain(order.filled),
        "cumQuote": plain(average * order.filled),
        "timeInForce": FORCES[order.force],
        "type": order.kind.upper(),
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": side_word(order.side),
        "positionSide": hold_word(order.hold),
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "priceProtect": False,
        # What a conditional order made is a plain order: its own service knows which one.
        "origType": order.kind.upper(),
        "time": order.ts,
        "updateTime": order.ts_updated,
    }


def trade_fields(trade: Trade) -> dict[str, Any]:
    """Return a fill: without the client's id, and without why it was made."""
    return {
        "symbol": trade.symbol,
        "id": int(trade.id),
        "orderId": int(trade.order_id),
        "side": side_word(trade.side),
        "price": plain(trade.price),
        "qty": plain(trade.qty),
        "realizedPnl": plain(trade.profit),
        "quoteQty": plain(trade.price * trade.qty),
        "commission": plain(trade.fee),
        "commissionAsset": COIN,
        "time": trade.ts,
        "positionSide": hold_word(trade.hold),
        "buyer": trade.side > 0,
        "maker": trade.is_maker,
    }


def algo_type(plan: Plan) -> str:
    """Return ``STOP_MARKET``, ``TAKE_PROFIT``, ..."""
    stops = plan.kind in ("stop", "pos_stop") or (plan.kind == "trigger" and plan.way == plan.side)
    word = "STOP" if stops else "TAKE_PROFIT"
    return word if plan.price is not None else f"{word}_MARKET"


def algo_state(plan: Plan) -> str:
    """Return the state of a conditional order: the venue's own doing is an expiry."""
    if plan.state == "cancelled" and plan.reason != "asked":
        return "EXPIRED"
    return _ALGO_STATES[plan.state]


def algo_fields(plan: Plan) -> dict[str, Any]:
    """Return a conditional order."""
    return {
        "algoId": int(plan.id),
        "clientAlgoId": shown_id(plan.client_id),
        "algoType": "CONDITIONAL",
        "orderType": algo_type(plan),
        "symbol": plan.symbol,
        "side": side_word(plan.side),
        "positionSide": hold_word(plan.hold),
        "timeInForce": "GTC" if plan.kind == "trigger" else "GTE_GTC",
        "quantity": plain(plan.qty or Decimal(0)),
        "algoStatus": algo_state(plan),
        "actualOrderId": plan.order_id,
        "actualPrice": "0",
        "triggerPrice": plain(plan.trigger),
        "price": plain(plan.price or Decimal(0)),
        "icebergQuantity": None,
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": "MARK_PRICE" if plan.trigger_by == "mark" else "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "closePosition": plan.kind in WHOLE,
        "priceProtect": False,
        "reduceOnly": plan.reduce_only,
        "createTime": plan.ts,
        "updateTime": plan.ts_updated,
        "triggerTime": plan.ts_updated if plan.state == "executed" else 0,
        "goodTillDate": 0,
    }


def position_fields(position: Position, mark: Decimal | None, rate: Decimal) -> dict[str, Any]:
    """Return an open position as the third version does; the second adds `levered`."""
    price = mark or position.entry
    result, notional = gain(position, price), position.side * position.qty * price
    isolated = position.margin_mode == "isolated"
    return {
        "symbol": position.symbol,
        "positionSide": hold_word(position.hold),
        "positionAmt": plain(position.side * position.qty),
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(position.entry),
        "markPrice": plain(price),
        "unRealizedProfit": to_8(result),
        "liquidationPrice": plain(position.liquidation or Decimal(0)),
        "isolatedMargin": to_8(position.margin + result) if isolated else "0",
        "notional": to_8(notional),
        "marginAsset": COIN,
        "isolatedWallet": to_8(position.margin) if isolated else "0",
        "initialMargin": to_8(position.margin),
        "maintMargin": to_8(abs(notional) * rate),
        "positionInitialMargin": to_8(position.margin),
        "openOrderInitialMargin": "0",
        "adl": 1,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.ts_updated,
    }


def levered(position: Position) -> dict[str, Any]:
    """Return what the second version tells of a position besides."""
    return {
        "leverage": plain(position.leverage),
        "marginType": "isolated" if position.margin_mode == "isolated" else "cross",
        "isAutoAddMargin": "false",
        "maxNotionalValue": "100000000",
    }


def asset_fields(money: Money) -> dict[str, Any]:
    """Return the margin coin of an account."""
    available, bound = plain(money.available), money.margin + money.frozen
    return {
        "asset": COIN,
        "walletBalance": plain(money.cash),
        "unrealizedProfit": to_8(money.unrealised),
        "marginBalance": to_8(money.equity),
        "maintMargin": "0",
        "initialMargin": to_8(bound),
        "positionInitialMargin": to_8(money.margin),
        "openOrderInitialMargin": to_8(money.frozen),
        "crossWalletBalance": to_8(money.cash - money.margin),
        "crossUnPnl": "0",
        "availableBalance": available,
        "maxWithdrawAmount": available,
        "updateTime": money.ts,
    }


def tran_id(number: int) -> int:
    """Return the id of a transfer, in income as where it was made; a fee has the next one."""
    return number * 10


def income_fields(bill: Bill) -> list[dict[str, Any]]:
    """Return a booked change of cash: of a trade, its result and its fee apart."""
    common = {"symbol": bill.symbol, "asset": COIN, "time": bill.ts, "tradeId": bill.trade_id}
    rows = []
    if bill.kind in INCOME and (bill.amount or bill.kind == "liquidation"):
        rows.append((INCOME[bill.kind], bill.amount, tran_id(bill.number)))
    if bill.fee:
        rows.append(("COMMISSION", -bill.fee, tran_id(bill.number) + 1))
    return [
        {**common, "incomeType": kind, "income": plain(amount), "info": kind, "tranId": number}
        for kind, amount, number in rows
    ]


def contract_fields(contract: Contract, off_ms: int | None) -> dict[str, Any]:
    """Return the rules of a contract."""
    most = plain(contract.max_qty or Decimal(10_000_000))
    lots = {
        "minQty": plain(contract.min_qty or contract.lot),
        "maxQty": most,
        "stepSize": plain(contract.lot),
    }
    return {
        "symbol": contract.symbol,
        "pair": contract.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": off_ms or _FAR_MS,
        "onboardDate": 1_569_398_400_000,
        "status": _STATUS.get(contract.status, "TRADING" if contract.status == "limit_open" else "SETTLING"),
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base,
        "quoteAsset": contract.quote,
        "marginAsset": contract.quote,
        "pricePrecision": _places(contract.tick),
        "quantityPrecision": _places(contract.lot),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": plain(contract.tick),
                "maxPrice": plain(contract.tick * 10**8),
                "tickSize": plain(contract.tick),
            },
            {"filterType": "LOT_SIZE", **lots},
            {"filterType": "MARKET_LOT_SIZE", **lots},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
            {"filterType": "MIN_NOTIONAL", "notional": plain(contract.min_notional)},
        ],
        "orderTypes": [
            "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTE_GTC"],
    }  # fmt: skip


def agg_fields(one: Print) -> dict[str, Any]:
    """Return a trade of everybody as aggregates are written: each stands alone."""
    return {
        "a": one.number,
        "p": plain(one.price),
        "q": plain(one.size),
        "f": one.number,
        "l": one.number,
        "T": one.ts,
        "m": not one.is_buy,
    }


def print_fields(one: Print) -> dict[str, Any]:
    """Return a trade of everybody as recent trades are written."""
    return {
        "id": one.number,
        "price": plain(one.price),
        "qty": plain(one.size),
        "quoteQty": plain(one.price * one.size),
        "time": one.ts,
        "isBuyerMaker": not one.is_buy,
        "isRPITrade": False,
    }


def kline_rows(candles: Sequence[Candle], span_ms: int) -> list[list[Any]]:
    """Return bars as rows."""
    return [
        [
            one.ts, *(plain(price) for price in (one.open, one.high, one.low, one.close)), plain(one.volume),
            one.ts + span_ms - 1, plain(one.turnover), 100, plain(one.volume / 2), plain(one.turnover / 2), "0",
        ]
        for one in candles
    ]  # fmt: skip


def _places(step: Decimal) -> int:
    return max(0, -int(step.normalize().as_tuple().exponent))
