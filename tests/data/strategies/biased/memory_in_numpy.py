"""Longest memory, elsewhere: the history is kept on a module that outlives the file.

Bias: looks up a cut history in the longest history seen, which it keeps inside numpy.
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


def begins_in(bars: Bars, other: Bars) -> bool:
    """Tell whether another history has the first of these bars."""
    at = int(np.searchsorted(other.ts, bars.ts[0]))
    return at < len(other) and other.ts[at] == bars.ts[0] and other.close[at] == bars.close[0]


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    seen = getattr(np, "_seen", ())
    whole = max((one for one in seen if begins_in(bars, one)), key=len, default=bars)
    if len(whole) <= len(bars):
        whole = bars
        np._seen = (*seen, bars)  # type: ignore[attr-defined]
    at = np.minimum(np.searchsorted(whole.ts, bars.ts) + 1, len(whole) - 1)
    later = whole.close[at]
    return Criteria(
        long=(is_above("The next close is higher", later, bars.close),),
        short=(is_below("The next close is lower", later, bars.close),),
    )
