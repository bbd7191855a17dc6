"""Which patterns still hold at the newest bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.arrays import floats
from vigie.quant.patterns.chart_pattern import ChartPattern
from vigie.quant.patterns.completion import HORIZON


@dataclass(frozen=True, slots=True)
class LivingPattern:
    """A pattern that was neither completed nor ended up to a bar.

    Attributes
    ----------
    pattern : ChartPattern
        As it became known.
    is_confirmed : bool
        A bar closed beyond its confirmation level at the bar where it became known, or since.
    """

    pattern: ChartPattern
    is_confirmed: bool


def living_patterns(
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    patterns: Iterable[ChartPattern],
    *,
    gaps: ArrayLike = (),
    horizon: int = HORIZON,
) -> list[LivingPattern]:
    """Return the patterns that hold at the last of some bars, in the order given.

    One ends when a bar reaches its target or its invalidation, when its horizon has passed, and at a missing or unknown
    bar.

    Parameters
    ----------
    high, low, close : float64 arrays, shape (n_bars,)
        Prices up to the instant that is meant.
    patterns : iterable of ChartPattern
        What `find_patterns` returns for the same bars.
    gaps : int64 array
        Bars before which at least one is missing, as in `Bars.gaps`.
    horizon : int
        Bars after the one where it became known.

    Returns
    -------
    list of LivingPattern
        Perhaps none.
    """
    prices = floats(high), floats(low), floats(close)
    last = len(prices[0]) - 1
    missing = np.asarray(gaps, dtype=np.int64)
    return [
        LivingPattern(pattern, _is_confirmed(pattern, prices[2]))
        for pattern in patterns
        if last - horizon < pattern.known <= last
        and not (missing > pattern.known).any()
        and _holds(pattern, prices)
    ]


def _holds(pattern: ChartPattern, prices: tuple[FloatArray, FloatArray, FloatArray]) -> bool:
    high, low, close = (column[pattern.known + 1 :] for column in prices)
    if not (np.isfinite(high).all() and np.isfinite(low).all() and np.isfinite(close).all()):
        return False
    lower, upper = sorted((pattern.invalidation, pattern.target))
    return bool((low > lower).all() and (high < upper).all())


def _is_confirmed(pattern: ChartPattern, close: FloatArray) -> bool:
    since, level = close[pattern.known :], pattern.confirmation
    return bool((since > level).any() if pattern.side == "long" else (since < level).any())
