"""Fear and greed: one number from five parts with published weights, each from what was known at the time.

Takes the past of prices, dominance, funding and the news' sentiment; gives 0 (extreme fear) to 100 (extreme greed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.intelligence.market.historical_range import share_below

# Published: the page and the handbook print this table.
WEIGHTS: Final[Mapping[str, float]] = {
    "volatility": 0.25, "momentum": 0.25, "news": 0.20, "funding": 0.15, "dominance": 0.15,
}  # fmt: skip
# Less than this share of the weights known is no index.
LEAST_KNOWN: Final = 0.5
MONTH: Final = 30
_LEAST_PAST: Final = 60
# Below so many days of dominance its part is not known.
LEAST_DAYS: Final = MONTH + _LEAST_PAST
# Eight-hourly rates beyond five basis points are as greedy, or fearful, as can be.
_FULL_FUNDING: Final = 0.0005


@dataclass(frozen=True, slots=True)
class FearGreedIndex:
    """The index and its parts, all from 0 to 100; a part that is not known is left out.

    Attributes
    ----------
    value : float or None
        None where less than half of the weights are known.
    """

    value: float | None
    parts: Mapping[str, float]


def compute_fear_greed(
    *,
    closes: FloatArray,
    dominances: FloatArray,
    funding_8h: float | None,
    sentiment: float | None,
) -> FearGreedIndex:
    """Return the index.

    Parameters
    ----------
    closes : float64 array, shape (n_days,)
        Bitcoin's daily closes, the newest last; a year of them is enough.
    dominances : float64 array, shape (n_days,)
        Bitcoin's share of the market's value, day by day.
    funding_8h : float or None
        Median rate of the perpetuals for eight hours.
    sentiment : float or None
        Of the news, from -100 to 100.

    Notes
    -----
    Volatility of 30 days against its past year, turned round; return over 30 days against its past year; the change of
    dominance over 30 days against its past year, turned round: who is afraid holds Bitcoin rather than others.
    """
    returns = np.diff(np.log(closes)) if len(closes) > 1 else np.zeros(0)
    volatility = _rolling_std(returns, MONTH)
    parts = {
        "volatility": _invert(_percentile(volatility)),
        "momentum": _percentile(_change(np.log(closes), MONTH) if len(closes) else np.zeros(0)),
        "news": None if sentiment is None else 50.0 + sentiment / 2.0,
        "funding": None if funding_8h is None else 50.0 + 50.0 * funding_8h / _FULL_FUNDING,
        "dominance": _invert(_percentile(_change(dominances, MONTH))),
    }
    known = {name: min(100.0, max(0.0, value)) for name, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in known)
    if weight < LEAST_KNOWN:
        return FearGreedIndex(None, known)
    return FearGreedIndex(sum(WEIGHTS[name] * value for name, value in known.items()) / weight, known)


def _percentile(values: FloatArray) -> float | None:
    # The newest against the others.
    if len(values) < _LEAST_PAST:
        return None
    share = share_below(float(values[-1]), values[:-1], _LEAST_PAST - 1)
    return None if np.isnan(share) else 100.0 * share


def _invert(value: float | None) -> float | None:
    return None if value is None else 100.0 - value


def _change(values: FloatArray, days: int) -> FloatArray:
    return values[days:] - values[:-days] if len(values) > days else np.zeros(0)


def _rolling_std(values: FloatArray, days: int) -> FloatArray:
    if len(values) < days:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, days)
    return np.asarray(windows.std(axis=1))
