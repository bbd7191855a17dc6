"""The numbers of every asset, measured once and kept until what they come from has changed.

A page that finds older numbers shows them with their time while newer ones are made beside it.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore

if TYPE_CHECKING:
    from vigie.intelligence.market.metrics import AssetMetrics

HOURS: Final = 31 * 24 + 1
DAYS: Final = 400
# Measured again after this long on the wall; live prices reach the page by the stream meanwhile.
MAX_AGE_MS: Final = 3_000
# A price or a quote older than this is old; of what is told once a day, a day and another one are usual.
STALE_MS: Final = 2 * HOUR_MS
STALE_DAILY_MS: Final = 2 * DAY_MS


@dataclass(frozen=True, slots=True)
class AssetReading:
    """One asset, measured.

    Attributes
    ----------
    place : str
        The instrument in full that price and volume come from; empty where there is none.
    hourly : Bars or None
        Closed hours, for small pictures.
    quote : Quote or None
    """

    asset: Asset
    metrics: AssetMetrics
    place: str
    hourly: Bars | None
    quote: Quote | None


@dataclass(slots=True, eq=False)
class AssetMetricsCache:
    """Measures assets; keeps what it measured.

    Attributes
    ----------
    is_compiled : callable
        Tells whether what it computes is compiled; until then only prices are known, so that no page compiles.
    """

    bar_reader: BarReader
    facts: FactStore
    quotes: QuoteStore
    clock: Clock
    is_compiled: Callable[[], bool] = lambda: True
    _cache: dict[str, tuple[int, AssetReading]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _refresher: threading.Thread | None = None
    # Of a held one: the quotes of its moment, and whose it is.
    _pinned_quotes: Sequence[Quote] | None = None
    _parent: AssetMetricsCache | None = None

    def pinned(self) -> AssetMetricsCache:
        """Return a cache that reads each asset once: what is made with it is of one moment.

        Numbers that are old by now are measured again, none is shown meanwhile.
        """
        now = self.clock.wall_now()
        with self._lock:
            fresh = {name: entry for name, entry in self._cache.items() if 0 <= now - entry[0] <= MAX_AGE_MS}
        return AssetMetricsCache(
            self.bar_reader, self.facts, self.quotes, self.clock, self.is_compiled,
            _cache=fresh, _pinned_quotes=self.quotes.since(0)[1], _parent=self,
        )  # fmt: skip

    def readings(self, assets: Sequence[Asset], *, as_of: int | None = None) -> list[AssetReading]:
        """Return the reading of each asset, in order.

        Parameters
        ----------
        as_of : int, optional
            Only what was known then; quotes are not kept, so prices are the last closes.
        """
        if as_of is not None:
            return self._measure(assets, as_of)
        now = self.clock.wall_now()
        if self._parent is not None:
            missing_assets = [asset for asset in assets if asset.id not in self._cache]
            if missing_assets:
                measured = self._measure(missing_assets, None)
                self._store(measured, now)
                self._parent._store(measured, now)
            return [self._cache[asset.id][1] for asset in assets]
        # That there was no price yet is nothing to show meanwhile, as to who comes back to a home that just began.
        missing = [
            asset
            for asset in assets
            if asset.id not in self._cache
            or (not self._cache[asset.id][1].place and not self._is_fresh(asset.id, now))
        ]
        if missing:
            self._store(self._measure(missing, None), now)
        stale = [asset for asset in assets if not self._is_fresh(asset.id, now)]
        if stale:
            self._refresh(stale)
        return [self._cache[asset.id][1] for asset in assets]

    def _is_fresh(self, asset: str, now: int) -> bool:
        # What a clock that ran ahead wrote would count as fresh until then.
        return 0 <= now - self._cache[asset][0] <= MAX_AGE_MS

    def _store(self, readings: Sequence[AssetReading], now: int) -> None:
        with self._lock:
            for reading in readings:
                self._cache[reading.asset.id] = (now, reading)

    def _refresh(self, assets: Sequence[Asset]) -> None:
        with self._lock:
            if self._refresher is not None and self._refresher.is_alive():
                return
            self._refresher = threading.Thread(
                target=lambda: self._store(self._measure(assets, None), self.clock.wall_now()),
                name="vigie-asset-metrics",
                daemon=True,
            )
            self._refresher.start()

    def _choose_quotes(
        self,
        assets: Sequence[Asset],
        places: Mapping[str, Sequence[tuple[str, str]]],
        quotes: Sequence[Quote],
    ) -> dict[str, Quote]:
        """Return the quote of each asset that has one; of others that are not asked for, perhaps another than theirs.

        A history takes far longer to read than a quote: only those of assets with several quotes are compared.
        """
        counts = Counter(_asset_of(quote.instrument) for quote in quotes)
        contested = {asset.id: places.get(asset.id, ()) for asset in assets if counts[asset.id] > 1}
        return newest_quotes(quotes, self._with_long_history(contested))

    def _with_long_history(self, places: Mapping[str, Sequence[tuple[str, str]]]) -> set[tuple[str, str]]:
        """Return the instruments with the longest daily past of their asset."""
        instruments: set[tuple[str, str]] = set()
        for pairs in places.values():
            if len(pairs) < 2:
                instruments.update(pairs)
                continue
            lengths = {}
            for pair in pairs:
                bars = self.bar_reader.newest([pair], "1d", last=DAYS)
                lengths[pair] = len(bars) if bars is not None else 0
            # A past of nearly the same length is as good: then the volume decides.
            min_length = max(lengths.values()) * 0.9
            instruments.update(pair for pair, length in lengths.items() if length >= min_length)
        return instruments

    def _measure(self, assets: Sequence[Asset], as_of: int | None) -> list[AssetReading]:
        # By name: every process has this cache, only those that measure pay for compiled functions.
        measure = import_module("vigie.intelligence.market.metrics").measure
        places = self.bar_reader.instruments()
        all_quotes = () if as_of is not None else self._pinned_quotes
        if all_quotes is None:
            all_quotes = self.quotes.since(0)[1]
        quotes = self._choose_quotes(assets, places, all_quotes)
        caps = self.facts.latest([f"market/{asset.id}/cap_usd" for asset in assets], as_of=as_of)
        is_compiled = self.is_compiled()
        readings = []
        for asset in assets:
            pairs, quote = places.get(asset.id, []), quotes.get(asset.id)
            if quote is not None:
                # Bars of the venue that quotes, so that changes compare like with like.
                pairs = sorted(pairs, key=lambda pair: pair != (quote.venue, quote.instrument))[:1] or pairs
            daily = self.bar_reader.newest(pairs, "1d", last=DAYS, as_of=as_of)
            hourly = self.bar_reader.newest(pairs, "1h", last=HOURS, as_of=as_of)
            cap = caps.get(f"market/{asset.id}/cap_usd")
            metrics = measure(
                asset.id, asset.symbol, quote=quote,
                daily=daily if is_compiled else None, hourly=hourly if is_compiled else None,
                facts={"market_cap": cap.value} if cap else None,
            )  # fmt: skip
            bars = hourly if hourly is not None else daily
            place = quote.id if quote else f"{bars.venue}:{bars.instrument}" if bars is not None else ""
            readings.append(AssetReading(asset, metrics, place, hourly, quote))
        return readings


def newest_quotes(quotes: Sequence[Quote], preferred: Collection[tuple[str, str]] = ()) -> dict[str, Quote]:
    """Return one quote an asset: of the venue where most is traded, of those preferred where there are any.

    Parameters
    ----------
    preferred : collection of (venue, instrument)
        Those with a past long enough to compare with.
    """
    best_by_asset: dict[str, tuple[bool, float, Quote]] = {}
    for quote in quotes:
        asset = _asset_of(quote.instrument)
        if asset is None:
            continue
        rank = ((quote.venue, quote.instrument) in preferred, quote.volume_24h or 0.0)
        best = best_by_asset.get(asset)
        if best is None or rank > best[:2]:
            best_by_asset[asset] = (*rank, quote)
    return {asset: quote for asset, (_, _, quote) in best_by_asset.items()}


@lru_cache(maxsize=4_096)
def _asset_of(instrument: str) -> str | None:
    try:
        return parse_instrument(instrument).asset
    except UsageError:
        # A venue may call something as it likes; what names no asset is no asset's price.
        return None


def closed_bars(bars: Bars | None, as_of: int | None) -> Bars | None:
    """Return the bars that were closed at an instant; all of them where none is given."""
    if bars is None or as_of is None:
        return bars
    closed_part = bars.slice(0, int(np.searchsorted(bars.ts, as_of - bars.span_ms, side="right")))
    return closed_part if len(closed_part) else None


def readings_of(
    catalog: BarCatalog, asset_metrics: AssetMetricsCache, as_of: int | None, *, with_stable: bool = False
) -> list[AssetReading]:
    """Return every asset that has a price; stablecoins only where they are asked for."""
    assets = catalog.assets(as_of=as_of)
    assets_shown = [asset for asset in assets if with_stable or asset.kind == "coin"]
    readings = asset_metrics.readings(assets_shown, as_of=as_of)
    return [reading for reading in readings if not math.isnan(reading.metrics.price)]


def is_stale(reading: AssetReading, now: int) -> bool:
    """Tell whether the price of an asset is older than is usual of where it comes from."""
    is_daily = reading.quote is None and reading.hourly is None
    return bool(reading.metrics.ts) and now - reading.metrics.ts > (STALE_DAILY_MS if is_daily else STALE_MS)


def price_change_since(reading: AssetReading, ts: int) -> float | None:
    """Return the change of the newest price since the last hour that was closed at a time.

    None where that hour is not kept, or where the newest price is older than the time.
    """
    bars, price = reading.hourly, reading.metrics.price
    if bars is None or math.isnan(price) or reading.metrics.ts <= ts:
        return None
    at = int(np.searchsorted(bars.ts + HOUR_MS, ts, side="right")) - 1
    if at < 0 or ts - int(bars.ts[at]) > 2 * HOUR_MS or not bars.close[at] > 0:
        return None
    return float(price / bars.close[at] - 1)
