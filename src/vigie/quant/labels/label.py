"""Values with their spans: a label may be used only where all bars of its span are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError

# Where there is no label there are no bars that it was made of.
NO_BAR: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A label for each bar, decided at that bar's close.

    Attributes
    ----------
    values : float64 array, shape (n_bars,)
        NaN where there is none.
    first, last : int64 arrays, shape (n_bars,)
        The first and the last bar after the close that the value was made of; -1 where there is none.
    """

    values: FloatArray
    first: IntArray
    last: IntArray

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.values)

    @property
    def span_bars(self) -> int:
        """The longest way from a label's bar to the last one that it uses; 0 where there are no labels."""
        reach = np.where(self.last == NO_BAR, 0, self.last - np.arange(len(self)))
        return int(reach.max(initial=0))

    def before(self, stop: int) -> Labels:
        """Return the labels of the first bars that use no bar from `stop` on; the others become unknown.

        Parameters
        ----------
        stop : int
            Index of the first bar that is not to be used.

        Returns
        -------
        Labels
            Of `stop` bars, all arrays new.
        """
        values, first, last = self.values[:stop].copy(), self.first[:stop].copy(), self.last[:stop].copy()
        is_beyond = last >= stop
        values[is_beyond], first[is_beyond], last[is_beyond] = np.nan, NO_BAR, NO_BAR
        return Labels(values, first, last)

    def within_gaps(self, gaps: ArrayLike) -> Labels:
        """Return the labels that reach across no missing bar; the others become unknown.

        Parameters
        ----------
        gaps : int64 array
            Bars before which at least one is missing, ascending, as in `Bars.gaps`.

        Returns
        -------
        Labels
            All arrays new.
        """
        places: IntArray = np.asarray(gaps, dtype=np.int64)
        bars = np.arange(len(self))
        crosses = np.searchsorted(places, self.last, side="right") > np.searchsorted(
            places, bars, side="right"
        )
        return labels_of(np.where(crosses, np.nan, self.values), self.last)


def labels_of(values: FloatArray, last: IntArray) -> Labels:
    """Return labels that use the bar after their own and all up to the last one given.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        NaN where there is none; changed nowhere.
    last : int64 array, shape (n_bars,)
        Read only where there is a value.

    Returns
    -------
    Labels
        Spans of -1 where there is no value.
    """
    is_known = ~np.isnan(values)
    bars = np.arange(len(values))
    return Labels(values, np.where(is_known, bars + 1, NO_BAR), np.where(is_known, last, NO_BAR))


def check_horizon(horizon: int, n_bars: int) -> int:
    """Return a horizon in bars, or refuse it.

    Parameters
    ----------
    horizon : int
        Bars ahead.
    n_bars : int
        Of the history.

    Returns
    -------
    int
        `horizon` itself.

    Raises
    ------
    UsageError
        If it is below 1, or no bar has so many after it.
    """
    if horizon < 1:
        raise UsageError("horizon_too_short", "horizon must be >= 1 bar, was {horizon}", horizon=horizon)
    if horizon >= n_bars:
        raise UsageError(
            "horizon_beyond_history",
            "a horizon of {horizon} bars needs more than {n_bars} bars; choose a shorter one or a longer history",
            horizon=horizon,
            n_bars=n_bars,
        )
    return horizon
