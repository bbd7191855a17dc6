"""Which instruments move together: takes stored daily closes, gives a matrix of yes and no."""

from __future__ import annotations

import numpy as np
from numba import njit

from vigie.domain.bar import BoolArray, FloatArray

MIN_RETURNS = 30


@njit(cache=True, nogil=True)
def moves_together(closes: FloatArray, rows: int, a: int, b: int, limit: float) -> bool:
    """Tell whether two instruments' daily returns correlate above `limit`; unknown counts as yes.

    Parameters
    ----------
    closes : float64 array, shape (days, n_instruments)
        A ring: row ``r % days`` is the r-th stored day; NaN where an instrument had no close.
    rows : int
        How many days were stored so far.
    a, b : int
        Columns of the two instruments.
    limit : float
        Correlation in [0, 1]; equal to it is not above.

    Returns
    -------
    bool
        True with less than `MIN_RETURNS` common returns or without variance.
    """
    days = len(closes)
    first = max(0, rows - days)
    count = 0
    sum_a = 0.0
    sum_b = 0.0
    last_a = np.nan
    last_b = np.nan
    for r in range(first, rows):
        x = closes[r % days, a]
        y = closes[r % days, b]
        if np.isnan(x) or np.isnan(y):
            continue
        if not np.isnan(last_a):
            sum_a += x / last_a - 1.0
            sum_b += y / last_b - 1.0
            count += 1
        last_a = x
        last_b = y
    if count < MIN_RETURNS:
        return True
    mean_a = sum_a / count
    mean_b = sum_b / count
    cov = 0.0
    var_a = 0.0
    var_b = 0.0
    last_a = np.nan
    last_b = np.nan
    for r in range(first, rows):
        x = closes[r % days, a]
        y = closes[r % days, b]
        if np.isnan(x) or np.isnan(y):
            continue
        if not np.isnan(last_a):
            da = x / last_a - 1.0 - mean_a
            db = y / last_b - 1.0 - mean_b
            cov += da * db
            var_a += da * da
            var_b += db * db
        last_a = x
        last_b = y
    if var_a == 0.0 or var_b == 0.0:
        return True
    return cov > 0.0 and cov * cov > limit * limit * var_a * var_b


@njit(cache=True, nogil=True)
def update_together(closes: FloatArray, rows: int, limit: float, together: BoolArray) -> None:
    """Judge every pair of instruments anew; an instrument always moves with itself.

    Parameters
    ----------
    closes : float64 array, shape (days, n_instruments)
        A ring, as `moves_together` takes it.
    rows : int
        Days stored so far.
    limit : float
        Correlation in [0, 1].
    together : bool array, shape (n_instruments, n_instruments)
        Overwritten; symmetric.
    """
    n = closes.shape[1]
    for a in range(n):
        together[a, a] = True
        for b in range(a + 1, n):
            together[a, b] = moves_together(closes, rows, a, b, limit)
            together[b, a] = together[a, b]
