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
    span = timeframe_ms(timeframe)
    if span % bars.span_ms:
        raise UsageError(f"timeframe must be a multiple of {bars.timeframe}, was {timeframe}")
    return resample_spans(bars, span)


def resample_spans(bars: Bars, span: int, first_ms: int = 0) -> Bars:
    """Make bars of any multiple of their span, such as weeks; they open `first_ms` after a multiple of it.

    Parameters
    ----------
    bars : Bars
        The finer bars.
    span : int
        Milliseconds.
    first_ms : int
        Four days for weeks that begin on a Monday: the epoch was a Thursday.
    """
    bucket = (bars.ts - first_ms) // span
    first = np.flatnonzero(np.diff(bucket, prepend=bucket[:1] - 1))
    if len(bars) and bars.ts[-1] + bars.span_ms < (bucket[-1] + 1) * span + first_ms:
        stop = int(first[-1])
        first = first[:-1]
    else:
        stop = len(bars)
    last = np.append(first[1:], stop) - 1
    if not len(first):
        return _empty(bars, span)
    return Bars(
        instrument=bars.instrument,
        span_ms=span,
        ts=bucket[first] * span + first_ms,
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high[:stop], first),
        low=np.minimum.reduceat(bars.low[:stop], first),
        close=bars.close[last],
        volume=np.add.reduceat(bars.volume[:stop], first),
        venue=bars.venue,
    )


def _empty(bars: Bars, span: int) -> Bars:
    none = np.empty(0)
    return Bars(bars.instrument, span, np.empty(0, np.int64), none, none, none, none, none, bars.venue)
