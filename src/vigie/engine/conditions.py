"""Conditions of many combinations that wait to be compared, and the one compiled call that makes flags of them.

Takes criteria whose comparisons nobody has made yet; gives, bit for bit, the flags that `signals.make_flags` gives.
Python notes what is compared with what; comparing needs no interpreter, and another thread may do it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vigie.domain.bar import BoolArray, FloatArray, IntArray
from vigie.domain.signal import Compared, Criteria
from vigie.engine.signals import known_from
from vigie.quant.compare import COMPARISONS, CROSSINGS, compare_rows, keep_crossings

# Arrays that comparisons read are copied side by side: for long histories that would cost more than it saves.
MAX_BARS: Final = 65_536
CACHE_BYTES: Final = 32 * 1024 * 1024
# Rows that are kept free for the next combination.
_SPARE_ROWS: Final = 16
_NUMBERS: Final = {comparison: number for number, comparison in enumerate(COMPARISONS)}
# A condition: which flags, role, comparison, row of the value, row of the threshold (-1: a number), is a crossing.
_WIDTH: Final = 6
_NONE: Final = -1
_NO_ROOM: Final = -2


class ConditionCache:
    """Arrays side by side as rows of one matrix, each once."""

    def __init__(self, n_bars: int) -> None:
        # Memory that nothing was written to yet is only promised.
        self.rows: FloatArray = np.empty((CACHE_BYTES // (8 * max(n_bars, 1)), n_bars))
        # The arrays are kept as well: one that dies could pass its id to another.
        self._rows_by_id: dict[int, tuple[int, FloatArray]] = {}

    @property
    def is_full(self) -> bool:
        """Whether another combination should wait for an empty shelf."""
        return len(self._rows_by_id) + _SPARE_ROWS > len(self.rows)

    def row_of(self, values: FloatArray) -> int:
        """Return the row of an array, copied there if it is new; `_NO_ROOM` where it does not fit."""
        entry = self._rows_by_id.get(id(values))
        if entry is None:
            row = len(self._rows_by_id)
            if row == len(self.rows) or len(values) != self.rows.shape[1]:
                return _NO_ROOM
            self.rows[row] = values
            entry = self._rows_by_id[id(values)] = (row, values)
        return entry[0]


@dataclass(frozen=True, slots=True, eq=False)
class PendingConditions:
    """Conditions as compiled code reads them.

    Attributes
    ----------
    rows : float64 array, shape (n_rows, n_bars)
        What is compared.
    conditions : int64 array, shape (n_conditions, 6)
        Ascending in the flags they belong to.
    levels : float64 array, shape (n_conditions,)
        Thresholds that are one number for all bars.
    """

    rows: FloatArray
    conditions: IntArray
    levels: FloatArray


NO_CONDITIONS: Final = PendingConditions(np.zeros((0, 0)), np.zeros((0, _WIDTH), np.int64), np.zeros(0))


class Conditions:
    """Collects the conditions of one combination after the other."""

    def __init__(self, cache: ConditionCache) -> None:
        self._cache = cache
        self._numbers = array("q")
        self._levels = array("d")

    def add_flags(self, criteria: Criteria, flags: int) -> bool:
        """Note what makes the flags of this number; False, and nothing noted, where Python has to make them."""
        n_before = len(self._levels)
        if self._add_all(criteria, flags):
            return len(self._levels) > n_before
        del self._levels[n_before:], self._numbers[n_before * _WIDTH :]
        return False

    def _add_all(self, criteria: Criteria, flags: int) -> bool:
        """Note what gates, with the bit that it gates."""
        if criteria.warmup:
            return False
        for role, side in ((0, criteria.long), (1, criteria.short)):
            for criterion in side:
                if criterion.required and not self._add(criterion.reading, flags, role):
                    return False
        for role, exit_criterion in ((2, criteria.long_exit), (3, criteria.short_exit)):
            if exit_criterion is not None and not self._add(exit_criterion.reading, flags, role):
                return False
        return True

    def _add(self, reading: Any, flags: int, role: int) -> bool:
        if type(reading) is not Compared or reading.known is not None:
            return False
        comparison = _NUMBERS.get(reading.comparison)  # type: ignore[arg-type]  # a comparison that is none of these is not found
        threshold = reading.threshold
        row, other, level = self._cache.row_of(reading.value), _NONE, 0.0
        if isinstance(threshold, float):
            level = threshold
        else:
            other = self._cache.row_of(threshold)
        if comparison is None or row == _NO_ROOM or other == _NO_ROOM:
            return False
        self._numbers.extend((flags, role, comparison, row, other, reading.is_crossing))
        self._levels.append(level)
        return True

    def pending(self) -> PendingConditions:
        """Return what was noted."""
        numbers = np.frombuffer(self._numbers, np.int64) if self._numbers else np.zeros(0, np.int64)
        levels = np.frombuffer(self._levels) if self._levels else np.zeros(0)
        return PendingConditions(self._cache.rows, numbers.reshape(-1, _WIDTH).copy(), levels.copy())


@njit(cache=True, nogil=True)
def compose(
    rows: FloatArray, conditions: IntArray, levels: FloatArray, holds: BoolArray, out: NDArray[Any]
) -> None:
    """Compare all conditions and make flags of them.

    Parameters
    ----------
    rows, conditions, levels : arrays
        Of `PendingConditions`.
    holds : bool array, shape (n_bars,)
        Overwritten.
    out : uint8 array, shape (n_flags, n_bars)
        Rows that a condition belongs to are filled; the others stay as they are.
    """
    start = 0
    while start < len(conditions):
        flags = out[conditions[start, 0]]
        end = start
        asked = np.uint8(0)
        while end < len(conditions) and conditions[end, 0] == conditions[start, 0]:
            asked |= np.uint8(1) << np.uint8(conditions[end, 1])
            end += 1
        warm = _warm(rows, conditions[start:end], levels[start:end], len(flags))
        # Both entries wait for the warm-up, exits do not.
        flags[:warm] = asked & np.uint8(12)
        flags[warm:] = asked
        k = start
        while k < end:
            value, other = rows[conditions[k, 3]], conditions[k, 4]
            if k + 1 < end and _are_both_crossings(conditions[k], conditions[k + 1]):
                keep_crossings(value, rows[other], conditions[k, 1], conditions[k + 1, 1], flags)
                k += 2
                continue
            threshold = rows[other] if other >= 0 else rows[0][:0]
            compare_rows(conditions[k, 2], value, threshold, levels[k], holds)
            bit = np.uint8(conditions[k, 1])
            rest = ~(np.uint8(1) << bit)
            for i in range(len(flags)):
                flags[i] &= rest | (np.uint8(holds[i]) << bit)
            k += 1
        start = end


@njit(cache=True, nogil=True)
def _are_both_crossings(one: IntArray, other: IntArray) -> bool:
    """Tell whether two conditions are the crossings of the same two arrays, upwards and downwards, for two bits."""
    is_pair = one[2] == CROSSINGS[0] and other[2] == CROSSINGS[1] and one[1] != other[1]
    return is_pair and one[3] == other[3] and one[4] == other[4] and one[4] >= 0


@njit(cache=True, nogil=True)
def _warm(rows: FloatArray, conditions: IntArray, levels: FloatArray, n_bars: int) -> int:
    before, stop = -1, 0
    # What one reading skips may not be known to another: go round until nobody moves.
    while before < stop < n_bars:
        before = stop
        for k in range(len(conditions)):
            other = conditions[k, 4]
            threshold = rows[other] if other >= 0 else rows[0][:0]
            stop = known_from(rows[conditions[k, 3]], threshold, levels[k], conditions[k, 5] != 0, stop)
    return stop
