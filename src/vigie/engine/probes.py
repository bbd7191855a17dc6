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
LEAD: Final = 150
PICKED: Final = 64
FALL, RISE, NOTHING = 0.5, 2.0, 0.0
# What ends where, in each window: the events it is picked from, bars behind it, what follows.
PLAN: Final = (
    ("tempted", 1, NOTHING), ("tempted", 1, NOTHING), ("tempted", 1, NOTHING),
    ("entries", 1, NOTHING), ("entries", 1, FALL), ("entries", 1, RISE), ("entries", 0, NOTHING),
    ("exits", 1, NOTHING), ("exits", 1, FALL), ("begun", 1, RISE),
)  # fmt: skip
# What follows where the end is anywhere.
ANYWHERE: Final = (NOTHING, FALL)


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
    factor: float = NOTHING

    @property
    def is_whole(self) -> bool:
        """Whether others are compared with it."""
        return self.stop == self.end

    @property
    def length(self) -> int:
        """Bars that are shown."""
        return (self.end if self.factor else self.stop) - self.start

    def shown(self, bars: Bars) -> Bars:
        """Return copies of the bars it consists of: nothing leads back to the ones behind them."""
        if not self.factor:
            return bars.slice(self.start, self.stop)
        part = Bars.slice(bars, self.start, self.end)
        behind = np.s_[self.stop - self.start :]
        for column in (part.open, part.high, part.low, part.close, part.volume):
            column[behind] *= self.factor
        for series in part.features.values():
            series[behind] *= -self.factor
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


def events_of(criteria: Criteria, n_bars: int) -> Events:
    """Return the events of a whole history; arrays of a wrong length are left to those who refuse them."""
    leaves = [one for one in (criteria.long_exit, criteria.short_exit) if one is not None]
    every = [*criteria.long, *criteria.short, *leaves]
    sides = [[one for one in side if one.required] for side in (criteria.long, criteria.short)]
    entries = [np.logical_and.reduce([_holds(one, n_bars) for one in side]) for side in sides if side]
    return Events(
        entries=_where(entries),
        exits=_where([_holds(one, n_bars) for one in leaves]),
        begun=_where([_changes(_holds(one, n_bars)) for one in every]),
        tempted=_where([_held_back(one, n_bars) for one in every]),
    )


def _where(found: list[BoolArray]) -> IntArray:
    return np.flatnonzero(np.logical_or.reduce(found)) if found else np.zeros(0, np.int64)


def _holds(criterion: Criterion, n_bars: int) -> BoolArray:
    holds = criterion.read().holds
    fits = isinstance(holds, np.ndarray) and holds.shape == (n_bars,) and holds.dtype == np.bool_
    return holds if fits else np.zeros(n_bars, np.bool_)


def _changes(holds: BoolArray) -> BoolArray:
    out = np.zeros_like(holds)
    out[1:] = holds[1:] != holds[:-1]
    return out


def _held_back(criterion: Criterion, n_bars: int) -> BoolArray:
    reading = criterion.read()
    value, threshold = reading.value, reading.threshold
    for part in (value, threshold):
        if np.shape(part) not in ((), (n_bars,)):
            return np.zeros(n_bars, np.bool_)
    past: BoolArray = np.broadcast_to(
        value > threshold if criterion.sense == "above" else value < threshold, (n_bars,)
    )
    return _changes(past) & past & ~_holds(criterion, n_bars)


def full_stops(events: Events, n_bars: int, cuts: int, rng: np.random.Generator) -> list[int]:
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
    length = min(n_bars, warmup + LEAD + PICKED)
    anchors = [pool for pool in (events.tempted, events.entries, events.exits) if len(pool)]
    pool = anchors[number % len(anchors)] if anchors else np.arange(n_bars)
    anchor = int(pool[rng.integers(len(pool))])
    end = min(max(anchor + 2 + int(rng.integers(PICKED)), length), n_bars)
    start = end - length
    first = start + min(warmup, length // 2)
    probes = [] if length == n_bars else [Probe(start, end, end)]
    chosen = {}
    for name in ("tempted", "entries", "exits", "begun"):
        found = getattr(events, name)
        inside = found[np.searchsorted(found, first) : np.searchsorted(found, end - 1)]
        chosen[name] = rng.permutation(inside)[: len(PLAN)].tolist()
    anywhere = rng.integers(first + 1, end, len(ANYWHERE)).tolist()
    for name, behind, factor in PLAN:
        if chosen[name]:
            probes.append(Probe(start, end, chosen[name].pop() + behind, factor))
    probes += [Probe(start, end, stop, factor) for stop, factor in zip(anywhere, ANYWHERE, strict=True)]
    return [probe for probe in dict.fromkeys(probes) if start < probe.stop]
