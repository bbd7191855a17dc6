"""Equity, buy and hold and drawdown with few points that keep every extreme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.engine.run import Run, SlotRun
from vigie.quant.metrics.monthly import MonthlyTable, monthly_table


@dataclass(frozen=True, slots=True, eq=False)
class AccountCurve:
    """An account over time, as sampled at closes.

    Attributes
    ----------
    ts : int64 array, shape (n,)
        Close times, epoch milliseconds UTC.
    equity, hold, drawdown : float64 arrays, shape (n,)
        Quote currency, quote currency, and fraction <= 0 below the highest equity so far.
    months : MonthlyTable
        From all samples, also where `ts` was thinned.
    capital : float
        Before the first sample.
    """

    ts: IntArray
    equity: FloatArray
    hold: FloatArray
    drawdown: FloatArray
    months: MonthlyTable
    capital: float

    def thin(self, points: int) -> AccountCurve:
        """Return at most about `points` samples: first, last, and the extremes of each stretch of time.

        Parameters
        ----------
        points : int
            At most twice as many are kept; a curve with no more comes back whole.

        Returns
        -------
        AccountCurve
            Months and capital unchanged.
        """
        keep = extreme_indices(self.ts, (self.equity, self.hold, self.drawdown), points)
        return AccountCurve(
            self.ts[keep],
            self.equity[keep],
            self.hold[keep],
            self.drawdown[keep],
            self.months,
            self.capital,
        )


def extreme_indices(ts: IntArray, columns: Sequence[FloatArray], points: int) -> IntArray:
    """Return the indices that keep the smallest and largest value of every column in equal stretches of time.

    Parameters
    ----------
    ts : int64 array, shape (n,)
        Ascending.
    columns : sequence of float64 arrays, shape (n,)
        What must keep its extremes.
    points : int
        About how many indices are wanted, at most twice as many; all of them where there are no more than that.

    Returns
    -------
    int64 array, shape (n_kept,)
        Ascending, with the first and the last.
    """
    n = len(ts)
    if n <= points:
        return np.arange(n)
    edges = np.searchsorted(ts, np.linspace(ts[0], ts[-1] + 1, max(1, points // len(columns)) + 1))
    keep = {0, n - 1}
    for start, stop in pairwise(edges.tolist()):
        for column in columns if stop > start else ():
            part = column[start:stop]
            keep.add(start + int(np.argmin(part)))
            keep.add(start + int(np.argmax(part)))
    return np.array(sorted(keep), np.int64)


def slot_curve(slot: SlotRun) -> AccountCurve:
    """Return the curve of one slot.

    Parameters
    ----------
    slot : SlotRun
        Its warm-up bars are left out.

    Returns
    -------
    AccountCurve
        One sample a bar, not thinned.
    """
    bars = slot.plan.bars
    opens = bars.ts[slot.plan.first :]
    capital = slot.plan.account.sizing.capital
    return _curve(opens + bars.span_ms, opens, slot.equity, slot.hold, capital)


def total_curve(run: Run) -> AccountCurve:
    """Return the curve of the account (portfolio) or of the sum of all accounts (isolated).

    Parameters
    ----------
    run : Run
        Isolated or portfolio.

    Returns
    -------
    AccountCurve
        Not thinned; times are closes of the finest bars.
    """
    span = min(slot.plan.bars.span_ms for slot in run.slots)
    ts = np.asarray(run.equity_ts, np.int64)
    return _curve(ts, ts - span, run.equity, total_hold(run), run.total.capital)


def total_hold(run: Run) -> FloatArray:
    """Return buy and hold of all slots: added up (isolated), or the same capital in equal parts (portfolio).

    Parameters
    ----------
    run : Run
        Slots with different spans keep their capital until their first close.

    Returns
    -------
    float64 array, shape (n_samples,)
        Quote currency, at the times of ``run.equity_ts``.
    """
    total = np.zeros(len(run.equity_ts))
    for slot in run.slots:
        closes = slot.plan.bars.ts[slot.plan.first :] + slot.plan.bars.span_ms
        index = np.searchsorted(closes, run.equity_ts, side="right") - 1
        before = slot.plan.account.sizing.capital
        total += np.where(index >= 0, slot.hold[np.maximum(index, 0)], before)
    return total / len(run.slots) if run.account.mode == "portfolio" else total


def _curve(ts: Any, opens: Any, equity: FloatArray, hold: FloatArray, capital: float) -> AccountCurve:
    peak = np.maximum.accumulate(np.maximum(equity, capital)) if len(equity) else equity
    with np.errstate(divide="ignore", invalid="ignore"):
        drawdown = np.where(peak > 0, equity / peak - 1.0, 0.0)
    return AccountCurve(ts, equity, hold, drawdown, monthly_table(equity, opens, capital), capital)
