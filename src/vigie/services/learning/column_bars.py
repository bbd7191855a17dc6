"""Bars of other instruments, as columns read them."""

from __future__ import annotations

from typing import Final

from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.services.bar_reading import load_bars
from vigie.services.runs.slot_switches import available_timeframes

# The market of a column is that of these, at most; the first by name.
MOST_PEERS: Final = 20


def read_peers(data: DataStores, bars: Bars) -> list[Bars]:
    """Return the bars of the other instruments of the venue as far as these go."""
    names = dict.fromkeys(held.series.instrument for held in data.bars.holdings(bars.venue))
    others = [
        name
        for name in names
        if name != bars.instrument and bars.timeframe in available_timeframes(data, bars.venue, name)
    ]
    end = int(bars.ts[-1]) + bars.span_ms
    read = []
    for name in others[:MOST_PEERS]:
        # What closes later could not reach a column anyway; it is not read.
        try:
            peer = load_bars(data.bars, bars.venue, name, bars.timeframe, end_ms=end)
        except UsageError:
            # All of its bars are newer.
            continue
        if len(peer):
            read.append(peer)
    return read
