"""Hyperliquid's rows of accounts as our records: orders, fills, positions, money, funding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from vigie.adapters.venues.decimals import closing_levels, first_reached
from vigie.adapters.venues.hyperliquid.history import PRICE_DECIMALS, SIGNIFICANT_FIGURES
from vigie.adapters.venues.hyperliquid.live import SPEECH
from vigie.adapters.venues.hyperliquid.wire import COIN
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
from vigie.domain.refusal import Refusal
from vigie.ports.listed_venue import LedgerEntry

_SIDES: Final = {"B": 1, "A": -1}
_LIVE: Final = ("open", "triggered")


@dataclass(frozen=True, slots=True)
class HyperliquidContract:
    """A contract as actions name it.

    Attributes
    ----------
    asset : int
        Its place in the venue's list.
    size_decimals : int
        Of a size; with a price's they are six at most.
    """

    coin: str
    asset: int
    size_decimals: int

    def price(self, value: Decimal, *, up: bool) -> Decimal:
        """Return the next price that the venue takes: five figures, or a whole number."""
        decimals = min(PRICE_DECIMALS - self.size_decimals, SIGNIFICANT_FIGURES - 1 - value.adjusted())
        step = Decimal(1).scaleb(-max(0, decimals))
        return value.quantize(step, ROUND_CEILING if up else ROUND_FLOOR)


def parse_number(value: Any) -> Decimal:
    """Return a number that must be there."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError(Refusal("number_must_text", "a number must be text, was {value!r}", value=value))
    parsed = Decimal(value)
    if not parsed.is_finite():
        raise ValueError(Refusal("number_must_finite", "a number must be finite, was {value!r}", value=value))
    return parsed


def format_plain(value: Decimal) -> str:
    """Write a number without exponent and without needless zeros, as it is hashed."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def cloid(client_id: str) -> str:
    """Return our id as the venue writes it."""
    return f"0x{client_id}"


def client_id(row: Row) -> str:
    """Return our id of an order or a fill; nothing where there is none."""
    return str(row.get("cloid") or "").lower().removeprefix("0x")


def instrument(coin: str) -> str:
    """Return our name of a contract; one that we have no name for keeps the venue's."""
    return SPEECH.instrument(coin) or coin


def is_perpetual(row: Row) -> bool:
    """Whether a row is of the venue's own perpetuals: not of spot (``@142``, ``PURR/USDC``), nor of builders."""
    return SPEECH.instrument(row["coin"]) is not None


def order(order_status: Row) -> VenueOrder:
    """Read an order and what became of it."""
    row = order_status["order"]
    qty, remaining = parse_number(row["origSz"]), parse_number(row["sz"])
    filled = qty if order_status["status"] == "filled" else qty - remaining
    state = _order_state(order_status["status"], filled)
    parsed = _make_order(row, filled, state, int(order_status["statusTimestamp"]))
    return replace(parsed, ended_by=str(order_status["status"])) if state == "cancelled" else parsed


def open_order(row: Row) -> VenueOrder:
    """Read an order that is open."""
    filled = parse_number(row["origSz"]) - parse_number(row["sz"])
    return _make_order(row, filled, _order_state("open", filled), int(row["timestamp"]))


def _make_order(row: Row, filled: Decimal, state: OrderState, ts: int) -> VenueOrder:
    is_trigger = bool(row["isTrigger"])
    is_limit = not is_trigger and row["orderType"] == "Limit" and row.get("tif") != "Ioc"
    level = "target" if str(row["orderType"]).startswith("Take") else "stop"
    return VenueOrder(
        instrument=instrument(row["coin"]),
        order_id=str(row["oid"]),
        client_id=client_id(row),
        side=_SIDES[row["side"]],
        kind=("target" if level == "target" else "stop") if is_trigger else "limit" if is_limit else "market",
        qty=parse_number(row["origSz"]),
        filled=filled,
        state=state,
        is_reduce_only=bool(row["reduceOnly"]),
        ts=int(row["timestamp"]),
        ts_updated=ts,
        price=parse_number(row["triggerPx"])
        if is_trigger
        else parse_number(row["limitPx"])
        if is_limit
        else None,
    )


def _order_state(status: str, filled: Decimal) -> OrderState:
    if status in _LIVE:
        return "partial" if filled else "live"
    # Everything else has ended: canceled for one of many reasons, or rejected.
    return "filled" if status == "filled" else "cancelled"


def cause_of(row: Row, order_row: Row | None, user: str) -> FillCause:
    """Return why the venue traded for `user`, an address; `order_row` is the order, where it is known."""
    direction = str(row.get("dir") or "")
    if _is_liquidated(row, direction, user):
        return "liquidation"
    if direction == "Auto-Deleveraging":
        return "adl"
    if order_row is not None and order_row.get("isTrigger"):
        return "target" if str(order_row.get("orderType")).startswith("Take") else "stop"
    return "order" if client_id(row) or (order_row is not None and order_row.get("is_ours")) else "other"


