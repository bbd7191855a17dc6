"""Assets: search; of one its price and changes, a verdict in words, what else is known of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.fact import Observation
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.changes_since import changed_since
from vigie.intelligence.market.grammar import PlainVerdict
from vigie.intelligence.market.summary import asset_summary
from vigie.intelligence.market.verdict import asset_verdict
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import (
    STALE_MS,
    AssetMetricsCache,
    AssetReading,
    closed_bars,
    is_stale,
)
from vigie.services.languages import answer_languages
from vigie.services.market_data.asset_facts import (
    AssetCard,
    NamedFigure,
    asset_cards,
    read_description,
    supply_figures,
)
from vigie.services.market_data.asset_history import instruments_with_bars
from vigie.services.market_data.euros import euro_per_dollar
from vigie.services.market_data.tracked_series import price_track
from vigie.services.operation import (
    Column,
    CurrencyInput,
    Figure,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.operations.markets import finite_or_none
from vigie.services.rows import Row, shown, table_of

# How alike two words must be, of 1, and how many are told.
MIN_SIMILARITY: Final = 0.7
MAX_SUGGESTIONS: Final = 4


class SearchAssetsInput(OperationInput):
    """What is looked for."""

    q: str = Field("", max_length=80, description="Part of an id, a ticker or a name; empty gives the first.")
    limit: int = Field(20, ge=1, le=200)


class FoundAssetRow(Row):
    """One asset that a search found."""

    asset: str = shown("Asset", definition="Catalogue id.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    kind: str = shown("Kind")
    has_bars: bool = shown("Bars", definition="Whether bars are stored for it here.")


@operation("assets.search", example={"q": "bit"})
def search_assets(
    caller: Caller, params: SearchAssetsInput, catalog: BarCatalog, bar_reader: BarReader
) -> Table[FoundAssetRow]:
    """Find assets by id, ticker or name: exact ones, those that begin so, that hold it; else near ones."""
    with_bars = bar_reader.instruments()
    query = params.q.strip().lower()
    assets = catalog.assets()
    matches = [
        (rank, index, asset)
        for index, asset in enumerate(assets)
        if (rank := _rank(asset, query)) is not None
    ] or [(rank, assets.index(asset), asset) for rank, asset in enumerate(similar_assets(assets, query))]
    matches.sort(key=lambda match: (match[0], match[2].id not in with_bars, match[1]))
    rows = [
        FoundAssetRow(
            asset=asset.id,
            symbol=asset.symbol,
            name=asset.name,
            kind=asset.kind,
            has_bars=asset.id in with_bars,
        )
        for _, _, asset in matches[: params.limit]
    ]
    return table_of(FoundAssetRow, rows, as_of=None, origins=[Origin(source="catalogue")], total=len(matches))


def _search_texts(asset: Asset) -> tuple[str, str, str]:
    return asset.symbol.lower(), asset.id, asset.name.lower()


def similar_assets(assets: Sequence[Asset], query: str) -> list[Asset]:
    """Return the few assets whose id, ticker or name differs by a slip of the finger, the nearest first."""
    assets_by_text = {text: asset for asset in reversed(assets) for text in _search_texts(asset)}
    similar_texts = get_close_matches(query, assets_by_text, n=MAX_SUGGESTIONS, cutoff=MIN_SIMILARITY)
    return list({assets_by_text[text].id: assets_by_text[text] for text in similar_texts}.values())


def _rank(asset: Asset, query: str) -> int | None:
    texts = _search_texts(asset)
    if query in texts:
        return 0
    if any(text.startswith(query) for text in texts):
        return 1
    return 2 if any(query in text for text in texts) else None


class AssetInput(CurrencyInput):
    """Which asset, as of when."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id, or a ticker that only one asset has."
    )
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class ClauseWording(BaseModel):
    """A word of the verdict in one language: its number, and what it does not mean."""

    title: str
    text: str
    number: str
    measure: str
    span: str
    limits: str


class AssetClause(BaseModel):
    """One word of the verdict with its number; it holds for `low` <= `value` < `high`, None where open."""

    key: str
    word: str
    value: float
    unit: str
    low: float | None
    high: float | None
    says: dict[str, ClauseWording]


Span = Literal["24h", "1w", "1m", "1y"]


class PriceChange(BaseModel):
    """How the price changed over a span, against the price before."""

    span: Span
    figure: Figure


