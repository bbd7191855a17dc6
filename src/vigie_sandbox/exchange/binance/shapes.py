"""How orders, trades, positions, plans, money and contracts are written in REST answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.binance.client_ids import strip_reuse_mark
from vigie_sandbox.exchange.binance.envelope import COIN
from vigie_sandbox.exchange.core.account import compute_unrealised
from vigie_sandbox.exchange.core.entities import (
    Bill,
    Contract,
    ExchangeTrade,
    Money,
    Order,
    PlanKind,
    PlanOrder,
    Position,
    TimeInForce,
    TradeCause,
)
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.quotes import Candle
from vigie_sandbox.exchange.trade_tape import PublicTrade

ORDER_STATES: Final = {
    "live": "NEW",
    "partial": "PARTIALLY_FILLED",
    "filled": "FILLED",
    "cancelled": "CANCELED",
}
FORCES: Final[dict[TimeInForce, str]] = {"gtc": "GTC", "ioc": "IOC", "fok": "FOK", "post_only": "GTX"}
_ALGO_STATES: Final = {"live": "NEW", "executed": "FINISHED", "cancelled": "CANCELED", "failed": "REJECTED"}
# Whoever made an order that no client asked for is told by its id.
_EXCHANGE_ID_PREFIXES: Final[dict[TradeCause, str]] = {
    "liquidation": "autoclose-",
    "adl": "adl_autoclose-",
    "delisting": "settlement_autoclose-",
    "person": "web_",
}
WHOLE_POSITION_KINDS: Final[tuple[PlanKind, ...]] = ("pos_stop", "pos_target")
INCOME_TYPES: Final = {
    "funding": "FUNDING_FEE",
    "deposit": "TRANSFER",
    "withdrawal": "TRANSFER",
    "liquidation": "REALIZED_PNL",
    "close": "REALIZED_PNL",
}
_EIGHT_DECIMALS: Final = Decimal("1e-8")
_CONTRACT_STATUSES: Final = {"normal": "TRADING", "off": "CLOSE", "listed": "PENDING_TRADING"}
_NO_DELIVERY_MS: Final = 4_133_404_800_000


def format_8_decimals(number: Decimal) -> str:
    """Write a number to eight places."""
    return format_decimal(number.quantize(_EIGHT_DECIMALS))


def format_side(side: int) -> str:
    """Return ``BUY`` or ``SELL``."""
    return "BUY" if side > 0 else "SELL"


def format_position_side(hold: str) -> str:
    """Return ``BOTH``, ``LONG`` or ``SHORT``."""
    return "BOTH" if hold == "net" else hold.upper()


def format_client_id(order: Order) -> str:
    """Return the client's id of an order, or what the venue calls one of its own."""
    return (
        _EXCHANGE_ID_PREFIXES[order.cause] + str(order.ts)
        if order.cause in _EXCHANGE_ID_PREFIXES
        else strip_reuse_mark(order.client_id)
    )


def format_order_state(order: Order) -> str:
    """Return the state of an order: what was not cancelled by its owner, or a countdown of the owner, has expired."""
    if order.state == "cancelled" and order.reason not in ("asked", "modified", "countdown"):
        return "EXPIRED"
    return ORDER_STATES[order.state]


