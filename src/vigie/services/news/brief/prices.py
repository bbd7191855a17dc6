"""What the assets that a reader watches cost at the end of a week, and how their prices moved in it.

Takes the closed bars that were there at the end of the week, so that a week is the same whenever it is read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.errors import NotFound
from vigie.ports.accounts import UserStore
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import AssetMetricsCache, AssetReading, closed_bars, is_stale
from vigie.services.market_data.euros import EuroRates, Money, read_rates
from vigie.services.people.ownership import list_watched_assets

MOST_PRICES: Final = 8
MOST_DRAWN: Final = 5
# A close that is so many bars away from a time is not its price.
_NEAR_BARS: Final = 3


@dataclass(frozen=True, slots=True)
class WeekPrice:
    """What an asset cost last, as it was known at the end of the week.

    Attributes
    ----------
    price, dollars : float or None
        In the money of the list, and in dollars; None where no price is known.
    change_24h, change_7d : float or None
        Fractions, of prices in dollars.
    ts : int or None
        When the price was so.
    place : str
        The instrument in full that it is of.
    is_old, is_before : bool
        Whether it is older than is usual of it; whether it is of before the week.
    """

    asset: str
    symbol: str
    name: str
    price: float | None = None
    dollars: float | None = None
    change_24h: float | None = None
    change_7d: float | None = None
    ts: int | None = None
    place: str = ""
    is_old: bool = False
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class PriceCurve:
    """How the price of an asset stood against the beginning of the week.

    Attributes
    ----------
    points : sequence of (int, float or None)
        Time of each close and the change until then, as a fraction; None where closes are missing between two.
    """

    asset: str
    symbol: str
    name: str
    place: str
    points: Sequence[tuple[int, float | None]]


@dataclass(frozen=True, slots=True)
class WeekPrices:
    """The prices of a week.

    Attributes
    ----------
    curves : sequence of PriceCurve
        Of the first assets that have closes from the beginning of the week on.
    more : int
        Assets of the list beyond those that are named.
    has_list : bool
        Whether the reader keeps a list; else the assets are those that everybody begins with.
    money : str
        ``usd`` or ``eur``.
    """

    prices: Sequence[WeekPrice] = ()
    curves: Sequence[PriceCurve] = ()
    more: int = 0
    has_list: bool = False
    money: Money = "usd"


def load_week_prices(
    catalog: BarCatalog,
    bar_reader: BarReader,
    asset_metrics: AssetMetricsCache,
    facts: FactStore,
    accounts: UserStore,
    owner: str,
    start_ms: int,
    end_ms: int,
    currency: Money = "usd",
) -> WeekPrices:
    """Return the prices of the first assets that a person watches, as they were known at an instant.

    Parameters
    ----------
    start_ms, end_ms : int
        Of the week; the end is now where the week has not ended.
    currency : str
        ``eur`` for prices in euros, each by the rate of its own time; dollars where no rate is known.
    """
    ids = list_watched_assets(accounts, owner)
    assets = _assets(catalog, ids[:MOST_PRICES])
    rates = read_rates(facts, currency, end_ms)
    readings = asset_metrics.readings(assets, as_of=end_ms) if assets else []
    prices_and_curves = [
        (_price(reading, start_ms, end_ms, rates), _curve(bar_reader, reading, start_ms, end_ms))
        for reading in readings
    ]
    return WeekPrices(
        prices=[price for price, _ in prices_and_curves],
        curves=[curve for _, curve in prices_and_curves if curve is not None][:MOST_DRAWN],
        more=max(len(ids) - MOST_PRICES, 0),
        has_list=bool(accounts.watchlists(owner)),
        money="usd" if rates is None else "eur",
    )


def _assets(catalog: BarCatalog, ids: Sequence[str]) -> list[Asset]:
    assets = []
    for asset_id in ids:
        try:
            assets.append(catalog.find(asset_id))
        except NotFound:
            # A list may hold what no source names any more.
            assets.append(Asset(asset_id, asset_id.upper(), asset_id))
    return assets


def _price(reading: AssetReading, start: int, end: int, rates: EuroRates | None) -> WeekPrice:
    asset, metrics = reading.asset, reading.metrics
    bare = WeekPrice(asset.id, asset.symbol, asset.name)
    if math.isnan(metrics.price) or not metrics.ts:
        return bare
    # A bar that closed in the first instant of the week is of the one before.
    is_before = metrics.ts <= start
    return replace(
        bare,
        price=metrics.price if rates is None else rates.convert(metrics.price, metrics.ts),
        dollars=metrics.price,
        change_24h=None if is_before else _finite_or_none(metrics.change_24h),
        change_7d=None if is_before else _finite_or_none(metrics.change_7d),
        ts=metrics.ts,
        place=reading.place,
        is_old=is_stale(reading, end),
        is_before=is_before,
    )


def _finite_or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _curve(bar_reader: BarReader, reading: AssetReading, start: int, end: int) -> PriceCurve | None:
    """Return the closes of a week against its first price; None where that is not known, or nothing follows it."""
    bars = reading.hourly if reading.hourly is not None else _daily(bar_reader, reading, end)
    if bars is None:
        return None
    closes = bars.ts + bars.span_ms
    at = int(np.searchsorted(closes, start, side="right")) - 1
    if at < 0 or start - int(closes[at]) > _NEAR_BARS * bars.span_ms or not bars.close[at] > 0:
        return None
    stop = int(np.searchsorted(closes, end, side="right"))
    if stop - at < 2:
        return None
    ts, changes = closes[at:stop], bars.close[at:stop] / bars.close[at] - 1.0
    points: list[tuple[int, float | None]] = [(start, 0.0)]
    for place in range(1, len(ts)):
        if ts[place] - ts[place - 1] > _NEAR_BARS * bars.span_ms:
            points.append((int(ts[place - 1]), None))
        points.append((int(ts[place]), float(changes[place])))
    asset = reading.asset
    return PriceCurve(asset.id, asset.symbol, asset.name, reading.place, points)


def _daily(bar_reader: BarReader, reading: AssetReading, end: int) -> Bars | None:
    return closed_bars(bar_reader.of_asset(reading.asset.id, "1d"), end)
