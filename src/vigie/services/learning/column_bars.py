"""Bars of other instruments, as columns read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.quant.features import registry
from vigie.services.bar_reading import load_bars
from vigie.services.runs.slot_switches import available_timeframes

# Other series that a model joins to its bars at most: each decision of an account keeps a value of all.
MOST_JOINED: Final = 20
# An instrument whose bars end so long before the newest has ended, or nobody keeps it up to date here.
_LAGS_BARS: Final = 10


def read_peers(
    data: DataStores, bars: Bars, names: Sequence[str] = (), *, columns: Sequence[str] = ()
) -> list[Bars]:
    """Return the bars of other instruments of the venue as far as these go.

    Parameters
    ----------
    names : sequence of str, optional
        Which; else those of the same quote and kind of market that are stored here and go on, the first by name.
    columns : sequence of str, optional
        What is read with them: with the facts that these read they are `MOST_JOINED` at most.
    """
    end = int(bars.ts[-1]) + bars.span_ms
    if names:
        return list(_read_columns(data, bars, names, end))
    oldest_end = end - _LAGS_BARS * bars.span_ms
    going_on = (
        peer
        for peer in _read_columns(data, bars, _names_beside(data, bars), end)
        if int(peer.ts[-1]) + peer.span_ms >= oldest_end
    )
    known = registry()
    facts = {fact for name in columns if name in known for fact in known[name].reads}
    return list(islice(going_on, MOST_JOINED - len(facts)))


def _names_beside(data: DataStores, bars: Bars) -> list[str]:
    own = parse_instrument(bars.instrument)
    names = dict.fromkeys(held.series.instrument for held in data.bars.holdings(bars.venue))
    others = {name: parse_instrument(name) for name in names}
    return [
        name
        for name, other in others.items()
        if other.base != own.base
        and (other.quote, other.market) == (own.quote, own.market)
        and bars.timeframe in available_timeframes(data, bars.venue, name)
    ]


def _read_columns(data: DataStores, bars: Bars, names: Sequence[str], end: int) -> Iterator[Bars]:
    for name in names:
        # What closes later could not reach a column anyway; it is not read.
        try:
            peer = load_bars(data.bars, bars.venue, name, bars.timeframe, end_ms=end)
        except UsageError:
            # All of its bars are newer.
            continue
        if len(peer):
            yield peer
