"""The finer bars of an account as its positions met them, and as they are stored where it held nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.ids import SeriesId
from vigie.engine.live import steps
from vigie.ports.store import BarStore
from vigie.services.trading.plan import TradePlan

_PRICES = ("open", "high", "low", "close")


def met_bars(
    store: BarStore, plan: TradePlan, number: int, taken: Sequence[steps.Step], end_ms: int
) -> Bars | None:
    """Return the finer bars of a slot's own backtest; None where it meets levels on its own bars.

    What a position met counts as it was known then: a correction that came later is left out, and so is a bar that was
    missing when its time came.

    Parameters
    ----------
    taken : sequence of Step
        The account's log.
    """
    one = plan.slots[number]
    detail = plan.detail_of(one)
    if not detail:
        return None
    series = SeriesId(plan.venue, one.slot.instrument, detail)
    stored = bars_until(store, series, plan.begun // series.span_ms * series.span_ms, end_ms)
    met, missing = _met(taken, number, series.span_ms)
    known = np.fromiter((*met, *missing), np.int64)
    kept = ~np.isin(stored.ts, known)
    ts = np.concatenate([stored.ts[kept], np.fromiter(met, np.int64)])
    order = np.argsort(ts, kind="stable")

    def prices(name: str) -> FloatArray:
        known_then = np.array([getattr(bar, name) for bar in met.values()], np.float64)
        found: FloatArray = np.concatenate([getattr(stored, name)[kept], known_then])[order]
        return found

    open_, high, low, close = (prices(name) for name in _PRICES)
    name, span, volume = one.slot.instrument, series.span_ms, np.zeros(len(ts))
    return Bars(name, span, ts[order], open_, high, low, close, volume, venue=plan.venue)


def _met(
    taken: Sequence[steps.Step], number: int, span_ms: int
) -> tuple[dict[int, steps.FinerBar], set[int]]:
    """Return the finer bars that a slot's positions met, and the times of those that were missing then."""
    met: dict[int, steps.FinerBar] = {}
    passed: set[int] = set()
    is_held = False
    for step in taken:
        if is_held and isinstance(step, steps.BarsClosed) and step.ts % span_ms == 0:
            passed.add(step.ts - span_ms)
        met |= {bar.ts: bar for bar in getattr(step, "finer", ()) if bar.slot == number}
        is_held = is_held and all(one.slot != number for one in getattr(step, "leaves", ()))
        is_held = is_held or any(one.slot == number and one.lots for one in getattr(step, "entries", ()))
    return met, passed - met.keys()
