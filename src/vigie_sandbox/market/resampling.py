"""Coarser bars from finer ones; a timeframe divides the day, so bars start at multiples of their span; weeks do not."""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.time import timeframe_ms


def resample(bars: Bars, timeframe: str) -> Bars:
    """Make coarser bars; an unfinished last one is left out, missing bars are not filled.

    Parameters
    ----------
    bars : Bars
        The finer bars.
    timeframe : str
        A multiple of theirs.

    Raises
    ------
    UsageError
        If the timeframe is not a multiple of the bars' own.
    """
    span_ms = timeframe_ms(timeframe)
    if span_ms % bars.span_ms:
        raise UsageError(f"timeframe must be a multiple of {bars.timeframe}, was {timeframe}")
    return resample_spans(bars, span_ms)


def resample_spans(bars: Bars, span_ms: int, first_ms: int = 0) -> Bars:
    """Make bars of any multiple of their span, such as weeks; they open `first_ms` after a multiple of it.

    Parameters
    ----------
    bars : Bars
        The finer bars.
    span_ms : int
        Milliseconds.
    first_ms : int
        Four days for weeks that begin on a Monday: the epoch was a Thursday.
    """
    buckets = (bars.ts - first_ms) // span_ms
    first = np.flatnonzero(np.diff(buckets, prepend=buckets[:1] - 1))
    if len(bars) and bars.ts[-1] + bars.span_ms < (buckets[-1] + 1) * span_ms + first_ms:
        stop = int(first[-1])
        first = first[:-1]
    else:
        stop = len(bars)
    last = np.append(first[1:], stop) - 1
    if not len(first):
        return _empty(bars, span_ms)
    return Bars(
        instrument=bars.instrument,
        span_ms=span_ms,
        ts=buckets[first] * span_ms + first_ms,
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high[:stop], first),
        low=np.minimum.reduceat(bars.low[:stop], first),
        close=bars.close[last],
        volume=np.add.reduceat(bars.volume[:stop], first),
        venue=bars.venue,
    )


def _empty(bars: Bars, span_ms: int) -> Bars:
    empty = np.empty(0)
    return Bars(
        bars.instrument, span_ms, np.empty(0, np.int64), empty, empty, empty, empty, empty, bars.venue
    )
