"""Settlements of funding that are stored here of an instrument: trades that evaluate a model are charged them."""

from __future__ import annotations

from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.engine.inputs import Settlements, settlements_of
from vigie.services.market_data.perpetuals import FACTS
from vigie.services.market_data.series import values_of


def stored_settlements(data: DataStores, venue: str, bars: Bars) -> Settlements:
    """Return the settlements within the time of some bars; none where none are stored.

    Parameters
    ----------
    venue : str
        Whose settlements.
    bars : Bars
        Of the instrument.
    """
    if data.facts is None or not len(bars):
        return Settlements()
    series = f"{FACTS}{venue}:{bars.instrument}/funding_fraction"
    first, end = int(bars.ts[0]), int(bars.ts[-1]) + bars.span_ms
    values = values_of(data.facts, [series], start_ms=first, end_ms=end)[series]
    return settlements_of(values.ts, values.values)