def make_order_fields(order: Order) -> dict[str, Any]:
    """Return an order."""
    average = order.average or Decimal(0)
    return {
        "orderId": int(order.id),
        "symbol": order.symbol,
        "status": format_order_state(order),
        "clientOrderId": format_client_id(order),
        "price": format_decimal(order.price or Decimal(0)),
        "avgPrice": format_decimal(average),
        "origQty": format_decimal(order.qty),
        "executedQty": format_decimal(order.filled),
        "cumQty": format_decimal(order.filled),
        "cumQuote": format_decimal(average * order.filled),
        "timeInForce": FORCES[order.force],
        "type": order.kind.upper(),
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": format_side(order.side),
        "positionSide": format_position_side(order.hold),
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


def make_trade_fields(trade: ExchangeTrade) -> dict[str, Any]:
    """Return a fill: without the client's id, and without why it was made."""
    return {
        "symbol": trade.symbol,
        "id": int(trade.id),
        "orderId": int(trade.order_id),
        "side": format_side(trade.side),
        "price": format_decimal(trade.price),
        "qty": format_decimal(trade.qty),
        "realizedPnl": format_decimal(trade.profit),
        "quoteQty": format_decimal(trade.price * trade.qty),
        "commission": format_decimal(trade.fee),
        "commissionAsset": COIN,
        "time": trade.ts,
        "positionSide": format_position_side(trade.hold),
        "buyer": trade.side > 0,
        "maker": trade.is_maker,
    }


def format_algo_type(plan: PlanOrder) -> str:
    """Return ``STOP_MARKET``, ``TAKE_PROFIT``, ..."""
    is_stop = plan.kind in ("stop", "pos_stop") or (plan.kind == "trigger" and plan.way == plan.side)
    word = "STOP" if is_stop else "TAKE_PROFIT"
    return word if plan.price is not None else f"{word}_MARKET"


def format_algo_state(plan: PlanOrder) -> str:
    """Return the state of a conditional order: the venue's own doing is an expiry."""
    if plan.state == "cancelled" and plan.reason != "asked":
        return "EXPIRED"
    return _ALGO_STATES[plan.state]


def make_algo_fields(plan: PlanOrder) -> dict[str, Any]:
    """Return a conditional order."""
    return {
        "algoId": int(plan.id),
        "clientAlgoId": strip_reuse_mark(plan.client_id),
        "algoType": "CONDITIONAL",
        "orderType": format_algo_type(plan),
        "symbol": plan.symbol,
        "side": format_side(plan.side),
        "positionSide": format_position_side(plan.hold),
        "timeInForce": "GTC" if plan.kind == "trigger" else "GTE_GTC",
        "quantity": format_decimal(plan.qty or Decimal(0)),
        "algoStatus": format_algo_state(plan),
        "actualOrderId": plan.order_id,
        "actualPrice": "0",
        "triggerPrice": format_decimal(plan.trigger),
        "price": format_decimal(plan.price or Decimal(0)),
        "icebergQuantity": None,
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": "MARK_PRICE" if plan.trigger_by == "mark" else "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "closePosition": plan.kind in WHOLE_POSITION_KINDS,
        "priceProtect": False,
        "reduceOnly": plan.reduce_only,
        "createTime": plan.ts,
        "updateTime": plan.ts_updated,
        "triggerTime": plan.ts_updated if plan.state == "executed" else 0,
        "goodTillDate": 0,
    }


def make_position_fields(position: Position, mark: Decimal | None, rate: Decimal) -> dict[str, Any]:
    """Return an open position as the third version does; the second adds `make_leverage_fields`."""
    price = mark or position.entry
    unrealised_pnl, notional = compute_unrealised(position, price), position.side * position.qty * price
    is_isolated = position.margin_mode == "isolated"
    return {
        "symbol": position.symbol,
        "positionSide": format_position_side(position.hold),
        "positionAmt": format_decimal(position.side * position.qty),
        "entryPrice": format_decimal(position.entry),
        "breakEvenPrice": format_decimal(position.entry),
        "markPrice": format_decimal(price),
        "unRealizedProfit": format_8_decimals(unrealised_pnl),
        "liquidationPrice": format_decimal(position.liquidation or Decimal(0)),
        "isolatedMargin": format_8_decimals(position.margin + unrealised_pnl) if is_isolated else "0",
        "notional": format_8_decimals(notional),
        "marginAsset": COIN,
        "isolatedWallet": format_8_decimals(position.margin) if is_isolated else "0",
        "initialMargin": format_8_decimals(position.margin),
        "maintMargin": format_8_decimals(abs(notional) * rate),
        "positionInitialMargin": format_8_decimals(position.margin),
        "openOrderInitialMargin": "0",
        "adl": 1,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.ts_updated,
    }


def make_leverage_fields(position: Position) -> dict[str, Any]:
    """Return what the second version tells of a position besides."""
    return {
        "leverage": format_decimal(position.leverage),
        "marginType": "isolated" if position.margin_mode == "isolated" else "cross",
        "isAutoAddMargin": "false",
        "maxNotionalValue": "100000000",
    }


def make_asset_fields(money: Money) -> dict[str, Any]:
    """Return the margin coin of an account."""
    available, used_margin = format_decimal(money.available), money.margin + money.frozen
    return {
        "asset": COIN,
        "walletBalance": format_decimal(money.cash),
        "unrealizedProfit": format_8_decimals(money.unrealised),
        "marginBalance": format_8_decimals(money.equity),
        "maintMargin": "0",
        "initialMargin": format_8_decimals(used_margin),
        "positionInitialMargin": format_8_decimals(money.margin),
        "openOrderInitialMargin": format_8_decimals(money.frozen),
        "crossWalletBalance": format_8_decimals(money.cash - money.margin),
        "crossUnPnl": "0",
        "availableBalance": available,
        "maxWithdrawAmount": available,
        "updateTime": money.ts,
    }


def make_transfer_id(number: int) -> int:
    """Return the id of a transfer, in income as where it was made; a fee has the next one."""
    return number * 10


def make_income_fields(bill: Bill) -> list[dict[str, Any]]:
    """Return a booked change of cash: of a trade, its result and its fee apart."""
    common = {"symbol": bill.symbol, "asset": COIN, "time": bill.ts, "tradeId": bill.trade_id}
    rows = []
    if bill.kind in INCOME_TYPES and (bill.amount or bill.kind == "liquidation"):
        rows.append((INCOME_TYPES[bill.kind], bill.amount, make_transfer_id(bill.number)))
    if bill.fee:
        rows.append(("COMMISSION", -bill.fee, make_transfer_id(bill.number) + 1))
    return [
        {**common, "incomeType": kind, "income": format_decimal(amount), "info": kind, "tranId": number}
        for kind, amount, number in rows
    ]


def make_contract_fields(contract: Contract, off_ms: int | None) -> dict[str, Any]:
    """Return the rules of a contract."""
    max_qty = format_decimal(contract.max_qty or Decimal(10_000_000))
    lots = {
        "minQty": format_decimal(contract.min_qty or contract.lot),
        "maxQty": max_qty,
        "stepSize": format_decimal(contract.lot),
    }
    return {
        "symbol": contract.symbol,
        "pair": contract.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": off_ms or _NO_DELIVERY_MS,
        "onboardDate": 1_569_398_400_000,
        "status": _CONTRACT_STATUSES.get(contract.status, "TRADING" if contract.status == "limit_open" else "SETTLING"),
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base,
        "quoteAsset": contract.quote,
        "marginAsset": contract.quote,
        "pricePrecision": _count_decimals(contract.tick),
        "quantityPrecision": _count_decimals(contract.lot),
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
                "minPrice": format_decimal(contract.tick),
                "maxPrice": format_decimal(contract.tick * 10**8),
                "tickSize": format_decimal(contract.tick),
            },
            {"filterType": "LOT_SIZE", **lots},
            {"filterType": "MARKET_LOT_SIZE", **lots},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
            {"filterType": "MIN_NOTIONAL", "notional": format_decimal(contract.min_notional)},
        ],
        "orderTypes": [
            "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTE_GTC"],
    }  # fmt: skip


