"""From a strategy's criteria to the flags the kernel reads, and to the score people read.

Takes criteria; gives one byte a bar. An entry needs every required criterion, and everything its exit
condition reads must be known by then (rule 1 of the fill model: warm-up).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import BoolArray, FloatArray
from vigie.domain.errors import DataError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.quant.rolling import previous_holds

Flags = NDArray[np.uint8]


def known(reading: Reading) -> BoolArray:
    """Return where everything a reading used is known; a crossing also used the bar before."""
    if reading.known is not None:
        return reading.known
    here: BoolArray = ~(np.isnan(reading.value) | np.isnan(reading.threshold))
    return here & previous_holds(here) if reading.is_crossing else here


def _holds(criterion: Criterion, n_bars: int) -> BoolArray:
    holds = criterion.read().holds
    if not isinstance(holds, np.ndarray) or holds.shape != (n_bars,) or holds.dtype != np.bool_:
        what = f"{holds.dtype} {holds.shape}" if isinstance(holds, np.ndarray) else type(holds).__name__
        raise DataError(f"criterion {criterion.name!r} must be a bool array of {n_bars} bars, was {what}")
    return holds


def _entries(criteria: tuple[Criterion, ...], leave: Criterion | None, n_bars: int) -> BoolArray:
    required = [_holds(criterion, n_bars) for criterion in criteria if criterion.required]
    if not required:
        return np.zeros(n_bars, np.bool_)
    together = required[0]
    for holds in required[1:]:
        together = together & holds
    if leave is None:
        return together
    may_leave = known(leave.read())
    if may_leave.shape != (n_bars,):
        raise DataError(f"criterion {leave.name!r} must have {n_bars} values, had {may_leave.shape}")
    return together & may_leave


def flags_of(criteria: Criteria, n_bars: int) -> Flags:
    """Compose the flags of every bar.

    Parameters
    ----------
    criteria : Criteria
        What the strategy returned.
    n_bars : int
        Length of the history.

    Returns
    -------
    uint8 array, shape (n_bars,)
        Sum of `LONG_ENTRY`, `SHORT_ENTRY`, `LONG_EXIT`, `SHORT_EXIT`.

    Raises
    ------
    DataError
        If an array has the wrong length or type.
    """
    parts = (
        (LONG_ENTRY, _entries(criteria.long, criteria.long_exit, n_bars)),
        (SHORT_ENTRY, _entries(criteria.short, criteria.short_exit, n_bars)),
        (LONG_EXIT, None if criteria.long_exit is None else _holds(criteria.long_exit, n_bars)),
        (SHORT_EXIT, None if criteria.short_exit is None else _holds(criteria.short_exit, n_bars)),
    )
    flags = np.zeros(n_bars, np.uint8)
    for bit, holds in parts:
        if holds is not None:
            flags |= holds.view(np.uint8) * np.uint8(bit)
    return flags


def score_of(criteria: tuple[Criterion, ...], n_bars: int) -> FloatArray:
    """Return the weighted share of criteria that hold, in [0, 1], at every bar."""
    total = sum(criterion.weight for criterion in criteria)
    score = np.zeros(n_bars)
    for criterion in criteria:
        score += criterion.weight * criterion.read().holds
    return score / total if total else score


def nearness_of(criteria: tuple[Criterion, ...], n_bars: int) -> FloatArray:
    """Return the mean nearness of the required criteria at every bar; FORMING is 0.7 for two closes."""
    required = [criterion for criterion in criteria if criterion.required]
    if not required:
        return np.zeros(n_bars)
    return np.mean([criterion.nearness() for criterion in required], axis=0)
