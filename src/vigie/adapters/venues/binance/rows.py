"""Binance's rows of accounts as our records: orders, conditional orders, fills, positions, money, funding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from vigie.adapters.venues.binance.live import SPEECH
from vigie.adapters.venues.binance.wire import COIN
from vigie.adapters.venues.decimals import closing_levels, first_reached, parse_amount, parse_number
from vigie.adapters.venues.signed import Row
from vigie.domain.order import (
    Balance,
    Fill,
    FillCause,
    FundingPayment,
    OrderState,
    VenueOrder,
    VenuePosition,
)
from vigie.ports.listed_venue import LedgerEntry
from vigie.ports.trading import KeyRights

_SIDES: Final = {"BUY": 1, "SELL": -1}
_STATES: Final[dict[str, OrderState]] = {
    "NEW": "live", "PARTIALLY_FILLED": "partial", "FILLED": "filled", "CANCELED": "cancelled",
    "EXPIRED": "cancelled", "EXPIRED_IN_MATCH": "cancelled", "REJECTED": "cancelled",
}  # fmt: skip
STOPS: Final = frozenset({"STOP", "STOP_MARKET"})
TARGETS: Final = frozenset({"TAKE_PROFIT", "TAKE_PROFIT_MARKET"})
# How the venue names the orders of its own, and of people in its apps.
_CAUSE_BY_PREFIX: Final[tuple[tuple[str, FillCause], ...]] = (
    ("autoclose-", "liquidation"), ("adl_autoclose", "adl"), ("settlement_autoclose-", "other"),
    ("delivery_autoclose-", "other"), ("web_", "other"), ("ios_", "other"), ("android_", "other"),
    ("electron_", "other"),
)  # fmt: skip
# Kinds of income that trading makes; any other is money that somebody moved, or a gift of the venue.
_TRADING_INCOME: Final = frozenset({
    "REALIZED_PNL", "COMMISSION", "FUNDING_FEE", "INSURANCE_CLEAR", "DELIVERED_SETTELMENT", "COMMISSION_REBATE",
    "API_REBATE", "FEE_RETURN",
})  # fmt: skip
_OUR_ID: Final = re.compile(r"[0-9a-f]{32}")
CLOSING_PREFIX: Final = "vigie-close-"
LEVEL_PREFIX: Final = "vigie-"


def side_word(side: int) -> str:
    """Return ``BUY`` or ``SELL``."""
    return "BUY" if side > 0 else "SELL"


def instrument(symbol: str) -> str:
    """Return our name of a contract; one that we have no name for keeps the venue's."""
    return SPEECH.instrument(symbol) or symbol


def order(row: Row) -> VenueOrder:
    """Read an order."""
    return VenueOrder(
        instrument=instrument(row["symbol"]),
        order_id=str(row["orderId"]),
        client_id=row["clientOrderId"],
        side=_SIDES[row["side"]],
        kind="limit" if row["type"] == "LIMIT" else "market",
        qty=parse_amount(row["origQty"]),
        filled=parse_amount(row["executedQty"]),
        state=_STATES[row["status"]],
        is_reduce_only=_is_true(row["reduceOnly"]) or _is_true(row.get("closePosition")),
        ts=int(row.get("time") or row["updateTime"]),
        ts_updated=int(row["updateTime"]),
        price=parse_number(row.get("price")),
        average=parse_number(row.get("avgPrice")),
        ended_by=str(row["status"]) if _STATES[row["status"]] == "cancelled" else "",
    )


def algo(row: Row) -> VenueOrder:
    """Read an order that waits for a price; one for a whole position has no quantity."""
    return VenueOrder(
        instrument=instrument(row["symbol"]),
        order_id=str(row["algoId"]),
        client_id=row["clientAlgoId"],
        side=_SIDES[row["side"]],
        kind="target" if row["orderType"] in TARGETS else "stop",
        qty=parse_number(row.get("quantity")) or Decimal(0),
        filled=Decimal(0),
        state="live",
        is_reduce_only=is_closing(row),
        ts=int(row["createTime"]),
        ts_updated=int(row["updateTime"]),
        price=parse_amount(row["triggerPrice"]),
    )


def is_closing(row: Row) -> bool:
    """Whether a conditional order can only make a position smaller."""
    return is_whole(row) or _is_true(row.get("reduceOnly"))


def is_whole(row: Row) -> bool:
    """Whether a conditional order closes a whole position."""
    return _is_true(row.get("closePosition"))


def position(row: Row, leverage: Decimal, algos: Iterable[Row]) -> VenuePosition:
    """Read an open position; `algos` are the conditional orders that wait in its contract."""
    signed_qty = parse_amount(row["positionAmt"])
    side, qty = (1 if signed_qty > 0 else -1), abs(signed_qty)
    levels = [level for level in algos if is_closing(level) and _SIDES[level["side"]] == -side]
    stops, targets = _closing_levels(levels, STOPS, qty, -side), _closing_levels(levels, TARGETS, qty, side)
    return VenuePosition(
        instrument=instrument(row["symbol"]),
        side=side,
        qty=qty,
        entry=parse_amount(row["entryPrice"]),
        leverage=leverage,
        ts=int(row["updateTime"]),
        mark=parse_number(row.get("markPrice")),
        liquidation=parse_number(row.get("liquidationPrice")),
        stop=first_reached(stops, -side),
        target=first_reached(targets, side),
        stops=len(stops),
    )


