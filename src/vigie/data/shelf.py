"""Histories that are read again and again, kept in memory until their files change.

Takes series; gives bars as arrays. Pages ask for the same few histories many times a minute.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId, parse_instrument
from vigie.domain.time import TIMEFRAME_MS
from vigie.ports.store import BarStore

# Histories in memory; the oldest asked for is let go.
KEPT: Final = 256

_Key = tuple[SeriesId, int | None]


@dataclass(slots=True, eq=False)
class Shelf:
    """Reads through a store and remembers."""

    store: BarStore
    kept: int = KEPT
    _bars: OrderedDict[_Key, tuple[object, Bars]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def bars(self, series: SeriesId, *, last: int | None = None) -> Bars:
        """Return the last bars of a series, resampled where its timeframe is not stored.

        Raises
        ------
        UsageError
            If nothing is stored that it could come from.
        """
        key = (series, last)
        finer = [stored for stored, span in TIMEFRAME_MS.items() if span <= series.span_ms]
        version = [self.store.version(SeriesId(series.venue, series.instrument, one)) for one in finer]
        with self._lock:
            found = self._bars.get(key)
            if found is not None and found[0] == version:
                self._bars.move_to_end(key)
                return found[1]
        # By name: every process has a shelf, only who reads bars pays for the library of tables.
        bars: Bars = import_module("vigie.data.history").load(self.store, series, last=last).bars
        with self._lock:
            self._bars[key] = (version, bars)
            while len(self._bars) > self.kept:
                self._bars.popitem(last=False)
        return bars

    def instruments(self) -> dict[str, list[tuple[str, str]]]:
        """Return (venue, instrument) wherever bars are stored, by asset: perpetuals first, then by venue."""
        found: dict[str, list[tuple[str, str]]] = {}
        for venue, instrument in dict.fromkeys((one.venue, one.instrument) for one in self.store.series()):
            found.setdefault(parse_instrument(instrument).asset, []).append((venue, instrument))
        for pairs in found.values():
            pairs.sort(key=lambda pair: (not pair[0].endswith("-perp"), pair))
        return found

    def newest(
        self, pairs: Sequence[tuple[str, str]], timeframe: str, *, last: int | None = None
    ) -> Bars | None:
        """Return the bars of the instrument that reach furthest into the present, None where none are stored."""
        best: Bars | None = None
        for venue, instrument in pairs:
            try:
                bars = self.bars(SeriesId(venue, instrument, timeframe), last=last)
            except UsageError:
                continue
            if len(bars) and (best is None or bars.ts[-1] > best.ts[-1]):
                best = bars
        return best

    def of_asset(self, asset: str, timeframe: str, *, last: int | None = None) -> Bars | None:
        """Return the bars an asset is shown with, None where none are stored."""
        return self.newest(self.instruments().get(asset, []), timeframe, last=last)
