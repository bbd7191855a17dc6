"""What is usual of a number: its place in its own history, and the range it usually keeps to.

Takes a value and its past; gives shares and ranges, NaN where the past is too short to say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import FloatArray


@dataclass(frozen=True, slots=True)
class OwnPast:
    """A series as it was.

    Attributes
    ----------
    low, high : float or None
        Between which 96 of 100 values before the last one lie; None where fewer than 30 days have a value.
    days : int
        Days (UTC) that have a value.
    last, ts : float, int
        The newest value and what time it is about.
    stale_after_ms : int
        From which age on that value is old.
    spark : tuple of float
        Values for a small picture.
    """

    low: float | None
    high: float | None
    days: int
    last: float
    ts: int
    stale_after_ms: int
    spark: tuple[float, ...]


def share_below(value: float, history: FloatArray, least: int) -> float:
    """Return the share of a history that lies below a value, ties by half.

    Parameters
    ----------
    value : float
        The number now.
    history : float64 array, shape (n,)
        Its past; NaN is left out.
    least : int
        Values the past must have.

    Returns
    -------
    float
        In [0, 1]; NaN where value or past are not known.
    """
    known = history[~np.isnan(history)]
    if math.isnan(value) or len(known) < least:
        return math.nan
    return float((np.count_nonzero(known < value) + np.count_nonzero(known == value) / 2) / len(known))


def usual_range(history: FloatArray, least: int, outside: float = 0.2) -> tuple[float, float, float]:
    """Return between which numbers a history lies most of the time, and its middle.

    Parameters
    ----------
    history : float64 array, shape (n,)
        NaN is left out.
    least : int
        Values it must have.
    outside : float
        Share that lies outside, half on either side.

    Returns
    -------
    low, middle, high : float
        NaN where the history is too short.
    """
    known = history[~np.isnan(history)]
    if len(known) < least:
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(known, [outside / 2, 0.5, 1 - outside / 2]).tolist()
    return low, middle, high
