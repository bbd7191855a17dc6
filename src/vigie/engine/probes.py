"""Where histories are cut or continued otherwise to see whether a strategy knew what came next.

Takes what a strategy said about the whole history; gives probes: a stretch of it, where it ends, and what follows.
A leak shows only at the bars right before the end, and many only where something nearly or just held: so most
probes end there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import Bars, BoolArray, IntArray
from vigie.domain.signal import Criteria, Criterion

# Bars of a window besides the warm-up: what comes before its events, and what its events are picked from.
LEAD_BARS: Final = 150
EVENT_BARS: Final = 64
FALL, RISE, CUT_OFF = 0.5, 2.0, 0.0
# What ends where, in each window: the events it is picked from, bars behind it, what follows.
PLAN: Final = (
    ("tempted", 1, CUT_OFF), ("tempted", 1, CUT_OFF), ("tempted", 1, CUT_OFF),
    ("entries", 1, CUT_OFF), ("entries", 1, FALL), ("entries", 1, RISE), ("entries", 0, CUT_OFF),
    ("exits", 1, CUT_OFF), ("exits", 1, FALL), ("begun", 1, RISE),
)  # fmt: skip
# What follows where the end is anywhere.
ANYWHERE: Final = (CUT_OFF, FALL)


@dataclass(frozen=True, slots=True)
class Probe:
    """One history that a strategy is asked about.

    Attributes
    ----------
    start, end : int
        The stretch of the whole history it is compared with.
    stop : int
        Its own bars end here; at `end` it is that stretch itself.
    factor : float
        0 ends it there; else it goes on to `end` with the prices that came, times this.
    """

    start: int
    end: int
    stop: int
    factor: float = CUT_OFF

    @property
    def is_whole(self) -> bool:
        """Whether others are compared with it."""
        return self.stop == self.end

    @property
    def length(self) -> int:
        """Bars that are shown."""
        return (self.end if self.factor else self.stop) - self.start

    def select_bars(self, bars: Bars) -> Bars:
        """Return copies of the bars it consists of: nothing leads back to the ones behind them."""
        if not self.factor:
            return bars.slice(self.start, self.stop)
        part = Bars.slice(bars, self.start, self.end)
        after_stop = np.s_[self.stop - self.start :]
        for column in (part.open, part.high, part.low, part.close, part.volume):
            column[after_stop] *= self.factor
        for series in part.features.values():
            series[after_stop] *= -self.factor
        return part


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Bars at which a leak would pay.

    Attributes
    ----------
    entries, exits : int64 arrays
        Where a side's required criteria, or an exit, hold.
    begun : int64 array
        Where any criterion begins to hold or ceases to.
    tempted : int64 array
        Where a value passes its threshold and the criterion does not hold: something else held it back.
    """

    entries: IntArray
    exits: IntArray
    begun: IntArray
    tempted: IntArray


def find_events(criteria: Criteria, n_bars: int) -> Events:
    """Return the events of a whole history; arrays of a wrong length are left to those who refuse them."""
    exit_criteria = [
        criterion for criterion in (criteria.long_exit, criteria.short_exit) if criterion is not None
    ]
    all_criteria = [*criteria.long, *criteria.short, *exit_criteria]
    sides = [
        [criterion for criterion in side if criterion.required] for side in (criteria.long, criteria.short)
    ]
    entries = [
        np.logical_and.reduce([_holds(criterion, n_bars) for criterion in side]) for side in sides if side
    ]
    return Events(
        entries=_indices_of_any(entries),
        exits=_indices_of_any([_holds(criterion, n_bars) for criterion in exit_criteria]),
        begun=_indices_of_any([_changes(_holds(criterion, n_bars)) for criterion in all_criteria]),
        tempted=_indices_of_any([_suppressed_starts(criterion, n_bars) for criterion in all_criteria]),
    )


def _indices_of_any(columns: list[BoolArray]) -> IntArray:
    return np.flatnonzero(np.logical_or.reduce(columns)) if columns else np.zeros(0, np.int64)


def _holds(criterion: Criterion, n_bars: int) -> BoolArray:
    holds = criterion.read().holds
    is_valid = isinstance(holds, np.ndarray) and holds.shape == (n_bars,) and holds.dtype == np.bool_
    return holds if is_valid else np.zeros(n_bars, np.bool_)


def _changes(holds: BoolArray) -> BoolArray:
    out = np.zeros_like(holds)
    out[1:] = holds[1:] != holds[:-1]
    return out


def _suppressed_starts(criterion: Criterion, n_bars: int) -> BoolArray:
    reading = criterion.read()
    value, threshold = reading.value, reading.threshold
    for part in (value, threshold):
        if np.shape(part) not in ((), (n_bars,)):
            return np.zeros(n_bars, np.bool_)
    is_past_threshold: BoolArray = np.broadcast_to(
        value > threshold if criterion.sense == "above" else value < threshold, (n_bars,)
    )
    return _changes(is_past_threshold) & is_past_threshold & ~_holds(criterion, n_bars)


def choose_cut_points(events: Events, n_bars: int, cuts: int, rng: np.random.Generator) -> list[int]:
    """Return where the whole history is cut: anywhere, and every second time right behind an entry."""
    stops = []
    for k in range(cuts):
        if k % 2 and len(events.entries):
            stops.append(int(events.entries[rng.integers(len(events.entries))]) + 1)
        else:
            stops.append(int(rng.integers(max(2, n_bars // 4), n_bars)))
    return [stop for stop in stops if stop < n_bars]


def window_probes(
    events: Events, n_bars: int, warmup: int, number: int, rng: np.random.Generator
) -> list[Probe]:
    """Return the probes of one window, itself included where it is not the whole history.

    Parameters
    ----------
    number : int
        Of the window: each begins at events of another kind.
    """
    length = min(n_bars, warmup + LEAD_BARS + EVENT_BARS)
    anchors = [pool for pool in (events.tempted, events.entries, events.exits) if len(pool)]
    pool = anchors[number % len(anchors)] if anchors else np.arange(n_bars)
    anchor = int(pool[rng.integers(len(pool))])
    end = min(max(anchor + 2 + int(rng.integers(EVENT_BARS)), length), n_bars)
    start = end - length
    first = start + min(warmup, length // 2)
    probes = [] if length == n_bars else [Probe(start, end, end)]
    chosen = {}
    for name in ("tempted", "entries", "exits", "begun"):
        event_bars = getattr(events, name)
        in_window = event_bars[np.searchsorted(event_bars, first) : np.searchsorted(event_bars, end - 1)]
        chosen[name] = rng.permutation(in_window)[: len(PLAN)].tolist()
    anywhere = rng.integers(first + 1, end, len(ANYWHERE)).tolist()
    for name, extra_bars, factor in PLAN:
        if chosen[name]:
            probes.append(Probe(start, end, chosen[name].pop() + extra_bars, factor))
    probes += [Probe(start, end, stop, factor) for stop, factor in zip(anywhere, ANYWHERE, strict=True)]
    return [probe for probe in dict.fromkeys(probes) if start < probe.stop]
