"""Hyperliquid's rows of accounts as our records: orders, fills, positions, money, funding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from vigie.adapters.venues.figures import closing, first_reached
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
from vigie.ports.trading import LedgerEntry

_SIDES: Final = {"B": 1, "A": -1}
_LIVE: Final = ("open", "triggered")


@dataclass(frozen=True, slots=True)
class Listing:
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


def number(value: Any) -> Decimal:
    """Return a number that must be there."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError(f"a number must be text, was {value!r}")
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError(f"a number must be finite, was {value!r}")
    return found


def plain(value: Decimal) -> str:
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


def order(told: Row) -> VenueOrder:
    """Read an order and what became of it."""
    row = told["order"]
    qty, rest = number(row["origSz"]), number(row["sz"])
    filled = qty if told["status"] == "filled" else qty - rest
    state = _state(told["status"], filled)
    found = _order(row, filled, state, int(told["statusTimestamp"]))
    return replace(found, ended_by=str(told["status"])) if state == "cancelled" else found


def waiting(row: Row) -> VenueOrder:
    """Read an order that is open."""
    filled = number(row["origSz"]) - number(row["sz"])
    return _order(row, filled, _state("open", filled), int(row["timestamp"]))


def _order(row: Row, filled: Decimal, state: OrderState, ts: int) -> VenueOrder:
    is_trigger = bool(row["isTrigger"])
    is_limit = not is_trigger and row["orderType"] == "Limit" and row.get("tif") != "Ioc"
    level = "target" if str(row["orderType"]).startswith("Take") else "stop"
    return VenueOrder(
        instrument=instrument(row["coin"]),
        order_id=str(row["oid"]),
        client_id=client_id(row),
        side=_SIDES[row["side"]],
        kind=("target" if level == "target" else "stop") if is_trigger else "limit" if is_limit else "market",
        qty=number(row["origSz"]),
        filled=filled,
        state=state,
        is_reduce_only=bool(row["reduceOnly"]),
        ts=int(row["timestamp"]),
        ts_updated=ts,
        price=number(row["triggerPx"]) if is_trigger else number(row["limitPx"]) if is_limit else None,
    )


def _state(told: str, filled: Decimal) -> OrderState:
    if told in _LIVE:
        return "partial" if filled else "live"
    # Everything else has ended: canceled for one of many reasons, or rejected.
    return "filled" if told == "filled" else "cancelled"


def cause_of(row: Row, made: Row | None, user: str) -> FillCause:
    """Return why the venue traded for `user`, an address; `made` is the order, where it is known."""
    way = str(row.get("dir") or "")
    if _is_liquidated(row, way, user):
        return "liquidation"
    if way == "Auto-Deleveraging":
        return "adl"
    if made is not None and made.get("isTrigger"):
        return "target" if str(made.get("orderType")).startswith("Take") else "stop"
    return "order" if client_id(row) or (made is not None and made.get("is_ours")) else "other"


def _is_liquidated(row: Row, way: str, user: str) -> bool:
    """Whether a fill liquidated `user`: the venue marks both sides of a liquidation with whom it liquidated."""
    liquidated = (row.get("liquidation") or {}).get("liquidatedUser")
    # Without an address only the direction says on which side the account stood.
    return str(liquidated).lower() == user.lower() if liquidated else way.startswith("Liquidated")


def fill(row: Row, cause: FillCause) -> Fill:
    """Read a fill; a level's has no id of ours, whoever placed it."""
    return Fill(
        instrument=instrument(row["coin"]),
        id=str(row["tid"]),
        order_id=str(row["oid"]),
        client_id=client_id(row) if cause == "order" else "",
        side=_SIDES[row["side"]],
        qty=number(row["sz"]),
        price=number(row["px"]),
        fee=number(row["fee"]),
        ts=int(row["time"]),
        is_maker=not row["crossed"],
        cause=cause,
    )


def funding(row: Row) -> FundingPayment:
    """Read a settlement; it has no id but its time."""
    delta = row["delta"]
    return FundingPayment(
        instrument(delta["coin"]), f"{delta['coin']}-{row['time']}", number(delta["usdc"]), int(row["time"])
    )


def position(row: Row, levels: Iterable[Row], ts: int) -> VenuePosition:
    """Read an open position; `levels` are the triggers that wait in its contract."""
    signed = number(row["szi"])
    side, qty = (1 if signed > 0 else -1), abs(signed)
    told = list(levels)
    stops, targets = _closing(told, "Stop", qty, side, -side), _closing(told, "Take", qty, side, side)
    return VenuePosition(
        instrument=instrument(row["coin"]),
        side=side,
        qty=qty,
        entry=number(row["entryPx"]),
        leverage=number(row["leverage"]["value"]),
        ts=ts,
        mark=number(row["positionValue"]) / qty,
        liquidation=number(row["liquidationPx"]) if row.get("liquidationPx") else None,
        stop=first_reached(stops, -side),
        target=first_reached(targets, side),
        stops=len(stops),
    )


def is_level(row: Row) -> bool:
    """Whether a waiting order closes a position at a price."""
    return bool(row["isTrigger"]) and bool(row["reduceOnly"])


def _closing(levels: list[Row], kind: str, qty: Decimal, side: int, worse: int) -> list[Decimal]:
    """Return the levels of a kind that each close the last of a position."""
    fitting = [
        one for one in levels if str(one["orderType"]).startswith(kind) and _SIDES[one["side"]] == -side
    ]
    whole = [number(one["triggerPx"]) for one in fitting if one.get("isPositionTpsl")]
    parts = [
        (number(one["sz"]), number(one["triggerPx"])) for one in fitting if not one.get("isPositionTpsl")
    ]
    return closing(whole, parts, qty, worse)


def booked(row: Row) -> LedgerEntry:
    """Read what a fill changed of the cash: its closed result less its fee."""
    return LedgerEntry(int(row["time"]), number(row["closedPnl"]) - number(row["fee"]))


def moved(row: Row, account: str) -> LedgerEntry | None:
    """Read money that came to the perpetuals of an account or left them; None for what is no such thing."""
    delta = row["delta"]
    kind, usdc = str(delta["type"]), number(delta.get("usdc") or "0")
    fee = number(delta.get("fee") or "0")
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
    equity = number(state["marginSummary"]["accountValue"])
    open_result = sum(
        (number(one["position"]["unrealizedPnl"]) for one in state["assetPositions"]), Decimal(0)
    )
    return Balance(COIN, equity - open_result, equity, number(state["withdrawable"]), int(state["time"]))
