"""What a strategy is: one file with parameters, a timeframe, a warm-up and one function of criteria.

A strategy file defines ``Params`` (a frozen dataclass of `param` fields), ``TIMEFRAME``, ``warmup(params)`` and
``criteria(bars, params)``; its docstring's first line is its title and names its source. It never sees the
account. The constructors here make criteria that carry what it takes to explain them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.signal import Compared, Comparison, Criterion, Reading
from vigie.quant import compare
from vigie.quant.arrays import is_sealed
from vigie.quant.indicators.atr import atr, beside_averages
from vigie.quant.indicators.ema import ema
from vigie.quant.rolling import previous_holds

# Own files of before may name its type from here.
from vigie.trading.loaded_strategy import Strategy as Strategy

ATR_WINDOW = 14


def param(
    default: float, *, low: float, high: float, search: tuple[float, float] | None = None, step: float = 1
) -> Any:
    """Declare a parameter of a strategy: default, bounds, and the range a search walks.

    Parameters
    ----------
    default : int or float
        Its type is the parameter's type.
    low, high : float
        Bounds, inclusive; values outside are refused.
    search : tuple of two floats, optional
        Range of a sweep; the bounds when left out.
    step : float
        Step of a grid over `search`.

    Returns
    -------
    dataclasses.Field
        Bounds, range and step in its metadata.
    """
    return field(
        default=default, metadata={"low": low, "high": high, "search": search or (low, high), "step": step}
    )


def atr_of(bars: Bars) -> FloatArray:
    """Return ATR(14) of these bars, computed once.

    Parameters
    ----------
    bars : Bars
        Keeps the array: every criterion that asks for it reads the same one.

    Returns
    -------
    float64 array, shape (n_bars,)
        Quote currency; NaN for the first 14 bars.
    """
    return bars.once(_atr)


def averages_of(bars: Bars, fast: int, slow: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return two exponential averages of the close and ATR(14), on new bars all three in one pass.

    Parameters
    ----------
    fast, slow : int
        Spans in bars.

    Returns
    -------
    tuple of float64 arrays, shape (n_bars,)
        Fast, slow, ATR(14); NaN in the warm-up of each.
    """
    close = bars.close
    if bars.has_made(_atr):
        return bars.of(ema, close, fast), bars.of(ema, close, slow), atr_of(bars)
    atr_args = (bars.high, bars.low, close, ATR_WINDOW)
    answers = bars.together(
        lambda: beside_averages(*atr_args[:3], fast, slow, ATR_WINDOW),
        (ema, close, fast), (ema, close, slow), (atr, *atr_args),
    )  # fmt: skip
    return answers[0], answers[1], atr_of(bars)


def _atr(bars: Bars) -> FloatArray:
    values: FloatArray = bars.of(atr, bars.high, bars.low, bars.close, ATR_WINDOW)
    return values


def _read(
    comparison: Comparison, value: FloatArray, threshold: FloatArray | float, scale: Any, is_crossing: bool
) -> Reading:
    # What can still be written to is compared now: a strategy may reuse its array for the next criterion.
    if is_sealed(value) and (
        type(threshold) is float or (is_sealed(threshold) and len(value) == len(threshold))
    ):
        return Compared(value, threshold, comparison, None, scale, 0, is_crossing)
    return Reading(value, threshold, comparison(value, threshold), None, scale, 0, is_crossing)


def crosses_above(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value crosses above threshold".

    Parameters
    ----------
    value, threshold : float64 array, shape (n_bars,)
        NaN where not known: nothing holds there. `threshold` may be one number for all bars.
    scale : float64 array, shape (n_bars,), or float
        Distance from the threshold, in the value's unit, at which nearness is 0.
    weight : float
        Share in the score, > 0.

    Returns
    -------
    Criterion
        Holds where value is above and was at or below at the bar before.
    """
    return Criterion(name, _read(compare.crosses_above, value, threshold, scale, True), weight, True, "above")


def crosses_below(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value crosses below threshold".

    Parameters
    ----------
    name, value, threshold, scale, weight
        As in `crosses_above`.

    Returns
    -------
    Criterion
        Holds where value is below and was at or above at the bar before.
    """
    return Criterion(name, _read(compare.crosses_below, value, threshold, scale, True), weight, True, "below")


def is_above(
    name: str,
    value: FloatArray,
    threshold: FloatArray | float,
    *,
    or_equal: bool = False,
    scale: Any = 1.0,
    weight: float = 1.0,
) -> Criterion:
    """Make the required criterion "value is above threshold" (or at it).

    Parameters
    ----------
    or_equal : bool
        Whether it also holds at the threshold; all else as in `crosses_above`.

    Returns
    -------
    Criterion
        Holds at every such bar, not only at the first; never where value or threshold is NaN.
    """
    comparison = compare.at_or_above if or_equal else compare.above
    return Criterion(name, _read(comparison, value, threshold, scale, False), weight, True, "above")


def is_below(
    name: str,
    value: FloatArray,
    threshold: FloatArray | float,
    *,
    or_equal: bool = False,
    scale: Any = 1.0,
    weight: float = 1.0,
) -> Criterion:
    """Make the required criterion "value is below threshold" (or at it).

    Parameters
    ----------
    or_equal : bool
        Whether it also holds at the threshold; all else as in `crosses_above`.

    Returns
    -------
    Criterion
        Holds at every such bar, not only at the first; never where value or threshold is NaN.
    """
    comparison = compare.at_or_below if or_equal else compare.below
    return Criterion(name, _read(comparison, value, threshold, scale, False), weight, True, "below")


def returns_above(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value was below the threshold one bar ago and is at or above it".

    Parameters
    ----------
    name, value, threshold, scale, weight
        As in `crosses_above`.

    Returns
    -------
    Criterion
        Unlike `crosses_above` it also holds at the threshold itself.
    """
    holds = compare.at_or_above(value, threshold) & previous_holds(compare.below(value, threshold))
    return Criterion(
        name, Reading(value, threshold, holds, scale=scale, is_crossing=True), weight=weight, sense="above"
    )


def returns_below(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value was above the threshold one bar ago and is at or below it".

    Parameters
    ----------
    name, value, threshold, scale, weight
        As in `crosses_above`.

    Returns
    -------
    Criterion
        Unlike `crosses_below` it also holds at the threshold itself.
    """
    holds = compare.at_or_below(value, threshold) & previous_holds(compare.above(value, threshold))
    return Criterion(
        name, Reading(value, threshold, holds, scale=scale, is_crossing=True), weight=weight, sense="below"
    )


def optional(name: str, reading: Callable[[], Reading], *, sense: str, weight: float = 0.5) -> Criterion:
    """Make a criterion that weighs in the score and gates nothing; its arrays are computed when asked for.

    Parameters
    ----------
    name : str
        As said on screen; `Strategy.requiring` finds it by words in it.
    reading : callable
        Called at most once.
    sense : str
        ``above`` or ``below``: the side of the threshold on which it holds.

    Returns
    -------
    Criterion
        Not required, unless `Strategy.requiring` names it.
    """
    return Criterion(name, reading, weight, False, sense)
