"""From a strategy's criteria to the flags the kernel reads, and to the score people read.

Takes criteria; gives one byte a bar. An entry needs every required criterion of its side, and the warm-up must
have ended (rule 1 of the fill model). What a strategy knows before the warm-up it declares counts as not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vigie.compiled import BORROWING
from vigie.domain.bar import BoolArray, FloatArray
from vigie.domain.errors import DataError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.quant.arrays import floats, truths
from vigie.quant.rolling import previous_holds

Flags = NDArray[np.uint8]

_BOOL: Final = np.dtype(np.bool_)
_ABSENT: Final = np.zeros(0, np.bool_)
_ABSENT_NUMBERS: Final = np.zeros(0)


def known_bars(reading: Reading, stop: int | None = None) -> BoolArray:
    """Return where everything a reading used is known; a crossing also used the bar before.

    Parameters
    ----------
    stop : int, optional
        Only the first so many bars.
    """
    if reading.known is not None:
        return reading.known[:stop]
    threshold = reading.threshold[:stop] if isinstance(reading.threshold, np.ndarray) else reading.threshold
    is_known: BoolArray = ~(np.isnan(reading.value[:stop]) | np.isnan(threshold))
    return is_known & previous_holds(is_known) if reading.is_crossing else is_known


@njit(**BORROWING)
def known_from(value: FloatArray, threshold: FloatArray, number: float, is_crossing: bool, start: int) -> int:
    """Return the first bar from `start` on at which value and threshold are known; a crossing read two bars."""
    n = len(value)
    i = max(start, 1) if is_crossing else start
    if len(threshold) == 0:  # one number for all bars
        while i < n and (np.isnan(value[i]) or (is_crossing and np.isnan(value[i - 1]))):
            i += 1
        return n if np.isnan(number) else min(i, n)
    while i < n:
        here = not (np.isnan(value[i]) or np.isnan(threshold[i]))
        if here and (not is_crossing or not (np.isnan(value[i - 1]) or np.isnan(threshold[i - 1]))):
            break
        i += 1
    return min(i, n)


@njit(**BORROWING)
def _compose(
    long: BoolArray, short: BoolArray, long_exit: BoolArray, short_exit: BoolArray, warm: int, out: Flags
) -> None:
    for i in range(len(out)):
        out[i] = np.uint8(long[i]) | (np.uint8(short[i]) << np.uint8(1))
    out[:warm] = 0
    # An array of no bars stands for a condition that the strategy does not have.
    for i in range(len(long_exit)):
        out[i] |= np.uint8(long_exit[i]) << np.uint8(2)
    for i in range(len(short_exit)):
        out[i] |= np.uint8(short_exit[i]) << np.uint8(3)


def _holds_array(criterion: Criterion, n_bars: int) -> BoolArray:
    holds = criterion.read().holds
    if not isinstance(holds, np.ndarray) or holds.shape != (n_bars,) or holds.dtype != _BOOL:
        what = f"{holds.dtype} {holds.shape}" if isinstance(holds, np.ndarray) else type(holds).__name__
        raise DataError(
            "criterion_must_bool_array_bars",
            "criterion {name!r} must be a bool array of {n_bars} bars, was {what}",
            name=criterion.name,
            n_bars=n_bars,
            what=what,
        )
    return truths(holds)


def _combine_entries(criteria: list[Criterion], n_bars: int) -> BoolArray:
    if not criteria:
        return np.zeros(n_bars, np.bool_)
    together = _holds_array(criteria[0], n_bars)
    for criterion in criteria[1:]:
        together = together & _holds_array(criterion, n_bars)
    return together


def _reads_the_same(reading: Reading, other: Reading) -> bool:
    return (
        reading.value is other.value
        and reading.threshold is other.threshold
        and reading.known is other.known
        and reading.is_crossing == other.is_crossing
    )


def _check_sizes(criterion: Criterion, n_bars: int) -> Reading:
    reading = criterion.read()
    parts: tuple[tuple[str, Any], ...] = (
        ("value", reading.value),
        ("threshold", reading.threshold),
        ("known", reading.known),
    )
    for name, values in parts:
        if isinstance(values, np.ndarray):
            shape = values.shape
        elif name == "value":
            shape = np.shape(values)
        else:
            continue
        if shape != (n_bars,):
            raise DataError(
                "criterion_must_values",
                "{name} of criterion {name_2!r} must have {n_bars} values, had {shape}",
                name=name,
                name_2=criterion.name,
                n_bars=n_bars,
                shape=shape,
            )
    return reading


def _known_from_bar(reading: Reading, n_bars: int, start: int) -> int:
    """Return the first bar from `start` on at which everything that a reading used is known."""
    threshold = reading.threshold
    if reading.known is not None:
        ahead = np.flatnonzero(np.asarray(reading.known, np.bool_)[start:])
        return start + int(ahead[0]) if len(ahead) else n_bars
    if isinstance(threshold, np.ndarray):
        return known_from(floats(reading.value), floats(threshold), 0.0, reading.is_crossing, start)
    return known_from(floats(reading.value), _ABSENT_NUMBERS, float(threshold), reading.is_crossing, start)


def _first_warm_bar(needed: list[Criterion], n_bars: int) -> int:
    readings: list[Reading] = []
    for criterion in needed:
        # The two sides of a strategy usually read the same arrays, one after the other.
        if not (readings and _reads_the_same(criterion.read(), readings[-1])):
            readings.append(_check_sizes(criterion, n_bars))
    before, stop = -1, 0
    # What one reading skips may not be known to another: go round until nobody moves.
    while before < stop < n_bars:
        before = stop
        for reading in readings:
            stop = _known_from_bar(reading, n_bars, stop)
        if len(readings) == 1:
            break
    return stop


def first_known(criteria: Criteria, n_bars: int) -> int:
    """Return the first bar at which everything that required criteria and exit conditions read is known.

    Both sides count: the warm-up of a slot has one end. `n_bars` where there is no such bar.
    """
    exits = [criterion for criterion in (criteria.long_exit, criteria.short_exit) if criterion is not None]
    return _first_warm_bar(
        [*[criterion for criterion in (*criteria.long, *criteria.short) if criterion.required], *exits],
        n_bars,
    )


def first_decision_bar(criteria: Criteria, n_bars: int) -> int:
    """Return the first bar at whose close an entry may be decided: all is known, and the declared warm-up is over."""
    return min(max(first_known(criteria, n_bars), criteria.warmup), n_bars)


def make_flags(criteria: Criteria, n_bars: int, out: Flags | None = None) -> Flags:
    """Compose the flags of every bar.

    Parameters
    ----------
    criteria : Criteria
        What the strategy returned.
    n_bars : int
        Length of the history.
    out : uint8 array, shape (n_bars,), optional
        Overwritten and returned, where many are laid side by side.

    Returns
    -------
    uint8 array, shape (n_bars,)
        Sum of `LONG_ENTRY`, `SHORT_ENTRY`, `LONG_EXIT`, `SHORT_EXIT`.

    Raises
    ------
    DataError
        If an array has the wrong length or type.
    """
    flags = np.empty(n_bars, np.uint8) if out is None else out
    long = [criterion for criterion in criteria.long if criterion.required]
    short = [criterion for criterion in criteria.short if criterion.required]
    exit_criteria = (criteria.long_exit, criteria.short_exit)
    sides = _combine_entries(long, n_bars), _combine_entries(short, n_bars)
    exits = [_ABSENT if criterion is None else _holds_array(criterion, n_bars) for criterion in exit_criteria]
    warm = _first_warm_bar(
        [*long, *short, *[criterion for criterion in exit_criteria if criterion is not None]], n_bars
    )
    _compose(*sides, *exits, max(warm, criteria.warmup), flags)
    return flags


def criterion_between(criterion: Criterion, begin: int, stop: int) -> Criterion:
    """Return a criterion at some bars only: to read it at one is not to read it at ten thousand.

    Parameters
    ----------
    begin, stop : int
        Indices as in Python's slices.

    Returns
    -------
    Criterion
        Of views of its arrays.
    """
    reading = criterion.read()

    def cut(values: FloatArray | float) -> FloatArray | float:
        return values[begin:stop] if isinstance(values, np.ndarray) else values

    return Criterion(
        criterion.name,
        Reading(
            reading.value[begin:stop],
            cut(reading.threshold),
            reading.holds[begin:stop],
            None if reading.known is None else reading.known[begin:stop],
            cut(reading.scale),
            reading.lookback,
            reading.is_crossing,
        ),
        criterion.weight,
        criterion.required,
        criterion.sense,
    )


def score_of(criteria: tuple[Criterion, ...], n_bars: int) -> FloatArray:
    """Return the weighted share of criteria that hold, in [0, 1], at every bar."""
    # Added as the score is, one after the other: `sum` rounds otherwise from Python 3.12 on, and 1 would be passed.
    total = 0.0
    score = np.zeros(n_bars)
    for criterion in criteria:
        total += criterion.weight
        score += criterion.weight * criterion.read().holds
    return score / total if total else score


def nearness_of(
    criteria: tuple[Criterion, ...], n_bars: int, near: Sequence[FloatArray] | None = None
) -> FloatArray:
    """Return the mean nearness of the required criteria at every bar; FORMING is 0.7 for two closes.

    `near` is how near each criterion is, in their order, where that is known already.
    """
    known = [None] * len(criteria) if near is None else near
    required = [
        criterion.nearness() if one is None else one
        for criterion, one in zip(criteria, known, strict=True)
        if criterion.required
    ]
    return np.mean(required, axis=0) if required else np.zeros(n_bars)
