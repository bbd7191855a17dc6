"""Valuations of assets from stored closes and facts, with the source of each component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.data.features import feature_series
from vigie.domain.asset import Asset
from vigie.domain.time import DAY_MS
from vigie.intelligence.valuation.daily_history import DailyHistory, known_at, mean_of_day
from vigie.intelligence.valuation.episodes import all_that_followed
from vigie.intelligence.valuation.reading import valuation_of
from vigie.intelligence.valuation.states import states_of
from vigie.intelligence.valuation.votes import PRICE_GROUP, votes_of
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.services.caches.valuations import AssetValuation, ValuationCache, ValuationSource
from vigie.services.market_data.asset_closes import AssetCloses, closes_version, read_closes
from vigie.services.market_data.perpetuals import settled_rates_8h
from vigie.services.market_data.series import Values, describe_series, values_of

# A value of the chain about a day is published on the next one: it counts from that day's close on.
CHAIN_DELAY_MS: Final = 2 * DAY_MS
FEAR_GREED: Final = "sentiment/fear_greed_index"


@dataclass(frozen=True, slots=True)
class ValuationSources:
    """What valuations are made from."""

    bar_reader: BarReader
    facts: FactStore
    directory: ConnectorDirectory
    cache: ValuationCache


def component_series(asset: Asset) -> dict[str, str]:
    """Return the series of facts of each component that is no price's."""
    symbol = asset.symbol.lower()
    return {
        "mvrv": feature_series(f"onchain.mvrv.{asset.id}"),
        "funding": feature_series(f"derivatives.funding.{symbol}"),
        "fear_greed": FEAR_GREED,
    }


def read_valuation(sources: ValuationSources, asset: Asset, as_of: int | None) -> AssetValuation | None:
    """Return the valuation of an asset; None where no close is stored.

    It is kept until a close changes, or the newest value of a fact.

    Parameters
    ----------
    as_of : int or None
        Only what was known then.
    """
    closes = read_closes(sources.bar_reader, asset, as_of)
    series = component_series(asset)
    if as_of is not None:
        return _make(sources, closes, series, as_of)
    newest = sources.facts.latest(list(series.values()))
    facts = tuple((name, fact.ts_event, fact.ts_known, fact.value) for name, fact in sorted(newest.items()))
    version = closes_version(closes), facts
    return sources.cache.get(asset.id, version, lambda: _make(sources, closes, series, None))


def _make(
    sources: ValuationSources, closes: AssetCloses | None, series: Mapping[str, str], as_of: int | None
) -> AssetValuation | None:
    if closes is None:
        return None
    values = values_of(sources.facts, list(series.values()), as_of=as_of)
    known = {name: values[entry] for name, entry in series.items()}
    history = replace(closes.history, others=_others(closes.history, known))
    valuation = valuation_of(history)
    if valuation is None:
        return None
    followed = all_that_followed(history, states_of(votes_of(history).score))
    end = int(history.close_times()[-1])
    described = describe_series(sources.directory, list(series.values()))
    found = dict.fromkeys(PRICE_GROUP, ValuationSource(closes.source, "", end, end))
    for name, entry in series.items():
        ts_event, ts_known = _newest(known[name], end, CHAIN_DELAY_MS if name == "mvrv" else 0)
        description = described[entry]
        found[name] = ValuationSource(
            description.source_title if ts_event is not None else "",
            f"{'non-commercial use only, ' if description.is_non_commercial else ''}{description.licence}",
            ts_event,
            ts_known,
        )
    return AssetValuation(valuation, tuple(followed), found)


def _others(history: DailyHistory, known: Mapping[str, Values]) -> dict[str, np.ndarray]:
    closes, funding = history.close_times(), known["funding"]
    others = {
        "mvrv": known_at(closes, known["mvrv"].ts + CHAIN_DELAY_MS, known["mvrv"].values),
        "funding": mean_of_day(closes, funding.ts, settled_rates_8h(funding)),
        "fear_greed": known_at(closes, known["fear_greed"].ts, known["fear_greed"].values),
    }
    return {name: column for name, column in others.items() if len(known[name])}


def _newest(values: Values, end: int, delay: int) -> tuple[int | None, int | None]:
    """Return when the newest value that counts at a close is of, and when it was known."""
    at = int(np.searchsorted(values.ts + delay, end, side="right")) - 1
    return (int(values.ts[at]), int(values.ts_known[at])) if at >= 0 else (None, None)
