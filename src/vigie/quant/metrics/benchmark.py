"""Against doing nothing clever: buy and hold of the same span, alpha and beta to a market."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.metrics.returns import FLAT


def buy_and_hold(
    open_: FloatArray, close: FloatArray, *, capital: float, taker: float, slippage_bps: float
) -> FloatArray:
    """Return the equity of holding the instrument once (1x) from the first open to the last close.

    Bought at the first open and sold at the last close, each with slippage and taker fee; no rounding to lots
    and no funding.

    Parameters
    ----------
    open_, close : float64 array, shape (n_bars,)
        Prices, quote currency.
    capital : float
        All of it is invested, fee included.
    taker : float
        Fee a side, fraction of notional.
    slippage_bps : float
        Against us on both sides, basis points.

    Returns
    -------
    float64 array, shape (n_bars,)
        Quote currency at the close of every bar; the last value is after the sale.
    """
    if len(close) == 0:
        return np.empty(0)
    slip = slippage_bps / 1e4
    quantity = capital / (float(open_[0]) * (1.0 + slip) * (1.0 + taker))
    equity = quantity * close
    equity[-1] *= (1.0 - slip) * (1.0 - taker)
    return equity


@njit(cache=True, nogil=True, error_model="numpy")
def market_figures(
    returns: FloatArray, market: FloatArray, ends: IntArray, periods_per_year: float
) -> tuple[float, float]:
    """Return alpha and beta of the returns to a market, by least squares over the periods both have.

    Parameters
    ----------
    returns : float64 array, shape (n_periods,)
        Simple returns of the account.
    market : float64 array, shape (n_bars,) or empty
        Price of the market (BTC) at the close of every bar; NaN where not known.
    ends : int64 array, shape (>= n_periods,)
        From `period_ends`; the first period has no market return and is left out.
    periods_per_year : float
        To annualise alpha.

    Returns
    -------
    alpha : float
        ``(mean(returns) - beta * mean(market)) * periods_per_year``, fraction a year, not compounded.
    beta : float
        Covariance over the variance of the market. Both NaN below three pairs or for a market at rest.

    References
    ----------
    Jensen (1968), "The Performance of Mutual Funds in the Period 1945-1964"; equal to quantstats.greeks.
    """
    no_figures = math.nan, math.nan
    if len(market) == 0:
        return no_figures
    pairs = 0
    sum_r, sum_m = 0.0, 0.0
    for k in range(1, len(returns)):
        m = market[ends[k]] / market[ends[k - 1]] - 1.0
        if not math.isnan(m):
            pairs += 1
            sum_r += returns[k]
            sum_m += m
    if pairs < 3:
        return no_figures
    mean_r, mean_m = sum_r / pairs, sum_m / pairs
    cross, square = 0.0, 0.0
    for k in range(1, len(returns)):
        m = market[ends[k]] / market[ends[k - 1]] - 1.0
        if not math.isnan(m):
            cross += (returns[k] - mean_r) * (m - mean_m)
            square += (m - mean_m) * (m - mean_m)
    if not math.sqrt(square / pairs) > FLAT:
        return no_figures
    beta = cross / square
    return (mean_r - beta * mean_m) * periods_per_year, beta
