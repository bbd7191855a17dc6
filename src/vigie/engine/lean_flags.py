"""The flags of `signals.flags_of`, written into a given row at a fifth of the cost; for sweeps.

Same rule, same answers (a test holds the two together on every strategy); whatever is not plain bool and float
arrays of the right length goes to `flags_of`, which says what is wrong with it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vigie.domain.bar import BoolArray, FloatArray
from vigie.domain.signal import Criteria, Reading
from vigie.domain.state import LONG_EXIT, SHORT_EXIT
from vigie.engine.signals import Flags, flags_of
from vigie.quant.arrays import floats

_BOOL: Final = np.dtype(np.bool_)
_FLOAT: Final = np.dtype(np.float64)


@njit(cache=True, nogil=True)
def _known_from(value: FloatArray, threshold: FloatArray, is_crossing: bool, start: int) -> int:
    n = len(value)
    i = max(start, 1) if is_crossing else start
    while i < n:
        here = not (np.isnan(value[i]) or np.isnan(threshold[i]))
        if here and (not is_crossing or not (np.isnan(value[i - 1]) or np.isnan(threshold[i - 1]))):
            return i
        i += 1
    return n


@njit(cache=True, nogil=True)
def _known_number_from(value: FloatArray, threshold: float, is_crossing: bool, start: int) -> int:
    n = len(value)
    if np.isnan(threshold):
        return n
    i = max(start, 1) if is_crossing else start
    while i < n and (np.isnan(value[i]) or (is_crossing and np.isnan(value[i - 1]))):
        i += 1
    return i


@njit(cache=True, nogil=True)
def _true_from(known: BoolArray, start: int) -> int:
    i = start
    while i < len(known) and not known[i]:
        i += 1
    return i


@njit(cache=True, nogil=True)
def _compose(long: BoolArray, short: BoolArray, warm: int, out: Flags) -> None:
    for i in range(len(out)):
        out[i] = np.uint8(long[i]) | (np.uint8(short[i]) << np.uint8(1))
    out[:warm] = 0


@njit(cache=True, nogil=True)
def _add(holds: BoolArray, bit: int, out: Flags) -> None:
    for i in range(len(out)):
        if holds[i]:
            out[i] |= np.uint8(bit)


def write_flags(criteria: Criteria, out: Flags) -> None:
    """Write the flags of every bar into a row.

    Parameters
    ----------
    out : uint8 array, shape (n_bars,)
        Overwritten.

    Raises
    ------
    DataError
        As `flags_of` does.
    """
    n = len(out)
    long = [one.read() for one in criteria.long if one.required]
    short = [one.read() for one in criteria.short if one.required]
    leave = [
        (one.read(), bit)
        for one, bit in ((criteria.long_exit, LONG_EXIT), (criteria.short_exit, SHORT_EXIT))
        if one is not None
    ]
    distinct: list[Reading] = []
    for reading in (*long, *short, *[one for one, _ in leave]):
        is_new = not (distinct and _reads_the_same(reading, distinct[-1]))
        if not _is_array(reading.holds, _BOOL, n) or (is_new and not _is_plain(reading, n)):
            out[:] = flags_of(criteria, n)
            return
        if is_new:
            distinct.append(reading)
    _compose(_together(long, n), _together(short, n), _warm(distinct, n), out)
    for reading, bit in leave:
        _add(reading.holds, bit, out)


def _reads_the_same(reading: Reading, other: Reading) -> bool:
    # The two sides of a strategy usually read the same arrays, one after the other.
    return (
        reading.value is other.value
        and reading.threshold is other.threshold
        and reading.known is other.known
        and reading.is_crossing == other.is_crossing
    )


def _is_plain(reading: Reading, n_bars: int) -> bool:
    threshold, known = reading.threshold, reading.known
    return (
        _is_array(reading.value, _FLOAT, n_bars)
        and (_is_array(threshold, _FLOAT, n_bars) or isinstance(threshold, float | int))
        and (known is None or _is_array(known, _BOOL, n_bars))
    )


def _is_array(values: object, kind: np.dtype[Any], n_bars: int) -> bool:
    return type(values) is np.ndarray and values.dtype == kind and values.ndim == 1 and values.size == n_bars


def _together(readings: list[Reading], n_bars: int) -> BoolArray:
    if not readings:
        return np.zeros(n_bars, np.bool_)
    together = readings[0].holds
    for reading in readings[1:]:
        together = together & reading.holds
    return together


def _warm(readings: list[Reading], n_bars: int) -> int:
    """Return the first bar at which everything is known."""
    if len(readings) == 1:
        return _from(readings[0], 0)
    stop, before = 0, -1
    # What one reading skips may not be known to another: go round until nobody moves.
    while before < stop < n_bars:
        before = stop
        for reading in readings:
            stop = _from(reading, stop)
    return stop


def _from(reading: Reading, start: int) -> int:
    threshold, known = reading.threshold, reading.known
    if known is not None:
        return int(_true_from(known, start))
    if isinstance(threshold, np.ndarray):
        return int(_known_from(floats(reading.value), floats(threshold), reading.is_crossing, start))
    return int(_known_number_from(floats(reading.value), float(threshold), reading.is_crossing, start))
