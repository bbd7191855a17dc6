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


def detail_of(store: BarStore, series: Sequence[SeriesId], stated: str | None) -> str:
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
        longer = _longer(series, stated)
        if not longer:
            raise UsageError(f"detail must be finer than the bars of a slot, was {stated}")
        for one in longer:
            if not _is_stored(store, replace(one, timeframe=stated)):
                raise UsageError(
                    f"detail = {stated} needs finer bars of {one.instrument}, and none are stored; fetch them with "
                    f"`vigie data fetch`, or leave detail out of [data]"
                )
        return stated
    for timeframe in sorted(PUSHED, key=timeframe_ms):
        longer = _longer(series, timeframe)
        if longer and all(_goes_on(store, one, timeframe) for one in longer):
            return timeframe
    return ""


def finer_series(series: Sequence[SeriesId], stated: str | None) -> list[SeriesId]:
    """Return the finer series that a paper run gathers beside its own, each once."""
    detail = stated or min(PUSHED, key=timeframe_ms)
    return list(dict.fromkeys(replace(one, timeframe=detail) for one in _longer(series, detail)))


def _longer(series: Sequence[SeriesId], timeframe: str) -> list[SeriesId]:
    return [one for one in series if one.span_ms > timeframe_ms(timeframe)]


def _is_stored(store: BarStore, finer: SeriesId) -> bool:
    return any(len(store.read(one, last=1)) for one in stored_sources(store, finer))


def _goes_on(store: BarStore, one: SeriesId, timeframe: str) -> bool:
    """Tell whether the stored finer bars of a series reach as far as its own do."""
    finer = replace(one, timeframe=timeframe)
    end = _end(store, finer)
    newest = max(
        (found for kind in stored_sources(store, one) if (found := _end(store, kind)) is not None), default=0
    )
    return end is not None and end >= newest - _LAGS_BARS * finer.span_ms


def _end(store: BarStore, series: SeriesId) -> int | None:
    frame = store.read(series, last=1)
    return int(frame["timestamp"].to_physical()[-1]) + series.span_ms if len(frame) else None
