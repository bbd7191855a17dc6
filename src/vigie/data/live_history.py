"""Bars as somebody who trades needs them: up to now, the newest made of finer ones where those are ahead."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from vigie.data.frames import to_bars
from vigie.data.resample import resample
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId
from vigie.domain.time import MINUTE_MS
from vigie.ports.facts import FactStore
from vigie.ports.store import BarStore


def bars_until(store: BarStore, series: SeriesId, start_ms: int, end_ms: int) -> Bars:
    """Return the finished bars that open in [start_ms, end_ms), perhaps none.

    Stored bars first; what they do not reach is resampled from finer stored ones, the longest of them first.
    """
    frame = store.read(series, start_ms=start_ms, end_ms=end_ms)
    reached = _end_ms(frame, series.span_ms, start_ms)
    finer = stored_sources(store, series)[1:]
    return to_bars(continued(store, series, frame, finer, reached=reached, end_ms=end_ms), series)


def continued(
    store: BarStore,
    series: SeriesId,
    frame: pl.DataFrame,
    finer: Iterable[SeriesId],
    *,
    reached: int,
    end_ms: int | None,
) -> pl.DataFrame:
    """Return the bars of a frame, followed by the whole bars that finer stored series add up to.

    Parameters
    ----------
    frame : DataFrame
        Stored bars of the series, perhaps none.
    finer : iterable of SeriesId
        Series that divide it, the longest first; each continues where the one before ends.
    reached : int
        Where the frame ends, epoch milliseconds.
    end_ms : int or None
        Up to where bars are wanted; None for all.
    """
    parts = [frame]
    for source in finer:
        if end_ms is not None and reached >= end_ms:
            break
        bars = store.read(source, start_ms=reached, end_ms=end_ms)
        if len(bars):
            resampled = resample(bars, source_ms=source.span_ms, target_ms=series.span_ms).whole
            parts.append(resampled)
            reached = _end_ms(resampled, series.span_ms, reached)
    return pl.concat(parts)


def first_price(store: BarStore, series: SeriesId, ts: int) -> float | None:
    """Return the open of any stored bar of the instrument that begins at a time; None where there is none."""
    for series_id in stored_sources(store, series):
        frame = store.read(series_id, start_ms=ts, end_ms=ts + 1)
        if len(frame):
            return float(frame["open"][0])
    return None


def settlements(
    facts: FactStore, series: Iterable[SeriesId], start_ms: int, end_ms: int
) -> list[tuple[str, int, float]]:
    """Return the funding rates of some series settled in (start_ms, end_ms]: instrument, time, fraction; by time."""
    names = {
        f"derivatives/{item.venue}:{item.instrument}/funding_fraction": item.instrument for item in series
    }
    frame = facts.read(list(names), start_ms=start_ms + 1, end_ms=end_ms + MINUTE_MS)
    rates = [
        # Venues stamp a settlement some milliseconds late.
        (names[name], ts_event // MINUTE_MS * MINUTE_MS, float(rate))
        for name, ts_event, rate in frame.select("series", "ts_event", "value").iter_rows()
    ]
    return sorted(
        (rate for rate in rates if start_ms < rate[1] <= end_ms), key=lambda rate: (rate[1], rate[0])
    )


def stored_sources(store: BarStore, series: SeriesId) -> list[SeriesId]:
    """Return a series, and the stored ones that it can be made of, the longest first."""
    finer = [
        series_id
        for series_id in store.series(series.venue, series.instrument)
        if series_id.span_ms < series.span_ms and series.span_ms % series_id.span_ms == 0
    ]
    return [series, *sorted(finer, key=lambda series_id: -series_id.span_ms)]


def _end_ms(frame: pl.DataFrame, span_ms: int, otherwise: int) -> int:
    return int(frame["timestamp"].to_physical()[-1]) + span_ms if len(frame) else otherwise
