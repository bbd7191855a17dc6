"""Funding and open interest of an asset's perpetual as they were known, from what sources tell of its past."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.data.asof import align
from vigie.domain.asset import Asset
from vigie.domain.time import DAY_MS
from vigie.services.house import House
from vigie.services.market_data.perpetuals import FACTS, settled_rates_8h
from vigie.services.market_data.series import Values

# By what is asked for, the series that tells of it.
SERIES: Final = {"funding_8h": "funding_fraction", "open_interest": "open_interest_usd"}
# What is older than this was not so any more.
_OLD_MS: Final = DAY_MS


@dataclass(frozen=True, slots=True)
class Contract:
    """What is stored of one measure of a perpetual, ascending by when it was known."""

    measure: str
    values: Values

    def at(self, ts: int) -> float:
        """Return the newest value that was known at a time; NaN where there was none, or only one of long before."""
        known = self.values.ts_known
        place = int(np.searchsorted(known, ts, side="right")) - 1
        if place < 0 or ts - int(known[place]) > _OLD_MS:
            return float("nan")
        return float(align(known, self.values.values, np.array([ts]))[0])


def contracts_of(
    house: House, asset: Asset, measures: Collection[str], known: Collection[str]
) -> Sequence[Contract]:
    """Return what is stored of measures of an asset, of the first of its perpetuals that has it.

    Parameters
    ----------
    measures : collection of str
        Of `SERIES`.
    known : collection of str
        Ids of the series that are stored.
    """
    found = []
    for measure in sorted(measures):
        places = house.shelf.instruments().get(asset.id, [])
        names = [f"{FACTS}{venue}:{instrument}/{SERIES[measure]}" for venue, instrument in places]
        name = next((one for one in names if one in known), "")
        if name:
            found.append(Contract(measure, _values(house, name, measure)))
    return found


def _values(house: House, name: str, measure: str) -> Values:
    frame = house.facts.read([name], with_revised=True).sort("ts_event", "ts_known")
    values = Values(*(frame[column].to_numpy() for column in ("ts_event", "ts_known", "value")))
    if measure == "funding_8h":
        values = Values(values.ts, values.ts_known, settled_rates_8h(values))
    order = np.argsort(values.ts_known, kind="stable")
    return Values(values.ts[order], values.ts_known[order], values.values[order])
