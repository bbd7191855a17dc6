"""What an ordinary minute trades of an instrument: the median of its newest bars, of the finest that are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from vigie.data.live_history import stored_sources
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.ports.clock import PatientClock
from vigie.ports.store import BarStore

_BARS: Final = 240
_FEWEST: Final = 20
_EVERY_S: Final = 600.0


@dataclass(slots=True)
class MinuteVolumes:
    """The market of an account's instruments, measured now and then: reading bars would keep an entry waiting."""

    store: BarStore
    series: Sequence[SeriesId]
    clock: PatientClock
    _volumes: dict[str, float] = field(default_factory=dict)

    def volume_of(self, instrument: str) -> float | None:
        """Return what a minute trades, base units; None where no bars tell it."""
        return self._volumes.get(instrument)

    async def run(self) -> None:
        """Measure for ever."""
        while True:
            await asyncio.to_thread(self.measure)
            await self.clock.pause(_EVERY_S)

    def measure(self) -> None:
        """Measure once."""
        finest = {
            series_id.instrument: series_id
            for series_id in sorted(self.series, key=lambda series_id: -series_id.span_ms)
        }
        measured = {name: self._measure_series(series_id) for name, series_id in finest.items()}
        self._volumes = {name: volume for name, volume in measured.items() if volume}

    def _measure_series(self, series: SeriesId) -> float | None:
        since = self.clock.market_now() - DAY_MS - series.span_ms
        for series_id in reversed(stored_sources(self.store, series)):
            frame = self.store.read(series_id, last=_BARS)
            # One that is not gathered any more tells of another day.
            if len(frame) >= _FEWEST and int(frame["timestamp"].to_physical()[-1]) >= since:
                return float(median(frame["volume"].to_list())) * MINUTE_MS / series_id.span_ms
        return None