class AssetResult(OperationResult):
    """One asset as data."""

    id: str
    symbol: str
    name: str
    kind: str
    ts: int
    price: Figure
    live: str
    place: str
    places: list[str]
    changes: list[PriceChange]
    figures: list[NamedFigure]
    clauses: list[AssetClause]
    sentences: dict[str, str]
    summary: dict[str, list[str]] = Field({}, description="At most three sentences, the most unusual first.")
    unknown: dict[str, str]
    cards: list[AssetCard]
    about: dict[str, str]
    about_source: str
    has_bars: bool


# What the figures of the header are; titles and definitions are translated like those of tables.
HEADER_COLUMNS: Final = [
    Column(
        name="high_24h",
        title="24 h high",
        unit="usd",
        definition="Highest price of the last 24 closed hours.",
    ),
    Column(
        name="low_24h", title="24 h low", unit="usd", definition="Lowest price of the last 24 closed hours."
    ),
    Column(name="high_1y", title="1-year high", unit="usd", definition="Highest price of the last 365 days."),
    Column(name="low_1y", title="1-year low", unit="usd", definition="Lowest price of the last 365 days."),
    Column(
        name="volume_24h", title="Volume 24 h", unit="usd", definition="Traded in 24 hours on this venue."
    ),
    Column(name="market_cap", title="Market cap", unit="usd", definition="Price x circulating supply."),
]


@operation("assets.get", example={"asset": "bitcoin"})
def get_asset(
    caller: Caller,
    params: AssetInput,
    catalog: BarCatalog,
    bar_reader: BarReader,
    asset_metrics: AssetMetricsCache,
    fact_store: FactStore,
    clock: Clock,
) -> AssetResult:
    """Read one asset: price, changes, a verdict in words, on-chain and derivatives figures, each with its source."""
    asset = catalog.find(params.asset)
    readings = asset_metrics.readings(catalog.assets(as_of=params.as_of), as_of=params.as_of)
    reading = next((item for item in readings if item.asset.id == asset.id), None)
    if reading is None:
        reading = asset_metrics.readings([asset], as_of=params.as_of)[0]
    now = clock.market_now() if params.as_of is None else params.as_of
    facts = fact_store.latest([f"market/{asset.id}/{name}" for name in FACT_NAMES], as_of=params.as_of)
    verdict = verdict_of(reading, readings)
    euro = euro_per_dollar(fact_store, params)
    summary = asset_summary(
        asset.name,
        reading.metrics,
        is_stablecoin=asset.kind == "stablecoin",
        age_ms=now - reading.metrics.ts if is_stale(reading, now) and params.as_of is None else None,
        usual_day=_usual_day(reading, now),
    )
    about, source = read_description(fact_store, asset, params.as_of)
    languages = answer_languages(caller)
    return AssetResult(
        as_of=params.as_of,
        id=asset.id,
        symbol=asset.symbol,
        name=asset.name,
        kind=asset.kind,
        ts=now,
        price=price_of(reading, facts.get(f"market/{asset.id}/price_usd"), now),
        live=f"quote:{reading.quote.id}:last" if reading.quote and params.as_of is None else "",
        place=reading.place,
        places=instruments_with_bars(bar_reader, asset),
        changes=changes_of(reading),
        figures=list(header_of(bar_reader, reading, facts, params.as_of))
        + supply_figures(fact_store, asset, params.as_of),
        clauses=clauses_of(verdict, languages, euro),
        sentences={language: verdict.sentence(language, is_brief=True, euro=euro) for language in languages},
        summary={
            language: [sentence.render(language, euro) for sentence in summary] for language in languages
        },
        unknown={language: verdict.unknown_text(language) for language in languages},
        cards=asset_cards(fact_store, asset, reading, params.as_of, now),
        about=about,
        about_source=source,
        has_bars=bool(instruments_with_bars(bar_reader, asset)),
    )


def _usual_day(reading: AssetReading, now: int) -> tuple[float, float] | None:
    """Return between what the price usually moves in a day, where it moved otherwise: as Today tells it."""
    track = price_track(reading, now)
    if track is None:
        return None
    changes = changed_since([track], since=now - DAY_MS, now=now).items
    return (changes[0].usual_low, changes[0].usual_high) if changes else None


FACT_NAMES: Final = ("price_usd", "cap_usd", "volume_usd")


def price_of(reading: AssetReading, fact: Observation | None, now: int) -> Figure:
    """Return the price: of the venue, else the mean of a source."""
    metrics = reading.metrics
    if math.isnan(metrics.price) and fact is not None:
        return Figure(
            value=fact.value, unit="usd", source="coingecko", ts_event=fact.ts_event, ts_known=fact.ts_known,
            is_stale=now - fact.ts_event > STALE_MS,
        )  # fmt: skip
    return Figure(
        value=finite_or_none(metrics.price), unit="usd", source=reading.place, ts_event=metrics.ts or None,
        ts_known=reading.quote.ts_known if reading.quote else None,
        formula="last trade" if reading.quote else "close of the last bar",
        is_stale=is_stale(reading, now),
    )  # fmt: skip


