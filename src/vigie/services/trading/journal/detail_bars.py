"""The finer bars of an account as its positions met them, and as they are stored where it held nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.ids import SeriesId
from vigie.engine.live.fold import steps
from vigie.ports.store import BarStore
from vigie.services.trading.plans.plan import TradePlan

_PRICES = ("open", "high", "low", "close")


def build_detail_bars(
    store: BarStore, plan: TradePlan, number: int, log_steps: Sequence[steps.Step], end_ms: int
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
