"""Which of two distances prices reach first: from many bars, with the same distances or each with its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.compiled import BORROWING
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.arrays import floats

# What a start ended with, as compiled code writes it.
LEFT_OUT: Final = 0
TARGET: Final = 1
STOP: Final = 2
NEITHER: Final = 3


@dataclass(frozen=True, slots=True)
class FirstPassage:
    """What was reached first, counted over starts.

    Attributes
    ----------
    target, stop : int
        Starts from which the target or the stop was reached first; the stop, where one bar holds both.
    neither : int
        Starts from which neither was reached within the horizon.
    left_out : int
        Starts that say nothing: fewer bars than the horizon follow them, or a gap or an unknown price is among them.
    mean_neither : float or None
        Mean return of those that reached neither, from the entry to the close at the horizon, as a fraction towards
        the side; None where there are none.
    """

    target: int
    stop: int
    neither: int
    left_out: int
    mean_neither: float | None

    @property
    def counted(self) -> int:
        """Starts that say something."""
        return self.target + self.stop + self.neither


def first_passage(
    open: ArrayLike,  # noqa: A002 - the column's name everywhere
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    starts: ArrayLike,
    *,
    side: Literal["long", "short"],
    target: ArrayLike,
    stop: ArrayLike,
    horizon: int,
    gaps: ArrayLike = (),
) -> FirstPassage:
    """Return how many starts reach their target before their stop within a horizon.

    The entry is the open of the bar after the start. Only starts whose whole horizon is known are counted: those
    that end early would be counted earlier than those that do not, and near levels are reached early.

    Parameters
    ----------
    open, high, low, close : float64 arrays, shape (n_bars,)
        Prices.
    starts : int64 array, shape (n_starts,)
        Bars at whose close the decision is made.
    side : str
        ``long`` or ``short``.
    target, stop : float, or float64 array of shape (n_starts,)
        Distances from the entry as fractions of it, > 0.
    horizon : int
        Bars, >= 1, the bar of the entry included.
    gaps : int64 array
        Bars before which at least one is missing, as in `Bars.gaps`.

    Returns
    -------
    FirstPassage
        Counts, and the mean return of those that reached neither.

    Raises
    ------
    UsageError
        If the horizon or a distance is not above 0, a start is no bar, or lengths differ.

    Notes
    -----
    No costs. A start reads bars ``start + 1`` to ``start + horizon`` only: those later change nothing.

    References
    ----------
    Redner (2001), A Guide to First-Passage Processes, chapter 1; Lopez de Prado (2018), Advances in Financial Machine
    Learning, section 3.4 (the triple barrier).
    """
    outcomes, results = passages(
        open, high, low, close, starts, side=side, target=target, stop=stop, horizon=horizon, gaps=gaps
    )
    counts = np.bincount(outcomes, minlength=4)
    without = results[outcomes == NEITHER]
    return FirstPassage(
        int(counts[TARGET]),
        int(counts[STOP]),
        int(counts[NEITHER]),
        int(counts[LEFT_OUT]),
        float(without.mean()) if len(without) else None,
    )


def passages(
    open: ArrayLike,  # noqa: A002 - the column's name everywhere
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    starts: ArrayLike,
    *,
    side: Literal["long", "short"],
    target: ArrayLike,
    stop: ArrayLike,
    horizon: int,
    gaps: ArrayLike = (),
) -> tuple[IntArray, FloatArray]:
    """Return what each start ended with; see `first_passage`, which counts it.

    Parameters
    ----------
    open, high, low, close, starts, side, target, stop, horizon, gaps
        As in `first_passage`.

    Returns
    -------
    outcomes : int64 array, shape (n_starts,)
        `LEFT_OUT`, `TARGET`, `STOP` or `NEITHER`.
    results : float64 array, shape (n_starts,)
        Return at the horizon where neither was reached, as a fraction towards the side; elsewhere NaN.

    Raises
    ------
    UsageError
        As `first_passage`.
    """
    prices = floats(open), floats(high), floats(low), floats(close)
    n_bars = len(prices[0])
    if any(len(column) != n_bars for column in prices):
        raise UsageError("prices_differ_in_length", "open, high, low and close must have equally many values")
    if horizon < 1:
        raise UsageError("horizon_too_short", "horizon must be >= 1 bar, was {horizon}", horizon=horizon)
    places = np.ascontiguousarray(starts, dtype=np.int64)
    if len(places) and not 0 <= places.min() <= places.max() < n_bars:
        raise UsageError("start_is_no_bar", "starts must be in [0, {n_bars})", n_bars=n_bars)
    ahead, behind = _distances("target", target, len(places)), _distances("stop", stop, len(places))
    outcomes, results = np.empty(len(places), np.int64), np.full(len(places), np.nan)
    sign = 1.0 if side == "long" else -1.0
    ends = _known_until(prices, gaps)
    _pass(*prices, ends, places, sign, ahead, behind, horizon, outcomes, results)
    return outcomes, results


def _distances(name: str, values: ArrayLike, count: int) -> FloatArray:
    distances = np.ascontiguousarray(np.broadcast_to(np.asarray(values, dtype=np.float64), count))
    if not (distances > 0.0).all():
        raise UsageError(
            "distance_must_be_above_0", "{name} must be a fraction > 0, was {value}",
            name=name, value=float(distances[~(distances > 0.0)][0]),
        )  # fmt: skip
    return floats(distances)


def _known_until(prices: tuple[FloatArray, ...], gaps: ArrayLike) -> IntArray:
    """Return for each bar the first bar after it that is cut off from it: by a gap, an unknown price, or the end."""
    n_bars = len(prices[0])
    is_cut = ~np.logical_and.reduce([np.isfinite(column) for column in prices])
    is_cut[np.asarray(gaps, dtype=np.int64)] = True
    cuts = np.flatnonzero(is_cut)
    bars = np.arange(n_bars)
    places = np.searchsorted(cuts, bars, side="right")
    return np.append(cuts, n_bars)[places]


@njit(**BORROWING)
def _pass(
    open: FloatArray,  # noqa: A002 - the column's name everywhere
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    ends: IntArray,
    starts: IntArray,
    sign: float,
    target: FloatArray,
    stop: FloatArray,
    horizon: int,
    outcomes: IntArray,
    results: FloatArray,
) -> None:
    for n in range(len(starts)):
        start = starts[n]
        last = start + horizon
        outcomes[n] = LEFT_OUT
        # Nothing is decided at a bar whose prices are unknown.
        if last >= ends[start] or not np.isfinite(open[start] + high[start] + low[start] + close[start]):
            continue
        entry = open[start + 1]
        upper = entry * (1.0 + (target[n] if sign > 0.0 else stop[n]))
        lower = entry * (1.0 - (stop[n] if sign > 0.0 else target[n]))
        outcomes[n] = NEITHER
        for i in range(start + 1, last + 1):
            is_up, is_down = high[i] >= upper, low[i] <= lower
            if is_down if sign > 0.0 else is_up:
                outcomes[n] = STOP
                break
            if is_up if sign > 0.0 else is_down:
                outcomes[n] = TARGET
                break
        if outcomes[n] == NEITHER:
            results[n] = sign * (close[last] / entry - 1.0)
