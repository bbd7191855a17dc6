"""Did something follow some starts, or would starts at other times have shown as much? The circular shift."""

from __future__ import annotations

import math

import numpy as np

from vigie.domain.bar import FloatArray, IntArray


def circular_shift_p_value(values: FloatArray, starts: IntArray) -> float:
    """Return how likely a median as unusual as that of some starts is if they had fallen at another time.

    All starts are moved together by each possible number of places, round the end to the beginning: their distances
    stay, and so does what neighbouring values have in common. The answer counts the shifts, none included, whose
    median is at least as far from the middle of all of them.

    Parameters
    ----------
    values : float64 array, shape (n,)
        What followed each possible start; no NaN.
    starts : int64 array, shape (k,)
        Indices of the starts.

    Returns
    -------
    float
        In (0, 1]; NaN without starts.

    References
    ----------
    Politis and Romano (1992), "A circular block-resampling procedure for stationary data"; shifts of one series
    against another as in Upton and Fingleton (1985), Spatial Data Analysis by Example, toroidal shifts.
    """
    n, k = len(values), len(starts)
    if not n or not k:
        return math.nan
    twice = np.concatenate((values, values))
    shifted = np.empty((n, k))
    for column, start in enumerate(starts.tolist()):
        shifted[:, column] = twice[start : start + n]
    half = k // 2
    shifted.partition((half - 1, half) if k % 2 == 0 and k > 1 else half, axis=1)
    medians = (shifted[:, (k - 1) // 2] + shifted[:, half]) / 2.0
    apart = np.abs(medians - np.median(medians))
    return float(np.count_nonzero(apart >= apart[0] - 1e-12) / n)
