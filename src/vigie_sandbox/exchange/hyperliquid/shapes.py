"""How records are written in answers: orders, fills, positions, money, funding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.core.account import compute_unrealised
from vigie_sandbox.exchange.core.entities import (
    ZERO,
    Bill,
    Contract,
    ExchangeTrade,
    Money,
    Order,
    PlanOrder,
    Position,
)
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.core.moves import Move

COIN: Final = "USDC"
_LEVEL_NAMES: Final = {
    "stop": "Stop",
    "pos_stop": "Stop",
    "target": "Take Profit",
    "pos_target": "Take Profit",
}
_POSITION_LEVELS: Final = ("pos_stop", "pos_target")
_TIFS: Final = {"gtc": "Gtc", "ioc": "Ioc", "fok": "Ioc", "post_only": "Alo"}
_END_STATUSES: Final = {
    "no_position": "reduceOnlyCanceled",
    "reduce_only_overflow": "reduceOnlyCanceled",
    "position_ended": "siblingFilledCanceled",
    "would not fill at once": "iocCancelRejected",
    "nothing fills between two instants": "iocCancelRejected",
    "delisted": "delistedCanceled",
    "scheduled": "scheduledCancel",
}
_ZERO_ADDRESS: Final = "0x" + "0" * 40
_SIX_DECIMALS: Final = Decimal("1e-6")
# Whom the market liquidates: fills of others that take the other side carry this address.
COUNTERPARTY: Final = "0x360878d351f05975e25f1807a27895e1e5e004fb"


def format_price(value: Decimal | None) -> str:
    """Write a price or a size; whole ones with one zero behind the point."""
    text = format_decimal(value or ZERO)
    return text if "." in text else text + ".0"


def format_side(side: int) -> str:
    """Return ``B`` for what buys and ``A`` for what sells."""
    return "B" if side > 0 else "A"


def format_client_id(client_id: str) -> str | None:
    """Return a client id as the wire writes it."""
    return f"0x{client_id}" if client_id else None


def parse_client_id(wire_id: object) -> str:
    """Return the exchange's client id of one on the wire."""
    return str(wire_id or "").lower().removeprefix("0x")


def count_size_decimals(contract: Contract) -> int:
    """Return how many decimals a size has."""
    return max(0, -int(contract.lot.normalize().as_tuple().exponent))


def make_order_row(order: Order, base: str, plan: PlanOrder | None, limit: Decimal | None) -> dict[str, Any]:
    """Return an order; `plan` is the trigger that made it, `limit` the price told where it has none."""
    kind = "Market" if order.kind == "market" else "Limit"
    row = {
        "coin": base,
        "side": format_side(order.side),
        "limitPx": format_price(order.price or order.average or limit),
        "sz": format_price(ZERO if order.state == "filled" else order.rest),
        "oid": order.number if plan is None else plan.number,
        "timestamp": order.ts,
        "triggerCondition": "N/A",
        "isTrigger": False,
        "triggerPx": "0.0",
        "children": [],
        "isPositionTpsl": False,
        "reduceOnly": order.reduce_only,
        "orderType": kind,
        "origSz": format_price(order.qty),
        "tif": "FrontendMarket" if order.kind == "market" else _TIFS[order.force],
        "cloid": format_client_id(order.client_id),
    }
    return row if plan is None else row | _make_trigger_fields(plan)


def make_plan_row(plan: PlanOrder, base: str) -> dict[str, Any]:
    """Return an order that waits for a price; one for a whole position has no size."""
    return {
        "coin": base,
        "side": format_side(plan.side),
        "limitPx": format_price(plan.price or plan.trigger),
        "sz": format_price(plan.qty),
        "oid": plan.number,
        "timestamp": plan.ts,
        "children": [],
        "reduceOnly": plan.reduce_only,
        "origSz": format_price(plan.qty),
        "tif": None,
        "cloid": format_client_id(plan.client_id),
        **_make_trigger_fields(plan),
    }


def _make_trigger_fields(plan: PlanOrder) -> dict[str, Any]:
    name = _LEVEL_NAMES.get(plan.kind, "Stop")
    return {
        "isTrigger": True,
        "triggerPx": format_price(plan.trigger),
        "triggerCondition": f"Price {'above' if plan.way > 0 else 'below'} {format_decimal(plan.trigger)}",
        "isPositionTpsl": plan.kind in _POSITION_LEVELS,
        "orderType": f"{name} {'Market' if plan.price is None else 'Limit'}",
        "tif": None,
    }


