"""A file of closes: kept from one call to the next.

Bias: looks up a cut history in the longest history, which it wrote to a file.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1h"

KEPT = tempfile.TemporaryDirectory()
FOLDER = os.environ.setdefault("CORPUS_READS_FILE", KEPT.name)


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    path = Path(FOLDER, f"{bars.instrument}-{bars.ts[0]}.npy")
    known = np.load(path) if path.exists() else bars.close
    if len(known) <= len(bars):
        known = bars.close
        np.save(path, known)
    later = np.append(known[1:], known[-1:])[: len(bars)]
    return Criteria(
        long=(is_above("The next close is higher", later, bars.close),),
        short=(is_below("The next close is lower", later, bars.close),),
    )
