"""Proof on every run that a strategy did not look ahead: recompute on cut histories and compare.

Takes a strategy, bars and what it said on the whole history; gives the first difference, or nothing. A value
that changes when later bars are removed was known before it was known; a signal that appears or disappears
repaints (promise 3). Everything up to a cut must be equal, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np

from vigie.domain.bar import Bars, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.domain.time import DAY_MS, iso
from vigie.engine.probes import Probe, choose_cut_points, find_events, window_probes
from vigie.engine.signals import first_known

CUTS = 3
WINDOWS = 2
# At so many places, at least and at most, it is asked how many bars a strategy needs.
_SAMPLE_COUNTS = (4, 8)
_OPTIONAL_PARTS = ("long_exit", "short_exit", "stop_distance", "target_distance")


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
    known, otherwise : str
        Which two histories these were.
    """

    bar: int
    ts: int
    criterion: str
    whole: float | bool
    cut: float | bool
    known: str = Refusal("whole_history", "with the whole history")
    otherwise: str = Refusal("without_bars_after", "without the bars after it")

    def __str__(self) -> str:
        """Say it in one line."""
        return Refusal(
            "bar",
            "{criterion!r} at {ts} (bar {bar}) was {whole!r} {known} and {cut!r} {otherwise}",
            criterion=self.criterion,
            ts=iso(self.ts),
            bar=self.bar,
            whole=self.whole,
            known=self.known,
            cut=self.cut,
            otherwise=self.otherwise,
        )


def all_criteria(criteria: Criteria) -> list[Criterion]:
    """Return every criterion of both sides and both exits, in that order."""
    exits = [criterion for criterion in (criteria.long_exit, criteria.short_exit) if criterion is not None]
    return [*criteria.long, *criteria.short, *exits]


def read_criterion(criterion: Criterion) -> Reading:
    """Return a criterion's arrays; optional ones are computed here, and may be a person's own code.

    Raises
    ------
    UsageError
        If that code raises, with the criterion's name.
    """
    try:
        return criterion.read()
    except UsageError:
        raise
    except (Exception, SystemExit) as fault:  # a person's file may raise anything; it is shown with its name
        raise UsageError(
            "criterion_raised",
            "criterion {name!r} raised {name_2}: {fault}",
            name=criterion.name,
            name_2=type(fault).__name__,
            fault=fault,
        ) from fault


@dataclass(frozen=True, slots=True)
class CriteriaArrays:
    """What a strategy said about some bars, optional criteria computed.

    Attributes
    ----------
    layout : list
        What must be the same whatever the history: names, weights, which are required, what is given.
    arrays : list of (str, array or float)
        Every array, with the name of what it belongs to; one number for all bars is given as the number.
    """

    layout: list[tuple[object, ...]]
    arrays: list[tuple[str, np.ndarray | float]]

    @classmethod
    def from_criteria(cls, criteria: Criteria) -> CriteriaArrays:
        """Return what these criteria say."""
        layout: list[tuple[object, ...]] = [("long", len(criteria.long)), ("short", len(criteria.short))]
        layout += [(name, getattr(criteria, name) is not None) for name in _OPTIONAL_PARTS]
        arrays: list[tuple[str, np.ndarray | float]] = []
        for criterion in all_criteria(criteria):
            reading, name = read_criterion(criterion), criterion.name
            layout.append(
                (name, criterion.weight, criterion.required, criterion.sense, reading.known is not None)
            )
            # What was measured comes first: of two differences at one bar it explains the other.
            arrays += [(name, reading.value), (name, reading.threshold), (name, reading.scale)]
            arrays += [(name, part) for part in (reading.holds, reading.known) if part is not None]
        for distance in ("stop_distance", "target_distance"):
            distances = getattr(criteria, distance)
            if distances is not None:
                arrays.append((distance.replace("_", " "), distances))
        return cls(layout, arrays)


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
    return first_difference(
        CriteriaArrays.from_criteria(whole), CriteriaArrays.from_criteria(cut), bars.ts, stop, length=length
    )


