"""Up to eight series on one chart, aligned on their common times, absolute or rebased to 100.

Takes series of times and values; gives the same times for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import UsageError

Mode = Literal["rebased", "absolute"]
MODES: Final = ("rebased", "absolute")
MOST_SERIES: Final = 8
BASE: Final = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class TimeSeries:
    """Values over time.

    Attributes
    ----------
    name : str
        ``bitcoin``.
    ts : int64 array, shape (n,)
        Epoch milliseconds, strictly ascending.
    values : float64 array, shape (n,)
        NaN where not known.
    unit : str
        ``usd``.
    """

    name: str
    ts: IntArray
    values: FloatArray
    unit: str = ""

    def __post_init__(self) -> None:
        """Refuse times that do not fit the values."""
        if len(self.ts) != len(self.values):
            raise UsageError(
                "must_many_values_times",
                "{name} must have as many values as times, had {values_count}",
                name=self.name,
                values_count=len(self.values),
            )
        if len(self.ts) > 1 and not bool(np.all(np.diff(self.ts) > 0)):
            raise UsageError("times_not_ascending", "times of {name} must ascend", name=self.name)


@dataclass(frozen=True, slots=True, eq=False)
class SeriesComparison:
    """Series over the same times.

    Attributes
    ----------
    mode : str
        ``rebased`` or ``absolute``.
    ts : int64 array, shape (n,)
        Times at which all series are known.
    names : tuple of str
        In the order given.
    values : float64 array, shape (n_series, n)
        As drawn: 100 at the first common time where rebased.
    bases : tuple of float
        Each series' own value at the first common time.
    changes : tuple of float
        Last value against the first, minus 1.
    """

    mode: Mode
    ts: IntArray
    names: tuple[str, ...]
    values: FloatArray
    bases: tuple[float, ...]
    changes: tuple[float, ...]


def series_of_bars(name: str, bars: Bars) -> TimeSeries:
    """Return the closes of bars at their closing times."""
    return TimeSeries(name, bars.ts + bars.span_ms, bars.close, "usd")


def compare(
    series: Sequence[TimeSeries], *, mode: Mode = "rebased", start: int | None = None, end: int | None = None
) -> SeriesComparison:
    """Return series over their common times.

    Parameters
    ----------
    series : sequence of TimeSeries
        1 to 8, of different names.
    mode : str
        ``rebased`` (100 at the first common time) or ``absolute``.
    start, end : int, optional
        First and last time, inclusive, epoch milliseconds.

    Returns
    -------
    SeriesComparison
        Without any times where the series have none in common.

    Raises
    ------
    UsageError
        If there are too many, too few or equal names, or a first value that nothing can be rebased to.
    """
    if mode not in MODES:
        raise UsageError(
            "unknown_mode", "mode must be one of {modes}, was {mode!r}", modes=" ".join(MODES), mode=mode
        )
    if not 1 <= len(series) <= MOST_SERIES:
        raise UsageError(
            "give_series",
            "give 1 to {most_series} series, were {series_count}",
            most_series=MOST_SERIES,
            series_count=len(series),
        )
    names = tuple(line.name for line in series)
    if len(set(names)) != len(names):
        raise UsageError(
            "series_must_different", "series must be different, were {names}", names=" ".join(names)
        )
    ts = common_times(series, start=start, end=end)
    rows = np.array([line.values[np.searchsorted(line.ts, ts)] for line in series]).reshape(
        len(series), len(ts)
    )
    if not len(ts):
        unknown = (float("nan"),) * len(series)
        return SeriesComparison(mode, ts, names, rows, unknown, unknown)
    bases = rows[:, 0].copy()
    if mode == "rebased" and not bool(np.all(bases > 0)):
        at = int(np.flatnonzero(~(bases > 0))[0])
        raise UsageError(
            "first_value_must_above_rebased",
            "first value of {names} must be above 0 to be rebased, was {bases}",
            names=names[at],
            bases=bases[at],
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        changes = rows[:, -1] / bases - 1
        drawn = rows / bases[:, None] * BASE if mode == "rebased" else rows
    return SeriesComparison(mode, ts, names, drawn, tuple(bases.tolist()), tuple(changes.tolist()))


def common_times(
    series: Sequence[TimeSeries], *, start: int | None = None, end: int | None = None
) -> IntArray:
    """Return the times at which every series has a known value, ascending."""
    known = [line.ts[~np.isnan(line.values)] for line in series]
    ts = reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), known)
    first, last = ts >= (start if start is not None else -(2**62)), ts <= (end if end is not None else 2**62)
    return ts[first & last].astype(np.int64)
