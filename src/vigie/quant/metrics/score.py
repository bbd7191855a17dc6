"""The few figures a sweep ranks by, at a fraction of the cost of a full summary."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numba import njit

from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.metrics.returns import FLAT
from vigie.quant.metrics.risk import deepest
from vigie.quant.metrics.sampling import period_ends, periods_per_year


@dataclass(frozen=True, slots=True)
class Score:
    """Six figures of one trial, each equal to the one of the same name in `Summary`.

    Attributes
    ----------
    total_return : float
        Fraction of the whole span.
    sharpe : float
        Annualised (365 days); NaN without variation.
    max_drawdown : float
        Fraction <= 0.
    trades : int
        Closed trades.
    win_rate : float
        Fraction; NaN without trades.
    profit_factor : float
        Infinite with gains and no losses; NaN with neither.
    """

    total_return: float
    sharpe: float
    max_drawdown: float
    trades: int
    win_rate: float
    profit_factor: float


@njit(cache=True, nogil=True, error_model="numpy")
def score_figures(
    equity: FloatArray, ends: IntArray, capital: float, pnl: FloatArray, periods_per_year: float
) -> tuple[float, float, float, float, float, float]:
    """Return the figures of `Score` in its order; to be called from compiled sweeps.

    Parameters
    ----------
    equity : float64 array, shape (n_bars,)
        Account value at the close of every bar.
    ends : int64 array, shape (n_periods,)
        From `period_ends`, computed once for all trials on the same bars.
    capital : float
        Account value before the first bar.
    pnl : float64 array, shape (n_trades,)
        Net results of the closed trades.
    periods_per_year : float
        From `periods_per_year`.

    Returns
    -------
    tuple of six floats
        Total return, Sharpe, maximum drawdown, trades, win rate, profit factor.
    """
    # The same arithmetic as period_returns and return_figures, without keeping the returns.
    total, periods = 0.0, 0
    previous = capital
    for k in ends:
        if previous <= 0.0:
            break
        total += equity[k] / previous - 1.0
        previous = equity[k]
        periods += 1
    sharpe = math.nan
    if periods > 1:
        mean = total / periods
        squares = 0.0
        previous = capital
        for j in range(periods):
            value = equity[ends[j]]
            d = value / previous - 1.0 - mean
            squares += d * d
            previous = value
        deviation = math.sqrt(squares / (periods - 1))
        if deviation > FLAT:
            sharpe = mean / deviation * math.sqrt(periods_per_year)
    wins, gains, losses = 0, 0.0, 0.0
    for x in pnl:
        if x > 0.0:
            wins += 1
            gains += x
        elif x < 0.0:
            losses -= x
    n = len(pnl)
    win_rate = wins / n if n > 0 else math.nan
    factor = math.nan
    if losses > 0.0:
        factor = gains / losses
    elif gains > 0.0:
        factor = math.inf
    final = equity[len(equity) - 1] if len(equity) > 0 else capital
    return final / capital - 1.0, sharpe, deepest(equity, capital), float(n), win_rate, factor


def score(equity: FloatArray, ts: IntArray, capital: float, pnl: FloatArray, *, span_ms: int) -> Score:
    """Return the figures a sweep ranks by.

    Parameters
    ----------
    equity : float64 array, shape (n_bars,)
        Account value at the close of every bar.
    ts : int64 array, shape (n_bars,)
        Open times of the bars, epoch milliseconds UTC.
    capital : float
        Account value before the first bar, > 0.
    pnl : float64 array, shape (n_trades,)
        Net results of the closed trades.
    span_ms : int
        Length of a bar.

    Returns
    -------
    Score
        NaN wherever a figure is not defined.
    """
    ends = period_ends(ts, span_ms)
    gain, sharpe, depth, trades, wins, factor = score_figures(
        equity, ends, capital, pnl, periods_per_year(span_ms)
    )
    return Score(gain, sharpe, depth, int(trades), wins, factor)
