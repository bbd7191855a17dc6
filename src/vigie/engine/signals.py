"""From a strategy's criteria to the flags the kernel reads, and to the score people read.

Takes criteria; gives one byte a bar. An entry needs every required criterion of its side, and the warm-up must
have ended (rule 1 of the fill model).
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


def known(reading: Reading, stop: int | None = None) -> BoolArray:
    """Return where everything a reading used is known; a crossing also used the bar before.

    Parameters
    ----------
    stop : int, optional
        Only the first so many bars.
    """
    if reading.known is not None:
        return reading.known[:stop]
    threshold = reading.threshold[:stop] if isinstance(reading.threshold, np.ndarray) else reading.threshold
    here: BoolArray = ~(np.isnan(reading.value[:stop]) | np.isnan(threshold))
    return here & previous_holds(here) if reading.is_crossing else here


def _holds(criterion: Criterion, n_bars: int) -> BoolArray:
    holds = criterion.read().holds
    if not isinstance(holds, np.ndarray) or holds.shape != (n_bars,) or holds.dtype != np.bool_:
        what = f"{holds.dtype} {holds.shape}" if isinstance(holds, np.ndarray) else type(holds).__name__
        raise DataError(f"criterion {criterion.name!r} must be a bool array of {n_bars} bars, was {what}")
    return holds


def _sized(criterion: Criterion, n_bars: int) -> Reading:
    reading = criterion.read()
    for name in ("value", "threshold", "known"):
        values = getattr(reading, name)
        if isinstance(values, np.ndarray) and values.shape != (n_bars,):
            raise DataError(
                f"{name} of criterion {criterion.name!r} must have {n_bars} values, had {values.shape}"
            )
    return reading


def _entries(criteria: tuple[Criterion, ...], n_bars: int) -> BoolArray:
    required = [_holds(criterion, n_bars) for criterion in criteria if criterion.required]
    if not required:
        return np.zeros(n_bars, np.bool_)
    together = required[0]
    for holds in required[1:]:
        together = together & holds
    return together


def warmed_up(criteria: Criteria, n_bars: int) -> int:
    """Return the first bar at which everything that required criteria and exit conditions read is known.

    Both sides count: the warm-up of a slot has one end. `n_bars` where there is no such bar.
    """
    leave = [one for one in (criteria.long_exit, criteria.short_exit) if one is not None]
    needed = [one for one in (*criteria.long, *criteria.short) if one.required]
    readings = [_sized(one, n_bars) for one in (*needed, *leave)]
    # A window first, since warm-ups are short; the whole history only where it does not hold their end.
    for stop in (min(n_bars, 1_024), n_bars):
        together = np.ones(stop, np.bool_)
        for reading in readings:
            together &= known(reading, stop)
        if together.any():
            return int(np.argmax(together))
    return n_bars


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
        (LONG_ENTRY, _entries(criteria.long, n_bars)),
        (SHORT_ENTRY, _entries(criteria.short, n_bars)),
        (LONG_EXIT, None if criteria.long_exit is None else _holds(criteria.long_exit, n_bars)),
        (SHORT_EXIT, None if criteria.short_exit is None else _holds(criteria.short_exit, n_bars)),
    )
    flags = np.zeros(n_bars, np.uint8)
    for bit, holds in parts:
        if holds is not None:
            flags |= holds.view(np.uint8) * np.uint8(bit)
    flags[: warmed_up(criteria, n_bars)] &= np.uint8(LONG_EXIT | SHORT_EXIT)
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
