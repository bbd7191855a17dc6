"""Which of many findings may be called so: the false discovery rate of Benjamini and Hochberg."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.domain.bar import BoolArray


def benjamini_hochberg(p_values: Sequence[float], *, rate: float = 0.05) -> BoolArray:
    """Return which hypotheses are rejected so that at most a share of the rejected ones is expected to be false.

    Parameters
    ----------
    p_values : sequence of float
        In [0, 1]; NaN (not tested) is never rejected and does not count.
    rate : float
        Of false discoveries, in (0, 1).

    Returns
    -------
    bool array, shape (n,)

    Notes
    -----
    Benjamini and Hochberg (1995), "Controlling the False Discovery Rate", section 3.1.
    """
    given = np.asarray(p_values, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    bounds = rate * np.arange(1, len(order) + 1) / max(1, len(order))
    below = np.flatnonzero(given[order] <= bounds)
    rejected = np.zeros(len(given), dtype=bool)
    if len(below):
        rejected[order[: below[-1] + 1]] = True
    return rejected
