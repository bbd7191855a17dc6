"""How far prices are from stop and liquidation, with the side they are on; quotes only mark, they trade nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from vigie.domain.order import TradeRun
from vigie.domain.time import timeframe_ms
from vigie.ports.quotes import QuoteStore
from vigie.services.trading.plans.plan import TradePlan


class MarkPrice(NamedTuple):
    """The present price of an instrument, and the market's time at which it was."""

    price: float
    ts: int


def marks_of(quote_store: QuoteStore, run: TradeRun) -> dict[str, MarkPrice]:
    """Return the present price of every instrument of an account's venue: the mark where it is told, else the last."""
    _, quotes = quote_store.since(0)
    return {
        quote.instrument: MarkPrice(quote.last if quote.mark is None else quote.mark, quote.ts_event)
        for quote in quotes
        if quote.venue == run.venue
    }


def distance(side: str, price: float | None, level: float) -> float | None:
    """Return how far a price may still move before it meets a level, as a share of it; below 0 it is beyond."""
    if price is None or level <= 0.0:
        return None
    return (price - level) / price if side == "long" else (level - price) / price


def distances(plan: TradePlan, row: dict[str, Any], mark: MarkPrice | None) -> dict[str, Any]:
    """Return how far the price of a position is from its stop and its liquidation, and when a passed stop settles.

    On paper a stop that the price has passed settles at the close of the bar, or finer bar, on which levels are met.
    """
    price = None if mark is None else mark.price
    to_stop = distance(row["side"], price, float(row["stop"]))
    is_passed = plan.mode == "paper" and mark is not None and to_stop is not None and to_stop <= 0.0
    settles = None
    if is_passed and mark is not None:
        plan_slot = next(plan_slot for plan_slot in plan.slots if str(plan_slot.slot) == row["slot"])
        span = timeframe_ms(plan.detail_of(plan_slot) or plan_slot.slot.timeframe)
        settles = (mark.ts // span + 1) * span
    return {
        "stop_distance": to_stop,
        "liquidation_distance": distance(row["side"], price, row["liquidation"]),
        "is_stop_passed": is_passed,
        "settles_ts": settles,
    }