def make_aggregate_fields(trade: PublicTrade) -> dict[str, Any]:
    """Return a trade of everybody as aggregates are written: each stands alone."""
    return {
        "a": trade.number,
        "p": format_decimal(trade.price),
        "q": format_decimal(trade.size),
        "f": trade.number,
        "l": trade.number,
        "T": trade.ts,
        "m": not trade.is_buy,
    }


def make_trade_row(trade: PublicTrade) -> dict[str, Any]:
    """Return a trade of everybody as recent trades are written."""
    return {
        "id": trade.number,
        "price": format_decimal(trade.price),
        "qty": format_decimal(trade.size),
        "quoteQty": format_decimal(trade.price * trade.size),
        "time": trade.ts,
        "isBuyerMaker": not trade.is_buy,
        "isRPITrade": False,
    }


def make_kline_rows(candles: Sequence[Candle], span_ms: int) -> list[list[Any]]:
    """Return bars as rows."""
    return [
        [
            candle.ts, *(format_decimal(price) for price in (candle.open, candle.high, candle.low, candle.close)),
            format_decimal(candle.volume),
            candle.ts + span_ms - 1, format_decimal(candle.turnover), 100, format_decimal(candle.volume / 2),
            format_decimal(candle.turnover / 2), "0",
        ]
        for candle in candles
    ]  # fmt: skip


def _count_decimals(step: Decimal) -> int:
    return max(0, -int(step.normalize().as_tuple().exponent))
