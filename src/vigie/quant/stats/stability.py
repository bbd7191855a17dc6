"""Is a series later what it was before: the population stability index."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.quant.arrays import floats

# What one empty bin would make infinite is counted as half a value.
_HALF = 0.5


def stability_index(before: ArrayLike, after: ArrayLike, bins: int = 10) -> float | None:
    """Return how far a distribution has moved: below 0.1 hardly, above 0.25 much.

    Parameters
    ----------
    before : float64 array, shape (n,)
        Its quantiles are the bins; NaN is left out.
    after : float64 array, shape (m,)
        NaN is left out.
    bins : int
        At most so many, >= 2; fewer where many values are equal.

    Returns
    -------
    float or None
        At least 0; None where either has fewer than 10 known values a bin.

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards, chapter 9, where the bounds stand; they are customs, not tests.
    """
    first, second = (values[np.isfinite(values)] for values in (floats(before), floats(after)))
    if min(len(first), len(second)) < 10 * bins:
        return None
    edges = np.unique(np.quantile(first, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    shares = []
    for values in (first, second):
        counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
        shares.append(np.maximum(counts, _HALF) / len(values))
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
