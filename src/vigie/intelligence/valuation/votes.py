"""Components, their ranks among earlier values, and the score that is their mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.intelligence.valuation.daily_history import DailyHistory
from vigie.quant.indicators.earlier_rank import earlier_rank
from vigie.quant.indicators.rsi import rsi
from vigie.quant.indicators.sma import sma

LEAST_DAYS: Final = 730
RSI_WEEKS: Final = 14
MEAN_DAYS: Final = 200
VOLATILITY_DAYS: Final = 30
# Values that agree to so many decimals are equal: what averages leave in the last digits is no order.
DECIMALS: Final = 10
# The mean of these is one vote; each of the others is a vote of its own.
PRICE_GROUP: Final = ("weekly_rsi", "mean_distance", "drawdown")
OTHERS: Final = ("mvrv", "funding", "fear_greed")
COMPONENTS: Final = (*PRICE_GROUP, *OTHERS)
# Days since 1970 that are Sundays have this remainder by 7: the epoch was a Thursday.
_SUNDAY: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """What speaks for stretched or depressed at each close.

    Attributes
    ----------
    values : mapping of str to float64 array
        Each component in its own unit.
    ranks : mapping of str to float64 array
        In [-1, 1]; NaN with fewer than 730 earlier values.
    price : float64 array
        Mean of the three ranks of the price group; NaN unless all are known.
    score : float64 array
        Mean of the votes; NaN where that of the price is not known.
    volatility, volatility_rank : float64 array
        Of 30 days, a year's worth, and its rank: it has no direction and is no vote.
    """

    values: Mapping[str, FloatArray]
    ranks: Mapping[str, FloatArray]
    price: FloatArray
    score: FloatArray
    volatility: FloatArray
    volatility_rank: FloatArray


def weekly_rsi(days: IntArray, close: FloatArray) -> FloatArray:
    """Return the relative strength index over 14 weeks, at each day that of the newest week that is over.

    Parameters
    ----------
    days : int64 array, shape (n_days,)
        UTC days since 1970, without holes; weeks end with a Sunday.
    close : float64 array, shape (n_days,)

    Returns
    -------
    float64 array, shape (n_days,)
        NaN before the fifteenth Sunday.
    """
    sundays = np.flatnonzero(days % 7 == _SUNDAY)
    values = np.concatenate((np.full(1, np.nan), rsi(close[sundays], RSI_WEEKS)))
    return values[np.searchsorted(sundays, np.arange(len(days)), side="right")]


def votes_of(history: DailyHistory) -> Votes:
    """Return components, ranks and score of a history at each close, from nothing that came later."""
    close = history.close
    values = {
        "weekly_rsi": weekly_rsi(history.days, close),
        "mean_distance": close / sma(close, MEAN_DAYS) - 1.0,
        "drawdown": close / np.maximum.accumulate(close) - 1.0,
        **{name: history.others[name] for name in OTHERS if name in history.others},
    }
    ranks = {name: rank_of_known(column) for name, column in values.items()}
    price = (ranks["weekly_rsi"] + ranks["mean_distance"] + ranks["drawdown"]) / len(PRICE_GROUP)
    total, count = price.copy(), np.ones(len(history))
    for name in OTHERS:
        if name in ranks:
            is_known = ~np.isnan(ranks[name])
            total += np.where(is_known, ranks[name], 0.0)
            count += is_known
    volatility = _volatility(close)
    return Votes(values, ranks, price, total / count, volatility, rank_of_known(volatility))


def rank_of_known(values: FloatArray) -> FloatArray:
    """Return the rank of each known value among the known ones before it, at least 730; NaN for the rest.

    Values that agree to ten decimals are equal.
    """
    ranks = np.full(len(values), np.nan)
    is_known = ~np.isnan(values)
    ranks[is_known] = earlier_rank(np.round(values[is_known], DECIMALS), LEAST_DAYS)
    return ranks


def _volatility(close: FloatArray) -> FloatArray:
    moves = np.diff(np.log(close), prepend=np.nan)[1:]
    squares = np.concatenate((np.full(1, np.nan), sma(moves * moves, VOLATILITY_DAYS)))[: len(close)]
    return np.sqrt(365.0 * squares)
