"""Realised volatility: close-to-close, Parkinson, Garman-Klass."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_positive, check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.deviation import standard_deviation
from vigie.quant.indicators.sma import sma

# Logarithms are numpy's: the compiler's differ from the interpreter's in the last digit.


def _log_ratio(upper: FloatArray, lower: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(upper / lower)


def _close_to_close(close: FloatArray, window: int, bars_per_year: float, out: FloatArray) -> None:
    out[1:] = standard_deviation(_log_ratio(close[1:], close[:-1]), window)
    out *= sqrt(bars_per_year * window / (window - 1))


def _parkinson(high: FloatArray, low: FloatArray, window: int, bars_per_year: float, out: FloatArray) -> None:
    spread = _log_ratio(high, low)
    np.sqrt(sma(spread * spread, window) * (bars_per_year / (4.0 * log(2.0))), out=out)


def _garman_klass(
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    window: int,
    bars_per_year: float,
    out: FloatArray,
) -> None:
    spread, drift = _log_ratio(high, low), _log_ratio(close, open_)
    variance = sma(0.5 * spread * spread - (2.0 * log(2.0) - 1.0) * drift * drift, window)
    np.sqrt(np.maximum(variance, 0.0) * bars_per_year, out=out)


def realised_volatility(close: ArrayLike, window: int = 30, bars_per_year: float = 365.0) -> FloatArray:
    """Return the annualised sample deviation of log returns, as a fraction (0.6 is 60 % a year).

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Closing prices.
    window : int
        Returns, >= 2.
    bars_per_year : float
        365 for daily bars of a 24/7 market, 8,760 for hourly ones, > 0.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars; 0 while prices are constant.

    References
    ----------
    Hull, Options, Futures, and Other Derivatives, "Estimating volatility from historical data".
    """
    parameters = check_whole("window", window, 2), check_positive("bars_per_year", bars_per_year)
    return compute(_close_to_close, (close,), parameters, (parameters[0],))[0]


def parkinson_volatility(
    high: ArrayLike, low: ArrayLike, window: int = 30, bars_per_year: float = 365.0
) -> FloatArray:
    """Return the annualised volatility estimated from highs and lows, as a fraction.

    Parameters
    ----------
    high, low : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 1.
    bars_per_year : float
        365 for daily bars of a 24/7 market, > 0.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0 while prices are constant.

    References
    ----------
    Parkinson (1980), The extreme value method for estimating the variance of the rate of return, Journal of
    Business 53(1).
    """
    parameters = check_whole("window", window), check_positive("bars_per_year", bars_per_year)
    return compute(_parkinson, (high, low), parameters, (parameters[0] - 1,))[0]


def garman_klass_volatility(
    open_: ArrayLike,
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    window: int = 30,
    bars_per_year: float = 365.0,
) -> FloatArray:
    """Return the annualised volatility estimated from all four prices, as a fraction.

    Parameters
    ----------
    open_, high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 1.
    bars_per_year : float
        365 for daily bars of a 24/7 market, > 0.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0 while prices are constant.

    References
    ----------
    Garman and Klass (1980), On the estimation of security price volatilities from historical data, Journal of
    Business 53(1), in its usual form without the overnight term.
    """
    parameters = check_whole("window", window), check_positive("bars_per_year", bars_per_year)
    return compute(_garman_klass, (open_, high, low, close), parameters, (parameters[0] - 1,))[0]


INDICATORS = (
    Indicator(
        realised_volatility,
        inputs=("close",),
        outputs=("volatility",),
        warmups=lambda window, bars_per_year: (window,),
        formula="sample deviation of ln(close / close before) * sqrt(bars_per_year)",
        source="Hull, Options, Futures, and Other Derivatives",
        flat=(0.0,),
    ),
    Indicator(
        parkinson_volatility,
        inputs=("high", "low"),
        outputs=("volatility",),
        warmups=lambda window, bars_per_year: (window - 1,),
        formula="sqrt(mean(ln(high / low)^2) / (4 ln 2) * bars_per_year)",
        source="Parkinson (1980), Journal of Business 53(1)",
        flat=(0.0,),
    ),
    Indicator(
        garman_klass_volatility,
        inputs=("open", "high", "low", "close"),
        outputs=("volatility",),
        warmups=lambda window, bars_per_year: (window - 1,),
        formula="sqrt(mean(ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2) * bars_per_year)",
        source="Garman and Klass (1980), Journal of Business 53(1)",
        flat=(0.0,),
    ),
)
