"""Closes of other instruments as features of bars: ``cross.close.eth`` is ether's, at the same venue.

They are of the same quote, kind of market and timeframe. A bar of another instrument is known at its close. Where it is
late or missing nothing is known: an older close would say that its price stood still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from vigie.data.asof import align
from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.ids import InstrumentId, SeriesId, parse_instrument
from vigie.ports.store import BarStore

_CLOSE: Final = "cross.close."


def close_feature(ticker: str) -> str:
    """Return the feature that holds the closes of a ticker in lower case."""
    return _CLOSE + ticker


def is_close(name: str) -> bool:
    """Return whether a feature holds closes of another instrument."""
    return name.startswith(_CLOSE)


def close_series(name: str, beside: SeriesId) -> SeriesId:
    """Return the series whose closes a feature of another series holds."""
    own = parse_instrument(beside.instrument)
    other = InstrumentId(name.removeprefix(_CLOSE).upper(), own.quote, own.market)
    return replace(beside, instrument=str(other))


def known_closes(other: Bars, bars: Bars) -> FloatArray:
    """Return the newest close of another instrument at each close of some bars.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN where no bar of the other ended within the last bar.
    """
    ends, closes = other.ts + other.span_ms, bars.ts + bars.span_ms
    values = align(ends, other.close, closes)
    ended = align(ends, ends.astype(np.float64), closes)
    return np.where(closes - ended < bars.span_ms, values, np.nan)


def add_closes(bars: Bars, store: BarStore, names: Sequence[str]) -> Bars:
    """Return bars with those features that are closes of others; NaN where none is stored, or no venue is known."""
    closes = [name for name in names if is_close(name)]
    if not closes or not bars.venue or not len(bars):
        return bars
    beside = _series_of(bars)
    begin, end = int(bars.ts[0]) - bars.span_ms, int(bars.ts[-1]) + bars.span_ms
    added = {
        name: known_closes(bars_until(store, close_series(name, beside), begin, end), bars) for name in closes
    }
    return replace(bars, features={**bars.features, **added}, _memo={})


def with_decided_closes(bars: Bars, names: Sequence[str], decided: Callable[[SeriesId], Bars | None]) -> Bars:
    """Return bars with the closes of other instruments that decisions were made on, where there are any.

    Parameters
    ----------
    names : sequence of str
        Features of the bars; features that are not closes are ignored.
    decided : callable
        Gives the bars of a series that decisions were made on; None for a series without any.
    """
    closes = {}
    for name in names:
        if not is_close(name) or (other := decided(close_series(name, _series_of(bars)))) is None:
            continue
        known = known_closes(other, bars)
        closes[name] = np.where(np.isnan(known), bars.feature(name), known)
    return replace(bars, features={**bars.features, **closes}, _memo={}) if closes else bars


def _series_of(bars: Bars) -> SeriesId:
    return SeriesId(bars.venue, bars.instrument, bars.timeframe)
