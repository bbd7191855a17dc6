"""Proof on every run that a strategy did not look ahead: recompute on cut histories and compare.

Takes a strategy, bars and what it said on the whole history; gives the first difference, or nothing. A value
that changes when later bars are removed was known before it was known; a signal that appears or disappears
repaints (promise 3). Only the tail of each cut is compared twice over: everything up to the cut must be equal,
bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion
from vigie.domain.time import iso

CUTS = 3


@dataclass(frozen=True, slots=True)
class Leak:
    """Where a strategy read the future.

    Attributes
    ----------
    bar : int
        Index of the first bar whose value changed.
    ts : int
        Its open time.
    criterion : str
        Which criterion or condition.
    whole, cut : float
        The value computed on the whole history and on the history cut after some later bar.
    """

    bar: int
    ts: int
    criterion: str
    whole: float
    cut: float

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.criterion!r} at {iso(self.ts)} (bar {self.bar}) was {self.whole!r} with the whole history "
            f"and {self.cut!r} without the bars after it"
        )


def named_arrays(criteria: Criteria) -> list[tuple[str, np.ndarray]]:  # type: ignore[type-arg]
    """Return every array a strategy gave, with the name of what it belongs to; optional ones included."""
    found: list[tuple[str, np.ndarray]] = []  # type: ignore[type-arg]

    def add(criterion: Criterion | None) -> None:
        if criterion is None:
            return
        reading = criterion.read()
        found.append((criterion.name, reading.holds))
        found.append((criterion.name, reading.value))
        if isinstance(reading.threshold, np.ndarray):
            found.append((criterion.name, reading.threshold))
        if reading.known is not None:
            found.append((criterion.name, reading.known))

    for criterion in (*criteria.long, *criteria.short):
        add(criterion)
    add(criteria.long_exit)
    add(criteria.short_exit)
    for name, distance in (("stop distance", criteria.stop_distance), ("target distance", criteria.target_distance)):
        if distance is not None:
            found.append((name, distance))
    return found


def first_leak(whole: Criteria, cut: Criteria, bars: Bars, stop: int) -> Leak | None:
    """Compare what a strategy said on the whole history with what it said on its first `stop` bars."""
    pairs = zip(named_arrays(whole), named_arrays(cut), strict=False)
    worst: Leak | None = None
    for (name, long), (_, short) in pairs:
        if len(short) != stop:
            raise UsageError(f"criterion {name!r} must have {stop} values for {stop} bars, had {len(short)}")
        a, b = long[:stop], short
        # Bytes first: equal bytes are equal values, and this is the usual case.
        if a.tobytes() == b.tobytes():
            continue
        different = a != b
        if a.dtype.kind == "f":
            different &= ~(np.isnan(a) & np.isnan(b))
        where = np.flatnonzero(different)
        if len(where) and (worst is None or where[0] < worst.bar):
            at = int(where[0])
            worst = Leak(at, int(bars.ts[at]), name, float(a[at]), float(b[at]))
    return worst


def check_causality(
    compute: Callable[[Bars], Criteria], bars: Bars, whole: Criteria, rng: np.random.Generator, *, cuts: int = CUTS
) -> Leak | None:
    """Recompute criteria on randomly truncated histories; return the first leak found, or None.

    Parameters
    ----------
    compute : callable
        ``criteria`` with its parameters bound.
    bars : Bars
        The whole history.
    whole : Criteria
        What the strategy said on it.
    rng : numpy Generator
        Where the cuts fall; seeded by the run.
    cuts : int
        How many truncations. Half of them fall right behind a signal, where a leak pays most.
    """
    n = len(bars)
    if n < 3:
        return None
    signals = [c.read().holds for c in (*whole.long, *whole.short) if c.required]
    fired = np.flatnonzero(np.logical_or.reduce(signals)) if signals else np.zeros(0, np.int64)
    for k in range(cuts):
        if k % 2 and len(fired):
            stop = int(fired[rng.integers(len(fired))]) + 1
        else:
            stop = int(rng.integers(max(2, n // 4), n))
        leak = first_leak(whole, compute(bars.slice(0, stop)), bars, stop)
        if leak is not None:
            return leak
    return None


def check_warmup(compute: Callable[[Bars], Criteria], bars: Bars, declared: int) -> str | None:
    """Tell in one line what is wrong when a strategy signals before its declared warm-up, else None.

    The first `declared` bars must give no entry: the warm-up says how many bars precede the first decision.
    """
    stop = min(declared, len(bars))
    if stop == 0:
        return None
    criteria = compute(bars.slice(0, stop))
    for side, sided in (("long", criteria.long), ("short", criteria.short)):
        required = [c.read().holds for c in sided if c.required]
        if required and np.logical_and.reduce(required).any():
            at = int(np.argmax(np.logical_and.reduce(required)))
            return f"a {side} entry at bar {at} comes before the declared warm-up of {declared} bars"
    return None
