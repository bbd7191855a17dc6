"""Labels of the bars ahead: what they return, in which direction, and how much they move.

A label of a bar begins at the first price after its close, the open of the next bar: nothing earlier can be had.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.errors import UsageError
from vigie.quant.arrays import floats
from vigie.quant.labels.label import Labels, check_horizon, labels_of


def forward_return(
    open: ArrayLike,  # noqa: A002 - the column's name everywhere
    close: ArrayLike,
    horizon: int,
    gaps: ArrayLike = (),
) -> Labels:
    """Return the log return from the next open to the close `horizon` bars ahead.

    Parameters
    ----------
    open, close : float64 arrays, shape (n_bars,)
        Prices.
    horizon : int
        Bars, >= 1; the bar of the entry is the first.
    gaps : int64 array
        Bars before which at least one is missing, as in `Bars.gaps`; a span with one has no label.

    Returns
    -------
    Labels
        None for the last `horizon` bars.

    Raises
    ------
    UsageError
        If the horizon is below 1 or not shorter than the history.
    """
    opens, closes = floats(open), floats(close)
    n_bars = len(closes)
    horizon = check_horizon(horizon, n_bars)
    values = np.full(n_bars, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        values[:-horizon] = np.log(closes[horizon:] / opens[1 : n_bars - horizon + 1])
    values[~np.isfinite(values)] = np.nan
    return labels_of(values, np.arange(n_bars) + horizon).within_gaps(gaps)


def direction(
    open: ArrayLike,  # noqa: A002 - the column's name everywhere
    close: ArrayLike,
    horizon: int,
    dead_zone: ArrayLike = 0.0,
    gaps: ArrayLike = (),
) -> Labels:
    """Return 1 where the forward return lies above the dead zone, -1 where below it, 0 inside.

    Parameters
    ----------
    open, close, horizon, gaps
        As in `forward_return`.
    dead_zone : float, or float64 array of shape (n_bars,)
        Half its width as a log return, >= 0; an array may follow the volatility known at each close.

    Returns
    -------
    Labels
        NaN where the return or the dead zone is not known.

    Raises
    ------
    UsageError
        If the horizon does not fit or the dead zone is below 0.
    """
    labels = forward_return(open, close, horizon, gaps)
    zone = np.broadcast_to(np.asarray(dead_zone, np.float64), len(labels))
    if (zone < 0.0).any():
        raise UsageError(
            "dead_zone_below_zero", "dead zone must be >= 0, was {zone}", zone=float(zone[zone < 0.0][0])
        )
    moves = labels.values
    signs = np.where(np.abs(moves) <= zone, 0.0, np.sign(moves))
    signs[np.isnan(moves) | np.isnan(zone)] = np.nan
    return labels_of(signs, labels.last)


def forward_volatility(close: ArrayLike, horizon: int, gaps: ArrayLike = ()) -> Labels:
    """Return the root of the mean squared log return of the `horizon` bars ahead.

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Prices.
    horizon, gaps
        As in `forward_return`.

    Returns
    -------
    Labels
        None for the last `horizon` bars.

    Raises
    ------
    UsageError
        If the horizon is below 1 or not shorter than the history.
    """
    closes = floats(close)
    n_bars = len(closes)
    horizon = check_horizon(horizon, n_bars)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.diff(np.log(closes)) ** 2
    values = np.full(n_bars, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(squares, horizon)
    values[:-horizon] = np.sqrt(windows.mean(axis=1))
    values[~np.isfinite(values)] = np.nan
    return labels_of(values, np.arange(n_bars) + horizon).within_gaps(gaps)
