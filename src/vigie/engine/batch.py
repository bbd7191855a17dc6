"""Many variants of one slot in one compiled call: the fast loop and the few figures a sweep ranks by.

Takes one history, the flags and settings of many variants; gives six figures each, and the account value at the
end of every sampling period where asked. Every variant goes through `isolated.run_isolated`, so that a sweep
and a single backtest cannot differ.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.state import LOG_COLUMNS, SLOT, TRADE
from vigie.engine.conditions import compose
from vigie.engine.isolated import run_isolated, signals
from vigie.engine.journal import ROWS_PER_BAR, ROWS_PER_SIGNAL
from vigie.quant.metrics.score import score_figures

FIGURES: Final = ("total_return", "sharpe", "max_drawdown", "trades", "win_rate", "profit_factor")
_SMALLEST: Final = 1e-12


@njit(cache=True, nogil=True)
def run_batch(
    ts: IntArray,
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    flags: Any,
    compared: FloatArray,
    conditions: IntArray,
    levels: FloatArray,
    stop_units: FloatArray,
    target_units: FloatArray,
    settings: Any,
    rows: IntArray,
    funding_ts: IntArray,
    funding_rate: FloatArray,
    funding_mark: FloatArray,
    rules: Any,
    span: int,
    first: int,
    ends: IntArray,
    periods_per_year: float,
    figures: FloatArray,
    samples: FloatArray,
) -> int:
    """Trade every variant on its own capital and score it.

    Parameters
    ----------
    flags : uint8 array, shape (n_flags, n_bars)
        Entry and exit flags of distinct parameters; those that `conditions` make are filled in.
    compared, conditions, levels : arrays
        Of `conditions.Waiting`.
    stop_units, target_units : float64 arrays, shape (n_units, n_bars)
        Distance units of distinct parameters.
    settings : record array of `SETTINGS`
        Of distinct account settings.
    rows : int64 array, shape (n_variants, 4)
        Which row of `flags`, `stop_units`, `target_units` and `settings` each variant reads.
    rules : record array of `RULES`
        Versions, ascending in `valid_from`.
    first : int
        Bars before it are for indicators only.
    ends : int64 array, shape (n_periods,)
        From `period_ends`, of the bars from `first` on.
    figures : float64 array, shape (n_variants, 6)
        Filled in the order of `FIGURES`.
    samples : float64 array, shape (n_variants, n_periods) or (0, 0)
        Filled with the account value at `ends`.

    Returns
    -------
    int
        The largest cash, or debt, that a variant ended with, minor units.
    """
    if len(conditions) > 0:
        compose(compared, conditions, levels, np.empty(len(ts), np.bool_), flags)
    equity = np.empty(len(ts) - first)
    most = 0
    for j in range(len(flags)):
        most = max(most, signals(flags[j], first))
    pnl, trades = np.empty(most + 1), np.empty(most + 1, TRADE)
    size = most * ROWS_PER_SIGNAL + ROWS_PER_BAR
    log, values = np.empty((size, LOG_COLUMNS), np.int64), np.empty((size, 2))
    largest = 0
    for k in range(len(rows)):
        at = rows[k, 3]
        n_trades, _, cash = run_isolated(
            ts, open_, high, low, close,
            flags[rows[k, 0]], stop_units[rows[k, 1]], target_units[rows[k, 2]],
            funding_ts, funding_rate, funding_mark,
            rules, settings[at : at + 1], np.zeros(1, SLOT), span, first, 0, equity, trades, log, values,
        )  # fmt: skip
        largest = max(largest, abs(cash))
        for i in range(n_trades):
            pnl[i] = trades[i]["pnl"]
        capital = max(settings[at]["capital"], _SMALLEST)
        gain, sharpe, depth, count, wins, factor = score_figures(
            equity, ends, capital, pnl[:n_trades], periods_per_year
        )
        figures[k, 0], figures[k, 1], figures[k, 2] = gain, sharpe, depth
        figures[k, 3], figures[k, 4], figures[k, 5] = count, wins, factor
        if len(samples) > 0:
            for j in range(len(ends)):
                samples[k, j] = equity[ends[j]]
    return largest
