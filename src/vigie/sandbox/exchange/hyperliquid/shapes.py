"""How records are written in answers: orders, fills, positions, money, funding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.core.account import gain
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.moves import Move
from vigie.sandbox.exchange.core.words import ZERO, Bill, Contract, Money, Order, Plan, Position, Trade

COIN: Final = "USDC"
_KINDS: Final = {"stop": "Stop", "pos_stop": "Stop", "target": "Take Profit", "pos_target": "Take Profit"}
_WHOLE: Final = ("pos_stop", "pos_target")
_TIFS: Final = {"gtc": "Gtc", "ioc": "Ioc", "fok": "Ioc", "post_only": "Alo"}
_ENDS: Final = {
    "no_position": "reduceOnlyCanceled",
    "reduce_only_overflow": "reduceOnlyCanceled",
    "position_ended": "siblingFilledCanceled",
    "would not fill at once": "iocCancelRejected",
    "nothing fills between two instants": "iocCancelRejected",
    "delisted": "delistedCanceled",
    "scheduled": "scheduledCancel",
}
_NOBODY: Final = "0x" + "0" * 40
_TO_6: Final = Decimal("1e-6")
# Whom the market liquidates: fills of others that take the other side carry this address.
STRANGER: Final = "0x360878d351f05975e25f1807a27895e1e5e004fb"


def px(value: Decimal | None) -> str:
    """Write a price or a size; whole ones with one zero behind the point."""
    text = plain(value or ZERO)
    return text if "." in text else text + ".0"


def side_word(side: int) -> str:
    """Return ``B`` for what buys and ``A`` for what sells."""
    return "B" if side > 0 else "A"


def cloid(client_id: str) -> str | None:
    """Return a client id as the wire writes it."""
    return f"0x{client_id}" if client_id else None


def client_id_of(told: object) -> str:
    """Return the exchange's client id of one on the wire."""
    return str(told or "").lower().removeprefix("0x")


def sz_decimals(contract: Contract) -> int:
    """Return how many decimals a size has."""
    return max(0, -int(contract.lot.normalize().as_tuple().exponent))


def order_row(order: Order, base: str, plan: Plan | None, limit: Decimal | None) -> dict[str, Any]:
    """Return an order; `plan` is the trigger that made it, `limit` the price told where it has none."""
    kind = "Market" if order.kind == "market" else "Limit"
    row = {
        "coin": base,
        "side": side_word(order.side),
        "limitPx": px(order.price or order.average or limit),
        "sz": px(ZERO if order.state == "filled" else order.rest),
        "oid": order.number if plan is None else plan.number,
        "timestamp": order.ts,
        "triggerCondition": "N/A",
        "isTrigger": False,
        "triggerPx": "0.0",
        "children": [],
        "isPositionTpsl": False,
        "reduceOnly": order.reduce_only,
        "orderType": kind,
        "origSz": px(order.qty),
        "tif": "FrontendMarket" if order.kind == "market" else _TIFS[order.force],
        "cloid": cloid(order.client_id),
    }
    return row if plan is None else row | _trigger(plan)


def plan_row(plan: Plan, base: str) -> dict[str, Any]:
    """Return an order that waits for a price; one for a whole position has no size."""
    return {
        "coin": base,
        "side": side_word(plan.side),
        "limitPx": px(plan.price or plan.trigger),
        "sz": px(plan.qty),
        "oid": plan.number,
        "timestamp": plan.ts,
        "children": [],
        "reduceOnly": plan.reduce_only,
        "origSz": px(plan.qty),
        "tif": None,
        "cloid": cloid(plan.client_id),
        **_trigger(plan),
    }


def _trigger(plan: Plan) -> dict[str, Any]:
    name = _KINDS.get(plan.kind, "Stop")
    return {
        "isTrigger": True,
        "triggerPx": px(plan.trigger),
        "triggerCondition": f"Price {'above' if plan.way > 0 else 'below'} {plain(plan.trigger)}",
        "isPositionTpsl": plan.kind in _WHOLE,
        "orderType": f"{name} {'Market' if plan.price is None else 'Limit'}",
        "tif": None,
    }


