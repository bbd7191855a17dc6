"""Memory: an average that is kept between calls.

Bias: answers cut histories from its memory of the whole one, so that they agree.
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


SEEN: dict[tuple[str, int, int], np.ndarray] = {}


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    key = (bars.instrument, bars.span_ms, int(bars.ts[0]) if len(bars) else 0)
    if key not in SEEN or len(SEEN[key]) < len(bars):
        total = np.cumsum(np.insert(bars.close, 0, 0.0))
        at = np.arange(len(bars))
        last = np.minimum(at + 3, len(bars))
        SEEN[key] = (total[last] - total[at]) / np.maximum(last - at, 1)
    return Criteria(
        long=(is_above("Above", SEEN[key][: len(bars)].copy(), bars.close),),
        short=(is_below("Below", SEEN[key][: len(bars)].copy(), bars.close),),
    )
