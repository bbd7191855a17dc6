"""One buffer: every answer is written where the last one was.

Bias: the answer for a cut history overwrites the one for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.trading.strategy import param

TIMEFRAME = "1h"
LATER = np.zeros(100_000)
UP = np.zeros(100_000, np.bool_)


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    later, up = LATER[: len(bars)], UP[: len(bars)]
    np.copyto(later, np.append(bars.close[1:], bars.close[-1:]))
    np.copyto(up, later > bars.close)
    return Criteria(long=(Criterion("The next close is higher", Reading(later, bars.close, up)),), short=())
