"""Perpetuals across venues: which there are, their quotes, what their facts say, in numbers that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import ASSET_BY_TICKER, InstrumentId, parse_instrument
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.house import House
from vigie.services.measuring.series import Values

FACTS: Final = "derivatives/"
# A quote older than this is shown, marked, and left out of sums.
STALE_MS: Final = 2 * HOUR_MS
# Settlements further apart than this have one missing between them.
_LONGEST_HOURS: Final = 24.0
_USUAL_HOURS: Final = 8.0


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


def perpetuals(house: House, assets: str, as_of: int | None) -> list[Perpetual]:
    """Return every perpetual that venues quote or that facts tell of, by rank of the asset and then by venue.

    Parameters
    ----------
    assets : str
        Catalogue ids or tickers, comma-separated; empty means all.
    """
    catalog = Catalog(house.facts, house.shelf)
    wanted = {catalog.find(word).id for word in assets.split(",") if word.strip()}
    listed = catalog.assets(as_of=as_of)
    rank = {asset.id: place for place, asset in enumerate(listed)}
    quotes = {quote.id: quote for quote in house.quotes.since(0)[1]} if as_of is None else {}
    told = {name.removeprefix(FACTS).rpartition("/")[0] for name in house.facts.list_series(FACTS)}
    found = []
    for place in sorted(told | quotes.keys()):
        venue, _, written = place.partition(":")
        instrument = _perpetual(written)
        if instrument is None or (wanted and wanted.isdisjoint({instrument.asset, instrument.coin_asset})):
            continue
        at = rank.get(instrument.coin_asset)
        asset = Asset(instrument.coin_asset, instrument.coin, instrument.coin) if at is None else listed[at]
        found.append(Perpetual(asset, venue, instrument, place, quotes.get(place)))
    return sorted(found, key=lambda one: (rank.get(one.asset.id, len(rank)), one.asset.id, one.place))


def _perpetual(text: str) -> InstrumentId | None:
    try:
        found = parse_instrument(text)
    except UsageError:
        return None
    return found if found.market == "perp" else None


def named(one: Perpetual) -> dict[str, str]:
    """Return the cells that say which perpetual a row is about; of several coins a unit, how many."""
    many = one.instrument.multiplier
    symbol = one.asset.symbol if many == 1 else f"{one.asset.symbol} \u00d7 {many}"
    return {
        "asset": one.asset.id, "symbol": symbol, "name": one.asset.name, "venue": one.venue,
        "place": one.place,
    }  # fmt: skip


def dollars(house: House, as_of: int | None) -> dict[str, float]:
    """Return what one unit of each quote currency is worth in dollars; a stablecoin without a price counts as one."""
    coins = {ticker: ASSET_BY_TICKER[ticker] for ticker in ("USDT", "USDC")}
    names = {
        ticker: (f"stablecoins/{asset}/peg_usd", f"market/{asset}/price_usd")
        for ticker, asset in coins.items()
    }
    facts = house.facts.latest([name for pair in names.values() for name in pair], as_of=as_of)
    found = {"USD": 1.0}
    for ticker, pair in names.items():
        found[ticker] = next((facts[name].value for name in pair if name in facts), 1.0)
    return found


def latest(
    house: House, places: Sequence[Perpetual], measures: Iterable[str], as_of: int | None
) -> Mapping[str, Observation]:
    """Return the newest observation of some measures of every place, by series; none about a later time."""
    names = [one.series(measure) for one in places for measure in measures]
    facts = house.facts.latest(names, as_of=as_of)
    return {name: one for name, one in facts.items() if as_of is None or one.ts_event <= as_of}


def spacing_hours(ts: IntArray) -> float:
    """Return how far apart settlements lie: the median of the newest twenty gaps; 8 hours where none is known."""
    gaps = np.diff(ts[-21:]) / HOUR_MS
    gaps = gaps[(gaps > 0) & (gaps <= _LONGEST_HOURS)]
    # Venues settle on whole hours; their stamps are late by seconds.
    return max(1.0, float(np.round(np.median(gaps)))) if len(gaps) else _USUAL_HOURS


def settled_8h(settled: Values) -> FloatArray:
    """Return settled rates as rates for 8 hours, each by the time since the settlement before it."""
    if not len(settled):
        return np.zeros(0)
    usual = spacing_hours(settled.ts)
    hours = np.diff(settled.ts, prepend=settled.ts[0]) / HOUR_MS
    is_odd = (hours < 0.5) | (hours > _LONGEST_HOURS)
    return settled.values * _USUAL_HOURS / np.where(is_odd, usual, np.maximum(np.round(hours), 1.0))


def change_over(found: Values, now: int, span_ms: int = DAY_MS) -> float | None:
    """Return the last value against the one a span before, as a fraction; None where one of them is not known."""
    last = found.at(now, within_ms=span_ms)
    before = found.at(now - span_ms, within_ms=span_ms)
    return None if last is None or not before else last / before - 1.0