def fill(row: Row, client_id: str, cause: FillCause) -> Fill:
    """Read a fill; whose it is and why it was made is said by its order.

    A fee of another coin than the margin's is none of the margin: it is 0 here, see `fee_coin`.
    """
    paid = parse_amount(row["commission"])
    return Fill(
        instrument=instrument(row["symbol"]),
        id=str(row["id"]),
        order_id=str(row["orderId"]),
        client_id=client_id if cause == "order" and _OUR_ID.fullmatch(client_id) else "",
        side=_SIDES[row["side"]],
        qty=parse_amount(row["qty"]),
        price=parse_amount(row["price"]),
        fee=Decimal(0) if fee_coin(row) else paid,
        ts=int(row["time"]),
        is_maker=_is_true(row["maker"]),
        cause=cause,
    )


def fee_coin(row: Row) -> str:
    """Return the coin that a fee was paid in, where it is not the margin's; else nothing."""
    return (
        str(row["commissionAsset"])
        if row["commissionAsset"] != COIN and parse_amount(row["commission"])
        else ""
    )


def pushed_fill(push: Row) -> Fill:
    """Read a fill of a stream; of a conditional order's it does not say so, and REST does."""
    short_names = {
        "symbol": "s", "id": "t", "orderId": "i", "side": "S", "qty": "l", "price": "L", "time": "T", "maker": "m",
    }  # fmt: skip
    # The venue leaves both out where there is no commission.
    fee_fields = {"commission": push.get("n") or "0", "commissionAsset": push.get("N") or COIN}
    row = fee_fields | {name: push[short] for name, short in short_names.items()}
    client_id = str(push["c"])
    return fill(row, client_id, cause_of(client_id, str(push.get("ot", ""))) or "other")


def cause_of(client_id: str, kind: str) -> FillCause | None:
    """Return why the venue traded, as far as an order says it; None where its conditional order has to be looked for.

    Parameters
    ----------
    client_id : str
        The order's.
    kind : str
        What it was placed as.
    """
    if kind in STOPS:
        return "stop"
    if kind in TARGETS:
        return "target"
    forced = next((cause for prefix, cause in _CAUSE_BY_PREFIX if client_id.startswith(prefix)), None)
    if forced is not None:
        return forced
    return "order" if client_id.startswith(CLOSING_PREFIX) or _OUR_ID.fullmatch(client_id) else None


def level_cause(row: Row) -> FillCause:
    """Return what a conditional order's trade is called."""
    if not is_closing(row):
        return "order"
    return "stop" if row["orderType"] in STOPS else "target"


def funding(row: Row) -> FundingPayment:
    """Read a settlement."""
    return FundingPayment(
        instrument(row["symbol"]), str(row["tranId"]), parse_amount(row["income"]), int(row["time"])
    )


def is_cash(row: Row) -> bool:
    """Whether a row of income is of the margin coin."""
    return bool(row.get("asset", COIN) == COIN)


def ledger_entry(row: Row) -> LedgerEntry:
    """Read a row of income."""
    return LedgerEntry(
        int(row["time"]), parse_amount(row["income"]), is_transfer=row["incomeType"] not in _TRADING_INCOME
    )


def balance(answer: Row, ts: int) -> Balance:
    """Read the money of the margin coin."""
    row = [asset for asset in answer["assets"] if asset["asset"] == COIN][0]  # noqa: RUF015 - none is an IndexError
    cash = parse_amount(row["walletBalance"])
    equity = cash + parse_amount(row["unrealizedProfit"])
    return Balance(COIN, cash, equity, parse_amount(row["availableBalance"]), ts)


def rights(answer: Row) -> KeyRights:
    """Read what a key may do."""
    return KeyRights(
        can_read=_is_true(answer["enableReading"]),
        can_trade=_is_true(answer["enableFutures"]),
        can_withdraw=_is_true(answer["enableWithdrawals"]),
    )


def _is_true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _closing_levels(algos: list[Row], types: frozenset[str], qty: Decimal, worse: int) -> list[Decimal]:
    """Return the levels of these types that each close the last of a position."""
    matching = [order_row for order_row in algos if order_row["orderType"] in types]
    whole = [parse_amount(order_row["triggerPrice"]) for order_row in matching if is_whole(order_row)]
    parts = [
        (parse_amount(order_row["quantity"]), parse_amount(order_row["triggerPrice"]))
        for order_row in matching
        if not is_whole(order_row)
    ]
    return closing_levels(whole, parts, qty, worse)
