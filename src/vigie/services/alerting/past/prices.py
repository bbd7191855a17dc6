"""What rules about prices, screens and pegs would have told: the same conditions, looked at again on stored prices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np

from vigie.data.asof import align
from vigie.data.catalog import Catalog
from vigie.domain.alert import AlertEvent
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.screener import parse_where
from vigie.services.alerting.past.contracts import SERIES, Contract, contracts_of
from vigie.services.alerting.past.looked import DAYS, Looked, at, looks
from vigie.services.alerting.watching import measured, pegs
from vigie.services.alerting.watching.standing import Standing
from vigie.services.house import House
from vigie.services.market_data import asset_metrics
from vigie.services.market_data.asset_metrics import AssetReading
from vigie.services.market_data.perpetuals import FACTS

# What only a live quote says; nobody keeps it.
LIVE_ONLY: Final = ("spread_bps",)
# Assets at a time that are measured; more of them are looked at less often.
MOST_MEASURED: Final = 3_000
SPACINGS: Final = (HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, DAY_MS)
_PRICES: Final = ("stablecoins/{}/peg_usd", "market/{}/price_usd")


def of_prices(house: House, kind: str, when: Mapping[str, tuple[str, ...]]) -> Looked:
    """Return which assets began or ceased to meet conditions, by bars that were closed at each look."""
    subjects = when.get("subject", ())
    fields = {name for one in subjects for c in parse_where(one) for name in (c.field, c.bound)}
    if unknown := sorted(name for name in fields if name in LIVE_ONLY):
        return Looked(unknown=[str(name) for name in unknown])
    wanted = when.get("assets", ()) or when.get("followed", ())
    assets = [
        one
        for one in Catalog(house.facts, house.shelf).assets()
        if (one.id in wanted if wanted else one.kind == "coin")
    ]
    measures = [str(name) for name in fields if name in SERIES]
    stored = set(house.facts.list_series(FACTS)) if measures else set()
    pasts = [past for one in assets if (past := _past(house, one, measures, stored)) is not None]
    if missing := sorted(name for name in measures if not any(one.has(name) for one in pasts)):
        return Looked(unknown=missing)
    pasts = [one for one in pasts if all(one.has(name) for name in measures)]
    lacking = sorted({one.id for one in assets} - {one.asset.id for one in pasts}) if wanted else []
    if not pasts:
        return Looked(unknown=lacking or ["bars"])
    now = house.clock.market_now()
    every = next((one for one in SPACINGS if len(pasts) * DAYS * DAY_MS <= MOST_MEASURED * one), DAY_MS)
    # The newest of them, where even one look a day at each is too many.
    pasts = pasts[: MOST_MEASURED // DAYS]
    found: list[AlertEvent] = []
    standings = {one: Standing() for one in subjects}
    count = 0
    for ts in looks(now, every):
        readings = [reading for one in pasts if (reading := one.at(ts)) is not None]
        count += len(readings)
        for subject, standing in standings.items() if readings else ():
            found += [at(one, ts) for one in measured.found_in(kind, subject, readings, standing, ts)]
            standing.is_new = False
    begins = min(one.begins for one in pasts)
    return Looked(
        found[::-1],
        count,
        len(pasts) == len(assets) - len(lacking),
        every,
        begins if begins > now - DAYS * DAY_MS else None,
        lacking,
        ["settled_funding"] if "funding_8h" in measures else (),
    )


class _Past:
    """The bars of an asset, measured as they were known at any time."""

    def __init__(
        self,
        asset: Asset,
        daily: Bars | None,
        hourly: Bars | None,
        caps: tuple[Any, Any],
        contracts: Sequence[Contract],
    ) -> None:
        self.asset, self._daily, self._hourly, self._caps = asset, daily, hourly, caps
        self._contracts = contracts
        ends = [int(one.ts[0]) + one.span_ms for one in (daily, hourly) if one is not None and len(one)]
        # What is asked of contracts is known from their first value on.
        self.begins = max(min(ends), *(int(one.values.ts_known[0]) for one in contracts), 0)
        self._measure = import_module("vigie.intelligence.market.metrics").measure

    def has(self, measure: str) -> bool:
        """Tell whether anything is stored of a measure of its contracts."""
        return any(one.measure == measure for one in self._contracts)

    def at(self, ts: int) -> AssetReading | None:
        """Return what was measured at a time; None before the first bar."""
        daily, hourly = (
            _until(self._daily, ts, asset_metrics.DAYS),
            _until(self._hourly, ts, asset_metrics.HOURS),
        )
        if daily is None and hourly is None:
            return None
        cap = align(*self._caps, np.array([ts]))[0]
        facts = {one.measure: one.at(ts) for one in self._contracts} | {"market_cap": float(cap)}
        found = self._measure(self.asset.id, self.asset.symbol, daily=daily, hourly=hourly, facts=facts)
        return AssetReading(self.asset, found, "", hourly, None)


def _past(house: House, asset: Asset, measures: Collection[str], stored: Collection[str]) -> _Past | None:
    pairs = house.shelf.instruments().get(asset.id, [])
    daily = house.shelf.newest(pairs, "1d", last=asset_metrics.DAYS + DAYS) if pairs else None
    hourly = house.shelf.newest(pairs, "1h", last=asset_metrics.HOURS + 24 * DAYS) if pairs else None
    if not any(one is not None and len(one) for one in (daily, hourly)):
        return None
    contracts = contracts_of(house, asset, measures, stored)
    return _Past(asset, daily, hourly, _told(house, f"market/{asset.id}/cap_usd"), contracts)


def _until(bars: Bars | None, ts: int, most: int) -> Bars | None:
    if bars is None:
        return None
    end = int(np.searchsorted(bars.ts, ts - bars.span_ms, side="right"))
    return bars.slice(max(0, end - most), end) if end else None


def _told(house: House, series: str) -> tuple[Any, Any]:
    frame = house.facts.read([series], with_revised=True).sort("ts_known", "ts_event")
    return frame["ts_known"].to_numpy(), frame["value"].to_numpy()


def of_pegs(house: House, when: Mapping[str, tuple[str, ...]]) -> Looked:
    """Return which stablecoins left their dollar, by the prices that were known at each hour."""
    wanted, now = when.get("assets", ()) or when.get("followed", ()), house.clock.market_now()
    coins = [
        one
        for one in Catalog(house.facts, house.shelf).assets()
        if one.kind != "coin" and (not wanted or one.id in wanted)
    ]
    times = list(looks(now, HOUR_MS))
    prices = {one: told for one in coins if (told := _dollars(house, one, times)) is not None}
    found: list[AlertEvent] = []
    for subject in when.get("subject", (f"{0.01:g}",)):
        standing = Standing()
        for place, ts in enumerate(times):
            known = {
                one.id: (one.name, float(row[place]))
                for one, row in prices.items()
                if not np.isnan(row[place])
            }
            found += [at(one, ts) for one in pegs.found_in(subject, known, standing, ts)]
            standing.is_new = standing.is_new and not known
    lacking = [one.id for one in coins if one not in prices] or ([] if coins else ["bars"])
    found.sort(key=lambda one: -one.ts_seen)
    return Looked(
        found, len(times) * len(prices), every_ms=HOUR_MS, since=_since(prices, times), unknown=lacking
    )


def _dollars(house: House, asset: Asset, times: Sequence[int]) -> Any:
    """Return the price of a stablecoin at each time; None where none is stored."""
    for known, values in _kept_prices(house, asset):
        row = align(known, values, np.asarray(times))
        if not np.isnan(row).all():
            return row
    return None


def _kept_prices(house: House, asset: Asset) -> Iterator[tuple[Any, Any]]:
    pairs = house.shelf.instruments().get(asset.id, [])
    bars = house.shelf.newest(pairs, "1h", last=24 * DAYS) if pairs else None
    if bars is not None and len(bars):
        yield bars.ts + bars.span_ms, bars.close
    for name in _PRICES:
        yield _told(house, name.format(asset.id))


def _since(prices: Mapping[Asset, Any], times: Sequence[int]) -> int | None:
    """Return the first time at which any price is known, where that is not the first look."""
    firsts: list[int] = [np.argmax(~np.isnan(row)).item() for row in prices.values()]
    first = min(firsts, default=0)
    return times[first] if first else None
