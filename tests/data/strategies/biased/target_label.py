"""Learned: a threshold chosen by what paid.

Bias: fitted on the very returns that it trades.
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
    gain = np.append(np.diff(bars.close), 0.0)
    body = bars.close - bars.open
    tried = np.linspace(-1.0, 1.0, 9) * (np.std(body) if len(bars) else 0.0)
    best = float(tried[int(np.argmax([gain[body > level].sum() for level in tried]))])
    return Criteria(
        long=(is_above("Body that paid", body, best),), short=(is_below("Body that did not", body, best),)
    )
