"""What the account earned for its swings: growth, volatility, Sharpe, Sortino, Omega, skew, kurtosis."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray
from vigie.domain.time import DAY_MS
from vigie.quant.metrics.sampling import YEAR_MS

# A series that varies less than the rounding of its own values does not vary.
FLAT: Final = 1e-14
_LARGEST_EXPONENT: Final = 700.0


@njit(cache=True, nogil=True, error_model="numpy")
def return_figures(
    returns: FloatArray, periods_per_year: float
) -> tuple[float, float, float, float, float, float]:
    """Return volatility, Sharpe, Sortino, Omega, skew and kurtosis of a series of returns.

    The riskless rate and every threshold are zero.

    Parameters
    ----------
    returns : float64 array, shape (n,)
        Simple returns a period, fractions.
    periods_per_year : float
        365 for daily returns of a market that never closes.

    Returns
    -------
    volatility : float
        Standard deviation (n - 1) times the root of `periods_per_year`, fraction a year.
    sharpe : float
        Mean over standard deviation (n - 1), times the root of `periods_per_year`. NaN without variation.
    sortino : float
        Mean over downside deviation (root of the mean over all n of squared losses), annualised the same way.
        NaN without losses.
    omega : float
        Sum of gains over sum of losses, not annualised. NaN without losses.
    skew : float
        Bias-corrected sample skewness G1, of one period. NaN below three values.
    kurtosis : float
        Bias-corrected excess kurtosis G2 (0 for a normal law), of one period. NaN below four values.

    Notes
    -----
    Equal to quantstats and empyrical (``periods=365``). NaN means undefined; none of these is ever infinite.

    References
    ----------
    Sharpe (1994), "The Sharpe Ratio"; Sortino and Price (1994), "Performance Measurement in a Downside Risk
    Framework"; Keating and Shadwick (2002), "A Universal Performance Measure"; Joanes and Gill (1998),
    "Comparing measures of sample skewness and kurtosis", G1 and G2.
    """
    nan = math.nan
    n = len(returns)
    if n < 2:
        return nan, nan, nan, nan, nan, nan
    total, gains, losses, losses_squared = 0.0, 0.0, 0.0, 0.0
    for x in returns:
        total += x
        if x > 0.0:
            gains += x
        elif x < 0.0:
            losses -= x
            losses_squared += x * x
    mean = total / n
    sum2, sum3, sum4 = 0.0, 0.0, 0.0
    for x in returns:
        d = x - mean
        d2 = d * d
        sum2 += d2
        sum3 += d2 * d
        sum4 += d2 * d2
    deviation = math.sqrt(sum2 / (n - 1))
    year = math.sqrt(periods_per_year)
    volatility = deviation * year
    sharpe, skew, kurtosis = nan, nan, nan
    if deviation > FLAT:
        sharpe = mean / deviation * year
        m2 = sum2 / n
        if n > 2:
            skew = math.sqrt(n * (n - 1.0)) / (n - 2.0) * (sum3 / n) / (m2 * math.sqrt(m2))
        if n > 3:
            g2 = sum4 / n / (m2 * m2) - 3.0
            kurtosis = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * g2 + 6.0)
    downside = math.sqrt(losses_squared / n)
    sortino = mean / downside * year if downside > FLAT else nan
    omega = gains / losses if losses > FLAT else nan
    return volatility, sharpe, sortino, omega, skew, kurtosis


def growth(capital: float, final: float, *, elapsed_ms: float) -> float:
    """Return the compound annual growth rate (CAGR), fraction a year of 365 days.

    Parameters
    ----------
    capital, final : float
        Account value before the first and after the last bar.
    elapsed_ms : float
        From the open of the first to the close of the last bar.

    Returns
    -------
    float
        ``(final / capital) ** (365 days / elapsed) - 1``; -1 when nothing is left; NaN for less than a day.
    """
    if not elapsed_ms >= DAY_MS or not capital > 0 or math.isnan(final):
        return math.nan
    if final <= 0:
        return -1.0
    exponent = math.log(final / capital) * YEAR_MS / elapsed_ms
    return math.expm1(exponent) if exponent < _LARGEST_EXPONENT else math.inf


def growths(finals: FloatArray, *, elapsed_ms: float) -> FloatArray:
    """Return `growth` of an account of 1 for many final values at once, to the last bit the same.

    Parameters
    ----------
    finals : float64 array, shape (n,)
        Account values after the last bar, as multiples of those before the first.
    elapsed_ms : float
        As in `growth`.

    Returns
    -------
    float64 array, shape (n,)
        As `growth`.
    """
    if not elapsed_ms >= DAY_MS:
        return np.full(len(finals), math.nan)
    # Logarithm and exponential of the mathematics library, one by one: those of numpy may differ in the last bit.
    logarithms = [math.log(final) if final > 0 else math.nan for final in finals.tolist()]
    exponents = np.array(logarithms, np.float64) * YEAR_MS / elapsed_ms
    finite_rates = [
        math.inf if exponent >= _LARGEST_EXPONENT else math.expm1(exponent) for exponent in exponents.tolist()
    ]
    rates: FloatArray = np.where(finals <= 0, -1.0, np.array(finite_rates, np.float64))
    return rates
