"""On which finer bars paper meets stops and targets: those that a run names, else the finest that its source pushes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vigie.data.collection.bars import PUSHED
from vigie.data.live_history import stored_sources
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import timeframe_ms
from vigie.ports.store import BarStore

# Pushed bars of several lengths end at once and are stored one after the other: newest ones this near go on together.
_LAGS_BARS: Final = 10


def choose_detail(store: BarStore, series: Sequence[SeriesId], stated: str | None) -> str:
    """Return the timeframe of the finer bars on which a new run meets its levels; empty where there are none.

    Parameters
    ----------
    series : sequence of SeriesId
        What the slots trade on.
    stated : str, optional
        What the run file names; else the finest that is pushed and goes on for every slot with longer bars.

    Raises
    ------
    UsageError
        If what is named is not finer than the bars of any slot, or is not stored.
    """
    if stated is not None:
        longer_series = _longer_series(series, stated)
        if not longer_series:
            raise UsageError(
                "detail_must_finer_bars_slot",
                "detail must be finer than the bars of a slot, was {stated}",
                stated=stated,
            )
        for series_id in longer_series:
            if not _is_stored(store, replace(series_id, timeframe=stated)):
                raise UsageError(
                    "detail_needs_finer_bars_none",
                    "detail = {stated} needs finer bars of {instrument}, and none are stored; fetch them "
                    "with "
                    "`vigie data fetch`, or leave detail out of [data]",
                    stated=stated,
                    instrument=series_id.instrument,
                )
        return stated
    for timeframe in sorted(PUSHED, key=timeframe_ms):
        longer_series = _longer_series(series, timeframe)
        if longer_series and all(_is_current(store, series_id, timeframe) for series_id in longer_series):
            return timeframe
    return ""


def list_detail_series(series: Sequence[SeriesId], stated: str | None) -> list[SeriesId]:
    """Return the finer series that a paper run gathers beside its own, each once."""
    detail = stated or min(PUSHED, key=timeframe_ms)
    return list(
        dict.fromkeys(replace(series_id, timeframe=detail) for series_id in _longer_series(series, detail))
    )


def _longer_series(series: Sequence[SeriesId], timeframe: str) -> list[SeriesId]:
    return [series_id for series_id in series if series_id.span_ms > timeframe_ms(timeframe)]


def _is_stored(store: BarStore, finer: SeriesId) -> bool:
    return any(len(store.read(series_id, last=1)) for series_id in stored_sources(store, finer))


def _is_current(store: BarStore, series_id: SeriesId, timeframe: str) -> bool:
    """Tell whether the stored finer bars of a series reach as far as its own do."""
    finer = replace(series_id, timeframe=timeframe)
    end = _last_close(store, finer)
    newest = max(
        (
            close_ts
            for kind in stored_sources(store, series_id)
            if (close_ts := _last_close(store, kind)) is not None
        ),
        default=0,
    )
    return end is not None and end >= newest - _LAGS_BARS * finer.span_ms


def _last_close(store: BarStore, series: SeriesId) -> int | None:
    frame = store.read(series, last=1)
    return int(frame["timestamp"].to_physical()[-1]) + series.span_ms if len(frame) else None
