"""The bars that an account is compared on: those of its decisions, and the finer ones that its positions met.

What a venue tells otherwise since is counted apart; where nothing was held, finer bars are those that are stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.data.decided_bars import COLUMNS, SAME
from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.ids import SeriesId
from vigie.engine.live.fold import steps
from vigie.ports.store import BarStore
from vigie.services.trading.account_plans.account_plan import AccountPlan

_PRICES = ("open", "high", "low", "close")


def collect_decision_bars(
    stored_bars: Bars, number: int, log_steps: Sequence[steps.Step]
) -> tuple[Bars, list[int]]:
    """Return the bars of a slot with those in place that its decisions used, and which of these are others now.

    A bar that was not pushed has no volume in the log: the store's stands for it. Bars that are stored and that no
    decision used stay: that the account missed them is a difference.

    Parameters
    ----------
    log_steps : sequence of Step
        The account's log.
    """
    decided = {bar.ts: bar for step in log_steps for bar in getattr(step, "bars", ()) if bar.slot == number}
    stored_times = set(stored_bars.ts.tolist())
    # Pushed, and never stored: the store was behind, or its history lacks the bar.
    missing = [ts for ts, bar in decided.items() if ts not in stored_times and bar.volume is not None]
    ts = np.concatenate([stored_bars.ts, np.array(missing, np.int64)])
    order = np.argsort(ts, kind="stable")
    ts = ts[order]
    columns, differs = {}, np.zeros(len(ts), bool)
    used = [(row, decided[bar_ts]) for row, bar_ts in enumerate(ts.tolist()) if bar_ts in decided]
    for name in COLUMNS:
        column = np.concatenate([getattr(stored_bars, name), np.full(len(missing), np.nan)])[order]
        for row, bar in used:
            value = getattr(bar, name)
            if value is not None:
                differs[row] |= not np.isclose(column[row], value, rtol=SAME, atol=0.0)
                column[row] = value
        columns[name] = column
    bars = Bars(
        stored_bars.instrument, stored_bars.span_ms, ts, columns["open"], columns["high"], columns["low"],
        columns["close"], columns["volume"], venue=stored_bars.venue,
    )  # fmt: skip
    return bars, ts[differs].tolist()


def build_detail_bars(
    store: BarStore, plan: AccountPlan, number: int, log_steps: Sequence[steps.Step], end_ms: int
) -> Bars | None:
    """Return the finer bars of a slot's own backtest; None where it meets levels on its own bars.

    What a position met counts as it was known then: a correction that came later is left out, and so is a bar that was
    missing when its time came.

    Parameters
    ----------
    log_steps : sequence of Step
        The account's log.
    """
    plan_slot = plan.slots[number]
    detail = plan.detail_of(plan_slot)
    if not detail:
        return None
    series = SeriesId(plan.venue, plan_slot.slot.instrument, detail)
    stored_bars = bars_until(store, series, plan.begun // series.span_ms * series.span_ms, end_ms)
    met, missing = _find_met_bars(log_steps, number, series.span_ms)
    met_times = np.fromiter((*met, *missing), np.int64)
    is_kept = ~np.isin(stored_bars.ts, met_times)
    ts = np.concatenate([stored_bars.ts[is_kept], np.fromiter(met, np.int64)])
    order = np.argsort(ts, kind="stable")

    def prices(name: str) -> FloatArray:
        known_then = np.array([getattr(bar, name) for bar in met.values()], np.float64)
        result: FloatArray = np.concatenate([getattr(stored_bars, name)[is_kept], known_then])[order]
        return result

    open_, high, low, close = (prices(name) for name in _PRICES)
    name, span, volume = plan_slot.slot.instrument, series.span_ms, np.zeros(len(ts))
    return Bars(name, span, ts[order], open_, high, low, close, volume, venue=plan.venue)


def _find_met_bars(
    log_steps: Sequence[steps.Step], number: int, span_ms: int
) -> tuple[dict[int, steps.FinerBar], set[int]]:
    """Return the finer bars that a slot's positions met, and the times of those that were missing then."""
    met: dict[int, steps.FinerBar] = {}
    due_times: set[int] = set()
    is_held = False
    for step in log_steps:
        if is_held and isinstance(step, steps.BarsClosed) and step.ts % span_ms == 0:
            due_times.add(step.ts - span_ms)
        met |= {bar.ts: bar for bar in getattr(step, "finer", ()) if bar.slot == number}
        is_held = is_held and all(item.slot != number for item in getattr(step, "leaves", ()))
        is_held = is_held or any(item.slot == number and item.lots for item in getattr(step, "entries", ()))
    return met, due_times - met.keys()
