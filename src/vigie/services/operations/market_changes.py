"""What changed since a visitor was last here: at most seven items, each with its number and its usual range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from pydantic import BaseModel, Field

from vigie.catalogue import NamedTexts
from vigie.data.catalog import BarCatalog
from vigie.domain.bar import Bars
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.changes_since import SeriesChange, TrackedSeries, changed_since
from vigie.ports.accounts import UserStore
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import AssetMetricsCache, AssetReading, closed_bars
from vigie.services.languages import answer_languages
from vigie.services.market_data.euros import euro_per_dollar
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, DOMINANCE
from vigie.services.market_data.series import values_of
from vigie.services.operation import CurrencyInput, OperationResult, operation
from vigie.services.operations.today import (
    CAP_SERIES,
    STABLECOIN_SERIES,
    watched_by,
)

# Enough past for a usual range of changes over a day, and of a week where days are few.
HISTORY_MS: Final = 120 * DAY_MS
# Prices of the largest and of the watched assets are looked at.
LARGEST: Final = 12
TRACKED: Final = (
    (CAP_SERIES, "cap", "usd", True),
    (DOMINANCE, "dominance", "fraction", False),
    (ALTERNATIVE_INDEX, "fear_greed", "index", False),
    (STABLECOIN_SERIES, "supply", "usd", True),
    ("defi/total/tvl_usd", "tvl", "usd", True),
    ("onchain/bitcoin/fee_fast_sat_vb", "fees", "sat_vb", True),
    ("volatility/bitcoin/dvol_index", "volatility", "index", False),
)


# What series without an asset are about: all of something, or one coin.
SUBJECTS: Final = NamedTexts("subject", {
    "market": "the whole market", "stablecoins": "all stablecoins", "defi": "DeFi",
})  # fmt: skip
_SUBJECT_OF: Final = {CAP_SERIES: "market", STABLECOIN_SERIES: "stablecoins", "defi/total/tvl_usd": "defi"}
_BITCOIN_SERIES: Final = (
    DOMINANCE,
    "onchain/bitcoin/fee_fast_sat_vb",
    "volatility/bitcoin/dvol_index",
)


# Series and their values, as `MarketChanges.read` gives them.
_VALUE: Final = r"[a-z0-9_/.-]+=-?\d+(\.\d+)?(e[+-]?\d+)?"
VALUES: Final = rf"{_VALUE}(,{_VALUE})*"


class MarketChangesInput(CurrencyInput):
    """Since when, and what counts for more."""

    since: int = Field(ge=0, le=4_102_444_800_000, description="Epoch ms.")
    assets: str = Field(
        "", max_length=2_000, description="Watched assets; empty: the caller's first watchlist."
    )
    read: str = Field(
        "",
        max_length=2_000,
        pattern=rf"^({VALUES})?$",
        description="What was read at that time, SERIES=VALUE with commas: left out until it moves unusually again.",
    )


class ChangeItem(BaseModel):
    """One change: what it is, why it matters, and on what evidence, in both languages."""

    series: str
    asset: str
    change: float
    value: float
    surprise: float
    ts: int
    texts: dict[str, dict[str, str]]


class MarketChanges(OperationResult):
    """What changed; `read` are the values to ask with next time, once these items and those before were read."""

    since: int
    ts: int
    items: list[ChangeItem]
    left_out: int
    quiet: int
    unknown: int
    old: int
    read: str


@operation("today.changes", example={"since": 1_760_000_000_000})
def list_market_changes(
    caller: Caller,
    params: MarketChangesInput,
    catalog: BarCatalog,
    asset_metrics: AssetMetricsCache,
    facts: FactStore,
    accounts: UserStore,
    clock: Clock,
) -> MarketChanges:
    """List what changed unusually since a time: at most seven items with their usual range."""
    now = clock.market_now()
    since = min(params.since, now - 1)
    watched = [catalog.find(word).id for word in params.assets.split(",") if word] or watched_by(
        accounts, caller
    )
    readings = [entry for entry in asset_metrics.readings(catalog.assets()) if entry.asset.kind == "coin"]
    tracks = [*_price_tracks(readings, watched, now), *_fact_tracks(facts, now)]
    read_values = {
        series: float(value)
        for series, _, value in (entry.partition("=") for entry in params.read.split(",") if entry)
    }
    selection = changed_since(tracks, since=since, now=now, watched=frozenset(watched), read=read_values)
    euro = euro_per_dollar(facts, params)
    next_read = {
        **{entry: read_values[entry] for entry in selection.read},
        **{entry.series: entry.value for entry in selection.items},
    }
    return MarketChanges(
        since=since,
        ts=now,
        items=[_change_item(entry, euro, answer_languages(caller)) for entry in selection.items],
        left_out=selection.left_out,
        quiet=selection.quiet,
        unknown=selection.unknown,
        old=len(selection.read),
        read=",".join(f"{series}={value!r}" for series, value in next_read.items()),
    )


def _price_tracks(readings: Sequence[AssetReading], watched: Sequence[str], now: int) -> list[TrackedSeries]:
    def size(reading: AssetReading) -> float:
        return -reading.metrics.volume_24h if reading.metrics.volume_24h > 0 else 0.0

    largest = sorted(readings, key=size)[:LARGEST]
    readings_by_asset = {
        reading.asset.id: reading
        for reading in (*largest, *(reading for reading in readings if reading.asset.id in watched))
    }
    return [
        TrackedSeries(
            f"market/{name}/price_usd",
            "price",
            reading.asset.name,
            "usd_price",
            *_closes_until(reading, now),
            asset=name,
        )
        for name, reading in readings_by_asset.items()
        if closed_bars(reading.hourly, now) is not None
    ]


def _closes_until(reading: AssetReading, now: int) -> tuple[np.ndarray, np.ndarray]:
    bars = closed_bars(reading.hourly, now)
    assert isinstance(bars, Bars)
    ts, values = bars.ts + HOUR_MS, bars.close
    if reading.quote is not None and reading.quote.ts_event > ts[-1]:
        return np.append(ts, reading.quote.ts_event), np.append(values, reading.quote.last)
    return ts, values


def _fact_tracks(facts: FactStore, now: int) -> list[TrackedSeries]:
    values_by_series = values_of(
        facts, [series for series, *_ in TRACKED], start_ms=now - HISTORY_MS, end_ms=now + 1
    )
    # What a revision of an old value would move is not news: the time it happened counts here.
    return [
        TrackedSeries(
            series, topic, "", unit, values_by_series[series].ts, values_by_series[series].values, is_relative
        )
        for series, topic, unit, is_relative in TRACKED
        if len(values_by_series[series]) > 1
    ]


def _subject_text(series: str, language: str, subject: str) -> str:
    if series in _BITCOIN_SERIES:
        return "Bitcoin"
    return SUBJECTS[language][_SUBJECT_OF[series]] if series in _SUBJECT_OF else subject


def _change_item(change: SeriesChange, euro: float, languages: Sequence[str]) -> ChangeItem:
    texts = {}
    for language in languages:
        text = replace(change, subject=_subject_text(change.series, language, change.subject)).render(
            language, euro
        )
        texts[language] = {"what": text.what, "why": text.why, "evidence": text.evidence}
    return ChangeItem(
        series=change.series,
        asset=change.asset,
        change=change.change,
        value=change.value,
        surprise=change.surprise,
        ts=change.ts,
        texts=texts,
    )
