"""The bar that ended at a time, taken of one kind of stored bars: the venue's own where they are on their way.

A bar that finer ones make is not quite the venue's: volumes are rounded apart and summed in another order. Who decided
on it would see it corrected a moment later, when the venue's own is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.data.frames import to_bars
from vigie.data.live_history import bars_until, stored_sources
from vigie.data.resample import resample
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore

# A kind of which so many bars are missing before a bar begins has ended: nothing of it is on its way.
_LAGS_BARS: Final = 2


@dataclass(frozen=True, slots=True)
class EndedBars:
    """Bars of a store as they end.

    Attributes
    ----------
    start : int
        The market's time since when somebody waits for bars.
    made_s : float
        On the wall: how long finer bars wait for a longer one where none of its kind ended since then; one of a kind
        that goes on is waited for as long as anybody waits.
    """

    store: BarStore
    start: int
    made_s: float

    def bar_ending_at(self, series: SeriesId, ts: int, waited_s: float | None) -> Bars:
        """Return the bar of a series that ends at a time; none while a better one may come.

        Parameters
        ----------
        waited_s : float or None
            On the wall, how long it was waited for; None takes what there is.
        """
        begin = ts - series.span_ms
        if waited_s is None:
            return bars_until(self.store, series, begin, ts)
        for candidate in stored_sources(self.store, series):
            frame = self.store.read(candidate, start_ms=begin, end_ms=ts)
            if len(frame) * candidate.span_ms == series.span_ms:
                if candidate != series:
                    frame = resample(frame, source_ms=candidate.span_ms, target_ms=series.span_ms).whole
                return to_bars(frame, series)
            if self._is_expected(candidate, begin, ts, waited_s):
                break
        return to_bars(self.store.read(series, start_ms=ts, end_ms=ts), series)

    def _is_expected(self, candidate: SeriesId, begin: int, ts: int, waited_s: float) -> bool:
        """Tell whether the last bars of a kind before a time are on their way: it went on until lately, and lags."""
        since = begin - _LAGS_BARS * candidate.span_ms
        stored = self.store.read(candidate, start_ms=since, end_ms=ts)["timestamp"].to_physical()
        last = ts - candidate.span_ms
        if not len(stored) or stored[-1] == last:
            return False
        return last > self.start or waited_s < self.made_s