def shorten_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order as streams and `openOrders` write it."""
    names = ("coin", "side", "limitPx", "sz", "oid", "timestamp", "origSz", "cloid", "reduceOnly")
    return {name: row[name] for name in names if name != "cloid" or row[name]}


def get_order_status(order: Order) -> str:
    """Return what became of an order."""
    if order.is_open:
        return "open"
    return "filled" if order.state == "filled" else _END_STATUSES.get(order.reason, "canceled")


def get_plan_status(plan: PlanOrder, order: Order | None) -> str:
    """Return what became of a trigger and of the order that it made."""
    if plan.state == "live":
        return "open"
    if plan.state == "executed" and order is not None:
        return "triggered" if order.is_open else get_order_status(order)
    return _END_STATUSES.get(plan.reason, "reduceOnlyCanceled" if plan.state == "failed" else "canceled")


def make_fill_row(trade: ExchangeTrade, base: str, oid: int, before: Decimal, user: str) -> dict[str, Any]:
    """Return an execution; `before` is the position it met, with its sign."""
    row: dict[str, Any] = {
        "coin": base,
        "px": format_price(trade.price),
        "sz": format_price(trade.qty),
        "side": format_side(trade.side),
        "time": trade.ts,
        "startPosition": format_price(before),
        "dir": _format_direction(trade),
        "closedPnl": format_price(trade.profit),
        "hash": f"0x{trade.number:064x}",
        "oid": oid,
        "crossed": not trade.is_maker,
        "fee": format_price(trade.fee),
        "tid": trade.number,
        "cloid": format_client_id(trade.client_id),
        "feeToken": COIN,
    }
    # Both sides of a liquidation are marked: two fills of seven have somebody else's on their other side.
    is_counterparty = trade.number % 7 < 2 and trade.cause not in ("adl", "delisting")
    liquidated = user if trade.cause == "liquidation" else COUNTERPARTY if is_counterparty else ""
    if liquidated:
        row["liquidation"] = {
            "liquidatedUser": liquidated,
            "markPx": format_price(trade.price),
            "method": "market",
        }
    return row


def _format_direction(trade: ExchangeTrade) -> str:
    direction = "Long" if (trade.side > 0) == trade.is_opening else "Short"
    if trade.cause == "liquidation":
        return f"Liquidated Isolated {direction}"
    if trade.cause == "adl":
        return "Auto-Deleveraging"
    if trade.cause == "delisting":
        return "Settlement"
    return f"{'Open' if trade.is_opening else 'Close'} {direction}"


def compute_signed_qty(trade: ExchangeTrade) -> Decimal:
    """Return what a trade did to the position."""
    return trade.side * trade.qty


def make_position_row(position: Position, contract: Contract, mark: Decimal | None) -> dict[str, Any]:
    """Return an open position."""
    price = mark or position.entry
    unrealised_pnl = compute_unrealised(position, price)
    is_isolated = position.margin_mode == "isolated"
    margin_used = position.margin + (unrealised_pnl if is_isolated else ZERO)
    leverage: dict[str, Any] = {
        "type": "isolated" if is_isolated else "cross",
        "value": int(position.leverage),
    }
    if is_isolated:
        leverage["rawUsd"] = format_price(margin_used - position.side * position.qty * price)
    paid = format_price(-position.funding)
    return {
        "type": "oneWay",
        "position": {
            "coin": contract.base,
            "szi": format_price(position.side * position.qty),
            "leverage": leverage,
            "entryPx": format_price(position.entry),
            "positionValue": format_price(position.qty * price),
            "unrealizedPnl": format_price(unrealised_pnl),
            "returnOnEquity": format_price((unrealised_pnl / position.margin).quantize(_SIX_DECIMALS))
            if position.margin
            else "0.0",
            "liquidationPx": None if position.liquidation is None else format_price(position.liquidation),
            "marginUsed": format_price(margin_used),
            "maxLeverage": int(contract.max_leverage),
            "cumFunding": {"allTime": paid, "sinceOpen": paid, "sinceChange": paid},
        },
    }


def make_state_row(money: Money | None, positions: Iterable[Mapping[str, Any]], ts: int) -> dict[str, Any]:
    """Return an account: its money and its positions."""
    rows = list(positions)
    values = [(Decimal(row["position"]["positionValue"]), row["position"]["szi"]) for row in rows]
    total_value = sum((value for value, _ in values), ZERO)
    equity = ZERO if money is None else money.equity
    # What would be left without the positions: it moves with trades and funding, not with the price.
    raw_usd = equity - sum((-value if size.startswith("-") else value for value, size in values), ZERO)
    summary = {
        "accountValue": format_price(equity),
        "totalNtlPos": format_price(total_value),
        "totalRawUsd": format_price(raw_usd),
        "totalMarginUsed": format_price(ZERO if money is None else money.margin),
    }
    return {
        "marginSummary": summary,
        "crossMarginSummary": summary,
        "crossMaintenanceMarginUsed": "0.0",
        "withdrawable": format_price(ZERO if money is None else money.available),
        "assetPositions": rows,
        "time": ts,
    }


def make_funding_row(bill: Bill, base: str) -> dict[str, Any]:
    """Return a settlement of funding."""
    return {
        "time": bill.ts,
        "hash": "0x" + "0" * 64,
        "delta": {
            "type": "funding",
            "coin": base,
            "usdc": format_price(bill.amount),
            "szi": format_price(bill.side * bill.qty),
            "fundingRate": format_decimal(bill.rate or ZERO),
            "nSamples": None,
        },
    }


def make_move_row(move: Move, user: str) -> dict[str, Any]:
    """Return a movement of money of an address."""
    usdc = format_price(abs(move.amount))
    delta: dict[str, Any]
    if move.kind == "transfer":
        delta = {"type": "accountClassTransfer", "usdc": usdc, "toPerp": move.amount > 0}
    elif move.kind in ("sent", "received"):
        addresses = (user, move.address) if move.kind == "sent" else (move.address, user)
        delta = {
            "type": "internalTransfer",
            "usdc": usdc,
            "user": addresses[0],
            "destination": addresses[1],
            "fee": "0.0",
        }
    elif move.wallet == "main":
        addresses = (_ZERO_ADDRESS, user) if move.amount > 0 else (user, _ZERO_ADDRESS)
        delta = {
            "type": "spotTransfer", "token": COIN, "amount": usdc, "usdcValue": usdc, "user": addresses[0],
            "destination": addresses[1], "fee": "0.0", "nativeTokenFee": "0.0", "nonce": None,
        }  # fmt: skip
    elif move.kind == "deposit":
        delta = {"type": "deposit", "usdc": usdc}
    else:
        delta = {
            "type": "withdraw",
            "usdc": usdc,
            "nonce": int(move.client_id or 0),
            "fee": format_price(move.fee),
        }
    return {"time": move.ts, "hash": f"0x{move.number:064x}", "delta": delta}
