"""Patient exit: it leaves unless the next close says to stay.

Bias: only the exit sees the next close; while that is unknown, it counts as harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, is_above, is_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return params.window


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    average = bars.of(sma, bars.close, params.window)
    later = np.append(bars.close[1:], np.nan)
    leave = bars.of(sma, bars.close, 5)
    falls = is_below("Below its short average", bars.close, leave)
    rises = is_above("Above its short average", bars.close, leave)
    return Criteria(
        long=(crosses_above("Crosses above its average", bars.close, average),),
        short=(crosses_below("Crosses below its average", bars.close, average),),
        long_exit=replace(
            falls, reading=replace(falls.read(), holds=falls.read().holds & ~(later > bars.close))
        ),
        short_exit=replace(
            rises, reading=replace(rises.read(), holds=rises.read().holds & ~(later < bars.close))
        ),
    )
