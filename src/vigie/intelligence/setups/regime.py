"""In which market a setup came: trend and volatility at its close, from closes up to it.

Trend: the sign of the slope of a long average. Volatility: above or below its own median so far. Both are simple on
purpose: a cell of the record needs thirty setups, and four regimes are as many as that leaves room for.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray

Regime = Literal["rising_calm", "rising_volatile", "falling_calm", "falling_volatile", ""]
"""Empty where too few closes are known."""
REGIMES: Final[tuple[Regime, ...]] = ("rising_calm", "rising_volatile", "falling_calm", "falling_volatile")
AVERAGE_BARS: Final = 100
SLOPE_BARS: Final = 10
VOLATILITY_BARS: Final = 30
# What is farther back does not count: a history that begins elsewhere gives the same.
MOST_BARS: Final = 1_000
LEAST_BARS: Final = 200


def regime_at(closes: FloatArray) -> Regime:
    """Return the regime at the last of some closes.

    Parameters
    ----------
    closes : float64 array, shape (n_bars,)
        Positive prices, ascending in time; of them the newest 1,000 are read.

    Returns
    -------
    str
        Empty below 200 closes.

    Notes
    -----
    Causal: reads nothing after the last close. An average of 100 bars is rising where it is higher than ten bars
    before. The volatility is the standard deviation of the newest 30 log returns; the median is that of all such
    windows within the closes that are read.
    """
    read = closes[-MOST_BARS:]
    if len(read) < LEAST_BARS:
        return ""
    now, before = read[-AVERAGE_BARS:].mean(), read[-AVERAGE_BARS - SLOPE_BARS : -SLOPE_BARS].mean()
    returns = np.diff(np.log(read))
    spreads = np.lib.stride_tricks.sliding_window_view(returns, VOLATILITY_BARS).std(axis=1)
    is_rising, is_volatile = bool(now > before), bool(spreads[-1] > np.median(spreads))
    if is_rising:
        return "rising_volatile" if is_volatile else "rising_calm"
    return "falling_volatile" if is_volatile else "falling_calm"
