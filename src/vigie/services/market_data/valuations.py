"""Valuations of assets from stored closes and facts, with the source of each component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.data.features import feature_series
from vigie.domain.asset import Asset
from vigie.domain.bar import IntArray
from vigie.domain.time import DAY_MS
from vigie.intelligence.valuation.daily_history import DailyHistory, known_at, mean_of_day
from vigie.intelligence.valuation.episodes import all_that_followed
from vigie.intelligence.valuation.reading import valuation_of
from vigie.intelligence.valuation.states import states_of
from vigie.intelligence.valuation.votes import PRICE_GROUP, votes_of
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.services.caches.valuations import AssetValuation, ValuationCache, ValuationSource
from vigie.services.market_data.asset_closes import AssetCloses, read_closes
from vigie.services.market_data.daily_prices import closes_version
from vigie.services.market_data.perpetuals import settled_rates_8h
from vigie.services.market_data.series import Values, describe_series, values_of

# A value of the chain about a day is published on the next one: it counts from that day's close on.
CHAIN_DELAY_MS: Final = 2 * DAY_MS
# The index of a day is dated at its begin: that of the next day is published at this day's close, or after it.
INDEX_DELAY_MS: Final = DAY_MS
_DELAYS: Final = {"mvrv": CHAIN_DELAY_MS, "fear_greed": INDEX_DELAY_MS}
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


def read_valuation(
    sources: ValuationSources, asset: Asset, now: int, as_of: int | None
) -> AssetValuation | None:
    """Return the valuation of an asset; None where no close is known.

    It is kept until a close or another fact of it changes, or a day is over.

    Parameters
    ----------
    now : int
        The market's time.
    as_of : int or None
        Only what was known then.
    """
    series = component_series(asset)
    if as_of is not None:
        return _make(sources, asset, series, as_of)
    version = (
        closes_version(sources.facts, sources.bar_reader, [asset.id]),
        sources.facts.version(list(series.values())),
        now // DAY_MS,
    )
    return sources.cache.get(asset.id, version, lambda: _make(sources, asset, series, now))


def _make(
    sources: ValuationSources, asset: Asset, series: Mapping[str, str], at: int
) -> AssetValuation | None:
    read = _read_history(sources, asset, series, at)
    if read is None:
        return None
    closes, known, history = read
    valuation = valuation_of(history)
    if valuation is None:
        return None
    followed = all_that_followed(history, states_of(votes_of(history).score))
    end = int(history.close_times()[-1])
    described = describe_series(sources.directory, list(series.values()))
    found = dict.fromkeys(PRICE_GROUP, _source_of_prices(sources.directory, closes, end))
    for name, entry in series.items():
        ts_event, ts_known = _newest(known[name], end, _DELAYS.get(name, 0))
        description = described[entry]
        found[name] = ValuationSource(
            description.source_title if ts_event is not None else "",
            _licence_text(description.licence, is_non_commercial=description.is_non_commercial),
            ts_event,
            ts_known,
        )
    return AssetValuation(valuation, tuple(followed), found)


def read_states(sources: ValuationSources, asset: Asset, now: int) -> tuple[IntArray, IntArray]:
    """Return the state at each close until now, by what is known now.

    Returns
    -------
    tuple of int64 arrays, shape (n_days,)
        When each day closed, epoch milliseconds, and its state as in `vigie.intelligence.valuation.states.states_of`.
    """
    read = _read_history(sources, asset, component_series(asset), now)
    if read is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    history = read[2]
    return history.close_times(), states_of(votes_of(history).score)


def _read_history(
    sources: ValuationSources, asset: Asset, series: Mapping[str, str], at: int
) -> tuple[AssetCloses, dict[str, Values], DailyHistory] | None:
    """Return the closes of an asset, the values beside them, and the history of both; None where no close is known."""
    closes = read_closes(sources.facts, sources.bar_reader, asset, at)
    if closes is None:
        return None
    values = values_of(sources.facts, list(series.values()), as_of=at)
    known = {name: values[entry] for name, entry in series.items()}
    return closes, known, replace(closes.history, others=_others(closes.history, known))


def _source_of_prices(directory: ConnectorDirectory, closes: AssetCloses, end: int) -> ValuationSource:
    """Return who gave the closes, that of the newest one first."""
    notes = {note.source: note for note in directory.notes()}
    titles, licences = [], []
    for source in sorted(closes.sources, key=closes.sources.__getitem__, reverse=True):
        # Of a place its venue without the kind of market: binance of binance-perp:btc-usdt-perp.
        note = notes.get(source) or notes.get(source.partition(":")[0].rpartition("-")[0])
        titles.append(note.title if note else source)
        if note and note.licence:
            licences.append(_licence_text(note.licence, is_non_commercial=note.is_non_commercial))
    return ValuationSource(", ".join(dict.fromkeys(titles)), ", ".join(dict.fromkeys(licences)), end, end)


def _licence_text(licence: str, *, is_non_commercial: bool) -> str:
    return f"{'non-commercial use only, ' if is_non_commercial else ''}{licence}"


def _others(history: DailyHistory, known: Mapping[str, Values]) -> dict[str, np.ndarray]:
    closes, funding = history.close_times(), known["funding"]
    others = {
        "mvrv": known_at(closes, known["mvrv"].ts + CHAIN_DELAY_MS, known["mvrv"].values),
        "funding": mean_of_day(closes, funding.ts, settled_rates_8h(funding)),
        "fear_greed": known_at(closes, known["fear_greed"].ts + INDEX_DELAY_MS, known["fear_greed"].values),
    }
    return {name: column for name, column in others.items() if len(known[name])}


def _newest(values: Values, end: int, delay: int) -> tuple[int | None, int | None]:
    """Return when the newest value that counts at a close is of, and when it was known."""
    at = int(np.searchsorted(values.ts + delay, end, side="right")) - 1
    return (int(values.ts[at]), int(values.ts_known[at])) if at >= 0 else (None, None)
