"""What rules about prices, screens and pegs would have told: the same conditions, looked at again on stored prices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np

from vigie.data.asof import align
from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.screener import parse_where
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.services.alerting.preview.contracts import SERIES, ContractHistory, contracts_of
from vigie.services.alerting.preview.past_events import DAYS, PastEvents, at_time, look_times
from vigie.services.alerting.watching import metric_conditions, pegs
from vigie.services.alerting.watching.condition_state import ConditionState
from vigie.services.caches import asset_metrics
from vigie.services.caches.asset_metrics import AssetReading
from vigie.services.market_data.perpetuals import FACTS

# What only a live quote says; nobody keeps it.
LIVE_ONLY: Final = ("spread_bps",)
# Assets at a time that are measured; more of them are looked at less often.
MOST_MEASURED: Final = 3_000
SPACINGS: Final = (HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, DAY_MS)
_PRICES: Final = ("stablecoins/{}/peg_usd", "market/{}/price_usd")


def find_price_events(
    catalog: BarCatalog,
    bar_reader: BarReader,
    facts: FactStore,
    clock: Clock,
    kind: str,
    when: Mapping[str, tuple[str, ...]],
) -> PastEvents:
    """Return which assets began or ceased to meet conditions, by bars that were closed at each look."""
    subjects = when.get("subject", ())
    fields = {name for item in subjects for c in parse_where(item) for name in (c.field, c.bound)}
    if unknown := sorted(name for name in fields if name in LIVE_ONLY):
        return PastEvents(unknown=[str(name) for name in unknown])
    wanted_assets = when.get("assets", ()) or when.get("followed", ())
    assets = [
        item
        for item in catalog.assets()
        if (item.id in wanted_assets if wanted_assets else item.kind == "coin")
    ]
    measures = [str(name) for name in fields if name in SERIES]
    stored_ids = set(facts.list_series(FACTS)) if measures else set()
    histories = [
        history
        for item in assets
        if (history := _load_history(bar_reader, facts, item, measures, stored_ids)) is not None
    ]
    if missing := sorted(name for name in measures if not any(item.has(name) for item in histories)):
        return PastEvents(unknown=missing)
    histories = [item for item in histories if all(item.has(name) for name in measures)]
    missing_assets = (
        sorted({item.id for item in assets} - {item.asset.id for item in histories}) if wanted_assets else []
    )
    if not histories:
        return PastEvents(unknown=missing_assets or ["bars"])
    now = clock.market_now()
    every = next(
        (item for item in SPACINGS if len(histories) * DAYS * DAY_MS <= MOST_MEASURED * item), DAY_MS
    )
    # The newest of them, where even one look a day at each is too many.
    histories = histories[: MOST_MEASURED // DAYS]
    events: list[AlertEvent] = []
    states = {item: ConditionState() for item in subjects}
    count = 0
    for ts in look_times(now, every):
        readings = [reading for item in histories if (reading := item.at(ts)) is not None]
        count += len(readings)
        for subject, state in states.items() if readings else ():
            events += [
                at_time(item, ts)
                for item in metric_conditions.find_changes(kind, subject, readings, state, ts)
            ]
            state.is_new = False
    begins = min(item.begins for item in histories)
    return PastEvents(
        events[::-1],
        count,
        len(histories) == len(assets) - len(missing_assets),
        every,
        begins if begins > now - DAYS * DAY_MS else None,
        missing_assets,
        ["settled_funding"] if "funding_8h" in measures else (),
    )


class _AssetHistory:
    """The bars of an asset, measured as they were known at any time."""

    def __init__(
        self,
        asset: Asset,
        daily: Bars | None,
        hourly: Bars | None,
        caps: tuple[Any, Any],
        contracts: Sequence[ContractHistory],
    ) -> None:
        self.asset, self._daily, self._hourly, self._caps = asset, daily, hourly, caps
        self._contracts = contracts
        ends = [int(item.ts[0]) + item.span_ms for item in (daily, hourly) if item is not None and len(item)]
        # What is asked of contracts is known from their first value on.
        self.begins = max(min(ends), *(int(item.values.ts_known[0]) for item in contracts), 0)
        self._measure = import_module("vigie.intelligence.market.metrics").measure

    def has(self, measure: str) -> bool:
        """Tell whether anything is stored of a measure of its contracts."""
        return any(contract.measure == measure for contract in self._contracts)

    def at(self, ts: int) -> AssetReading | None:
        """Return what was measured at a time; None before the first bar."""
        daily, hourly = (
            _bars_until(self._daily, ts, asset_metrics.DAYS),
            _bars_until(self._hourly, ts, asset_metrics.HOURS),
        )
        if daily is None and hourly is None:
            return None
        cap = align(*self._caps, np.array([ts]))[0]
        facts = {contract.measure: contract.at(ts) for contract in self._contracts} | {
            "market_cap": float(cap)
        }
        metrics = self._measure(self.asset.id, self.asset.symbol, daily=daily, hourly=hourly, facts=facts)
        return AssetReading(self.asset, metrics, "", hourly, None)


def _load_history(
    bar_reader: BarReader,
    facts: FactStore,
    asset: Asset,
    measures: Collection[str],
    stored_ids: Collection[str],
) -> _AssetHistory | None:
    pairs = bar_reader.instruments().get(asset.id, [])
    daily = bar_reader.newest(pairs, "1d", last=asset_metrics.DAYS + DAYS) if pairs else None
    hourly = bar_reader.newest(pairs, "1h", last=asset_metrics.HOURS + 24 * DAYS) if pairs else None
    if not any(bars is not None and len(bars) for bars in (daily, hourly)):
        return None
    contracts = contracts_of(bar_reader, facts, asset, measures, stored_ids)
    return _AssetHistory(asset, daily, hourly, _read_series(facts, f"market/{asset.id}/cap_usd"), contracts)


def _bars_until(bars: Bars | None, ts: int, most: int) -> Bars | None:
    if bars is None:
        return None
    end = int(np.searchsorted(bars.ts, ts - bars.span_ms, side="right"))
    return bars.slice(max(0, end - most), end) if end else None


def _read_series(facts: FactStore, series: str) -> tuple[Any, Any]:
    frame = facts.read([series], with_revised=True).sort("ts_known", "ts_event")
    return frame["ts_known"].to_numpy(), frame["value"].to_numpy()


def find_peg_events(
    catalog: BarCatalog,
    bar_reader: BarReader,
    facts: FactStore,
    clock: Clock,
    when: Mapping[str, tuple[str, ...]],
) -> PastEvents:
    """Return which stablecoins left their dollar, by the prices that were known at each hour."""
    wanted_assets, now = when.get("assets", ()) or when.get("followed", ()), clock.market_now()
    coins = [
        item
        for item in catalog.assets()
        if item.kind != "coin" and (not wanted_assets or item.id in wanted_assets)
    ]
    times = list(look_times(now, HOUR_MS))
    prices = {
        item: dollar_prices
        for item in coins
        if (dollar_prices := _read_dollar_prices(bar_reader, facts, item, times)) is not None
    }
    events: list[AlertEvent] = []
    for subject in when.get("subject", (f"{0.01:g}",)):
        state = ConditionState()
        for place, ts in enumerate(times):
            known_prices = {
                item.id: (item.name, float(row[place]))
                for item, row in prices.items()
                if not np.isnan(row[place])
            }
            events += [at_time(item, ts) for item in pegs.find_changes(subject, known_prices, state, ts)]
            state.is_new = state.is_new and not known_prices
    missing_assets = [item.id for item in coins if item not in prices] or ([] if coins else ["bars"])
    events.sort(key=lambda item: -item.ts_seen)
    return PastEvents(
        events,
        len(times) * len(prices),
        every_ms=HOUR_MS,
        since=_first_known_ts(prices, times),
        unknown=missing_assets,
    )


def _read_dollar_prices(bar_reader: BarReader, facts: FactStore, asset: Asset, times: Sequence[int]) -> Any:
    """Return the price of a stablecoin at each time; None where none is stored."""
    for known_times, values in _stored_prices(bar_reader, facts, asset):
        row = align(known_times, values, np.asarray(times))
        if not np.isnan(row).all():
            return row
    return None


def _stored_prices(bar_reader: BarReader, facts: FactStore, asset: Asset) -> Iterator[tuple[Any, Any]]:
    pairs = bar_reader.instruments().get(asset.id, [])
    bars = bar_reader.newest(pairs, "1h", last=24 * DAYS) if pairs else None
    if bars is not None and len(bars):
        yield bars.ts + bars.span_ms, bars.close
    for name in _PRICES:
        yield _read_series(facts, name.format(asset.id))


def _first_known_ts(prices: Mapping[Asset, Any], times: Sequence[int]) -> int | None:
    """Return the first time at which any price is known, where that is not the first look."""
    firsts: list[int] = [np.argmax(~np.isnan(row)).item() for row in prices.values()]
    first = min(firsts, default=0)
    return times[first] if first else None
