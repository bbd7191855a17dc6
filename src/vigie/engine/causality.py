"""Proof on every run that a strategy did not look ahead: recompute on cut histories and compare.

Takes a strategy, bars and what it said on the whole history; gives the first difference, or nothing. A value
that changes when later bars are removed was known before it was known; a signal that appears or disappears
repaints (promise 3). Only the tail of each cut is compared twice over: everything up to the cut must be equal,
bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.domain.time import iso
from vigie.engine.signals import flags_of

CUTS = 3
_MAY_BE_LEFT_OUT = ("long_exit", "short_exit", "stop_distance", "target_distance")


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
    whole, cut : float or bool
        The value computed on the whole history and on the history cut after some later bar.
    """

    bar: int
    ts: int
    criterion: str
    whole: float | bool
    cut: float | bool

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.criterion!r} at {iso(self.ts)} (bar {self.bar}) was {self.whole!r} with the whole history "
            f"and {self.cut!r} without the bars after it"
        )


def all_criteria(criteria: Criteria) -> list[Criterion]:
    """Return every criterion of both sides and both exits, in that order."""
    exits = [one for one in (criteria.long_exit, criteria.short_exit) if one is not None]
    return [*criteria.long, *criteria.short, *exits]


def read(criterion: Criterion) -> Reading:
    """Return a criterion's arrays; optional ones are computed here, and may be a person's own code.

    Raises
    ------
    UsageError
        If that code raises, with the criterion's name.
    """
    try:
        return criterion.read()
    except Exception as fault:  # a person's file may raise anything; it is shown with its name
        raise UsageError(f"criterion {criterion.name!r} raised {type(fault).__name__}: {fault}") from fault


def outline(criteria: Criteria) -> list[tuple[object, ...]]:
    """Return what must be the same whatever the history: names, weights, which are required, what is given."""
    sides = [("long", len(criteria.long)), ("short", len(criteria.short))]
    given = [(name, getattr(criteria, name) is not None) for name in _MAY_BE_LEFT_OUT]
    words = [
        (one.name, one.weight, one.required, one.sense, read(one).known is not None)
        for one in all_criteria(criteria)
    ]
    return [*sides, *given, *words]


def named_arrays(criteria: Criteria) -> list[tuple[str, np.ndarray | float]]:
    """Return every array a strategy gave, with the name of what it belongs to; optional ones included.

    A threshold or scale that is one number for all bars is given as the number.
    """
    found: list[tuple[str, np.ndarray | float]] = []
    for criterion in all_criteria(criteria):
        reading = read(criterion)
        # What was measured comes first: of two differences at one bar it explains the other.
        parts = (reading.value, reading.threshold, reading.scale, reading.holds, reading.known)
        found += [(criterion.name, part) for part in parts if part is not None]
    for name, distance in (
        ("stop distance", criteria.stop_distance),
        ("target distance", criteria.target_distance),
    ):
        if distance is not None:
            found.append((name, distance))
    return found


def first_leak(
    whole: Criteria, cut: Criteria, bars: Bars, stop: int, *, length: int | None = None
) -> Leak | None:
    """Compare what a strategy said on the whole history with what it said on its first `stop` bars.

    Parameters
    ----------
    whole, cut : Criteria
        The two answers.
    bars : Bars
        The whole history.
    stop : int
        How many bars are compared.
    length : int, optional
        Bars the second answer is about, when it goes on behind `stop` with other bars.

    Returns
    -------
    Leak or None
        The earliest difference.

    Raises
    ------
    UsageError
        If the two differ in what they are made of, or an array has the wrong length.
    """
    for asked, given in zip_longest(outline(whole), outline(cut)):
        if asked != given:
            raise UsageError(f"criteria must be the same for every history, were {asked} and, cut, {given}")
    worst: Leak | None = None
    for (name, long), (_, short) in zip(named_arrays(whole), named_arrays(cut), strict=True):
        # One number for all bars is compared as if it were written at each.
        if not isinstance(long, np.ndarray) and not isinstance(short, np.ndarray) and long == short:
            continue
        _refuse_shape(name, long, len(bars))
        _refuse_shape(name, short, length or stop)
        a = long[:stop] if isinstance(long, np.ndarray) else np.full(stop, float(long))
        b = short[:stop] if isinstance(short, np.ndarray) else np.full(stop, float(short))
        # Bytes first: equal bytes are equal values, and this is the usual case.
        if a.tobytes() == b.tobytes():
            continue
        different = a != b
        if a.dtype.kind == "f":
            different &= ~(np.isnan(a) & np.isnan(b))
        where = np.flatnonzero(different)
        if len(where) and (worst is None or where[0] < worst.bar):
            at = int(where[0])
            worst = Leak(at, int(bars.ts[at]), name, a[at].item(), b[at].item())
    return worst


def _refuse_shape(name: str, values: np.ndarray | float, n_bars: int) -> None:
    if isinstance(values, np.ndarray) and values.shape != (n_bars,):
        raise UsageError(
            f"criterion {name!r} must have {n_bars} values for {n_bars} bars, had {values.shape}"
        )


def check_causality(
    compute: Callable[[Bars], Criteria],
    bars: Bars,
    whole: Criteria,
    rng: np.random.Generator,
    *,
    cuts: int = CUTS,
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
    flags = flags_of(compute(bars.slice(0, stop)), stop)
    for side, bit in (("long", LONG_ENTRY), ("short", SHORT_ENTRY)):
        early = np.flatnonzero(flags & bit)
        if len(early):
            return f"a {side} entry at bar {early[0]} comes before the declared warm-up of {declared} bars"
    return None
