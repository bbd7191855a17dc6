"""The standard normal law: distribution function and its inverse."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

_STANDARD: Final = NormalDist()
_ROOT2: Final = math.sqrt(2.0)


def normal_cdf(z: float) -> float:
    """Return the probability that a standard normal variable is at most `z`, exact in both tails.

    Parameters
    ----------
    z : float
        In standard deviations from the mean.

    Returns
    -------
    float
        In [0, 1]; NaN for NaN.
    """
    return 0.5 * math.erfc(-z / _ROOT2)


def normal_quantile(p: float) -> float:
    """Return the value that a standard normal variable does not exceed with probability `p`.

    Parameters
    ----------
    p : float
        In [0, 1]; the ends give minus and plus infinity.

    Returns
    -------
    float
        NaN outside [0, 1].
    """
    if p == 0.0:
        return -math.inf
    if p == 1.0:
        return math.inf
    return _STANDARD.inv_cdf(p) if 0.0 < p < 1.0 else math.nan