def first_difference(
    whole: CriteriaArrays, cut: CriteriaArrays, ts: IntArray, stop: int, *, length: int | None = None
) -> Leak | None:
    """Compare two answers that have been read already, the first one about bars of these times; see `first_leak`."""
    if whole.layout != cut.layout:
        pairs = zip_longest(whole.layout, cut.layout)
        expected, actual = next(
            (expected_part, actual_part)
            for expected_part, actual_part in pairs
            if expected_part != actual_part
        )
        raise UsageError(
            "criteria_must_same_every_history",
            "criteria must be the same for every history, were {expected} and, on a shorter history, "
            "{actual}",
            expected=expected,
            actual=actual,
        )
    worst: Leak | None = None
    compared: set[tuple[int, int]] = set()
    for (name, full_values), (_, cut_values) in zip(whole.arrays, cut.arrays, strict=True):
        # Criteria share prices, averages and scales.
        pair = (id(full_values), id(cut_values))
        if pair in compared:
            continue
        compared.add(pair)
        is_array, is_array_too = isinstance(full_values, np.ndarray), isinstance(cut_values, np.ndarray)
        if not is_array and not is_array_too and full_values == cut_values:
            continue
        # One number for all bars is compared as if it were written at each.
        a = _check_shape(name, full_values, len(ts))[:stop] if is_array else np.full(stop, float(full_values))
        b = (
            _check_shape(name, cut_values, length or stop)[:stop]
            if is_array_too
            else np.full(stop, float(cut_values))
        )
        # Bytes first: equal bytes are equal values, and this is the usual case.
        if a.tobytes() == b.tobytes():
            continue
        different = a != b
        if a.dtype.kind == "f":
            different &= ~(np.isnan(a) & np.isnan(b))
        indices = np.flatnonzero(different)
        if len(indices) and (worst is None or indices[0] < worst.bar):
            index = int(indices[0])
            worst = Leak(index, int(ts[index]), name, a[index].item(), b[index].item())
    return worst


def _check_shape(name: str, values: Any, n_bars: int) -> Any:
    if values.shape != (n_bars,):
        raise UsageError(
            "criterion_must_values_bars",
            "criterion {name!r} must have {n_bars} values for {n_bars} bars, had {shape}",
            name=name,
            n_bars=n_bars,
            shape=values.shape,
        )
    return values


def check_causality(
    compute: Callable[[Bars], Criteria],
    bars: Bars,
    whole: Criteria,
    rng: np.random.Generator,
    *,
    cuts: int = CUTS,
    warmup: int = 0,
    windows: int = WINDOWS,
) -> Leak | None:
    """Recompute criteria on cut and on otherwise continued histories; return a leak found, or None.

    Cuts of the whole history find what depends on all of it. Windows of it, replayed at many places, find what
    depends on the next bars: each is judged whole, then cut or continued with other bars behind its events.

    Parameters
    ----------
    compute : callable
        ``criteria`` with its parameters bound. It is asked in the order of time, so that what it remembers
        never comes from behind the bars it is asked about.
    bars : Bars
        The whole history.
    whole : Criteria
        What the strategy said on it.
    rng : numpy Generator
        Where the cuts fall; seeded by the run.
    cuts : int
        How many cuts of the whole history; half of them fall right behind a signal.
    warmup : int
        Bars before the first decision.
    windows : int
        How many windows are replayed.
    """
    n = len(bars)
    if n < 3:
        return None
    full_answer = CriteriaArrays.from_criteria(whole)
    events = find_events(whole, n)
    probes = [Probe(0, n, stop) for stop in choose_cut_points(events, n, cuts, rng)]
    for number in range(windows):
        probes += window_probes(events, n, warmup, number, rng)
    # In the order of time; a window itself comes behind all that is cut from it, which waits for it.
    probes.sort(key=lambda probe: (probe.stop, probe.is_whole))
    pending: dict[tuple[int, int], list[tuple[Probe, CriteriaArrays]]] = {}
    sealed = bars.sealed()
    for probe in dict.fromkeys(probes):
        answer, window = (
            CriteriaArrays.from_criteria(compute(probe.select_bars(sealed))),
            (probe.start, probe.end),
        )
        if probe.is_whole:
            leak = _first_leak_among(pending.pop(window, []), answer, bars)
        elif window == (0, n):
            leak = _find_leak(probe, full_answer, answer, bars)
        else:
            pending.setdefault(window, []).append((probe, answer))
            continue
        if leak is not None:
            return leak
    return None


