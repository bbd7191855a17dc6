"""What a visitor sees first: the market in one sentence, six tiles, the watchlist, and how fresh it all is."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.fact import Observation
from vigie.domain.person import Caller
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.grammar import PlainVerdict
from vigie.intelligence.market.verdict import market_reading, market_verdict
from vigie.intelligence.market.words import load_texts
from vigie.ports.accounts import UserStore
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore, SourceHealth
from vigie.services.caches.asset_metrics import (
    STALE_DAILY_MS,
    STALE_MS,
    AssetMetricsCache,
    AssetReading,
    is_stale,
)
from vigie.services.languages import answer_languages
from vigie.services.market_data.connector_summary import reported_connectors
from vigie.services.market_data.euros import euro_per_dollar
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, DOMINANCE
from vigie.services.market_data.tracked_series import CAP_SERIES, STABLECOIN_SERIES
from vigie.services.operation import CurrencyInput, Figure, OperationResult, Origin, Table, operation
from vigie.services.operations.markets import MarketRow, finite_or_none, market_row, sparkline
from vigie.services.people.ownership import list_watched_assets
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import table_of

# Where fewer of the coins that had a price this week have one now, nothing is said of all of them.
_MIN_CURRENT_SHARE: Final = 0.5
_RECENT_MS: Final = 7 * DAY_MS
STABLE_SYMBOLS: Final = {"tether": "USDT", "usd-coin": "USDC"}


class TodayInput(CurrencyInput):
    """Which assets are watched."""

    assets: str = Field(
        "", description="Catalogue ids, comma-separated; empty means the caller's first watchlist."
    )


class MarketTile(BaseModel):
    """One figure at a glance, with its change and a small picture."""

    key: str
    figure: Figure
    change: float | None = None
    span: str = ""
    spark: list[float] = []
    href: str = ""
    live: str = ""


class MarketClause(BaseModel):
    """One word of the market's sentence, with its number."""

    key: str
    word: str
    value: float
    unit: str


class SourceStatusRow(BaseModel):
    """How one connector does; `is_down`: it does not deliver."""

    source: str
    state: str
    is_down: bool = False
    ts_success: int | None = None
    error: RefusalText = ""


class RegulatorCounts(BaseModel):
    """How many sources of regulators are known, and how many of them answered in the last seven days."""

    known: int
    reached: int


class TodayResult(OperationResult):
    """The first page as data.

    `ts_prices` is the time of the newest price; `is_stale` says that it is older than usual, and so all that is said
    of the market.
    """

    ts: int
    ts_prices: int | None = None
    is_stale: bool = False
    regulators: RegulatorCounts
    clauses: list[MarketClause]
    sentences: dict[str, str]
    tiles: list[MarketTile]
    sources: list[SourceStatusRow]
    watch: Table[MarketRow]


