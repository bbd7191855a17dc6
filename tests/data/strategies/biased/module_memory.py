"""Longest memory: what was seen once is known for ever.

Bias: looks up a cut history in the longest history seen, by its first bar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1h"
SEEN: dict[int, np.ndarray] = {}


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    start = int(bars.ts[0])
    SEEN[start] = max(SEEN.get(start, bars.close[:0]), bars.close, key=len)
    whole = SEEN[start]
    later = np.append(whole[1:], whole[-1:])[: len(bars)]
    return Criteria(
        long=(is_above("The next close is higher", later, bars.close),),
        short=(is_below("The next close is lower", later, bars.close),),
    )
