"""The history that decisions were made on, as it was then: later corrections are told and change nothing.

A history begins where it was pinned when its run began. It grows to `MOST_BARS`, then it is pinned anew `keep` bars
back: a pure function of the bar's time, so that a replay pins at the same bars.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.ids import SeriesId
from vigie.ports.feed import FeedBar
from vigie.ports.store import BarStore

MOST_BARS: Final = 20_000
SAME: Final = 1e-9
"""Relative difference within which two numbers of a bar are the same."""
COLUMNS: Final = ("open", "high", "low", "close", "volume")
Prices = tuple[float, ...]
"""Open, high, low and close of a bar, with its volume where the log of the decision tells it."""


def pinned_start(start: int, ts_bar: int, span_ms: int, keep: int) -> int:
    """Return where the history of the bar at `ts_bar` begins.

    Parameters
    ----------
    start : int
        Where it began with its run.
    keep : int
        Bars that are left when it is pinned anew.
    """
    beyond = (ts_bar - start) // span_ms + 1 - MOST_BARS
    step = MOST_BARS - keep
    return start + max(0, -(-beyond // step)) * step * span_ms


def bars_fingerprint(bars: Bars, stop: int | None = None) -> str:
    """Return the SHA-256 of the times and prices of bars.

    Parameters
    ----------
    stop : int, optional
        Bars from here on are left out.
    """
    digest = hashlib.sha256(np.ascontiguousarray(bars.ts[:stop]).tobytes())
    for name in COLUMNS:
        digest.update(np.ascontiguousarray(getattr(bars, name)[:stop]).tobytes())
    return digest.hexdigest()


@dataclass(slots=True)
class DecidedBars:
    """One series, as decisions see it.

    Attributes
    ----------
    start, keep : int
        As for `pinned_start`.
    decided : mapping of int to Prices
        What earlier processes of the run decided on, by the bar's open time: the store may say something else now.
    on_revised : callable
        Told the open time of each bar that the store corrected, or learned of, after a decision; once a process.
    on_repinned : callable
        Told where the history begins from a bar on, at that bar.
    on_volume : callable
        Told the open time of each bar of which only the volume is another: prices are exact everywhere, volumes are
        counted and rounded by each source of a venue for itself.
    """

    store: BarStore
    series: SeriesId
    start: int
    keep: int
    decided: Mapping[int, Prices] = field(default_factory=dict)
    on_revised: Callable[[int], None] = lambda _: None
    on_repinned: Callable[[int], None] = lambda _: None
    on_volume: Callable[[int], None] = lambda _: None
    _history: Bars | None = None
    _is_prepared: bool = False
    _differing: set[int] = field(default_factory=set)
    _reported: set[int] = field(default_factory=set)
    _volumes: dict[int, float] = field(default_factory=dict)
    _changes: int = 0

    def prepare(self, ts_bar: int) -> None:
        """Read the history up to and with a bar before anything is decided on it; what it lacks may still come."""
        self.until(ts_bar)
        self._is_prepared = True

    def until(self, ts_bar: int) -> Bars:
        """Return the history up to and with a bar; the same arrays when asked again."""
        self._is_prepared = False
        if self._history is not None and len(self._history) and self._history.ts[-1] == ts_bar:
            return self._history
        pin = self._pin(ts_bar)
        stored = bars_until(self.store, self.series, pin, ts_bar + self.series.span_ms)
        self._history = (
            self._restore_decided(stored)
            if self._history is None
            else self._extend(self._history, stored, pin)
        )
        return self._history

    def add_bar(self, bar: FeedBar) -> None:
        """Take a bar that has just ended.

        Nothing is read for it, but for a pushed one that is the first of all, and where bars before it were stored
        only after the history was prepared.
        """
        before = bar.ts - self.series.span_ms
        is_short = self._is_prepared and self._ends_before(before)
        self._is_prepared = False
        if is_short:
            self._history = None
        if is_short or (self._history is None and bar.is_pushed):
            self.until(before)
        if self._history is None or not len(self._history) or bar.ts <= self._history.ts[-1]:
            return
        prices = {name: np.array([getattr(bar, name)]) for name in COLUMNS}
        self._history = self._extend(
            self._history, _bars(self.series, np.array([bar.ts]), prices), self._pin(bar.ts)
        )

    def check(self) -> None:
        """Tell what the store says otherwise now."""
        if self._history is not None and len(self._history):
            first, last = int(self._history.ts[0]), int(self._history.ts[-1])
            stored = bars_until(self.store, self.series, first, last + self.series.span_ms)
            self._compare(self._history, stored, len(stored))

    @property
    def is_used(self) -> bool:
        """Whether anything was decided on it by this process."""
        return self._history is not None

    @property
    def newest(self) -> Bars | None:
        """The history that was given last, with what was pushed since; None before there was one."""
        return self._history

    def confirm(self, ts: int, prices: Prices, *, is_history: bool = True) -> None:
        """Compare what the venue says now of one bar with what was decided on; its revision is told.

        Parameters
        ----------
        prices : Prices
            Open, high, low, close and volume.
        is_history : bool
            The venue's history says it: where it agrees again, nothing is another any more.
        """
        if self._history is None or not len(self._history):
            return
        index = int(np.searchsorted(self._history.ts, ts))
        if index < len(self._history) and self._history.ts[index] == ts:
            known = [float(getattr(self._history, name)[index]) for name in COLUMNS]
            is_same = np.isclose(known, prices, rtol=SAME, atol=0.0)
            if not is_same[:-1].all():
                self._report_revision(ts)
            elif not is_same[-1]:
                self._report_volume(ts, prices[-1])
            elif is_history:
                self._forget_volume(ts)

    def is_revised(self) -> bool:
        """Tell whether the newest bar that was decided on is known to be another since."""
        return (
            self._history is not None
            and len(self._history) > 0
            and int(self._history.ts[-1]) in self._differing
        )

    def other_volumes(self) -> tuple[int, int, Mapping[int, float]] | None:
        """Return what is another in volumes only; None where all are as they were decided on.

        Returns
        -------
        tuple of int, int and mapping of int to float
            Open time of the newest bar that was decided on, how often the mapping changed, and by open time the other
            volumes.
        """
        if not self._volumes or self._history is None or not len(self._history):
            return None
        return int(self._history.ts[-1]), self._changes, self._volumes

    def fingerprint(self) -> str:
        """Return the SHA-256 of the history that was given last; empty before there was one."""
        return "" if self._history is None else bars_fingerprint(self._history)

    def _ends_before(self, ts_bar: int) -> bool:
        return self._history is None or not len(self._history) or int(self._history.ts[-1]) < ts_bar

    def _pin(self, ts_bar: int) -> int:
        """Return where the history of a bar begins; told where that is not where the one before began."""
        span = self.series.span_ms
        pin = pinned_start(self.start, ts_bar, span, self.keep)
        if pin != pinned_start(self.start, ts_bar - span, span, self.keep):
            self.on_repinned(pin)
        return pin

    def _restore_decided(self, stored: Bars) -> Bars:
        """Return stored bars as earlier processes decided on them: with their prices, without what came later."""
        if not self.decided:
            return stored
        stored = self._add_decided(stored)
        first, last = min(self.decided), max(self.decided)
        unknown_then = [ts for ts in stored.ts.tolist() if first <= ts <= last and ts not in self.decided]
        is_kept = ~np.isin(stored.ts, unknown_then)
        columns = {name: getattr(stored, name)[is_kept] for name in COLUMNS}
        for row, ts in enumerate(stored.ts[is_kept].tolist()):
            changed = {}
            for name, price in zip(COLUMNS, self.decided.get(ts, ()), strict=False):
                stored_price, columns[name][row] = columns[name][row], price
                if stored_price != price and not np.isclose(stored_price, price, rtol=SAME, atol=0.0):
                    changed[name] = float(stored_price)
            if changed.keys() - {"volume"}:
                self._report_revision(ts)
            elif changed:
                self._report_volume(ts, changed["volume"])
        for ts in unknown_then:
            self._report_revision(ts)
        return _bars(self.series, stored.ts[is_kept], columns)

    def _add_decided(self, stored: Bars) -> Bars:
        """Return stored bars with those that were decided on as they were pushed, and are not stored yet."""
        end = int(stored.ts[-1]) if len(stored) else -1
        missing = sorted(ts for ts, row in self.decided.items() if ts > end and len(row) == len(COLUMNS))
        if not missing:
            return stored
        rows = np.array([self.decided[ts] for ts in missing], dtype=float)
        columns = {
            name: np.concatenate([getattr(stored, name), rows[:, index]])
            for index, name in enumerate(COLUMNS)
        }
        return _bars(self.series, np.concatenate([stored.ts, np.array(missing, dtype=np.int64)]), columns)

    def _extend(self, used: Bars, stored: Bars, pin: int) -> Bars:
        """Return what was used before, and the stored bars that came since."""
        begins, ends = int(np.searchsorted(used.ts, pin)), int(used.ts[-1]) if len(used) else pin - 1
        fresh = int(np.searchsorted(stored.ts, ends, side="right"))
        self._compare(used, stored, fresh)

        def joined(name: str) -> FloatArray:
            return np.concatenate([getattr(used, name)[begins:], getattr(stored, name)[fresh:]])

        ts = np.concatenate([used.ts[begins:], stored.ts[fresh:]])
        columns = {name: joined(name) for name in COLUMNS}
        for ts_gone in [ts_volume for ts_volume in self._volumes if ts_volume < pin]:
            self._forget_volume(ts_gone)
        return _bars(self.series, ts, columns)

    def _compare(self, used: Bars, stored: Bars, count: int) -> None:
        """Tell of stored bars that differ from what was used, or that were not there then.

        Within 1e-9 they are the same, as to strategies: a venue may round them another way.
        """
        index = np.searchsorted(used.ts, stored.ts[:count])
        is_same = used.ts[np.minimum(index, len(used) - 1)] == stored.ts[:count]
        is_volume = is_same
        for name in COLUMNS:
            known = getattr(used, name)[np.minimum(index, len(used) - 1)]
            is_volume = is_same
            is_same = is_same & np.isclose(known, getattr(stored, name)[:count], rtol=SAME, atol=0.0)
        for ts in stored.ts[:count][~is_volume].tolist():
            self._report_revision(ts)
        only_volume = is_volume & ~is_same
        for ts, volume in zip(
            stored.ts[:count][only_volume].tolist(), stored.volume[:count][only_volume].tolist(), strict=True
        ):
            self._report_volume(ts, volume)
        if self._volumes:
            volume_times = np.fromiter(self._volumes, dtype=np.int64, count=len(self._volumes))
            for ts in volume_times[np.isin(volume_times, stored.ts[:count][is_same])].tolist():
                self._forget_volume(ts)

    def _report_volume(self, ts: int, volume: float) -> None:
        """Tell of a bar of which only the volume is another: what is decided next is judged by it as well."""
        if self._volumes.get(ts) != volume:
            self._volumes[ts] = volume
            self._changes += 1
        self.on_volume(ts)

    def _forget_volume(self, ts: int) -> None:
        """Forget another volume of a bar: the history has the one that was decided on, or does not reach back to it."""
        if self._volumes.pop(ts, None) is not None:
            self._changes += 1

    def _report_revision(self, ts: int) -> None:
        self._differing.add(ts)
        if ts not in self._reported:
            # What could not be recorded is told again.
            self.on_revised(ts)
            self._reported.add(ts)


def _bars(series: SeriesId, ts: IntArray, columns: Mapping[str, FloatArray]) -> Bars:
    return Bars(
        instrument=series.instrument,
        span_ms=series.span_ms,
        ts=ts,
        open=columns["open"],
        high=columns["high"],
        low=columns["low"],
        close=columns["close"],
        volume=columns["volume"],
        venue=series.venue,
    )