def short_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order as streams and `openOrders` write it."""
    names = ("coin", "side", "limitPx", "sz", "oid", "timestamp", "origSz", "cloid", "reduceOnly")
    return {name: row[name] for name in names if name != "cloid" or row[name]}


def order_status(order: Order) -> str:
    """Return what became of an order."""
    if order.is_open:
        return "open"
    return "filled" if order.state == "filled" else _ENDS.get(order.reason, "canceled")


def plan_status(plan: Plan, made: Order | None) -> str:
    """Return what became of a trigger and of the order that it made."""
    if plan.state == "live":
        return "open"
    if plan.state == "executed" and made is not None:
        return "triggered" if made.is_open else order_status(made)
    return _ENDS.get(plan.reason, "reduceOnlyCanceled" if plan.state == "failed" else "canceled")


def fill_row(trade: Trade, base: str, oid: int, before: Decimal, user: str) -> dict[str, Any]:
    """Return an execution; `before` is the position it met, with its sign."""
    row: dict[str, Any] = {
        "coin": base,
        "px": px(trade.price),
        "sz": px(trade.qty),
        "side": side_word(trade.side),
        "time": trade.ts,
        "startPosition": px(before),
        "dir": _way(trade),
        "closedPnl": px(trade.profit),
        "hash": f"0x{trade.number:064x}",
        "oid": oid,
        "crossed": not trade.is_maker,
        "fee": px(trade.fee),
        "tid": trade.number,
        "cloid": cloid(trade.client_id),
        "feeToken": COIN,
    }
    # Both sides of a liquidation are marked: two fills of seven have somebody else's on their other side.
    is_met = trade.number % 7 < 2 and trade.cause not in ("adl", "delisting")
    liquidated = user if trade.cause == "liquidation" else STRANGER if is_met else ""
    if liquidated:
        row["liquidation"] = {"liquidatedUser": liquidated, "markPx": px(trade.price), "method": "market"}
    return row


def _way(trade: Trade) -> str:
    held = "Long" if (trade.side > 0) == trade.is_opening else "Short"
    if trade.cause == "liquidation":
        return f"Liquidated Isolated {held}"
    if trade.cause == "adl":
        return "Auto-Deleveraging"
    if trade.cause == "delisting":
        return "Settlement"
    return f"{'Open' if trade.is_opening else 'Close'} {held}"


def signed(trade: Trade) -> Decimal:
    """Return what a trade did to the position."""
    return trade.side * trade.qty


def position_row(position: Position, contract: Contract, mark: Decimal | None) -> dict[str, Any]:
    """Return an open position."""
    price = mark or position.entry
    result = gain(position, price)
    isolated = position.margin_mode == "isolated"
    used = position.margin + (result if isolated else ZERO)
    leverage: dict[str, Any] = {
        "type": "isolated" if isolated else "cross",
        "value": int(position.leverage),
    }
    if isolated:
        leverage["rawUsd"] = px(used - position.side * position.qty * price)
    paid = px(-position.funding)
    return {
        "type": "oneWay",
        "position": {
            "coin": contract.base,
            "szi": px(position.side * position.qty),
            "leverage": leverage,
            "entryPx": px(position.entry),
            "positionValue": px(position.qty * price),
            "unrealizedPnl": px(result),
            "returnOnEquity": px((result / position.margin).quantize(_TO_6)) if position.margin else "0.0",
            "liquidationPx": None if position.liquidation is None else px(position.liquidation),
            "marginUsed": px(used),
            "maxLeverage": int(contract.max_leverage),
            "cumFunding": {"allTime": paid, "sinceOpen": paid, "sinceChange": paid},
        },
    }


def state_row(money: Money | None, positions: Iterable[Mapping[str, Any]], ts: int) -> dict[str, Any]:
    """Return an account: its money and its positions."""
    rows = list(positions)
    parts = [(Decimal(one["position"]["positionValue"]), one["position"]["szi"]) for one in rows]
    worth = sum((value for value, _ in parts), ZERO)
    held = ZERO if money is None else money.equity
    # What would be left without the positions: it moves with trades and funding, not with the price.
    raw = held - sum((-value if size.startswith("-") else value for value, size in parts), ZERO)
    summary = {
        "accountValue": px(held),
        "totalNtlPos": px(worth),
        "totalRawUsd": px(raw),
        "totalMarginUsed": px(ZERO if money is None else money.margin),
    }
    return {
        "marginSummary": summary,
        "crossMarginSummary": summary,
        "crossMaintenanceMarginUsed": "0.0",
        "withdrawable": px(ZERO if money is None else money.available),
        "assetPositions": rows,
        "time": ts,
    }


def funding_row(bill: Bill, base: str) -> dict[str, Any]:
    """Return a settlement of funding."""
    return {
        "time": bill.ts,
        "hash": "0x" + "0" * 64,
        "delta": {
            "type": "funding",
            "coin": base,
            "usdc": px(bill.amount),
            "szi": px(bill.side * bill.qty),
            "fundingRate": plain(bill.rate or ZERO),
            "nSamples": None,
        },
    }


def move_row(one: Move, user: str) -> dict[str, Any]:
    """Return a movement of money of an address."""
    usdc = px(abs(one.amount))
    delta: dict[str, Any]
    if one.kind == "transfer":
        delta = {"type": "accountClassTransfer", "usdc": usdc, "toPerp": one.amount > 0}
    elif one.kind in ("sent", "received"):
        ways = (user, one.address) if one.kind == "sent" else (one.address, user)
        delta = {
            "type": "internalTransfer",
            "usdc": usdc,
            "user": ways[0],
            "destination": ways[1],
            "fee": "0.0",
        }
    elif one.wallet == "main":
        ways = (_NOBODY, user) if one.amount > 0 else (user, _NOBODY)
        delta = {
            "type": "spotTransfer", "token": COIN, "amount": usdc, "usdcValue": usdc, "user": ways[0],
            "destination": ways[1], "fee": "0.0", "nativeTokenFee": "0.0", "nonce": None,
        }  # fmt: skip
    elif one.kind == "deposit":
        delta = {"type": "deposit", "usdc": usdc}
    else:
        delta = {"type": "withdraw", "usdc": usdc, "nonce": int(one.client_id or 0), "fee": px(one.fee)}
    return {"time": one.ts, "hash": f"0x{one.number:064x}", "delta": delta}
