"""Histories that are read again and again, kept in memory until their files change.

Takes series; gives bars as arrays. Pages ask for the same few histories many times a minute.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId, parse_instrument
from vigie.domain.time import TIMEFRAME_MS
from vigie.ports.store import BarStore

if TYPE_CHECKING:
    from vigie.data.history import LoadedBars

# Histories in memory, and bars in all of them, 48 bytes each; the history asked for longest ago is let go.
KEPT: Final = 256
MAX_BARS: Final = 250_000

_Key = tuple[SeriesId, int | None, int | None]
# Each series that bars may come from, the coarsest first, with its version.
_Versions = list[tuple[SeriesId, object]]


@dataclass(slots=True, eq=False)
class BarReader:
    """Reads through a store and remembers."""

    store: BarStore
    max_kept: int = KEPT
    max_bars: int = MAX_BARS
    # That nothing can be read is remembered as well: a home that just began has no whole day of most coins.
    _bars: OrderedDict[_Key, tuple[_Versions, Bars | UsageError]] = field(default_factory=OrderedDict)
    _n_bars: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # Of one for a single request: whose bars it gives, and what it listed.
    _parent: BarReader | None = None
    _listed: dict[str, list[tuple[str, str]]] | None = None

    def for_request(self) -> BarReader:
        """Return one that gives the same bars and lists the instruments once: a page asks for them many times."""
        return BarReader(self.store, self.max_kept, self.max_bars, _parent=self)

    def bars(self, series: SeriesId, *, last: int | None = None, as_of: int | None = None) -> Bars:
        """Return the last bars of a series, resampled where its timeframe is not stored.

        Parameters
        ----------
        last : int, optional
            How many at most; all of them where it is not given.
        as_of : int, optional
            Only bars that were closed then.

        Raises
        ------
        UsageError
            If nothing is stored that it could come from.
        """
        if self._parent is not None:
            return self._parent.bars(series, last=last, as_of=as_of)
        # Bars of a span begin at its multiples: the same ones were closed at every moment within one of them.
        end_ms = None if as_of is None else as_of // series.span_ms * series.span_ms
        key = (series, last, end_ms)
        with self._lock:
            cached = self._bars.get(key)
        if cached is not None and all(self.store.version(item) == version for item, version in cached[0]):
            with self._lock:
                if key in self._bars:
                    self._bars.move_to_end(key)
            return _bars_or_refusal(cached[1])
        versions = self._versions(series)
        # By name: every process has a shelf, only who reads bars pays for the library of tables.
        history = import_module("vigie.data.history")
        try:
            loaded: LoadedBars = history.load(self.store, series, end_ms=end_ms, last=last)
        except UsageError as refusal:
            # A copy has no trace, which would keep what its callers had.
            self._remember(key, versions, copy(refusal))
            raise
        # Finer series than those they are read from do not change them: minutes come every minute.
        least = min(
            TIMEFRAME_MS[name] for name in (loaded.native, *history.extending(TIMEFRAME_MS[loaded.native]))
        )
        used = [item for item in versions if least <= item[0].span_ms <= series.span_ms]
        self._remember(key, used, loaded.bars)
        return loaded.bars

    def _remember(self, key: _Key, versions: _Versions, found: Bars | UsageError) -> None:
        with self._lock:
            self._forget(key)
            self._bars[key] = (versions, found)
            self._n_bars += _count(found)
            while len(self._bars) > 1 and (len(self._bars) > self.max_kept or self._n_bars > self.max_bars):
                self._forget(next(iter(self._bars)))

    def _forget(self, key: _Key) -> None:
        if key in self._bars:
            self._n_bars -= _count(self._bars.pop(key)[1])

    def _versions(self, series: SeriesId) -> _Versions:
        # Coarser ones are none that bars come from, but a refusal says what is stored.
        stored = [SeriesId(series.venue, series.instrument, name) for name in reversed(TIMEFRAME_MS)]
        return [(series_id, self.store.version(series_id)) for series_id in stored]

    def instruments(self) -> dict[str, list[tuple[str, str]]]:
        """Return (venue, instrument) wherever bars are stored, by asset: perpetuals first, then by venue."""
        if self._parent is None:
            return self._list_instruments()
        if self._listed is None:
            self._listed = self._parent.instruments()
        return self._listed

    def _list_instruments(self) -> dict[str, list[tuple[str, str]]]:
        by_asset: dict[str, list[tuple[str, str]]] = {}
        for venue, instrument in dict.fromkeys(
            (series_id.venue, series_id.instrument) for series_id in self.store.series()
        ):
            by_asset.setdefault(_asset_of(instrument), []).append((venue, instrument))
        for pairs in by_asset.values():
            pairs.sort(key=lambda pair: (not pair[0].endswith("-perp"), pair))
        return by_asset

    def newest(
        self,
        candidates: Sequence[tuple[str, str]],
        timeframe: str,
        *,
        last: int | None = None,
        as_of: int | None = None,
    ) -> Bars | None:
        """Return the bars of the instrument that reach furthest into the present, None where none are stored.

        Of those that reach equally far it is the one with the longest past. See `bars` for the other arguments.
        """
        best: Bars | None = None
        for venue, instrument in candidates:
            try:
                bars = self.bars(SeriesId(venue, instrument, timeframe), last=last, as_of=as_of)
            except UsageError:
                continue
            if len(bars) and (best is None or (bars.ts[-1], -bars.ts[0]) > (best.ts[-1], -best.ts[0])):
                best = bars
        return best

    def of_asset(self, asset: str, timeframe: str, *, last: int | None = None) -> Bars | None:
        """Return the bars an asset is shown with, None where none are stored."""
        return self.newest(self.instruments().get(asset, []), timeframe, last=last)


def _count(found: Bars | UsageError) -> int:
    return 0 if isinstance(found, UsageError) else len(found)


def _bars_or_refusal(found: Bars | UsageError) -> Bars:
    if isinstance(found, UsageError):
        raise copy(found)
    return found


@lru_cache(maxsize=4_096)
def _asset_of(instrument: str) -> str:
    # Asked for every instrument of the home, several times a page.
    return parse_instrument(instrument).asset
