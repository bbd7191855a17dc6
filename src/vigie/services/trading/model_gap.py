"""How far a trade's result is from what the fill model gives the same decision on the stored bars.

On paper it is nothing, unless a first price came from a quote; at a venue it is what the market did to the order.
"""

from __future__ import annotations

from typing import Any, Final

from vigie.data.live_history import first_price
from vigie.domain import codes
from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore
from vigie.services.trading.story import Story
from vigie.trading import execution, exits, ledger

# Ends that the model knows: decided ones at an open, levels inside a bar.
_AT_OPEN: Final = (codes.SIGNAL, codes.TIME)
_LEVELS: Final = (codes.STOP, codes.TARGET)


def model_gap(store: BarStore, story: Story, trade_number: int) -> float | None:
    """Return a closed trade's result less the model's; None where the model has none or bars are not stored."""
    if story.account is None:
        return None
    if trade_number not in story.gaps:
        gap = _looked_up(store, story, story.account.trades[trade_number])
        if gap is None:
            return None
        story.gaps[trade_number] = gap
    return story.gaps[trade_number]


def _looked_up(store: BarStore, story: Story, trade: Any) -> float | None:
    account, number, reason = story.account, int(trade["slot"]), int(trade["reason"])
    if account is None or reason not in (*_AT_OPEN, *_LEVELS):
        return None
    one = story.plan.slots[number].slot
    series = SeriesId(story.plan.venue, one.instrument, one.timeframe)
    span, side = series.span_ms, int(trade["side"])
    entry_open = first_price(store, series, int(trade["entry_ts"]) // span * span)
    # A level was met inside the bar that ended then, or that was going on.
    exit_ts = int(trade["exit_ts"])
    bar = (exit_ts - 1) // span * span if reason in _LEVELS else exit_ts // span * span
    exit_open = first_price(store, series, bar)
    if entry_open is None or exit_open is None:
        return None
    rule, settings = account.rule(number, int(trade["entry_ts"])), account.settings(number)
    grid = rule["tick_multiple"], rule["tick_scale"], rule["figures"]
    entry = execution.market_price(entry_open, side, settings["slip"], *grid)
    raw = exit_open
    if reason in _LEVELS:
        level = float(trade["stop"] if reason == codes.STOP else trade["target"])
        raw = exits.touch_price(side, level, exit_open, reason == codes.STOP)
    left = execution.market_price(raw, -side, settings["slip"], *grid)
    qty = float(trade["qty"])
    fees = ledger.fee(qty, entry, rule["taker"]) + ledger.fee(qty, left, rule["taker"])
    model = ledger.gross_result(side, qty, entry, left) - fees + float(trade["funding"])
    return float(trade["pnl"]) - float(model)
