"""Benefit of the doubt: a cross counts unless the next close is against it.

Bias: entries see the next close; while that is unknown, it counts as harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, param

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
    up = crosses_above("Crosses above its average", bars.close, average)
    down = crosses_below("Crosses below its average", bars.close, average)
    return Criteria(
        long=(replace(up, reading=replace(up.read(), holds=up.read().holds & ~(later < bars.close))),),
        short=(replace(down, reading=replace(down.read(), holds=down.read().holds & ~(later > bars.close))),),
    )
