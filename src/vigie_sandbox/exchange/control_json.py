"""What the control port reads from bodies and writes into answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from vigie.domain.errors import UsageError
from vigie_sandbox.exchange.core.entities import ExchangeTrade, HoldSide
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.matchers.lockstep import LockStepInstant

Body = Mapping[str, Any]


def instant_json(instant: LockStepInstant) -> dict[str, Any]:
    """Return an instant of lock-step as JSON."""
    return {
        "number": instant.number,
        "ts": instant.ts,
        "closed": [
            {
                "series": series,
                "bar": [
                    bar.ts,
                    *(
                        format_decimal(value)
                        for value in (bar.open, bar.high, bar.low, bar.close, bar.volume)
                    ),
                ],
            }
            for series, bar in instant.closed
        ],
        "opened": [
            {"series": series, "ts": instant.ts, "price": format_decimal(price)}
            for series, price in instant.opened
        ],
        "fundings": [to_json(bill) for bill in instant.fundings],
        "fills": [fill_json(trade) for trade in instant.trades],
        "account_seq": instant.last_event,
        "is_last": instant.is_last,
    }


def fill_json(trade: ExchangeTrade) -> dict[str, Any]:
    """Return a trade as JSON."""
    return {
        "tradeId": trade.id,
        "orderId": trade.order_id,
        "clientOid": trade.client_id,
        "symbol": trade.symbol,
        "side": "buy" if trade.side > 0 else "sell",
        "price": format_decimal(trade.price),
        "size": format_decimal(trade.qty),
        "fee": format_decimal(trade.fee),
        "cause": trade.cause.removeprefix("pos_"),
        "series": trade.series,
        "ts": trade.ts,
    }


def to_json(value: Any) -> Any:
    """Return records as JSON, numbers as text."""
    if hasattr(value, "__dataclass_fields__"):
        return to_json(asdict(value))
    if isinstance(value, Decimal):
        return format_decimal(value)
    if isinstance(value, Mapping):
        return {name: to_json(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_json(part) for part in value]
    return value


def read_integer(body: Body, name: str) -> int:
    """Return a whole number of a body."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name} must be a whole number, was {value!r}")
    return value


def read_decimal(body: Body, name: str) -> Decimal:
    """Return a finite number of a body."""
    try:
        value = Decimal(str(body.get(name)))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UsageError(f"{name} must be a number, was {body.get(name)!r}")
    return value


def read_hold(body: Body) -> HoldSide:
    """Return which position of a contract a body means; the net one where it says none."""
    hold = body.get("hold", "net")
    if hold == "long":
        return "long"
    return "short" if hold == "short" else "net"
