"""Funding and open interest of an asset's perpetual as they were known, from what sources tell of its past."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.data.asof import align
from vigie.data.bar_reader import BarReader
from vigie.domain.asset import Asset
from vigie.domain.time import DAY_MS
from vigie.ports.facts import FactStore
from vigie.services.market_data.perpetuals import FACTS, settled_rates_8h
from vigie.services.market_data.series import Values

# By what is asked for, the series that tells of it.
SERIES: Final = {"funding_8h": "funding_fraction", "open_interest": "open_interest_usd"}
# What is older than this was not so any more.
_OLD_MS: Final = DAY_MS


@dataclass(frozen=True, slots=True)
class ContractHistory:
    """What is stored of one measure of a perpetual, ascending by when it was known."""

    measure: str
    values: Values

    def at(self, ts: int) -> float:
        """Return the newest value that was known at a time; NaN where there was none, or only one of long before."""
        known_times = self.values.ts_known
        row = int(np.searchsorted(known_times, ts, side="right")) - 1
        if row < 0 or ts - int(known_times[row]) > _OLD_MS:
            return float("nan")
        return float(align(known_times, self.values.values, np.array([ts]))[0])


def contracts_of(
    bar_reader: BarReader,
    facts: FactStore,
    asset: Asset,
    measures: Collection[str],
    stored_ids: Collection[str],
) -> Sequence[ContractHistory]:
    """Return what is stored of measures of an asset, of the first of its perpetuals that has it.

    Parameters
    ----------
    measures : collection of str
        Of `SERIES`.
    stored_ids : collection of str
        Ids of the series that are stored.
    """
    contracts = []
    for measure in sorted(measures):
        places = bar_reader.instruments().get(asset.id, [])
        names = [f"{FACTS}{venue}:{instrument}/{SERIES[measure]}" for venue, instrument in places]
        name = next((candidate for candidate in names if candidate in stored_ids), "")
        if name:
            contracts.append(ContractHistory(measure, _values(facts, name, measure)))
    return contracts


def _values(facts: FactStore, name: str, measure: str) -> Values:
    frame = facts.read([name], with_revised=True).sort("ts_event", "ts_known")
    values = Values(*(frame[column].to_numpy() for column in ("ts_event", "ts_known", "value")))
    if measure == "funding_8h":
        values = Values(values.ts, values.ts_known, settled_rates_8h(values))
    order = np.argsort(values.ts_known, kind="stable")
    return Values(values.ts[order], values.ts_known[order], values.values[order])