def _is_liquidated(row: Row, direction: str, user: str) -> bool:
    """Whether a fill liquidated `user`: the venue marks both sides of a liquidation with whom it liquidated."""
    liquidated_user = (row.get("liquidation") or {}).get("liquidatedUser")
    # Without an address only the direction says on which side the account stood.
    return (
        str(liquidated_user).lower() == user.lower()
        if liquidated_user
        else direction.startswith("Liquidated")
    )


def fill(row: Row, cause: FillCause) -> Fill:
    """Read a fill; a level's has no id of ours, whoever placed it."""
    return Fill(
        instrument=instrument(row["coin"]),
        id=str(row["tid"]),
        order_id=str(row["oid"]),
        client_id=client_id(row) if cause == "order" else "",
        side=_SIDES[row["side"]],
        qty=parse_number(row["sz"]),
        price=parse_number(row["px"]),
        fee=parse_number(row["fee"]),
        ts=int(row["time"]),
        is_maker=not row["crossed"],
        cause=cause,
    )


def funding(row: Row) -> FundingPayment:
    """Read a settlement; it has no id but its time."""
    delta = row["delta"]
    return FundingPayment(
        instrument(delta["coin"]),
        f"{delta['coin']}-{row['time']}",
        parse_number(delta["usdc"]),
        int(row["time"]),
    )


def position(row: Row, levels: Iterable[Row], ts: int) -> VenuePosition:
    """Read an open position; `levels` are the triggers that wait in its contract."""
    signed_qty = parse_number(row["szi"])
    side, qty = (1 if signed_qty > 0 else -1), abs(signed_qty)
    waiting_levels = list(levels)
    stops, targets = (
        _closing_levels(waiting_levels, "Stop", qty, side, -side),
        _closing_levels(waiting_levels, "Take", qty, side, side),
    )
    return VenuePosition(
        instrument=instrument(row["coin"]),
        side=side,
        qty=qty,
        entry=parse_number(row["entryPx"]),
        leverage=parse_number(row["leverage"]["value"]),
        ts=ts,
        mark=parse_number(row["positionValue"]) / qty,
        liquidation=parse_number(row["liquidationPx"]) if row.get("liquidationPx") else None,
        stop=first_reached(stops, -side),
        target=first_reached(targets, side),
        stops=len(stops),
    )


def is_level(row: Row) -> bool:
    """Whether a waiting order closes a position at a price."""
    return bool(row["isTrigger"]) and bool(row["reduceOnly"])


def _closing_levels(levels: list[Row], kind: str, qty: Decimal, side: int, worse: int) -> list[Decimal]:
    """Return the levels of a kind that each close the last of a position."""
    matching = [
        level
        for level in levels
        if str(level["orderType"]).startswith(kind) and _SIDES[level["side"]] == -side
    ]
    whole = [parse_number(level["triggerPx"]) for level in matching if level.get("isPositionTpsl")]
    parts = [
        (parse_number(level["sz"]), parse_number(level["triggerPx"]))
        for level in matching
        if not level.get("isPositionTpsl")
    ]
    return closing_levels(whole, parts, qty, worse)


def ledger_entry(row: Row) -> LedgerEntry:
    """Read what a fill changed of the cash: its closed result less its fee."""
    return LedgerEntry(int(row["time"]), parse_number(row["closedPnl"]) - parse_number(row["fee"]))


def transfer_entry(row: Row, account: str) -> LedgerEntry | None:
    """Read money that came to the perpetuals of an account or left them; None for what is no such thing."""
    delta = row["delta"]
    kind, usdc = str(delta["type"]), parse_number(delta.get("usdc") or "0")
    fee = parse_number(delta.get("fee") or "0")
    if kind in ("internalTransfer", "subAccountTransfer"):
        is_in = str(delta["destination"]).lower() == account.lower()
    elif kind == "accountClassTransfer":
        is_in = delta["toPerp"] is True
    elif kind in ("deposit", "withdraw"):
        is_in = kind == "deposit"
    else:
        return None
    return LedgerEntry(int(row["time"]), usdc if is_in else -usdc - fee, is_transfer=True)


def balance(state: Row) -> Balance:
    """Read the money of an account."""
    equity = parse_number(state["marginSummary"]["accountValue"])
    open_result = sum(
        (
            parse_number(asset_position["position"]["unrealizedPnl"])
            for asset_position in state["assetPositions"]
        ),
        Decimal(0),
    )
    return Balance(
        COIN, equity - open_result, equity, parse_number(state["withdrawable"]), int(state["time"])
    )
