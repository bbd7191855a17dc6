"""Closes on every day of the calendar, and other series as they were known at each close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray, IntArray
from vigie.domain.time import DAY_MS
from vigie.quant.arrays import floats

# A value older than this at a close is not known there.
MOST_AGE_DAYS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class DailyHistory:
    """One asset, a close a day.

    Attributes
    ----------
    days : int64 array, shape (n_days,)
        UTC days since 1970, without holes; a close is known when its day is over.
    close : float64 array, shape (n_days,)
        A day without a price has that of the day before.
    is_carried : bool array, shape (n_days,)
        Whether the day has no price of its own.
    high, low : float64 array, shape (n_days,)
        NaN where only closes are known.
    others : mapping of str to float64 array
        Further components by name, as known at each close; NaN where not.
    """

    days: IntArray
    close: FloatArray
    is_carried: BoolArray
    high: FloatArray
    low: FloatArray
    others: Mapping[str, FloatArray] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many days there are."""
        return len(self.days)

    def cut(self, stop: int) -> DailyHistory:
        """Return the first `stop` days."""
        return DailyHistory(
            self.days[:stop], self.close[:stop], self.is_carried[:stop], self.high[:stop], self.low[:stop],
            {name: values[:stop] for name, values in self.others.items()},
        )  # fmt: skip

    def close_times(self) -> IntArray:
        """Return when each day was over, epoch milliseconds."""
        return (self.days + 1) * DAY_MS


def daily_history(
    days: IntArray, close: FloatArray, high: FloatArray | None = None, low: FloatArray | None = None
) -> DailyHistory:
    """Return a history without holes from prices of some days.

    Parameters
    ----------
    days : int64 array, shape (n,)
        UTC days since 1970, ascending, each once.
    close : float64 array, shape (n,)
        What is not finite and above 0 is no price.
    high, low : float64 array, optional
        Of the same days.

    Returns
    -------
    DailyHistory
        From the first day with a price to the last.
    """
    close = floats(close)
    is_price = np.isfinite(close) & (close > 0)
    known_days, prices = np.asarray(days, np.int64)[is_price], close[is_price]
    if not len(known_days):
        nothing = np.zeros(0)
        return DailyHistory(np.zeros(0, np.int64), nothing, np.zeros(0, np.bool_), nothing, nothing)
    calendar = np.arange(known_days[0], known_days[-1] + 1)
    at = np.searchsorted(known_days, calendar, side="right") - 1
    is_carried = known_days[at] != calendar
    extremes = []
    for column in (high, low):
        values = np.full(len(known_days), np.nan) if column is None else floats(column)[is_price]
        extremes.append(np.where(is_carried, np.nan, values[at]))
    return DailyHistory(calendar, prices[at], is_carried, extremes[0], extremes[1])


def known_at(close_times: IntArray, ts: IntArray, values: FloatArray) -> FloatArray:
    """Return the newest value at each close; NaN where it is older than three days.

    Parameters
    ----------
    close_times : int64 array, shape (n_days,)
        Epoch milliseconds, ascending.
    ts : int64 array, shape (n,)
        When each value could be known, ascending.
    values : float64 array, shape (n,)

    Returns
    -------
    float64 array, shape (n_days,)
        NaN where nothing was known.
    """
    if not len(ts):
        return np.full(len(close_times), np.nan)
    at = np.searchsorted(ts, close_times, side="right") - 1
    is_fresh = (at >= 0) & (close_times - ts[np.maximum(at, 0)] <= MOST_AGE_DAYS * DAY_MS)
    return np.where(is_fresh, floats(values)[np.maximum(at, 0)], np.nan)


def mean_of_day(close_times: IntArray, ts: IntArray, values: FloatArray) -> FloatArray:
    """Return the mean of the values that came on each day; NaN where none came.

    Parameters
    ----------
    close_times, ts, values
        As for `known_at`.

    Returns
    -------
    float64 array, shape (n_days,)
        NaN where nothing was known.
    """
    sums = np.concatenate((np.zeros(1), np.cumsum(floats(values))))
    start, stop = (np.searchsorted(ts, close_times - back, side="right") for back in (DAY_MS, 0))
    count = stop - start
    return np.where(count > 0, (sums[stop] - sums[start]) / np.maximum(count, 1), np.nan)
