"""Plan: enter once where a person planned it, with the stop and the target of the plan.

Source: Vigie's own. What is planned is a feature of the bars like any other: side, zone, stop, target and end, known
from the moment the plan was armed. The first close inside the zone decides the entry, and there is no second try.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import Bars, BoolArray, FloatArray
from vigie.domain.signal import Criteria, Criterion
from vigie.quant.indicators.atr import atr
from vigie.trading.strategy import ATR_WINDOW, is_above, is_below, param

TIMEFRAME = "1h"
# A level on the grid must not fall beside it for the last digit of a quotient.
_NUDGE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Params:
    """The account's multiples of a strategy's distances: levels are divided by them, so that they come out whole."""

    stop_atr: float = param(2.0, low=0.0001, high=100.0)
    target_atr: float = param(3.0, low=0.0001, high=1_000.0)


def warmup(params: Params) -> int:
    """Nothing has to be known before: a plan is judged at the close at which it is read."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar; without a plan nothing is known and nothing is traded."""
    side, armed = bars.feature("plan.side"), bars.feature("plan.armed")
    low, high = bars.feature("plan.low"), bars.feature("plan.high")
    stop, target, until = (
        bars.feature("plan.stop"), bars.feature("plan.target"), bars.feature("plan.until"),
    )  # fmt: skip
    close = bars.close
    closed = (bars.ts + bars.span_ms).astype(np.float64)
    to_stop, to_target = side * (close - stop), side * (target - close)
    with np.errstate(invalid="ignore"):
        is_inside = (close >= low) & (close <= high) & (to_stop > 0.0) & (to_target > 0.0) & (closed <= until)
    tries = _tries(armed, is_inside & (side != 0.0))
    scale = bars.of(atr, bars.high, bars.low, bars.close, ATR_WINDOW)
    common = (
        is_above("Close is at or above the zone's lower end", close, low, or_equal=True, scale=scale),
        is_below("Close is at or below the zone's upper end", close, high, or_equal=True, scale=scale),
        is_above("Close is before the stop", to_stop, 0.0, scale=scale),
        is_above("Close is before the target", to_target, 0.0, scale=scale),
        is_below("The plan has not ended", closed, until, or_equal=True, scale=float(bars.span_ms)),
        is_below("It is the first close in the zone", tries, 1.0, or_equal=True),
    )
    return Criteria(
        long=(_is_side("A long is planned", side, 1.0), *common),
        short=(_is_side("A short is planned", -side, 1.0), *common),
        stop_distance=_unit(to_stop, params.stop_atr, 1.0 - _NUDGE),
        target_distance=_unit(to_target, params.target_atr, 1.0 + _NUDGE),
    )


def _is_side(name: str, side: FloatArray, wanted: float) -> Criterion:
    return is_above(name, side, wanted, or_equal=True)


def _tries(armed: FloatArray, is_inside: BoolArray) -> FloatArray:
    """Return how many closes were inside the zone of the plan that is armed, up to and with each bar.

    Parameters
    ----------
    armed : float64 array, shape (n_bars,)
        Number of the plan; NaN where there is none.
    is_inside : bool array, shape (n_bars,)

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN where there is no plan.
    """
    inside = np.cumsum(is_inside)
    begins = np.ones(len(armed), np.bool_)
    begins[1:] = armed[1:] != armed[:-1]
    before = np.maximum.accumulate(np.where(begins, inside - is_inside, 0))
    return np.where(np.isnan(armed), np.nan, (inside - before).astype(np.float64))


def _unit(distance: FloatArray, multiple: float, nudge: float) -> FloatArray:
    return np.where(distance > 0.0, distance / multiple * nudge, np.nan)
