"""Bitget's rows of accounts as our records: orders, plans, fills, positions, money, funding."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from vigie.adapters.venues.bitget.live import SPEECH
from vigie.adapters.venues.bitget.wire import COIN
from vigie.adapters.venues.decimals import (
    closing_levels,
    first_reached,
    format_plain,
    parse_amount,
    parse_number,
)
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

_SIDES: Final = {"buy": 1, "sell": -1, "long": 1, "short": -1}
_STATES: Final[dict[str, OrderState]] = {
    "init": "live", "new": "live", "live": "live", "partially_filled": "partial",
    "filled": "filled", "canceled": "cancelled", "cancelled": "cancelled",
}  # fmt: skip
STOPS: Final = frozenset({"loss_plan", "pos_loss"})
TARGETS: Final = frozenset({"profit_plan", "pos_profit"})
_WHOLE_POSITION: Final = frozenset({"pos_loss", "pos_profit"})
# Words in the kinds of bills that trading makes; any other is money that somebody moved, or a gift of the venue.
_TRADING_WORDS: Final = (
    "open", "close", "buy", "sell", "burst", "force", "settle", "delivery", "offset", "adl", "reduce",
)  # fmt: skip
# Futures orders (read, write), futures holdings (write), withdrawals; the documentation's example has plain words.
_READ_RIGHTS: Final = frozenset({"coor", "coow", "readonly", "trade"})
_TRADE_RIGHTS: Final = frozenset({"coow", "cpow"})
_WITHDRAW_RIGHTS: Final = frozenset({"wwow", "withdraw"})


def format_level(price: Decimal | None) -> str:
    """Write a price; where there is none, nothing."""
    return format_plain(price) if price else ""


def side_word(side: int) -> str:
    """Return ``buy`` or ``sell``."""
    return "buy" if side > 0 else "sell"


def instrument(symbol: str) -> str:
    """Return our name of a contract; one that we have no name for keeps the venue's."""
    return SPEECH.instrument(symbol) or symbol


def order(row: Row) -> VenueOrder:
    """Read an order: its detail says ``state``, lists say ``status``."""
    return VenueOrder(
        instrument=instrument(row["symbol"]),
        order_id=str(row["orderId"]),
        client_id=row.get("clientOid") or "",
        side=_SIDES[row["side"].lower()],
        kind="limit" if row["orderType"] == "limit" else "market",
        qty=parse_amount(row["size"]),
        filled=parse_number(row.get("baseVolume")) or Decimal(0),
        state=_STATES[row.get("state") or row["status"]],
        is_reduce_only=str(row.get("reduceOnly", "")).upper() == "YES",
        ts=int(row["cTime"]),
        ts_updated=int(row.get("uTime") or row["cTime"]),
        price=parse_number(row.get("price")),
        average=parse_number(row.get("priceAvg")),
        ended_by=str(row.get("cancelReason") or ""),
    )


def plan(row: Row) -> VenueOrder:
    """Read an order that waits for a price; one for a whole position has no quantity."""
    is_level = row["planType"] in STOPS | TARGETS
    return VenueOrder(
        instrument=instrument(row["symbol"]),
        order_id=str(row["orderId"]),
        client_id=row.get("clientOid") or "",
        side=_SIDES[row["side"].lower()],
        kind="target" if row["planType"] in TARGETS else "stop",
        qty=parse_number(row.get("size")) or Decimal(0),
        filled=Decimal(0),
        state="live",
        is_reduce_only=is_level or str(row.get("reduceOnly", "")).upper() == "YES",
        ts=int(row["cTime"]),
        ts_updated=int(row.get("uTime") or row["cTime"]),
        price=parse_amount(row["triggerPrice"]),
    )


def position(row: Row, plans: Iterable[Row]) -> VenuePosition:
    """Read an open position; `plans` are the levels that wait in its contract."""
    levels = list(plans)
    side, qty = _SIDES[row["holdSide"]], parse_amount(row["total"])
    stops, targets = _closing_levels(levels, STOPS, qty, -side), _closing_levels(levels, TARGETS, qty, side)
    # The row tells one of several only.
    stated_stop, stated_target = _above_zero(row.get("stopLoss")), _above_zero(row.get("takeProfit"))
    return VenuePosition(
        instrument=instrument(row["symbol"]),
        side=side,
        qty=qty,
        entry=parse_amount(row["openPriceAvg"]),
        leverage=parse_amount(row["leverage"]),
        ts=int(row["cTime"]),
        mark=parse_number(row.get("markPrice")),
        liquidation=_above_zero(row.get("liquidationPrice")),
        stop=first_reached([*stops, *([stated_stop] if stated_stop else [])], -side),
        target=first_reached([*targets, *([stated_target] if stated_target else [])], side),
        stops=len(stops),
    )


