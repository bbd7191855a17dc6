"""Looking back in truth arrays: the bar before, any of the bars before, all of them known.

Takes arrays over bars; gives arrays of the same length that use earlier bars only. What lies before the first
bar is false, or not known.
"""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray


def previous(values: FloatArray) -> FloatArray:
    """Return each bar's predecessor's value; NaN at the first bar.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any unit.

    Returns
    -------
    float64 array, shape (n_bars,)
        A new array.
    """
    out = np.empty_like(values)
    out[:1] = np.nan
    out[1:] = values[:-1]
    return out


def previous_holds(holds: BoolArray) -> BoolArray:
    """Return whether it held at the bar before; False at the first bar.

    Parameters
    ----------
    holds : bool array, shape (n_bars,)
        A condition at each bar.

    Returns
    -------
    bool array, shape (n_bars,)
        A new array.
    """
    out = np.zeros_like(holds)
    out[1:] = holds[:-1]
    return out


def any_before(holds: BoolArray, bars: int) -> BoolArray:
    """Return whether it held in at least one of the `bars` bars before, this one excluded.

    Parameters
    ----------
    holds : bool array, shape (n_bars,)
        A condition at each bar.
    bars : int
        How many bars to look back, >= 1.

    Returns
    -------
    bool array, shape (n_bars,)
        Near the start only the bars that exist count; False at the first bar.
    """
    out = np.zeros_like(holds)
    for back in range(1, bars + 1):
        out[back:] |= holds[:-back]
    return out


def all_hold_before(holds: BoolArray, bars: int) -> BoolArray:
    """Return whether it held in all of the `bars` bars before, this one excluded; False where there are fewer.

    Parameters
    ----------
    holds : bool array, shape (n_bars,)
        A condition at each bar.
    bars : int
        How many bars to look back, >= 1.

    Returns
    -------
    bool array, shape (n_bars,)
        False at the first `bars` bars.
    """
    out = np.ones_like(holds)
    for back in range(1, bars + 1):
        out[back:] &= holds[:-back]
    out[: min(bars, len(out))] = False
    return out


def all_known_before(values: FloatArray, bars: int) -> BoolArray:
    """Return whether all values of the `bars` bars before are known, this one excluded.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        NaN is not known; infinities are.
    bars : int
        How many bars to look back, >= 1.

    Returns
    -------
    bool array, shape (n_bars,)
        False at the first `bars` bars.
    """
    return all_hold_before(~np.isnan(values), bars)


def begins(holds: BoolArray, known: BoolArray) -> BoolArray:
    """Return where something holds that was known not to hold at the bar before.

    Parameters
    ----------
    holds : bool array, shape (n_bars,)
        A condition at each bar.
    known : bool array, shape (n_bars,)
        Whether `holds` can be trusted there.

    Returns
    -------
    bool array, shape (n_bars,)
        False at the first bar, and after a bar that is not known.
    """
    return holds & previous_holds(known & ~holds)
