"""Optional criteria that many strategies share: trend, volume, distance to the trigger."""

from __future__ import annotations

from functools import cache

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.signal import Criterion, Reading
from vigie.quant import compare
from vigie.quant.indicators.ema import ema
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import atr_of, optional

TREND_WINDOW = 200
VOLUME_WINDOW = 20


def with_trend(bars: Bars, side: int) -> Criterion:
    """The close lies on the trade's side of EMA(200).

    Parameters
    ----------
    bars : Bars
        At least 200 for a known value.
    side : int
        +1 wants the close above the average, -1 below.

    Returns
    -------
    Criterion
        Optional, weight 0.5; unknown until EMA(200) exists.
    """

    def read() -> Reading:
        slow = bars.of(ema, bars.close, TREND_WINDOW)
        holds = compare.above(bars.close, slow) if side > 0 else compare.below(bars.close, slow)
        return Reading(bars.close, slow, holds, scale=atr_of(bars))

    if side > 0:
        return optional("Close above EMA(200): with the trend", read, sense="above")
    return optional("Close below EMA(200): with the trend", read, sense="below")


def with_volume(bars: Bars) -> Criterion:
    """The bar's volume is above its 20-bar mean.

    Parameters
    ----------
    bars : Bars
        At least 20 for a known value.

    Returns
    -------
    Criterion
        Optional, weight 0.5, the same for both sides.
    """

    def read() -> Reading:
        usual = bars.of(sma, bars.volume, VOLUME_WINDOW)
        return Reading(bars.volume, usual, compare.above(bars.volume, usual), scale=usual)

    return optional("Volume above its 20-bar mean", read, sense="above")


def near_trigger(
    bars: Bars, value: FloatArray, trigger: FloatArray | float = 0.0, *, limit_atr: float = 1.0
) -> Criterion:
    """Keep to signals whose trigger is at most `limit_atr` ATR(14) away.

    Parameters
    ----------
    value, trigger : float64 arrays, shape (n_bars,)
        What moves, and what it would have to meet, in quote; the distance itself where no trigger is given.

    Returns
    -------
    Criterion
        Optional, weight 0.5; not known where ATR(14) is 0 or not known.
    """

    def read() -> Reading:
        distance = value - trigger
        atr = atr_of(bars)
        # A flat market has no range to measure by: how far the trigger is, is not known.
        in_atr = np.divide(abs(distance), atr, out=np.full(len(bars), np.nan), where=atr > 0.0)
        return Reading(in_atr, limit_atr, compare.at_or_below(in_atr, limit_atr), scale=limit_atr)

    return optional(_trigger_name(limit_atr), read, sense="below")


@cache
def _trigger_name(limit_atr: float) -> str:
    return f"Trigger within {limit_atr:g} ATR"
