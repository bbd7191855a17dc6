"""The premium of the perpetual over its index, and the funding that venues compute from it.

The premium is made hourly whatever the market's timeframe: it rises in bull regimes and after strong rises,
falls in bear regimes and crises, and forgets within some days.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.market.paths import load_compiled
from vigie_sandbox.market.profiles import AssetProfile
from vigie_sandbox.market.records import Series
from vigie_sandbox.market.streams import make_stream

FUNDING_MS: Final = 8 * HOUR_MS
# The usual formula of venues: interest per settlement, the band within which it is all one pays, the cap.
INTEREST: Final = 0.0001
BAND: Final = 0.0005
CAP: Final = 0.0075

# By regime (range, bull, bear, crisis): where the premium tends to.
_MEAN: Final = np.array([0.0001, 0.0006, -0.00015, -0.0006])
_ON_MOMENTUM: Final = 0.0003
_SPREAD: Final = 0.00045
_QUICK_SPREAD: Final = 0.0003
_MEMORY_HOURS: Final = 40.0


def make_hourly_premium(
    seed: int,
    profile: AssetProfile,
    start_ms: int,
    span_ms: int,
    close: FloatArray,
    regimes: NDArray[np.int8],
) -> Series:
    """Return the premium at the end of every whole hour that the bars cover.

    Parameters
    ----------
    seed : int
        The market's.
    profile : AssetProfile
        Whose premium.
    start_ms, span_ms : int
        Of the bars.
    close : float64 array, shape (n_bars,)
        Closes of all bars from the start on, listed or not.
    regimes : int8 array, shape (n_bars,)
        The market's regime in each bar.
    """
    hours = len(close) * span_ms // HOUR_MS
    opens = np.arange(hours, dtype=np.int64) * HOUR_MS
    bar = opens // span_ms
    before = np.maximum(bar - 1, 0)
    day_ago = np.maximum(before - max(1, DAY_MS // span_ms), 0)
    deviations = np.log(close[before] / close[day_ago]) / profile.sigma_day
    spread = 0.2 if profile.is_stable else 0.7 + 0.3 * profile.wildness
    target = spread * (_MEAN[regimes[bar]] + _ON_MOMENTUM * np.tanh(deviations))
    rows = make_stream(seed, profile.ticker, "premium").random((hours, 2))
    value = np.empty(hours)
    keep = math.exp(-1.0 / _MEMORY_HOURS)
    load_compiled().follow_target(
        target, rows, keep, spread * _SPREAD * math.sqrt(1.0 - keep**2), spread * _QUICK_SPREAD, value
    )
    return Series(ts=start_ms + opens + HOUR_MS, value=np.round(value, 7))


def compute_settled_funding(premium: Series) -> Series:
    """Return the rates settled at 00:00, 08:00 and 16:00 UTC from the mean premium of the hours before.

    The rate is the mean premium plus the interest less the premium, that difference held within a band of
    0.05 %: near zero premium one pays the interest, beyond the band the rate has the premium's sign.
    """
    if not len(premium):
        return Series(np.empty(0, np.int64), np.empty(0))
    window = (premium.ts - 1) // FUNDING_MS
    first = np.flatnonzero(np.diff(window, prepend=-1))
    counts = np.diff(np.append(first, len(window)))
    mean = np.add.reduceat(premium.value, first) / counts
    rate = np.clip(mean + np.clip(INTEREST - mean, -BAND, BAND), -CAP, CAP)
    ts: IntArray = (window[first] + 1) * FUNDING_MS
    settled = ts <= premium.ts[-1]
    return Series(ts=ts[settled], value=np.round(rate[settled], 8))