@operation("today.read")
def read_today(
    caller: Caller,
    params: TodayInput,
    catalog: BarCatalog,
    asset_metrics: AssetMetricsCache,
    fact_store: FactStore,
    quote_store: QuoteStore,
    accounts: UserStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> TodayResult:
    """Read the market at a glance: one sentence, six tiles, the watchlist, and how fresh each source is."""
    assets = catalog.assets()
    readings = asset_metrics.readings(assets)
    quotes = quote_store.since(0)[1]
    facts = fact_store.latest([CAP_SERIES, DOMINANCE, ALTERNATIVE_INDEX, STABLECOIN_SERIES])
    now = clock.market_now()
    newest = max(readings, key=lambda entry: entry.metrics.ts, default=None)
    ts_prices = newest.metrics.ts if newest is not None else 0
    current_readings, recent_quotes, recent_facts = _same_time(readings, quotes, facts, ts_prices)
    n_current, n_recent = _count_priced(readings, current_readings, ts_prices)
    has_too_few = n_current < n_recent * _MIN_CURRENT_SHARE
    verdict = sentence_of(fact_store, [] if has_too_few else current_readings, recent_quotes, recent_facts)
    by_id = {reading.asset.id: reading for reading in readings}
    asset_ids = [catalog.find(word).id for word in params.assets.split(",") if word] or watched_by(
        accounts, caller
    )
    rows = [market_row(by_id[asset], now) for asset in asset_ids if asset in by_id]
    reported, euro = reported_connectors(quote_store, directory), euro_per_dollar(fact_store, params)
    return TodayResult(
        ts=now,
        ts_prices=ts_prices or None,
        is_stale=newest is not None and is_stale(newest, now),
        regulators=_count_regulators(clock, directory, [health for _, health in reported]),
        clauses=[
            MarketClause(key=entry.key, word=entry.word, value=entry.value, unit=entry.unit)
            for entry in verdict.clauses
        ],
        sentences={
            language: verdict.sentence(language, is_brief=True, euro=euro)
            + (
                f" {load_texts(language)('breadth.few', current=n_current, assets=n_recent)}"
                if has_too_few
                else ""
            )
            for language in answer_languages(caller)
        },
        tiles=tiles_of(fact_store, by_id, quotes, facts, now),
        sources=[
            SourceStatusRow(
                source=entry.source,
                state=entry.state,
                is_down=entry.is_down,
                ts_success=health.ts_success,
                error=health.error,
            )
            for entry, health in reported
        ],
        watch=table_of(MarketRow, rows, origins=[Origin(source="venue", ts_event=now)]),
    )


def _count_priced(
    readings: Sequence[AssetReading], present: Sequence[AssetReading], ts: int
) -> tuple[int, int]:
    """Return how many coins have a price of the time of the newest one, and of the week before it."""
    current = sum(reading.asset.kind == "coin" and bool(reading.metrics.ts) for reading in present)
    coins = [
        reading.metrics.ts for reading in readings if reading.asset.kind == "coin" and reading.metrics.ts
    ]
    return current, sum(ts - price_ts <= _RECENT_MS for price_ts in coins)


def _same_time(
    readings: Sequence[AssetReading], quotes: Sequence[Quote], facts: Mapping[str, Observation], ts: int
) -> tuple[list[AssetReading], list[Quote], dict[str, Observation]]:
    """Return what was so when the newest price was: one sentence says nothing of two times."""
    return (
        [entry for entry in readings if not is_stale(entry, ts)],
        [entry for entry in quotes if abs(ts - entry.ts_event) <= STALE_MS],
        {name: entry for name, entry in facts.items() if abs(ts - entry.ts_known) <= STALE_DAILY_MS},
    )


def _count_regulators(
    clock: Clock, directory: ConnectorDirectory, healths: Sequence[SourceHealth]
) -> RegulatorCounts:
    names = {note.id for note in directory.news() if note.tier == "regulator"}
    since = clock.wall_now() - 7 * DAY_MS
    reached = {
        health.source.partition("/")[0]
        for health in healths
        if health.ts_success and health.ts_success >= since
    }
    return RegulatorCounts(known=len(names), reached=len(names & reached))


def watched_by(accounts: UserStore, caller: Caller) -> list[str]:
    """Return the assets of the caller's first watchlist, else three that everybody knows."""
    return list_watched_assets(accounts, caller.user)


def sentence_of(
    fact_store: FactStore,
    readings: Sequence[AssetReading],
    quotes: Sequence[Quote],
    facts: Mapping[str, Observation],
) -> PlainVerdict:
    """Return the market's one sentence as a verdict."""
    coins = [entry.metrics for entry in readings if entry.asset.kind == "coin"]
    rates = funding_rates_8h(quotes)
    figures: dict[str, float | Mapping[str, float]] = {}
    if rates:
        figures["funding_8h"], figures["funding_venues"] = statistics.median(rates), len(rates)
    if ALTERNATIVE_INDEX in facts:
        figures["fear_greed"] = facts[ALTERNATIVE_INDEX].value
    if DOMINANCE in facts:
        newest = facts[DOMINANCE]
        figures["dominance"] = newest.value
        before = value_before(fact_store, DOMINANCE, newest.ts_event - 7 * DAY_MS)
        if before is not None:
            figures["dominance_change_7d"] = newest.value - before
    figures["stablecoins"] = peg_prices(fact_store)
    return market_verdict(market_reading(coins, **figures))


def peg_prices(facts: FactStore, since_ms: int = 0) -> dict[str, float]:
    """Return the prices of the watched stablecoins in US dollars by symbol, of those known since a time."""
    newest = facts.latest([f"stablecoins/{asset}/peg_usd" for asset in STABLE_SYMBOLS])
    return {
        STABLE_SYMBOLS[series.split("/")[1]]: entry.value
        for series, entry in newest.items()
        if entry.ts_known >= since_ms
    }


def funding_rates_8h(quotes: Sequence[Quote]) -> list[float]:
    """Return the funding rate of every perpetual that states one, for eight hours."""
    return [
        quote.funding_rate * 8.0 / (quote.funding_hours or 8.0)
        for quote in quotes
        if quote.funding_rate is not None
    ]


def value_before(facts: FactStore, series: str, ts: int, *, within_ms: int = 3 * DAY_MS) -> float | None:
    """Return the newest value at a time, None where the one before is too old."""
    frame = facts.read([series], start_ms=ts - within_ms, end_ms=ts + 1)
    return float(frame["value"][-1]) if len(frame) else None


def tiles_of(
    fact_store: FactStore,
    by_id: Mapping[str, AssetReading],
    quotes: Sequence[Quote],
    facts: Mapping[str, Observation],
    now: int,
) -> list[MarketTile]:
    """Return the six tiles; those whose source has said nothing yet are left out."""
    tiles = [_asset_tile(by_id[asset], now) for asset in ("bitcoin", "ethereum") if asset in by_id]
    for key, series, unit, span, href in (
        ("cap", CAP_SERIES, "usd", DAY_MS, "/markets"),
        ("fear_greed", ALTERNATIVE_INDEX, "index", DAY_MS, "/mood"),
        ("stablecoins", STABLECOIN_SERIES, "usd", 7 * DAY_MS, "/onchain"),
    ):
        if series in facts:
            tiles.append(_fact_tile(fact_store, key, facts[series], unit, span, href, now))
    rates = funding_rates_8h(quotes)
    if rates:
        newest = max(quote.ts_event for quote in quotes if quote.funding_rate is not None)
        funding = Figure(
            value=statistics.median(rates),
            unit="rate",
            source=", ".join(sorted({quote.venue for quote in quotes if quote.funding_rate is not None})),
            ts_event=newest,
            formula="median of funding rates, each for 8 h",
            is_stale=now - newest > STALE_MS,
        )
        tiles.insert(min(4, len(tiles)), MarketTile(key="funding", figure=funding, href="/derivatives"))
    return [tile for tile in tiles if tile.figure.value is not None]


def _asset_tile(reading: AssetReading, now: int) -> MarketTile:
    metrics = reading.metrics
    figure = Figure(
        value=finite_or_none(metrics.price),
        unit="usd",
        source=reading.place,
        ts_event=metrics.ts or None,
        is_stale=is_stale(reading, now),
    )
    live = f"quote:{reading.quote.id}:last" if reading.quote else ""
    return MarketTile(
        key=reading.asset.id,
        figure=figure,
        change=finite_or_none(metrics.change_24h),
        span="24h",
        spark=sparkline(reading, hours=24, step=1),
        href=f"/asset/{reading.asset.id}",
        live=live,
    )


def _fact_tile(
    facts: FactStore, key: str, newest: Observation, unit: str, span: int, href: str, now: int
) -> MarketTile:
    frame = facts.read([newest.series], start_ms=newest.ts_event - 30 * DAY_MS, end_ms=newest.ts_event + 1)
    values = frame["value"].to_list()
    before = value_before(facts, newest.series, newest.ts_event - span, within_ms=span)
    is_index = unit == "index"
    change = None if before is None or is_index or not before else newest.value / before - 1.0
    step = max(1, math.ceil(len(values) / 40))
    source = {"cap": "coingecko", "fear_greed": "alternative.me", "stablecoins": "defillama"}[key]
    figure = Figure(
        value=newest.value,
        unit=unit,
        source=source,
        ts_event=newest.ts_event,
        ts_known=newest.ts_known,
        is_stale=now - newest.ts_known > STALE_DAILY_MS,
    )
    return MarketTile(
        key=key,
        figure=figure,
        change=change,
        span="24h" if span == DAY_MS else "7d",
        spark=values[::-step][::-1],
        href=href,
    )
