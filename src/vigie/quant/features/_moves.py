"""What columns of several groups are made of: logarithms, returns, ratios that stay finite."""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.features._spec import FeatureInputs


def logarithm(values: FloatArray) -> FloatArray:
    """Return natural logarithms; NaN where a value is not above 0 or not finite.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Prices or other positive numbers.

    Returns
    -------
    float64 array, shape (n_bars,)
        A new array.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.log(values)
    out[~np.isfinite(out)] = np.nan
    return out


def change(values: FloatArray, bars: int) -> FloatArray:
    """Return each value less that of some bars before.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    bars : int
        How far back, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `bars` bars.
    """
    out = np.full(len(values), np.nan)
    np.subtract(values[bars:], values[:-bars], out=out[bars:])
    return out


def returns(data: FeatureInputs, bars: int = 1) -> FloatArray:
    """Return the log return of the close over some bars, made once for all columns.

    Parameters
    ----------
    data : FeatureInputs
        The bars.
    bars : int
        How far back, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `bars` bars.
    """
    return data.of(change, data.of(logarithm, data.close), bars)


def ratio(upper: FloatArray, lower: FloatArray, where_zero: float) -> FloatArray:
    """Return a quotient that is never infinite.

    Parameters
    ----------
    upper, lower : float64 arrays, shape (n_bars,)
        Of one unit, or not.
    where_zero : float
        The value where `lower` is 0.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN where either is, and where it is too large for a number.
    """
    is_zero = lower == 0.0
    with np.errstate(over="ignore"):
        out = upper / np.where(is_zero, 1.0, lower)
    out[np.isinf(out)] = np.nan
    out[is_zero] = np.where(np.isnan(upper[is_zero]), np.nan, where_zero)
    return out
