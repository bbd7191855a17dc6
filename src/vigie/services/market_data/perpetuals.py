"""Perpetuals across venues: which there are, their quotes, what their facts say, in numbers that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, TypedDict

import numpy as np

from vigie.data.catalog import BarCatalog
from vigie.data.request_memo import NO_MEMO, RequestMemo
from vigie.domain.asset import Asset
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import ASSET_BY_TICKER, InstrumentId, parse_instrument
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore
from vigie.services.market_data.series import Values

FACTS: Final = "derivatives/"
# Settlements further apart than this have one missing between them.
_LONGEST_HOURS: Final = 24.0
_USUAL_HOURS: Final = 8.0


@dataclass(frozen=True, slots=True)
class PerpetualSources:
    """What figures of perpetuals are read from."""

    catalog: BarCatalog
    facts: FactStore
    quotes: QuoteStore
    clock: Clock
    memo: RequestMemo = NO_MEMO


@dataclass(frozen=True, slots=True)
class Perpetual:
    """One perpetual at one venue.

    Attributes
    ----------
    place : str
        The instrument in full, ``bitget-perp:btc-usdt-perp``.
    quote : Quote or None
        None where nothing was heard of it, and for the past: quotes are not kept.
    """

    asset: Asset
    venue: str
    instrument: InstrumentId
    place: str
    quote: Quote | None

    def series(self, measure: str) -> str:
        """Return the id of one of its series."""
        return f"{FACTS}{self.place}/{measure}"


def list_perpetuals(sources: PerpetualSources, assets: str, as_of: int | None) -> list[Perpetual]:
    """Return every perpetual that venues quote or that facts tell of, by rank of the asset and then by venue.

    Parameters
    ----------
    assets : str
        Catalogue ids or tickers, comma-separated; empty means all.
    """
    wanted_assets = {sources.catalog.find(word).id for word in assets.split(",") if word.strip()}
    return [
        perpetual
        for perpetual in sources.memo.once(("perpetuals", as_of), lambda: _read_perpetuals(sources, as_of))
        if not wanted_assets
        or not wanted_assets.isdisjoint({perpetual.instrument.asset, perpetual.instrument.coin_asset})
    ]


def _read_perpetuals(sources: PerpetualSources, as_of: int | None) -> list[Perpetual]:
    known_assets = sources.catalog.assets(as_of=as_of)
    rank = {asset.id: place for place, asset in enumerate(known_assets)}
    quotes = {quote.id: quote for quote in sources.quotes.since(0)[1]} if as_of is None else {}
    places_with_facts = {
        name.removeprefix(FACTS).rpartition("/")[0] for name in sources.facts.list_series(FACTS)
    }
    result = []
    for place in sorted(places_with_facts | quotes.keys()):
        venue, _, instrument_text = place.partition(":")
        instrument = _parse_perpetual(instrument_text)
        if instrument is None:
            continue
        index = rank.get(instrument.coin_asset)
        asset = (
            Asset(instrument.coin_asset, instrument.coin, instrument.coin)
            if index is None
            else known_assets[index]
        )
        result.append(Perpetual(asset, venue, instrument, place, quotes.get(place)))
    return sorted(
        result,
        key=lambda perpetual: (rank.get(perpetual.asset.id, len(rank)), perpetual.asset.id, perpetual.place),
    )


def _parse_perpetual(text: str) -> InstrumentId | None:
    try:
        instrument = parse_instrument(text)
    except UsageError:
        return None
    return instrument if instrument.market == "perp" else None


class PerpetualCells(TypedDict):
    """The cells that say which perpetual a row is about."""

    asset: str
    symbol: str
    name: str
    venue: str
    place: str


def perpetual_cells(perpetual: Perpetual) -> PerpetualCells:
    """Return the cells that say which perpetual a row is about; of several coins a unit, how many."""
    coins_per_unit = perpetual.instrument.multiplier
    symbol = (
        perpetual.asset.symbol if coins_per_unit == 1 else f"{perpetual.asset.symbol} \u00d7 {coins_per_unit}"
    )
    return {
        "asset": perpetual.asset.id, "symbol": symbol, "name": perpetual.asset.name, "venue": perpetual.venue,
        "place": perpetual.place,
    }  # fmt: skip


def dollar_rates(fact_store: FactStore, as_of: int | None) -> dict[str, float]:
    """Return what one unit of each quote currency is worth in dollars; a stablecoin without a price counts as one."""
    coins = {ticker: ASSET_BY_TICKER[ticker] for ticker in ("USDT", "USDC")}
    names = {
        ticker: (f"stablecoins/{asset}/peg_usd", f"market/{asset}/price_usd")
        for ticker, asset in coins.items()
    }
    facts = fact_store.latest([name for pair in names.values() for name in pair], as_of=as_of)
    rates = {"USD": 1.0}
    for ticker, pair in names.items():
        rates[ticker] = next((facts[name].value for name in pair if name in facts), 1.0)
    return rates


def latest_facts(
    fact_store: FactStore, places: Sequence[Perpetual], measures: Iterable[str], as_of: int | None
) -> Mapping[str, Observation]:
    """Return the newest observation of some measures of every place, by series; none about a later time."""
    names = [fact.series(measure) for fact in places for measure in measures]
    facts = fact_store.latest(names, as_of=as_of)
    return {name: fact for name, fact in facts.items() if as_of is None or fact.ts_event <= as_of}


def spacing_hours(ts: IntArray) -> float:
    """Return how far apart settlements lie: the median of the newest twenty gaps; 8 hours where none is known."""
    gaps = np.diff(ts[-21:]) / HOUR_MS
    gaps = gaps[(gaps > 0) & (gaps <= _LONGEST_HOURS)]
    # Venues settle on whole hours; their stamps are late by seconds.
    # A page asks for hundreds of twenty: numpy's median takes several times as long.
    return max(1.0, float(round(median(gaps.tolist())))) if len(gaps) else _USUAL_HOURS


def settled_rates_8h(settled: Values) -> FloatArray:
    """Return settled rates as rates for 8 hours, each by the time since the settlement before it."""
    if not len(settled):
        return np.zeros(0)
    usual = spacing_hours(settled.ts)
    hours = np.diff(settled.ts, prepend=settled.ts[0]) / HOUR_MS
    is_odd = (hours < 0.5) | (hours > _LONGEST_HOURS)
    return settled.values * _USUAL_HOURS / np.where(is_odd, usual, np.maximum(np.round(hours), 1.0))


def change_over(values: Values, now: int, span_ms: int = DAY_MS) -> float | None:
    """Return the last value against the one a span before, as a fraction; None where one of them is not known."""
    last = values.at(now, within_ms=span_ms)
    before = values.at(now - span_ms, within_ms=span_ms)
    return None if last is None or not before else last / before - 1.0