def changes_of(reading: AssetReading) -> list[PriceChange]:
    """Return the changes over a day, a week, a month and a year."""
    metrics = reading.metrics
    spans: tuple[tuple[Span, float], ...] = (
        ("24h", metrics.change_24h), ("1w", metrics.change_7d), ("1m", metrics.change_30d), ("1y", metrics.change_1y),
    )  # fmt: skip
    return [
        PriceChange(
            span=span,
            figure=Figure(
                value=finite_or_none(value), unit="change", source=reading.place, ts_event=metrics.ts or None,
                formula="price / price then - 1",
            ),
        )
        for span, value in spans
    ]  # fmt: skip


def header_of(
    bar_reader: BarReader, reading: AssetReading, facts: Mapping[str, Observation], as_of: int | None
) -> Iterator[NamedFigure]:
    """Yield highs and lows of a day and a year, volume and capitalisation, where known."""
    metrics, asset = reading.metrics, reading.asset.id
    end = metrics.ts or None
    daily = _daily_bars(bar_reader, reading, as_of)
    day = (
        reading.hourly.slice(max(0, len(reading.hourly) - 24), len(reading.hourly))
        if reading.hourly
        else None
    )
    values = {
        "high_24h": _high_or_low(day, "high", 24, DAY_MS), "low_24h": _high_or_low(day, "low", 24, DAY_MS),
        "high_1y": _high_or_low(daily, "high", 365, 365 * DAY_MS),
        "low_1y": _high_or_low(daily, "low", 365, 365 * DAY_MS),
        "volume_24h": finite_or_none(metrics.volume_24h),
    }  # fmt: skip
    cap = facts.get(f"market/{asset}/cap_usd")
    for column in HEADER_COLUMNS:
        value = values.get(column.name)
        if value is not None:
            figure = Figure(
                value=value, unit=column.unit, source=reading.place, ts_event=end, formula=column.definition
            )
            yield NamedFigure(
                key=column.name, title=column.title, definition=column.definition, figure=figure
            )
        elif column.name == "market_cap" and cap is not None:
            figure = Figure(
                value=cap.value, unit="usd", source="coingecko", ts_event=cap.ts_event, ts_known=cap.ts_known,
                formula=column.definition,
            )  # fmt: skip
            yield NamedFigure(
                key=column.name, title=column.title, definition=column.definition, figure=figure
            )


def _daily_bars(bar_reader: BarReader, reading: AssetReading, as_of: int | None) -> Bars | None:
    if ":" not in reading.place:
        return None
    venue, _, instrument = reading.place.partition(":")
    return closed_bars(bar_reader.newest([(venue, instrument)], "1d"), as_of)


def _high_or_low(bars: Bars | None, side: str, min_bars: int, span_ms: int) -> float | None:
    """Return the highest or lowest price over a span; None where fewer bars than that are known."""
    if bars is None or len(bars) < min_bars:
        return None
    recent = getattr(bars, side)[bars.ts >= int(bars.ts[-1]) + bars.span_ms - span_ms]
    return float(recent.max() if side == "high" else recent.min())


def verdict_of(reading: AssetReading, readings: list[AssetReading]) -> PlainVerdict:
    """Return the verdict, with the asset's place by volume among all."""
    volumes = [item.metrics.volume_24h for item in readings if not math.isnan(item.metrics.volume_24h)]
    own_volume = reading.metrics.volume_24h
    rank = math.nan if math.isnan(own_volume) else 1.0 + sum(volume > own_volume for volume in volumes)
    return asset_verdict(reading.metrics, rank=rank, assets=float(len(volumes)))


def clauses_of(verdict: PlainVerdict, languages: Sequence[str], euro: float = 0.0) -> list[AssetClause]:
    """Return the clauses with their words beside their numbers."""
    texts = {language: verdict.clause_texts(language, euro=euro) for language in languages}
    return [
        AssetClause(
            key=clause.key, word=clause.word, value=clause.value, unit=clause.unit,
            low=clause.low if math.isfinite(clause.low) else None,
            high=clause.high if math.isfinite(clause.high) else None,
            says={
                language: ClauseWording(
                    title=text.title, text=text.text, number=text.number, measure=text.measure, span=text.span,
                    limits=text.limits,
                )
                for language in languages
                for text in (texts[language][index],)
            },
        )
        for index, clause in enumerate(verdict.clauses)
    ]  # fmt: skip
