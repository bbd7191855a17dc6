"""Comparisons that treat values within 1e-9 relative as equal, so the order of a sum decides no trade.

``x > y`` means ``x - y > 1e-9 * max(|x|, |y|)``, ``x <= y`` is its negation, ``x < y`` and ``x >= y``
likewise. A NaN on either side makes every comparison false.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.compiled import BORROWING
from vigie.domain.bar import BoolArray, ByteArray, FloatArray
from vigie.domain.errors import UsageError
from vigie.quant.arrays import floats

TOLERANCE: Final = 1e-9


@njit(cache=True, nogil=True, inline="always")
def _slack(x: float, y: float) -> float:
    # A select, not a branch, and no call of max(): it becomes vector code.
    x, y = abs(x), abs(y)
    return TOLERANCE * (x if x > y else y)


@njit(cache=True, nogil=True)
def gt(x: float, y: float) -> bool:
    """Tell whether `x` is above `y` by more than the tolerance.

    Parameters
    ----------
    x, y : float
        Left and right side.

    Returns
    -------
    bool
        False where either side is NaN.
    """
    return x - y > _slack(x, y)


@njit(cache=True, nogil=True)
def le(x: float, y: float) -> bool:
    """Tell whether `x` is at or below `y` within the tolerance.

    Parameters
    ----------
    x, y : float
        Left and right side.

    Returns
    -------
    bool
        False where either side is NaN: not the negation of `gt` there.
    """
    return x - y <= _slack(x, y)


@njit(cache=True, nogil=True)
def lt(x: float, y: float) -> bool:
    """Tell whether `x` is below `y` by more than the tolerance.

    Parameters
    ----------
    x, y : float
        Left and right side.

    Returns
    -------
    bool
        False where either side is NaN.
    """
    return y - x > _slack(x, y)


@njit(cache=True, nogil=True)
def ge(x: float, y: float) -> bool:
    """Tell whether `x` is at or above `y` within the tolerance.

    Parameters
    ----------
    x, y : float
        Left and right side.

    Returns
    -------
    bool
        False where either side is NaN: not the negation of `lt` there.
    """
    return y - x <= _slack(x, y)


# Below is above with the sides swapped (arrays) or with the sign turned (numbers): both are exact in float64.


# They write into an array of their caller: compiled code that makes arrays takes twice as long to compile.


@njit(**BORROWING)
def _above(x: FloatArray, y: FloatArray, out: BoolArray) -> None:
    for i in range(len(x)):
        out[i] = x[i] - y[i] > _slack(x[i], y[i])


@njit(**BORROWING)
def _above_number(x: FloatArray, y: float, sign: float, out: BoolArray) -> None:
    for i in range(len(x)):
        out[i] = sign * (x[i] - y) > _slack(x[i], y)


@njit(**BORROWING)
def _not_above(x: FloatArray, y: FloatArray, out: BoolArray) -> None:
    for i in range(len(x)):
        out[i] = x[i] - y[i] <= _slack(x[i], y[i])


@njit(**BORROWING)
def _not_above_number(x: FloatArray, y: float, sign: float, out: BoolArray) -> None:
    for i in range(len(x)):
        out[i] = sign * (x[i] - y) <= _slack(x[i], y)


# Both bars are compared anew at each step: carrying the last answer along forbids vector code (4x slower).


@njit(**BORROWING)
def _crosses(x: FloatArray, y: FloatArray, out: BoolArray) -> None:
    out[:1] = False
    for i in range(1, len(x)):
        over = x[i] - y[i] > _slack(x[i], y[i])
        out[i] = over & (x[i - 1] - y[i - 1] <= _slack(x[i - 1], y[i - 1]))


@njit(**BORROWING)
def _crosses_number(x: FloatArray, y: float, sign: float, out: BoolArray) -> None:
    out[:1] = False
    for i in range(1, len(x)):
        over = sign * (x[i] - y) > _slack(x[i], y)
        out[i] = over & (sign * (x[i - 1] - y) <= _slack(x[i - 1], y))


def _compare(
    compare_arrays: Callable[[FloatArray, FloatArray, BoolArray], None],
    compare_number: Callable[[FloatArray, float, float, BoolArray], None],
    x: ArrayLike,
    y: ArrayLike | float,
    sign: float,
) -> BoolArray:
    left = floats(x)
    out = np.empty(len(left), np.bool_)
    if not isinstance(y, np.ndarray) and isinstance(y, float | int):
        compare_number(left, float(y), sign, out)
        return out
    right = floats(y)
    if len(left) != len(right):
        raise UsageError(
            "y_must_values_like_x",
            "y must have {left_count} values like x, had {right_count}",
            left_count=len(left),
            right_count=len(right),
        )
    if sign > 0:
        compare_arrays(left, right, out)
    else:
        compare_arrays(right, left, out)
    return out


def above(x: ArrayLike, y: ArrayLike | float) -> BoolArray:
    """Tell at each bar whether `x` is above `y`.

    Parameters
    ----------
    x : float64 array, shape (n_bars,)
        Left side.
    y : float64 array, shape (n_bars,), or a number
        Right side.

    Returns
    -------
    bool array, shape (n_bars,)
        False where either side is NaN.
    """
    return _compare(_above, _above_number, x, y, 1.0)


def below(x: ArrayLike, y: ArrayLike | float) -> BoolArray:
    """Tell at each bar whether `x` is below `y`; see `above`.

    Parameters
    ----------
    x : float64 array, shape (n_bars,)
        Left side.
    y : float64 array, shape (n_bars,), or a number
        Right side.

    Returns
    -------
    bool array, shape (n_bars,)
        False where either side is NaN.
    """
    return _compare(_above, _above_number, x, y, -1.0)


def at_or_below(x: ArrayLike, y: ArrayLike | float) -> BoolArray:
    """Tell at each bar whether `x` is not above `y`, both being known; see `above`.

    Parameters
    ----------
    x : float64 array, shape (n_bars,)
        Left side.
    y : float64 array, shape (n_bars,), or a number
        Right side.

    Returns
    -------
    bool array, shape (n_bars,)
        False where either side is NaN.
    """
    return _compare(_not_above, _not_above_number, x, y, 1.0)


def at_or_above(x: ArrayLike, y: ArrayLike | float) -> BoolArray:
    """Tell at each bar whether `x` is not below `y`, both being known; see `above`.

    Parameters
    ----------
    x : float64 array, shape (n_bars,)
        Left side.
    y : float64 array, shape (n_bars,), or a number
        Right side.

    Returns
    -------
    bool array, shape (n_bars,)
        False where either side is NaN.
    """
    return _compare(_not_above, _not_above_number, x, y, -1.0)


def crosses_above(x: ArrayLike, y: ArrayLike | float) -> BoolArray:
    """Tell at each bar whether `x` is above `y` and was not at the bar before.

    Parameters
    ----------
    x : float64 array, shape (n_bars,)
        What crosses.
    y : float64 array, shape (n_bars,), or a number
        What is crossed.

    Returns
    -------
    bool array, shape (n_bars,)
        False at the first bar and wherever one of the four values is NaN.
    """
    return _compare(_crosses, _crosses_number, x, y, 1.0)


def crosses_below(x: ArrayLike, y: ArrayLike | float) -> BoolArray:
    """Tell at each bar whether `x` is below `y` and was not at the bar before; see `crosses_above`.

    Parameters
    ----------
    x : float64 array, shape (n_bars,)
        The crossing series.
    y : float64 array, shape (n_bars,), or a number
        The crossed series or level.

    Returns
    -------
    bool array, shape (n_bars,)
        False at the first bar and wherever one of the four values is NaN.
    """
    return _compare(_crosses, _crosses_number, x, y, -1.0)


# By their numbers compiled code picks them: see `compare_rows`.
COMPARISONS: Final = (above, below, at_or_below, at_or_above, crosses_above, crosses_below)


@njit(**BORROWING)
def compare_rows(number: int, x: FloatArray, y: FloatArray, level: float, out: BoolArray) -> None:
    """Compare in compiled code, where many comparisons wait.

    Parameters
    ----------
    number : int
        Which of `COMPARISONS`.
    x, y : float64 arrays, shape (n_bars,)
        Both sides; a `y` of no bars stands for `level` at all bars.
    out : bool array, shape (n_bars,)
        Filled with what the comparison returns.
    """
    sign = -1.0 if number % 2 == 1 else 1.0
    if len(y) == 0:
        if number < 2:
            _above_number(x, level, sign, out)
        elif number < 4:
            _not_above_number(x, level, sign, out)
        else:
            _crosses_number(x, level, sign, out)
        return
    left, right = (y, x) if number % 2 == 1 else (x, y)
    if number < 2:
        _above(left, right, out)
    elif number < 4:
        _not_above(left, right, out)
    else:
        _crosses(left, right, out)


# Which of `COMPARISONS` the two crossings are: strategies ask for both of the same two arrays.
CROSSINGS: Final = (COMPARISONS.index(crosses_above), COMPARISONS.index(crosses_below))


@njit(**BORROWING)
def keep_crossings(x: FloatArray, y: FloatArray, above: int, below: int, out: ByteArray) -> None:
    """Clear in every byte the bit of the crossing that does not happen there, both crossings in one pass.

    Parameters
    ----------
    x, y : float64 arrays, shape (n_bars,)
        Both sides.
    above, below : int
        Numbers of the bits of `crosses_above` and `crosses_below`.
    out : uint8 array, shape (n_bars,)
        Changed; other bits stay.
    """
    up, down = np.uint8(above), np.uint8(below)
    rest = ~((np.uint8(1) << up) | (np.uint8(1) << down))
    if len(out) > 0:
        out[0] &= rest
    for i in range(1, len(x)):
        difference, slack = x[i] - y[i], _slack(x[i], y[i])
        former_difference, former_slack = x[i - 1] - y[i - 1], _slack(x[i - 1], y[i - 1])
        # The difference the other way round is the same number with its sign turned.
        over = (difference > slack) & (former_difference <= former_slack)
        under = (-difference > slack) & (-former_difference <= former_slack)
        out[i] &= rest | (np.uint8(over) << up) | (np.uint8(under) << down)