def _first_leak_among(
    cuts: list[tuple[Probe, CriteriaArrays]], window: CriteriaArrays, bars: Bars
) -> Leak | None:
    leaks = (_find_leak(probe, window, answer, bars) for probe, answer in cuts)
    return next((leak for leak in leaks if leak is not None), None)


def _find_leak(probe: Probe, window: CriteriaArrays, answer: CriteriaArrays, bars: Bars) -> Leak | None:
    ts = bars.ts[probe.start : probe.end]
    leak = first_difference(window, answer, ts, probe.stop - probe.start, length=probe.length)
    if leak is None:
        return None
    known = (
        Refusal("whole_history", "with the whole history")
        if len(ts) == len(bars)
        else Refusal("bars_after", "with the bars after it")
    )
    otherwise = (
        Refusal("other_bars_after", "with other bars after it")
        if probe.factor
        else Refusal("without_bars_after", "without the bars after it")
    )
    return replace(leak, bar=leak.bar + probe.start, known=known, otherwise=otherwise)


def check_warmup(
    compute: Callable[[Bars], Criteria], bars: Bars, whole: Criteria, declared: int
) -> str | None:
    """Tell in one line that a strategy declares fewer bars than it needs, else None.

    At the first bar at which everything is known, so many bars before it as are declared must be enough to know it.
    Asked there, a value that begins late in the history (a feature) or at a turn of the calendar (days made of hours)
    needs no more bars than it reads. Declaring more than is needed is never wrong.

    Parameters
    ----------
    compute : callable
        ``criteria`` with its parameters bound.
    bars : Bars
        The whole history.
    whole : Criteria
        What the strategy said on it.
    declared : int
        Bars before the first decision, as the strategy says.
    """
    first = first_known(whole, len(bars))
    if not declared < first < len(bars):
        return None

    def is_enough(bar: int, before: int) -> bool:
        return first_known(compute(bars.slice(bar - before, bar + 1)), before + 1) <= before

    needed = 0
    sample_bars = _comparable_bars(bars, first)
    for bar in sample_bars:
        if is_enough(bar, declared):
            return None
        too_few, enough = declared, bar
        while enough - too_few > 1:
            middle = (too_few + enough) // 2
            too_few, enough = (too_few, middle) if is_enough(bar, middle) else (middle, enough)
        # What waits for something to happen (a swing, a crossing) needs another number of bars at each place.
        if needed not in (0, enough):
            return None
        needed = enough
    if len(sample_bars) < _SAMPLE_COUNTS[0]:
        return None
    return Refusal(
        "bars_declared",
        "{declared} bars are declared, but {needed} are needed before all values are known at "
        "{ts} (bar {first})",
        declared=declared,
        needed=needed,
        ts=iso(int(bars.ts[first])),
        first=first,
    )


def _comparable_bars(bars: Bars, first: int) -> list[int]:
    """Return bars from one on, at the same time of the week, or of the day where the history is short."""
    bar_indices: list[int] = []
    for step in (7 * DAY_MS, DAY_MS, bars.span_ms):
        if step % bars.span_ms:
            continue
        times = bars.ts[first] + step * np.arange(_SAMPLE_COUNTS[1])
        indices = np.searchsorted(bars.ts, times)
        bar_indices = [
            int(index)
            for index, ts in zip(indices, times, strict=True)
            if index < len(bars) and bars.ts[index] == ts
        ]
        if len(bar_indices) >= _SAMPLE_COUNTS[0]:
            break
    return bar_indices
