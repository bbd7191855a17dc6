"""How far a trade's result is from what the fill model gives the same decision on the stored bars.

On paper it is nothing, unless a first price came from a quote; at a venue it is what the market did to the order.
Funding is the model's as well: what was settled while the trade was held, by the rates that are stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from vigie.data.live_history import bars_until, first_price
from vigie.domain import codes
from vigie.domain.ids import SeriesId
from vigie.domain.time import MINUTE_MS
from vigie.engine.inputs import settlements_of
from vigie.engine.live.book.account_memory import FUNDINGS_LATE_MS
from vigie.ports.facts import FactStore
from vigie.ports.store import BarStore
from vigie.quant import money
from vigie.services.trading.log.account_view import AccountView
from vigie.trading import execution, exits, ledger

# Ends that the model knows: decided ones at an open, levels inside a bar.
_AT_OPEN: Final = (codes.SIGNAL, codes.TIME)
_LEVELS: Final = (codes.STOP, codes.TARGET)


@dataclass(frozen=True, slots=True)
class ModelGapStores:
    """What the model counts with."""

    bars: BarStore
    facts: FactStore


def model_gap(stores: ModelGapStores, view: AccountView, trade_number: int) -> float | None:
    """Return a closed trade's result less the model's; None where the model has none or bars are not stored."""
    if view.account is None:
        return None
    trade = view.account.trades[trade_number]
    gap = view.gaps.get(trade_number)
    if gap is None:
        gap = _compute_gap(stores, view, trade)
        # Until then a rate may be told late, to the account and to the store.
        if gap is not None and int(trade["exit_ts"]) + FUNDINGS_LATE_MS < view.ts:
            view.gaps[trade_number] = gap
    return gap


def _compute_gap(stores: ModelGapStores, view: AccountView, trade: Any) -> float | None:
    account, number, reason = view.account, int(trade["slot"]), int(trade["reason"])
    if account is None or reason not in (*_AT_OPEN, *_LEVELS):
        return None
    slot = view.plan.slots[number].slot
    store, series = stores.bars, SeriesId(view.plan.venue, slot.instrument, slot.timeframe)
    span, side = series.span_ms, int(trade["side"])
    entry_open = first_price(store, series, int(trade["entry_ts"]) // span * span)
    # A level was met inside the bar, or the finer bar, that ended then, or that was going on.
    exit_ts = int(trade["exit_ts"])
    detail = view.plan.detail_of(view.plan.slots[number])
    finer = replace(series, timeframe=detail) if detail else series
    inside = finer.span_ms
    bar = (exit_ts - 1) // inside * inside if reason in _LEVELS else exit_ts // span * span
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
    exit_price = execution.market_price(raw, -side, settings["slip"], *grid)
    qty = float(trade["qty"])
    fees = ledger.fee(qty, entry, rule["taker"]) + ledger.fee(qty, exit_price, rule["taker"])
    until = bar + inside if reason in _LEVELS else bar + 1
    funding = _funding(stores, finer, trade, until)
    modelled = ledger.gross_result(side, qty, entry, exit_price) - fees + funding
    return float(trade["pnl"]) - float(money.amount_of(modelled))


def _funding(stores: ModelGapStores, series: SeriesId, trade: Any, until: int) -> int:
    """Return what a position pays, minor units, for what was settled after its entry's open and before a time.

    Rule 8 of the fill model.
    """
    since, span = int(trade["entry_ts"]) // series.span_ms * series.span_ms, series.span_ms
    name = f"derivatives/{series.venue}:{series.instrument}/funding_fraction"
    frame = stores.facts.read([name], start_ms=since, end_ms=until + MINUTE_MS)
    if frame.is_empty():
        return 0
    settled = settlements_of(frame["ts_event"].to_numpy(), frame["value"].to_numpy())
    bars = bars_until(stores.bars, series, since, until + span)
    paid = 0
    for ts, rate in zip(settled.ts.tolist(), settled.rate.tolist(), strict=True):
        row = int(np.searchsorted(bars.ts, ts, side="right")) - 1
        # What falls into a gap of the bars is booked at the next one's open.
        row += row >= 0 and int(bars.ts[row]) + span <= ts
        if since < ts < until and 0 <= row < len(bars):
            paid += ledger.funding(int(trade["side"]), float(trade["qty"]), float(bars.open[row]), rate)
    return paid
