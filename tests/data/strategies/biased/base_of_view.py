"""Behind the view: the array that the close is a part of.

Bias: reads the full array behind a cut view of the bars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    whole = bars.close if bars.close.base is None else bars.close.base
    later = np.append(whole[1:], whole[-1:])[: len(bars)]
    return Criteria(
        long=(is_above("The next close is higher", later, bars.close),),
        short=(is_below("The next close is lower", later, bars.close),),
    )
