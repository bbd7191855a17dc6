"""Medians of few values: their interval without an assumption, and those of starts that chance chose."""

from __future__ import annotations

import math

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.quant.stats.bootstrap import Interval


def median_interval(values: FloatArray, *, confidence: float = 0.95) -> Interval:
    """Return an interval of the median by order statistics; NaN where there are too few values for one.

    Parameters
    ----------
    values : float64 array, shape (n,)
        Independent, no NaN; at least six for 95 %.
    confidence : float
        In (0, 1); the interval holds the median at least so often.

    Returns
    -------
    Interval
        Two of the values.

    References
    ----------
    Conover (1999), Practical Nonparametric Statistics, section 3.2: the binomial law with one half.
    """
    n, tail, place = len(values), 0.0, 0
    while place < n // 2:
        tail += math.comb(n, place) / 2.0**n
        if tail > (1.0 - confidence) / 2.0:
            break
        place += 1
    if place == 0:
        return Interval(math.nan, math.nan)
    ascending = np.sort(values)
    return Interval(float(ascending[place - 1]), float(ascending[n - place]))


def random_start_medians(
    values: FloatArray, count: int, distance: int, *, seed: int, samples: int = 1_000
) -> FloatArray:
    """Return medians of what followed starts that chance chose, as far from each other as those compared with.

    Parameters
    ----------
    values : float64 array, shape (n,)
        What followed each possible start; no NaN.
    count, distance : int
        Starts in each draw, and the places that lie at least between two of them.
    seed : int
        The same seed gives the same draws.
    samples : int
        Draws.

    Returns
    -------
    float64 array, shape (samples,)
        One median a draw.

    Raises
    ------
    UsageError
        If so many starts do not fit.
    """
    room = len(values) - (count - 1) * distance
    if count < 1 or room < 1:
        raise UsageError(
            "starts_do_not_fit",
            "{count} starts {distance} apart must fit into {places} places",
            count=count,
            distance=distance,
            places=len(values),
        )
    drawn = np.sort(np.random.default_rng(seed).integers(0, room, (samples, count)), axis=1)
    medians: FloatArray = np.median(values[drawn + distance * np.arange(count)], axis=1)
    return medians
