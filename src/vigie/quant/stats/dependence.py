"""What a series says of itself later, and of another: autocorrelation and mutual information."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.arrays import floats

# Turned against itself at so many places, a label that has nothing to do with a column says as much by chance alone:
# more than the most of 19 is 1 in 20.
SHIFTS: Final = 19
_BINS: Final = 10


def autocorrelation(values: ArrayLike, lag: int) -> float | None:
    """Return the correlation of a series with itself some places before, in [-1, 1].

    Parameters
    ----------
    values : float64 array, shape (n,)
        NaN where not known; pairs with one are left out.
    lag : int
        Places, >= 1.

    Returns
    -------
    float or None
        None where fewer than 3 pairs are known, or either side is constant.

    Raises
    ------
    UsageError
        If the lag is below 1.
    """
    if lag < 1:
        raise UsageError("lag_too_short", "lag must be >= 1, was {lag}", lag=lag)
    series = floats(values)
    later, earlier = series[lag:], series[:-lag]
    is_known = np.isfinite(later) & np.isfinite(earlier)
    later, earlier = later[is_known], earlier[is_known]
    if len(later) < 3:
        return None
    later, earlier = later - later.mean(), earlier - earlier.mean()
    size = float(np.sqrt(np.sum(later * later)) * np.sqrt(np.sum(earlier * earlier)))
    return max(-1.0, min(1.0, float(np.sum(later * earlier)) / size)) if size > 0.0 else None


def quantile_bins(values: ArrayLike, bins: int = _BINS) -> IntArray:
    """Return the bin of each value: bins hold equally many, values that are equal lie in one.

    Parameters
    ----------
    values : float64 array, shape (n,)
        Finite.
    bins : int
        At most so many, >= 2; fewer where many values are equal.

    Returns
    -------
    int64 array, shape (n,)
        From 0 on, without holes.
    """
    series = floats(values)
    edges = np.unique(np.quantile(series, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    places = np.searchsorted(edges, series, side="left")
    return np.unique(places, return_inverse=True)[1].astype(np.int64)


def mutual_information(values: ArrayLike, others: ArrayLike, bins: int = _BINS) -> float | None:
    """Return how much one series says of another, in nats: 0 where it says nothing.

    Both are cut into bins of equally many values; what bins of few values seem to say by chance is taken off (Miller
    and Madow).

    Parameters
    ----------
    values, others : float64 arrays, shape (n,)
        NaN where not known; pairs with one are left out.
    bins : int
        At most so many of each, >= 2.

    Returns
    -------
    float or None
        At least 0; None where fewer than 10 pairs a bin are known.

    References
    ----------
    Cover and Thomas (2006), Elements of Information Theory, chapter 2; Miller (1955), Note on the bias of information
    estimates.
    """
    binned = _binned(values, others, bins)
    return None if binned is None else _information(*binned)


def information_by_chance(values: ArrayLike, others: ArrayLike, bins: int = _BINS) -> float | None:
    """Return the most that one series says of another turned to other times: what chance alone shows 19 times of 20.

    The order of each is kept, so that labels that overlap do not look like many witnesses.

    Parameters
    ----------
    values, others, bins
        As in `mutual_information`.

    Returns
    -------
    float or None
        In nats; None where `mutual_information` has none.
    """
    binned = _binned(values, others, bins)
    if binned is None:
        return None
    first, second = binned
    steps = [len(first) * k // (SHIFTS + 1) for k in range(1, SHIFTS + 1)]
    return max(_information(first, np.roll(second, step)) for step in steps)


def _binned(values: ArrayLike, others: ArrayLike, bins: int) -> tuple[IntArray, IntArray] | None:
    first, second = floats(values), floats(others)
    is_known = np.isfinite(first) & np.isfinite(second)
    if int(is_known.sum()) < 10 * bins:
        return None
    return quantile_bins(first[is_known], bins), quantile_bins(second[is_known], bins)


def _information(first: IntArray, second: IntArray) -> float:
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    table: FloatArray = np.bincount(first * columns + second, minlength=rows * columns).astype(np.float64)
    table = table.reshape(rows, columns)
    n = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    is_met = table > 0.0
    found = float((table[is_met] * np.log(table[is_met] / expected[is_met])).sum() / n)
    bias = (int(is_met.sum()) - rows - columns + 1) / (2.0 * n)
    return max(0.0, found - float(bias))