def fill(row: Row, order_row: Row) -> Fill:
    """Read a fill; whose it is and why it was made is said by its order."""
    cause = cause_of(row, order_row)
    return Fill(
        instrument=instrument(row["symbol"]),
        id=str(row["tradeId"]),
        order_id=str(row["orderId"]),
        client_id=(order_row.get("clientOid") or "") if cause == "order" else "",
        side=_SIDES[row["side"].lower()],
        qty=parse_amount(row["baseVolume"]),
        price=parse_amount(row["price"]),
        fee=_fee(row),
        ts=int(row["cTime"]),
        is_maker=str(row.get("tradeScope", "")).lower() in ("maker", "m"),
        cause=cause,
    )


def cause_of(row: Row, order_row: Row) -> FillCause:
    """Return why the venue traded: forced, by a level, by an order over the API, or by a person."""
    trade_side = str(row.get("tradeSide") or "").lower()
    source = str(order_row.get("orderSource") or row.get("orderSource") or "").lower()
    if "adl" in trade_side or source.startswith("adl"):
        return "adl"
    if trade_side.startswith(("burst", "reduce")) or source.startswith(("liquidation", "burst")):
        return "liquidation"
    if source.startswith(("loss", "pos_loss")):
        return "stop"
    if source.startswith(("profit", "pos_profit")):
        return "target"
    entry_point = str(order_row.get("enterPointSource") or row.get("enterPointSource") or "").lower()
    is_delivered = trade_side.startswith(("delivery", "offset")) or source.startswith("delivery")
    return "order" if entry_point == "api" and not is_delivered else "other"


def funding(row: Row) -> FundingPayment:
    """Read a settlement: it is written down when it happens or later."""
    written_ts = int(row["cTime"])
    settled_ts = int(row.get("uTime") or written_ts)
    return FundingPayment(
        instrument(row["symbol"]),
        str(row["billId"]),
        parse_amount(row["amount"]),
        min(settled_ts, written_ts),
    )


def is_cash(row: Row) -> bool:
    """Whether a bill changes the cash of the margin coin; margin is moved within the account."""
    return row.get("coin", COIN) == COIN and "margin" not in str(row["businessType"])


def ledger_entry(row: Row) -> LedgerEntry:
    """Read a bill; its fee is negative when paid."""
    kind = str(row["businessType"])
    amount_ = parse_amount(row["amount"]) + (parse_number(row.get("fee")) or Decimal(0))
    return LedgerEntry(
        int(row["cTime"]), amount_, is_transfer=not any(word in kind for word in _TRADING_WORDS)
    )


def balance(rows: Iterable[Row], ts: int) -> Balance:
    """Read the money of the margin coin."""
    row = [account for account in rows if account["marginCoin"] == COIN][0]  # noqa: RUF015 - none is an IndexError
    equity = parse_amount(row["accountEquity"])
    open_result = parse_number(row.get("unrealizedPL")) or Decimal(0)
    free = row.get("isolatedMaxAvailable")
    available = parse_amount(row["available"] if free in (None, "") else free)
    return Balance(COIN, equity - open_result, equity, available, ts)


def rights(authorities: Iterable[Any]) -> KeyRights:
    """Read what a key may do."""
    words = {str(word).lower() for word in authorities}
    return KeyRights(
        can_read=bool(words & _READ_RIGHTS),
        can_trade="trade" in words or words >= _TRADE_RIGHTS,
        can_withdraw=bool(words & _WITHDRAW_RIGHTS),
    )


def _above_zero(value: Any) -> Decimal | None:
    parsed = parse_number(value)
    return parsed if parsed is not None and parsed > 0 else None


def _closing_levels(plans: list[Row], types: frozenset[str], qty: Decimal, worse: int) -> list[Decimal]:
    """Return the levels of these types that each close the last of a position."""
    matching = [plan_row for plan_row in plans if plan_row["planType"] in types]
    whole = [
        parse_amount(plan_row["triggerPrice"])
        for plan_row in matching
        if plan_row["planType"] in _WHOLE_POSITION
    ]
    parts = [
        (parse_number(plan_row.get("size")) or Decimal(0), parse_amount(plan_row["triggerPrice"]))
        for plan_row in matching
        if plan_row["planType"] not in _WHOLE_POSITION
    ]
    return closing_levels(whole, parts, qty, worse)


def fee_coin(row: Row) -> str:
    """Return the coin that a part of a fee was paid in, where it is not the margin's; else nothing."""
    others = [fee for fee in _fees(row) if not _is_ours(fee) and parse_amount(fee["totalFee"])]
    return str(others[0]["feeCoin"]) if others else ""


def _fee(row: Row) -> Decimal:
    return sum((-parse_amount(fee["totalFee"]) for fee in _fees(row) if _is_ours(fee)), Decimal(0)) + 0


def _fees(row: Row) -> list[Row]:
    details = row["feeDetail"]
    return [details] if isinstance(details, dict) else details or []


def _is_ours(fee: Row) -> bool:
    return bool(fee.get("feeCoin", COIN) == COIN)


def id_sort_key(id_: str) -> tuple[int, str]:
    """Return what orders ids: those that are numbers as numbers."""
    return (int(id_), id_) if id_.isdecimal() else (0, id_)
