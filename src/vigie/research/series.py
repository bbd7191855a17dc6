"""What a series is to the registry of trials: its name, or its content where it has none, and its closes by day."""

from __future__ import annotations

import hashlib

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.daily_closes import SHARED_DAYS, DailyCloses, compute_daily_closes
from vigie.domain.time import DAY_MS
from vigie.domain.trials import TradedSeries
from vigie.engine.run import PlannedSlot


def series_name(bars: Bars) -> str:
    """Return a series as the trial registry knows it: ``binance-perp:btc-usdt-perp/4h``, or ``bars:…/4h``.

    Parameters
    ----------
    bars : Bars
        Named by venue or instrument, or not at all.

    Returns
    -------
    str
        Unnamed bars are known by the hash of their content.
    """
    if bars.venue or bars.instrument:
        return f"{bars.venue}:{bars.instrument}/{bars.timeframe}"
    return f"bars:{content_hash(bars)}/{bars.timeframe}"


def traded_part(slot: PlannedSlot) -> TradedSeries:
    """Return the part of a history that a slot trades.

    Parameters
    ----------
    slot : PlannedSlot
        Its warm-up is left out.

    Returns
    -------
    TradedSeries
        As `traded_series` gives it.
    """
    return traded_series(slot.bars, slot.first, slot.history)


def traded_series(bars: Bars, first: int = 0, history: DailyCloses | None = None) -> TradedSeries:
    """Return the part of a history that is traded.

    Parameters
    ----------
    first : int
        Bars before it warm up.
    history : DailyCloses, optional
        Of all that the bars were cut from; of the bars where left out.

    Returns
    -------
    TradedSeries
        Its days are those in which the first and the last traded bar close.
    """
    closings = bars.once(compute_daily_closes) if history is None else history
    # What is too short to be known by its returns is known by all of its bars.
    content_id = closings.digest if closings.days >= SHARED_DAYS else closings.digest_with(_short_name(bars))
    begin, end = (
        int(bars.ts[index] + bars.span_ms - 1) // DAY_MS for index in (min(first, len(bars) - 1), -1)
    )
    return TradedSeries(series_name(bars), closings, content_id, begin, end)


def _short_name(bars: Bars) -> str:
    return f"{content_hash(bars)}/{bars.timeframe}"


def content_hash(bars: Bars) -> str:
    """Return a short hash of the times and closes of bars, equal on every machine.

    Nobody gains by making two histories collide, and it is asked for at every run: whole-number sums of the
    bits, in which each close is weighted by its time, take a tenth of a millisecond for 100,000 bars, where
    hashing the bytes takes three.

    Parameters
    ----------
    bars : Bars
        Only times, closes and their count enter.

    Returns
    -------
    str
        16 hex digits.
    """
    times, closes = bars.ts.view(np.uint64), bars.close.view(np.uint64)
    # Sums forget what overflows: the high half of each close (sign, exponent) is laid over its low half too.
    closes = closes ^ (closes >> np.uint64(32))
    sums = [int(total) for total in (times.sum(), closes.sum(), np.dot(times, closes))]
    return hashlib.sha256(repr((len(bars), *sums)).encode()).hexdigest()[:16]
